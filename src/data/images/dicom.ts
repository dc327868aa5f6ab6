// DICOM (PS3.5, PS3.10) by dicom-parser: pixels of one image or of all frames, as a picture or a volume. Values are rescaled (slope, intercept) as the file says; its first
// window (PS3.3, C.11.2.1.2) becomes the range; MONOCHROME1 turns the range round. Only pixels, sizes and the patient's number are taken; nothing is ever printed.
import dicomParser, { type DataSet } from 'dicom-parser'
import { paletteColours } from './dicom-palette.ts'
import { frameDecoder, type PixelLayout } from './dicom-frame.ts'
import { inflate, joinBytes } from './inflate.ts'
import { checkedSize, decoding, limitsOf, type Picture, type PictureSource, pictureFault, type Samples } from './picture.ts'
import { extent } from './window.ts'

const implicitLittle = '1.2.840.10008.1.2'
const explicitLittle = '1.2.840.10008.1.2.1'
const deflated = '1.2.840.10008.1.2.1.99'

/** A file without preamble and meta information: it begins with group 0008. */
const isBare = (bytes: Uint8Array): boolean => bytes[0] === 8 && bytes[1] === 0 && bytes[3] === 0 && bytes.length > 16

/** Whether the bytes begin as a DICOM file does, with or without its preamble. */
export const isDicom = (bytes: Uint8Array): boolean =>
  (bytes[128] === 0x44 && bytes[129] === 0x49 && bytes[130] === 0x43 && bytes[131] === 0x4d) || isBare(bytes)

interface Parsed {
  readonly dataSet: DataSet
  readonly syntax: string
}

/** The deflated part. A zero may follow it to make the length even (PS3.5, A.5), and some writers leave gzip's eight bytes; the platform's inflate refuses both. */
const unpack = async (bytes: Uint8Array, begin: number, source: PictureSource): Promise<Uint8Array> => {
  for (const extra of [8, 1]) {
    const found = await inflate(bytes.subarray(begin, bytes.length - extra), 'deflate-raw', 4 * limitsOf(source).samples, source).catch(
      () => undefined,
    )
    if (found !== undefined) return found
  }
  return inflate(bytes.subarray(begin), 'deflate-raw', 4 * limitsOf(source).samples, source)
}

const parse = async (bytes: Uint8Array, source: PictureSource): Promise<Parsed> => {
  const parsing = <T>(read: () => T): T => decoding(source, 'DICOM', read)
  if (isBare(bytes)) {
    const letters = [bytes[4] ?? 0, bytes[5] ?? 0].every((byte) => byte >= 0x41 && byte <= 0x5a)
    const syntax = letters ? explicitLittle : implicitLittle
    // with the syntax given, dicom-parser asks for no meta information
    return { dataSet: parsing(() => dicomParser.parseDicom(bytes, { TransferSyntaxUID: syntax })), syntax }
  }
  const meta = parsing(() => dicomParser.readPart10Header(bytes) as DataSet & { readonly position: number })
  const syntax = parsing(() => meta.string('x00020010')) ?? implicitLittle
  if (syntax !== deflated) return { dataSet: parsing(() => dicomParser.parseDicom(bytes)), syntax }
  const { position } = meta
  const rest = await unpack(bytes, position, source)
  const inflater = () => joinBytes([bytes.subarray(0, position), rest])
  return { dataSet: parsing(() => dicomParser.parseDicom(bytes, { inflater })), syntax }
}

const layoutOf = (dataSet: DataSet, source: PictureSource): PixelLayout => {
  const [height = 0, width = 0] = [dataSet.uint16('x00280010'), dataSet.uint16('x00280011')]
  if (dataSet.elements['x7fe00010'] === undefined || height === 0 || width === 0)
    throw pictureFault(source, 'kind', 'a DICOM file with pixels', 'one without')
  const channels = dataSet.uint16('x00280002') ?? 1
  const photometric = dataSet.string('x00280004') ?? 'MONOCHROME2'
  const grey = photometric === 'MONOCHROME1' || photometric === 'MONOCHROME2' || photometric === 'PALETTE COLOR'
  const colour = /^(RGB|YBR_FULL|YBR_FULL_422|YBR_ICT|YBR_RCT)$/.test(photometric)
  if (!(grey && channels === 1) && !(colour && channels === 3))
    throw pictureFault(
      source,
      'kind',
      'MONOCHROME1, MONOCHROME2, PALETTE COLOR, RGB or YBR',
      /^[A-Z_0-9 ]{1,16}$/.test(photometric) ? photometric : 'another colour space',
    )
  const frameText = (dataSet.string('x00280008') ?? '1').trim()
  if (!/^[0-9]{1,9}$/.test(frameText)) throw pictureFault(source, 'corrupt', 'a whole number of frames', 'another text')
  const bitsAllocated = dataSet.uint16('x00280100') ?? 0
  const bitsStored = dataSet.uint16('x00280101') ?? bitsAllocated
  const highBit = dataSet.uint16('x00280102') ?? bitsStored - 1
  if (![1, 8, 16, 32].includes(bitsAllocated) || (channels === 3 && bitsAllocated !== 8))
    throw pictureFault(source, 'kind', 'grey of 1, 8, 16 or 32 bits, or colour of 8', `${bitsAllocated} bits`)
  if (!(bitsStored >= 1 && bitsStored <= bitsAllocated && highBit < bitsAllocated && highBit >= bitsStored - 1))
    throw pictureFault(source, 'corrupt', 'bits stored within the bits allocated', `${bitsStored} of ${bitsAllocated}`)
  const signed = (dataSet.uint16('x00280103') ?? 0) === 1
  const planar = channels === 3 && dataSet.uint16('x00280006') === 1
  const frames = Number(frameText)
  checkedSize(source, [frames, height, width, channels])
  return { frames, height, width, channels, bitsAllocated, bitsStored, highBit, signed, planar, photometric }
}

const finite = (value: number | undefined, otherwise: number): number => (value !== undefined && Number.isFinite(value) ? value : otherwise)

/** Modality values: stored · slope + intercept, a dose grid's scaling counting as a slope. */
const rescaled = (dataSet: DataSet, samples: Samples): Samples => {
  const slope = finite(dataSet.floatString('x00281053') ?? dataSet.floatString('x3004000e'), 1)
  const intercept = finite(dataSet.floatString('x00281052'), 0)
  return (slope === 1 && intercept === 0) || slope === 0 ? samples : Float32Array.from(samples, (value) => value * slope + intercept)
}

const rangeOf = (dataSet: DataSet, layout: PixelLayout, samples: Samples): readonly [number, number] => {
  if (layout.channels === 3) return [0, 255]
  const centre = finite(dataSet.floatString('x00281050', 0), Number.NaN)
  const width = finite(dataSet.floatString('x00281051', 0), Number.NaN)
  // PS3.3 C.11.2.1.2.1: black at centre − 0.5 − (width − 1)/2 and below, white at centre − 0.5 + (width − 1)/2 and above
  if (width >= 1 && Number.isFinite(centre)) return [centre - 0.5 - (width - 1) / 2, centre - 0.5 + (width - 1) / 2]
  if (samples instanceof Uint8Array) return [0, 2 ** layout.bitsStored - 1]
  return extent(samples)
}

/** Position along the normal of the slice (PS3.3, C.7.6.2.1.1), and the instance number. */
const sliceOf = (dataSet: DataSet): NonNullable<Picture['slice']> => {
  const at = (tag: string, index: number) => dataSet.floatString(tag, index) ?? Number.NaN
  const [x, y, z] = [0, 1, 2].map((index) => at('x00200032', index)) as [number, number, number]
  const [a, b, c, d, e, f] = [0, 1, 2, 3, 4, 5].map((index) => at('x00200037', index)) as [number, number, number, number, number, number]
  const position = x * (b * f - c * e) + y * (c * d - a * f) + z * (a * e - b * d)
  const number = dataSet.intString('x00200013') ?? Number.NaN
  return { ...(Number.isFinite(position) ? { position } : {}), ...(Number.isFinite(number) ? { number } : {}) }
}

const pictureOf = (dataSet: DataSet, layout: PixelLayout, samples: Samples, source: PictureSource): Picture => {
  const [black, white] = decoding(source, 'DICOM', () => rangeOf(dataSet, layout, samples))
  const patient = decoding(source, 'DICOM', () => dataSet.string('x00100020'))
  const slice = decoding(source, 'DICOM', () => sliceOf(dataSet))
  return {
    format: 'dicom',
    depth: layout.frames,
    height: layout.height,
    width: layout.width,
    channels: layout.channels === 3 ? 3 : 1,
    samples,
    range: layout.photometric === 'MONOCHROME1' ? [white, black] : [black, white],
    mode: `${layout.channels === 3 ? 'colour' : 'grey'} ${layout.bitsStored} bit`,
    ...(layout.frames > 1 || Object.keys(slice).length === 0 ? {} : { slice }),
    ...(patient === undefined || patient === '' ? {} : { patient }),
  }
}

/**
 * Reads a DICOM file: uncompressed (either byte order), deflated, RLE, JPEG of 8 bits, JPEG lossless, JPEG-LS, JPEG 2000. Several frames are a volume.
 *
 * @throws YimengError `image-corrupt`, `image-large`, `image-kind` for files without pixels and other encodings, `image-codec` when a codec's package is not installed
 */
export const readDicom = async (bytes: Uint8Array, source: PictureSource): Promise<Picture> => {
  const { dataSet, syntax } = await parse(bytes, source)
  const layout = decoding(source, 'DICOM', () => layoutOf(dataSet, source))
  const decode = frameDecoder(dataSet, syntax, layout, source)
  const stored = await decode()
  if (layout.photometric === 'PALETTE COLOR') {
    const samples = decoding(source, 'DICOM', () => paletteColours(dataSet, stored, source))
    return { ...pictureOf(dataSet, layout, samples, source), channels: 3, range: [0, 255], mode: 'colour 8 bit, palette' }
  }
  const samples = decoding(source, 'DICOM', () => rescaled(dataSet, stored))
  return pictureOf(dataSet, layout, samples, source)
}
