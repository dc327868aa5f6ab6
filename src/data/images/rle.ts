// DICOM's run-length encoding (PS3.5, annex G): up to 15 segments, one for each byte of a sample and each channel, packed as in TIFF's PackBits.
import { type PictureSource, pictureFault } from './picture.ts'

const unpack = (packed: Uint8Array, to: Uint8Array): number => {
  let at = 0
  let filled = 0
  while (at < packed.length && filled < to.length) {
    const count = packed[at] ?? 0
    at += 1
    if (count < 128) {
      const run = packed.subarray(at, Math.min(at + count + 1, at + to.length - filled))
      to.set(run, filled)
      filled += run.length
      at += count + 1
    } else if (count > 128) {
      const run = Math.min(257 - count, to.length - filled)
      if (at >= packed.length) break
      to.fill(packed[at] ?? 0, filled, filled + run)
      filled += run
      at += 1
    }
  }
  return filled
}

/**
 * Decodes one frame of `pixels` pixels: bytes as uncompressed little-endian data would be, channels interleaved.
 *
 * @throws YimengError `image-corrupt`
 */
export const decodeRle = (
  frame: Uint8Array,
  pixels: number,
  channels: number,
  bytesPerSample: number,
  source: PictureSource,
): Uint8Array => {
  const fault = (expected: string, got: string) => pictureFault(source, 'corrupt', expected, got)
  if (frame.length < 64) throw fault('an RLE header of 64 bytes', `${frame.length} bytes`)
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength)
  const segments = view.getUint32(0, true)
  if (segments !== channels * bytesPerSample) throw fault(`${channels * bytesPerSample} RLE segments`, String(segments))
  const result = new Uint8Array(pixels * segments)
  const plane = new Uint8Array(pixels)
  for (let segment = 0; segment < segments; segment += 1) {
    const from = view.getUint32(4 + 4 * segment, true)
    const to = segment + 1 < segments ? view.getUint32(8 + 4 * segment, true) : frame.length
    if (from < 64 || to < from || to > frame.length) throw fault('RLE segments within the frame', 'others')
    const filled = unpack(frame.subarray(from, to), plane)
    if (filled !== pixels) throw fault(`${pixels} bytes in every RLE segment`, String(filled))
    // segments run from the most significant byte of the first channel to the least significant of the last
    const channel = Math.floor(segment / bytesPerSample)
    const byte = bytesPerSample - 1 - (segment % bytesPerSample)
    const start = channel * bytesPerSample + byte
    for (let pixel = 0; pixel < pixels; pixel += 1) result[pixel * segments + start] = plane[pixel] ?? 0
  }
  return result
}
