// PNG (ISO/IEC 15948): grey, colour, palette, with or without alpha, 1 to 16 bits, interlaced or not. Chunks are walked, their checksums compared, and the pixels
// inflated under the bound that the header sets, before scan lines are unfiltered (section 9.2) and passes put in place (section 8.2). Own code: the packages for Node and
// browser that were tried inflate without a bound, and misread interlaced pictures below 8 bits. Alpha is dropped, as Pillow's convert does.
import { crc32 } from './crc32.ts'
import { inflate, joinBytes } from './inflate.ts'
import { checkedSize, type Picture, type PictureSource, pictureFault } from './picture.ts'

const signature = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]

/** Whether the bytes begin as a PNG file does. */
export const isPng = (bytes: Uint8Array): boolean => signature.every((byte, at) => bytes[at] === byte)

interface Header {
  readonly width: number
  readonly height: number
  readonly bits: number
  readonly colour: number
  readonly interlaced: boolean
}

/** Samples of a pixel by colour type: grey, colour, palette, grey and alpha, colour and alpha. */
const samplesOf: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 }
const depths: Readonly<Record<number, readonly number[]>> = { 0: [1, 2, 4, 8, 16], 2: [8, 16], 3: [1, 2, 4, 8], 4: [8, 16], 6: [8, 16] }

interface Chunks {
  readonly header: Header
  /** Three bytes a colour. */
  readonly palette: Uint8Array
  /** zlib stream of the scan lines. */
  readonly data: Uint8Array
}

/** All chunks up to IEND, checksums compared. Text, profiles and everything else that pixels do not need is left out. */
const chunksOf = (bytes: Uint8Array, source: PictureSource): Chunks => {
  const fault = (expected: string, got: string) => pictureFault(source, 'corrupt', expected, got)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let palette = new Uint8Array(0)
  const data: Uint8Array[] = []
  let header: Header | undefined
  let at = 8
  for (;;) {
    if (at + 12 > bytes.length) throw fault('a whole PNG file', 'a truncated one')
    const length = view.getUint32(at)
    if (length > bytes.length - at - 12) throw fault('a whole PNG file', 'a truncated one')
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8))
    const body = bytes.subarray(at + 8, at + 8 + length)
    if (crc32(bytes.subarray(at + 4, at + 8 + length)) !== view.getUint32(at + 8 + length))
      throw fault('PNG chunks that fit their checksums', 'a damaged chunk')
    if ((type === 'IHDR') !== (header === undefined) || (type === 'IHDR' && length !== 13)) throw fault('one PNG header', 'another order')
    if (type === 'IHDR') {
      const [bits = 0, colour = 0, , , interlace = 0] = body.subarray(8)
      header = { width: view.getUint32(at + 8), height: view.getUint32(at + 12), bits, colour, interlaced: interlace === 1 }
      if (interlace > 1 || depths[colour]?.includes(bits) !== true)
        throw fault('a colour type, depth and interlace method of PNG', 'others')
    }
    if (type === 'IDAT') data.push(body)
    else if (type === 'PLTE') palette = Uint8Array.from(body)
    at += 12 + length
    if (type === 'IEND') break
  }
  if (header === undefined || data.length === 0) throw fault('a PNG file with pixels', 'none')
  return { header, palette, data: joinBytes(data) }
}

/** A pass of the file: which columns and rows of the picture it holds. */
interface Pass {
  readonly column: number
  readonly row: number
  readonly columnStep: number
  readonly rowStep: number
}

const whole: readonly Pass[] = [{ column: 0, row: 0, columnStep: 1, rowStep: 1 }]
const adam7: readonly Pass[] = [
  { column: 0, row: 0, columnStep: 8, rowStep: 8 },
  { column: 4, row: 0, columnStep: 8, rowStep: 8 },
  { column: 0, row: 4, columnStep: 4, rowStep: 8 },
  { column: 2, row: 0, columnStep: 4, rowStep: 4 },
  { column: 0, row: 2, columnStep: 2, rowStep: 4 },
  { column: 1, row: 0, columnStep: 2, rowStep: 2 },
  { column: 0, row: 1, columnStep: 1, rowStep: 2 },
]

/** Width and height of each pass that has pixels, and the bytes of a scan line without its filter byte. */
const passesOf = (header: Header) =>
  (header.interlaced ? adam7 : whole)
    .map((pass) => {
      const width = Math.ceil((header.width - pass.column) / pass.columnStep)
      const height = Math.ceil((header.height - pass.row) / pass.rowStep)
      return { ...pass, width, height, lineBytes: Math.ceil((width * header.bits * (samplesOf[header.colour] ?? 1)) / 8) }
    })
    .filter(({ width, height }) => width > 0 && height > 0)

const paeth = (left: number, up: number, corner: number): number => {
  const [a, b, c] = [Math.abs(up - corner), Math.abs(left - corner), Math.abs(left + up - 2 * corner)]
  return a <= b && a <= c ? left : b <= c ? up : corner
}

/** Undoes a line's filter in place; `step` is the distance to the same byte of the pixel on the left. False for a filter that does not exist. */
const unfilter = (filter: number, line: Uint8Array, above: Uint8Array | undefined, step: number): boolean => {
  if (filter > 4) return false
  if (filter === 0) return true
  for (let at = 0; at < line.length; at += 1) {
    const left = at < step ? 0 : (line[at - step] ?? 0)
    const up = above?.[at] ?? 0
    const corner = at < step ? 0 : (above?.[at - step] ?? 0)
    const guess = filter === 1 ? left : filter === 2 ? up : filter === 3 ? (left + up) >> 1 : paeth(left, up, corner)
    line[at] = (line[at] ?? 0) + guess
  }
  return true
}

/** Sample number `index` of a scan line. */
const sampleAt = (line: Uint8Array, index: number, bits: number): number => {
  if (bits === 8) return line[index] ?? 0
  if (bits === 16) return ((line[2 * index] ?? 0) << 8) | (line[2 * index + 1] ?? 0)
  return ((line[(index * bits) >> 3] ?? 0) >> (8 - bits - ((index * bits) & 7))) & ((1 << bits) - 1)
}

const modeOf = ({ bits, colour, interlaced }: Header): string =>
  `${colour === 0 || colour === 4 ? 'grey' : 'colour'} ${bits} bit${colour === 3 ? ', palette' : colour >= 4 ? ', alpha' : ''}${interlaced ? ', interlaced' : ''}`

/**
 * Reads a PNG file. Samples of 1, 2 and 4 bits are spread over 0 to 255; 16 bits stay 16.
 *
 * @throws YimengError `image-corrupt`, `image-large`
 */
export const readPng = async (bytes: Uint8Array, source: PictureSource): Promise<Picture> => {
  const { header, palette, data } = chunksOf(bytes, source)
  const { width, height, bits, colour } = header
  const channels = colour === 0 || colour === 4 ? 1 : 3
  const size = checkedSize(source, [height, width, channels])
  const passes = passesOf(header)
  const rawBytes = passes.reduce((sum, pass) => sum + pass.height * (1 + pass.lineBytes), 0)
  const raw = await inflate(data, 'deflate', rawBytes, source)
  if (raw.length !== rawBytes) throw pictureFault(source, 'corrupt', `${rawBytes} bytes of scan lines`, String(raw.length))
  const samples = bits === 16 ? new Uint16Array(size) : new Uint8Array(size)
  const perPixel = samplesOf[colour] ?? 1
  const spread = bits < 8 && colour === 0 ? 255 / ((1 << bits) - 1) : 1
  let at = 0
  for (const pass of passes) {
    let above: Uint8Array | undefined
    for (let y = 0; y < pass.height; y += 1) {
      const line = raw.subarray(at + 1, at + 1 + pass.lineBytes)
      if (!unfilter(raw[at] ?? 0, line, above, Math.max(1, (bits * perPixel) >> 3)))
        throw pictureFault(source, 'corrupt', 'a filter of PNG', 'another number')
      const start = (pass.row + y * pass.rowStep) * width + pass.column
      for (let x = 0; x < pass.width; x += 1) {
        const to = (start + x * pass.columnStep) * channels
        const from = x * perPixel
        if (colour === 3) {
          const entry = 3 * sampleAt(line, from, bits)
          if (entry >= palette.length) throw pictureFault(source, 'corrupt', 'colours of the palette', 'a pixel beyond it')
          for (let channel = 0; channel < 3; channel += 1) samples[to + channel] = palette[entry + channel] ?? 0
        } else for (let channel = 0; channel < channels; channel += 1) samples[to + channel] = sampleAt(line, from + channel, bits) * spread
      }
      above = line
      at += 1 + pass.lineBytes
    }
  }
  return { format: 'png', depth: 1, height, width, channels, samples, range: [0, bits === 16 ? 65_535 : 255], mode: modeOf(header) }
}
