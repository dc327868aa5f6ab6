// Stored pixels of a DICOM file by transfer syntax (PS3.5, sections 8 and 10): plain bytes in either order, or one compressed stream for each frame.
import dicomParser, { type DataSet, type Element } from 'dicom-parser'
import { type CodecName, decodeFrame, type Frame } from './codecs.ts'
import { joinBytes } from './inflate.ts'
import { jpegHeader } from './jpeg.ts'
import { jpeg2000Header } from './jpeg-2000.ts'
import { decoding, type PictureSource, pictureFault, type Samples } from './picture.ts'
import { decodeRle } from './rle.ts'

/** What the file says of its pixels. */
export interface PixelLayout {
  readonly frames: number
  readonly height: number
  readonly width: number
  readonly channels: number
  readonly bitsAllocated: number
  readonly bitsStored: number
  readonly highBit: number
  readonly signed: boolean
  /** Uncompressed colour: all red, then all green, then all blue. */
  readonly planar: boolean
  readonly photometric: string
}

const plain = ['1.2.840.10008.1.2', '1.2.840.10008.1.2.1', '1.2.840.10008.1.2.1.99', '1.2.840.10008.1.2.2', '1.2.840.10008.1.2.1.98']
const bigEndian = '1.2.840.10008.1.2.2'
const rle = '1.2.840.10008.1.2.5'
const codecOf: Readonly<Record<string, CodecName>> = {
  '1.2.840.10008.1.2.4.50': 'jpeg',
  '1.2.840.10008.1.2.4.51': 'jpeg',
  '1.2.840.10008.1.2.4.57': 'jpeg-lossless',
  '1.2.840.10008.1.2.4.70': 'jpeg-lossless',
  '1.2.840.10008.1.2.4.80': 'jpeg-ls',
  '1.2.840.10008.1.2.4.81': 'jpeg-ls',
  '1.2.840.10008.1.2.4.90': 'jpeg-2000',
  '1.2.840.10008.1.2.4.91': 'jpeg-2000',
}

const empty = (layout: PixelLayout): Samples => {
  const size = layout.frames * layout.height * layout.width * layout.channels
  if (layout.bitsAllocated <= 8) return layout.signed ? new Int8Array(size) : new Uint8Array(size)
  if (layout.bitsAllocated === 16) return layout.signed ? new Int16Array(size) : new Uint16Array(size)
  return layout.signed ? new Int32Array(size) : new Uint32Array(size)
}

/** Bytes of uncompressed samples into numbers; bits beyond those stored (old overlays) are cut off, the sign kept. */
const fill = (samples: Samples, offset: number, bytes: Uint8Array, count: number, layout: PixelLayout, little: boolean): void => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const { bitsAllocated, bitsStored, highBit, signed } = layout
  const [up, down] = [32 - highBit - 1, 32 - bitsStored]
  for (let at = 0; at < count; at += 1) {
    const raw =
      bitsAllocated === 8 ? (bytes[at] ?? 0) : bitsAllocated === 16 ? view.getUint16(2 * at, little) : view.getUint32(4 * at, little)
    samples[offset + at] = signed ? (raw << up) >> down : (raw << up) >>> down
  }
}

/** YCbCr of full range to RGB (PS3.3, C.7.6.3.1.2), in place. */
const toRgb = (samples: Samples): void => {
  const byte = (value: number) => Math.max(0, Math.min(255, Math.round(value)))
  for (let at = 0; at + 2 < samples.length; at += 3) {
    const [y, cb, cr] = [samples[at] ?? 0, (samples[at + 1] ?? 0) - 128, (samples[at + 2] ?? 0) - 128]
    samples[at] = byte(y + 1.402 * cr)
    samples[at + 1] = byte(y - 0.344_136 * cb - 0.714_136 * cr)
    samples[at + 2] = byte(y + 1.772 * cb)
  }
}

const uncompressed = (bytes: Uint8Array, layout: PixelLayout, little: boolean, source: PictureSource): Samples => {
  const samples = empty(layout)
  const { bitsAllocated, frames, channels } = layout
  const expected = Math.ceil((samples.length * bitsAllocated) / 8)
  // one byte of padding makes the length even
  if (bytes.length < expected || bytes.length > expected + (expected % 2))
    throw pictureFault(source, 'corrupt', `${expected} bytes of pixels`, String(bytes.length))
  if (layout.photometric === 'YBR_FULL_422') throw pictureFault(source, 'kind', 'all samples of every channel', 'halved colours')
  if (bitsAllocated === 1) return samples.map((_, at) => ((bytes[at >> 3] ?? 0) >> (at & 7)) & 1)
  fill(samples, 0, bytes, samples.length, layout, little)
  if (layout.planar) {
    const pixels = layout.height * layout.width
    const planes = samples.slice()
    for (let frame = 0; frame < frames; frame += 1)
      for (let channel = 0; channel < channels; channel += 1)
        for (let pixel = 0; pixel < pixels; pixel += 1)
          samples[(frame * pixels + pixel) * channels + channel] = planes[(frame * channels + channel) * pixels + pixel] ?? 0
  }
  return samples
}

const streamOf = (dataSet: DataSet, element: Element, layout: PixelLayout, frame: number, source: PictureSource): Uint8Array => {
  const fragments = element.fragments ?? []
  const bytes = ({ position, length }: { readonly position: number; readonly length: number }) => {
    if (position + length > dataSet.byteArray.length) throw pictureFault(source, 'corrupt', 'fragments within the file', 'others')
    return dataSet.byteArray.subarray(position, position + length)
  }
  if (layout.frames === 1) return joinBytes(fragments.map(bytes))
  const own = fragments[frame]
  if (fragments.length === layout.frames && own !== undefined) return bytes(own)
  if (element.basicOffsetTable?.length !== layout.frames)
    throw pictureFault(source, 'corrupt', `the beginnings of ${layout.frames} frames`, `${fragments.length} fragments`)
  return decoding(source, 'DICOM', () => dicomParser.readEncapsulatedImageFrame(dataSet, element, frame))
}

/** One compressed frame. Its own header is held against the file's before the codec allocates anything. */
const compressed = async (codec: CodecName, stream: Uint8Array, layout: PixelLayout, source: PictureSource): Promise<Frame> => {
  const header = codec === 'jpeg-2000' ? jpeg2000Header(stream, source) : jpegHeader(stream, source)
  const { width, height, channels } = header
  if (width !== layout.width || height !== layout.height || channels !== layout.channels)
    throw pictureFault(source, 'corrupt', `${layout.width} × ${layout.height} × ${layout.channels}`, `${width} × ${height} × ${channels}`)
  if (codec === 'jpeg' && header.bits !== 8) throw pictureFault(source, 'kind', 'a JPEG of 8 bits', `${header.bits} bits`)
  if (header.bits > layout.bitsAllocated) throw pictureFault(source, 'corrupt', `at most ${layout.bitsAllocated} bits`, `${header.bits}`)
  const frame = await decodeFrame(codec, stream, source)
  if (frame.width !== width || frame.height !== height || frame.channels !== channels)
    throw pictureFault(source, 'corrupt', 'a frame of the size announced', 'another size')
  return frame
}

/** How a file's stored samples `[frames, height, width, channels]` are had. */
export const frameDecoder = (dataSet: DataSet, syntax: string, layout: PixelLayout, source: PictureSource): (() => Promise<Samples>) => {
  const element = dataSet.elements['x7fe00010']
  if (element === undefined) throw pictureFault(source, 'kind', 'a DICOM file with pixels', 'one without')
  if (plain.includes(syntax))
    return async () => {
      const bytes = dataSet.byteArray.subarray(element.dataOffset, element.dataOffset + element.length)
      const samples = uncompressed(bytes, layout, syntax !== bigEndian, source)
      if (layout.photometric === 'YBR_FULL') toRgb(samples)
      return samples
    }
  const codec = codecOf[syntax]
  if ((codec === undefined && syntax !== rle) || layout.bitsAllocated === 1 || layout.bitsAllocated === 32)
    throw pictureFault(source, 'kind', 'a transfer syntax that is known here', /^[0-9.]{1,64}$/.test(syntax) ? syntax : 'another text')
  const perFrame = layout.height * layout.width * layout.channels
  return async () => {
    const samples = empty(layout)
    for (let frame = 0; frame < layout.frames; frame += 1) {
      const stream = streamOf(dataSet, element, layout, frame, source)
      if (codec === undefined) {
        const bytes = decodeRle(stream, layout.height * layout.width, layout.channels, layout.bitsAllocated / 8, source)
        fill(samples, frame * perFrame, bytes, perFrame, layout, true)
      } else {
        const { bytes, bits } = await compressed(codec, stream, layout, source)
        // codecs give as many bits as the stream has, the lowest first
        fill(
          samples,
          frame * perFrame,
          bytes,
          perFrame,
          { ...layout, bitsAllocated: bits > 8 ? 16 : 8, bitsStored: bits, highBit: bits - 1 },
          true,
        )
      }
    }
    if (codec === undefined && layout.photometric === 'YBR_FULL') toRgb(samples)
    return samples
  }
}
