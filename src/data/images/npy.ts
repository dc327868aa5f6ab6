// NumPy's array file (numpy.lib.format 1.0 to 3.0): a Python dictionary as text, then the numbers. The text is matched, never evaluated; arrays of objects are refused.
import { limitsOf, type PictureSource, pictureFault, type Samples } from './picture.ts'

/** An array: numbers in C order. */
export interface NumpyArray {
  readonly shape: readonly number[]
  readonly values: Samples
}

interface NumberKind {
  readonly bytes: number
  readonly empty: (size: number) => Samples
  readonly read: (view: DataView, at: number, little: boolean) => number
}

// 64-bit whole numbers become float64: labels and counts stay exact up to 2^53
const kinds: Readonly<Record<string, NumberKind>> = {
  b1: { bytes: 1, empty: (n) => new Uint8Array(n), read: (view, at) => view.getUint8(at) },
  u1: { bytes: 1, empty: (n) => new Uint8Array(n), read: (view, at) => view.getUint8(at) },
  i1: { bytes: 1, empty: (n) => new Int8Array(n), read: (view, at) => view.getInt8(at) },
  u2: { bytes: 2, empty: (n) => new Uint16Array(n), read: (view, at, little) => view.getUint16(at, little) },
  i2: { bytes: 2, empty: (n) => new Int16Array(n), read: (view, at, little) => view.getInt16(at, little) },
  u4: { bytes: 4, empty: (n) => new Uint32Array(n), read: (view, at, little) => view.getUint32(at, little) },
  i4: { bytes: 4, empty: (n) => new Int32Array(n), read: (view, at, little) => view.getInt32(at, little) },
  u8: { bytes: 8, empty: (n) => new Float64Array(n), read: (view, at, little) => Number(view.getBigUint64(at, little)) },
  i8: { bytes: 8, empty: (n) => new Float64Array(n), read: (view, at, little) => Number(view.getBigInt64(at, little)) },
  f2: { bytes: 2, empty: (n) => new Float32Array(n), read: (view, at, little) => view.getFloat16(at, little) },
  f4: { bytes: 4, empty: (n) => new Float32Array(n), read: (view, at, little) => view.getFloat32(at, little) },
  f8: { bytes: 8, empty: (n) => new Float64Array(n), read: (view, at, little) => view.getFloat64(at, little) },
}

// a header of numpy.save has about 100 bytes; numpy itself refuses to evaluate more than 10,000
const MOST_HEADER_BYTES = 10_000
const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59]

interface Header {
  readonly descr: string
  readonly fortran: boolean
  readonly shape: readonly number[]
  readonly begin: number
}

const headerOf = (bytes: Uint8Array, source: PictureSource): Header => {
  const fault = (expected: string, got: string) => pictureFault(source, 'corrupt', expected, got)
  if (bytes.length < 12 || !magic.every((byte, at) => bytes[at] === byte)) throw fault('a NumPy array', 'another beginning')
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const wide = (bytes[6] ?? 0) >= 2
  const length = wide ? view.getUint32(8, true) : view.getUint16(8, true)
  const begin = (wide ? 12 : 10) + length
  if (length > MOST_HEADER_BYTES || begin > bytes.length) throw fault('a header within the file', `${length} bytes`)
  const text = new TextDecoder().decode(bytes.subarray(wide ? 12 : 10, begin))
  const descr = /'descr'\s*:\s*'([^']{1,16})'/.exec(text)?.[1]
  const fortran = /'fortran_order'\s*:\s*(True|False)/.exec(text)?.[1]
  const shape = /'shape'\s*:\s*\(([0-9, ]{0,200})\)/.exec(text)?.[1]
  if (fortran === undefined || shape === undefined || descr === undefined)
    throw pictureFault(source, 'kind', 'a header with descr, fortran_order and shape', 'a structured or damaged one')
  const lengths = shape
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map(Number)
  return { descr, fortran: fortran === 'True', shape: lengths, begin }
}

/** Where each number of a Fortran-ordered array stands in C order. */
const intoOrder = (values: Samples, shape: readonly number[], empty: Samples): Samples => {
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((product, length) => product * length, 1))
  const index = shape.map(() => 0)
  let to = 0
  for (let from = 0; from < values.length; from += 1) {
    empty[to] = values[from] ?? 0
    for (let axis = 0; axis < shape.length; axis += 1) {
      const stride = strides[axis] ?? 0
      to += stride
      index[axis] = (index[axis] ?? 0) + 1
      if ((index[axis] ?? 0) < (shape[axis] ?? 0)) break
      to -= stride * (shape[axis] ?? 0)
      index[axis] = 0
    }
  }
  return empty
}

/**
 * Reads an array of numbers. Bytes are a view of the file, not a copy, where they can be.
 *
 * @throws YimengError `image-corrupt`, `image-large`, `image-kind` for objects, texts and structures
 */
export const readNpy = (bytes: Uint8Array, source: PictureSource): NumpyArray => {
  const { descr, fortran, shape, begin } = headerOf(bytes, source)
  const kind = kinds[descr.slice(1)]
  if (kind === undefined || !/^[<>|=]/.test(descr))
    throw pictureFault(source, 'kind', 'an array of numbers', 'objects, texts or structures')
  const size = shape.reduce((product, length) => product * length, 1)
  const most = limitsOf(source).fileBytes
  if (!shape.every(Number.isSafeInteger) || !(size * kind.bytes <= most))
    throw pictureFault(source, 'large', `at most ${most} bytes`, shape.join(' × '))
  if (bytes.length - begin !== size * kind.bytes)
    throw pictureFault(source, 'corrupt', `${size * kind.bytes} bytes of numbers`, String(bytes.length - begin))
  const body = bytes.subarray(begin)
  let values: Samples = body
  if (descr.slice(1) !== 'u1' && descr.slice(1) !== 'b1') {
    const view = new DataView(body.buffer, body.byteOffset, body.byteLength)
    values = kind.empty(size)
    for (let at = 0; at < size; at += 1) values[at] = kind.read(view, at * kind.bytes, descr[0] !== '>')
  }
  return { shape, values: fortran && shape.length > 1 ? intoOrder(values, shape, kind.empty(size)) : values }
}
