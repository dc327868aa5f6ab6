// JPEG (ITU-T T.81), baseline and progressive: the markers are walked for size and scans before the codec sees the file.
import { decodeFrame } from './codecs.ts'
import { checkedSize, type Picture, type PictureSource, pictureFault } from './picture.ts'

/** Whether the bytes begin as a JPEG file does. */
export const isJpeg = (bytes: Uint8Array): boolean => bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff

/** What the frame header says. */
export interface JpegHeader {
  readonly width: number
  readonly height: number
  readonly channels: number
  readonly bits: number
  /** Low byte of the start-of-frame marker: 0xC0 baseline, 0xC2 progressive, 0xC3 lossless, 0xF7 JPEG-LS. */
  readonly process: number
}

// a progressive file of a few kB can ask for thousands of passes over a large picture; cameras and libjpeg write about ten
const MOST_SCANS = 100

const isFrame = (marker: number): boolean =>
  (marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc) || marker === 0xf7

/**
 * Walks the markers of a JPEG or JPEG-LS stream: one frame, and an end.
 *
 * @throws YimengError `image-corrupt` without a frame or end of image, `image-large` for too many samples or scans
 */
export const jpegHeader = (bytes: Uint8Array, source: PictureSource): JpegHeader => {
  const truncated = () => pictureFault(source, 'corrupt', 'a whole JPEG file', 'a truncated one')
  let header: JpegHeader | undefined
  let scans = 0
  for (let at = 2; at + 1 < bytes.length; ) {
    if (bytes[at] !== 0xff) {
      at += 1
      continue
    }
    const marker = bytes[at + 1] ?? 0
    if (marker === 0xd9) {
      if (header === undefined || scans === 0) throw pictureFault(source, 'corrupt', 'a JPEG frame', 'none')
      return header
    }
    // stuffed zero, fill byte, restart, start: no length follows
    if (marker === 0x00 || marker === 0xff || (marker >= 0xd0 && marker <= 0xd8) || marker === 0x01) {
      at += marker === 0xff ? 1 : 2
      continue
    }
    // in JPEG-LS an 0xFF of the data is followed by a byte below 0x80
    if (marker < 0x80) {
      at += 2
      continue
    }
    const length = ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0)
    if (length < 2 || at + 2 + length > bytes.length) throw truncated()
    if (isFrame(marker)) {
      if (header !== undefined || length < 8) throw pictureFault(source, 'corrupt', 'one JPEG frame', 'another header')
      const [bits = 0, h1 = 0, h0 = 0, w1 = 0, w0 = 0, channels = 0] = bytes.subarray(at + 4, at + 10)
      header = { width: (w1 << 8) | w0, height: (h1 << 8) | h0, channels, bits, process: marker }
      checkedSize(source, [header.height, header.width, channels])
    }
    if (marker === 0xda) {
      if (header === undefined) throw pictureFault(source, 'corrupt', 'a frame before the first scan', 'none')
      scans += 1
      if (scans > MOST_SCANS) throw pictureFault(source, 'large', `at most ${MOST_SCANS} scans`, 'more')
    }
    at += 2 + length
  }
  throw truncated()
}

/**
 * Reads a JPEG file: grey, or colour as RGB.
 *
 * @throws YimengError `image-corrupt`, `image-large`, `image-kind` for 12 bits, lossless and CMYK files
 */
export const readJpeg = async (bytes: Uint8Array, source: PictureSource): Promise<Picture> => {
  const header = jpegHeader(bytes, source)
  if (header.bits !== 8 || header.process > 0xc2) throw pictureFault(source, 'kind', 'a JPEG of 8 bits', 'another kind of JPEG')
  if (header.channels !== 1 && header.channels !== 3)
    throw pictureFault(source, 'kind', 'grey or three colours', `${header.channels} colours`)
  const { width, height, channels, bytes: samples } = await decodeFrame('jpeg', bytes, source)
  if (width !== header.width || height !== header.height || channels !== header.channels)
    throw pictureFault(source, 'corrupt', 'a picture of the size announced', 'another size')
  const mode = `${channels === 1 ? 'grey' : 'colour'} 8 bit${header.process === 0xc2 ? ', progressive' : ''}`
  return { format: 'jpeg', depth: 1, height, width, channels: header.channels, samples, range: [0, 255], mode }
}
