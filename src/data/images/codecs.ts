// JPEG, JPEG 2000 and JPEG-LS by the WebAssembly builds of libjpeg-turbo, OpenJPEG and CharLS, lossless JPEG by jpeg-lossless-decoder-js. Loaded when first used; only
// the first comes with the package.
// A codec works on memory of its own, and is thrown away after a fault or a large picture: nothing it left behind outlives the file.
import { decoding, type PictureSource, pictureFault } from './picture.ts'

/** What the three codecs give: interleaved samples of one frame. */
export interface Frame {
  readonly width: number
  readonly height: number
  readonly channels: number
  readonly bits: number
  readonly signed: boolean
  /** `[height, width, channels]`: one byte a sample up to 8 bits, else two, little-endian. */
  readonly bytes: Uint8Array
}

/** The codecs by name. */
export type CodecName = 'jpeg' | 'jpeg-lossless' | 'jpeg-ls' | 'jpeg-2000'

interface Decoder {
  readonly getEncodedBuffer: (bytes: number) => Uint8Array
  readonly decode: () => void
  readonly getDecodedBuffer: () => Uint8Array
  readonly getFrameInfo: () => {
    readonly width: number
    readonly height: number
    readonly componentCount: number
    readonly bitsPerSample: number
    readonly isSigned: boolean
  }
  readonly delete: () => void
}

type WasmCodec = Exclude<CodecName, 'jpeg-lossless'>

const packages: Readonly<Record<WasmCodec, { readonly package: string; readonly decoder: string }>> = {
  jpeg: { package: '@cornerstonejs/codec-libjpeg-turbo-8bit', decoder: 'JPEGDecoder' },
  'jpeg-2000': { package: '@cornerstonejs/codec-openjpeg', decoder: 'J2KDecoder' },
  'jpeg-ls': { package: '@cornerstonejs/codec-charls', decoder: 'JpegLSDecoder' },
}

type Codec = Readonly<Record<string, new () => Decoder>>

const loaded = new Map<WasmCodec, Promise<Codec>>()

/** A package's module. The specifier is not literal: all but one may be absent, and most have no types. */
const moduleOf = (name: CodecName, path: string, entry: string, source: PictureSource) =>
  import(`${path}${entry}`).catch((error: unknown) => {
    throw pictureFault(source, 'codec', `the package ${path} (npm install ${path})`, `no decoder for ${name}`, error)
  })

const load = async (name: WasmCodec, source: PictureSource): Promise<Codec> => {
  const module = await moduleOf(name, packages[name].package, '/decodewasmjs', source)
  const quiet = () => undefined
  return (await module.default({ print: quiet, printErr: quiet })) as Codec
}

/** Lossless JPEG (T.81, process 14), in JavaScript. */
const decodeLossless = async (bytes: Uint8Array, source: PictureSource): Promise<Frame> => {
  const { Decoder } = await moduleOf('jpeg-lossless', 'jpeg-lossless-decoder-js', '', source)
  return decoding(source, 'lossless JPEG', () => {
    const decoder = new Decoder()
    const decoded: Uint8Array = decoder.decode(bytes.slice().buffer)
    const { dimX: width, dimY: height, numComp: channels, precision: bits } = decoder.frame
    const length = width * height * channels * (bits > 8 ? 2 : 1)
    if (!(decoded.byteLength >= length)) throw pictureFault(source, 'corrupt', `${length} bytes of pixels`, String(decoded.byteLength))
    return { width, height, channels, bits, signed: false, bytes: new Uint8Array(decoded.buffer, decoded.byteOffset, length) }
  })
}

// more than this, and the codec's memory is given back
const KEPT_BYTES = 2 ** 24

/**
 * Decodes one frame. Sizes must have been checked in the header before: a codec allocates what the header says.
 *
 * @throws YimengError `image-codec` when its package is not installed, `image-corrupt`
 */
export const decodeFrame = async (name: CodecName, bytes: Uint8Array, source: PictureSource): Promise<Frame> => {
  if (name === 'jpeg-lossless') return decodeLossless(bytes, source)
  const codec = loaded.get(name) ?? load(name, source)
  loaded.set(name, codec)
  let whole = false
  try {
    const { [packages[name].decoder]: Decoder } = await codec
    if (Decoder === undefined) throw pictureFault(source, 'codec', `a decoder for ${name}`, 'another version of its package')
    const frame = decoding(source, name, () => {
      const decoder = new Decoder()
      decoder.getEncodedBuffer(bytes.length).set(bytes)
      decoder.decode()
      const { width, height, componentCount, bitsPerSample, isSigned } = decoder.getFrameInfo()
      const decoded = Uint8Array.from(decoder.getDecodedBuffer())
      decoder.delete()
      return { width, height, channels: componentCount, bits: bitsPerSample, signed: isSigned, bytes: decoded }
    })
    const expected = frame.width * frame.height * frame.channels * (frame.bits > 8 ? 2 : 1)
    if (frame.bytes.length < expected) throw pictureFault(source, 'corrupt', `${expected} bytes of pixels`, String(frame.bytes.length))
    whole = frame.bytes.length + bytes.length <= KEPT_BYTES
    return { ...frame, bytes: frame.bytes.subarray(0, expected) }
  } finally {
    if (!whole) loaded.delete(name)
  }
}
