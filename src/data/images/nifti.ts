// NIfTI-1 and NIfTI-2 in one file (.nii, .nii.gz): header by nifti-reader-js, voxels as stored, x fastest: `[depth = z, height = y, width = x]`. Values are
// rescaled by scl_slope and scl_inter; the display range cal_min to cal_max, or else the extent, becomes the range. The orientation is left as stored.
import { type NIFTI1, type NIFTI2, readHeader } from 'nifti-reader-js'
import { checkedSize, decoding, type Picture, type PictureSource, pictureFault, type Samples } from './picture.ts'
import { extent } from './window.ts'

/** Whether the bytes begin as a NIfTI file does: the length of its header, in either byte order, and its magic. */
export const isNifti = (bytes: Uint8Array): boolean => {
  if (bytes.length < 348) return false
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const sizes = [view.getInt32(0, true), view.getInt32(0, false)]
  const magic = (at: number) => String.fromCharCode(...bytes.subarray(at, at + 3))
  return (sizes.includes(348) && /^n[+i]1/.test(magic(344))) || (sizes.includes(540) && /^n[+i]2/.test(magic(4)))
}

interface Voxels {
  readonly bytes: number
  readonly name: string
  readonly empty: (size: number) => Samples
  readonly read: (view: DataView, at: number, little: boolean) => number
}

// datatype codes of nifti1.h
const kinds: Readonly<Record<number, Voxels>> = {
  2: { bytes: 1, name: 'uint8', empty: (n) => new Uint8Array(n), read: (view, at) => view.getUint8(at) },
  256: { bytes: 1, name: 'int8', empty: (n) => new Int8Array(n), read: (view, at) => view.getInt8(at) },
  4: { bytes: 2, name: 'int16', empty: (n) => new Int16Array(n), read: (view, at, little) => view.getInt16(at, little) },
  512: { bytes: 2, name: 'uint16', empty: (n) => new Uint16Array(n), read: (view, at, little) => view.getUint16(at, little) },
  8: { bytes: 4, name: 'int32', empty: (n) => new Int32Array(n), read: (view, at, little) => view.getInt32(at, little) },
  768: { bytes: 4, name: 'uint32', empty: (n) => new Uint32Array(n), read: (view, at, little) => view.getUint32(at, little) },
  16: { bytes: 4, name: 'float32', empty: (n) => new Float32Array(n), read: (view, at, little) => view.getFloat32(at, little) },
  64: { bytes: 8, name: 'float64', empty: (n) => new Float64Array(n), read: (view, at, little) => view.getFloat64(at, little) },
  // three bytes a voxel
  128: { bytes: 1, name: 'colour', empty: (n) => new Uint8Array(n), read: (view, at) => view.getUint8(at) },
}

const headerOf = (bytes: Uint8Array, source: PictureSource): NIFTI1 | NIFTI2 => {
  // a copy without extensions: they say nothing about voxels, and their lengths are not to be trusted
  const head = Uint8Array.from(bytes.subarray(0, 544))
  const second = head.subarray(4, 7).every((byte, at) => byte === [0x6e, 0x2b, 0x32][at])
  head.fill(0, second ? 540 : 348, second ? 544 : 352)
  const header = decoding(source, 'NIfTI', () => readHeader(head.buffer, true))
  if (!second && head[345] !== 0x2b) throw pictureFault(source, 'kind', 'header and voxels in one file', 'a header of its own')
  return header
}

/**
 * Reads an uncompressed NIfTI file of three axes (further axes have length 1).
 *
 * @throws YimengError `image-corrupt`, `image-large`, `image-kind` for four axes, complex and 64-bit whole numbers
 */
export const readNifti = (bytes: Uint8Array, source: PictureSource): Picture => {
  const header = headerOf(bytes, source)
  const [axes = 0, width = 0, height = 1, depth = 1, ...more] = header.dims
  if (!(axes >= 1 && axes <= 7)) throw pictureFault(source, 'corrupt', 'one to seven axes', String(axes))
  const lengths = [width, axes >= 2 ? height : 1, axes >= 3 ? depth : 1]
  const volumes = more.slice(0, Math.max(0, axes - 3)).reduce((product, length) => product * Math.max(1, length), 1)
  if (volumes !== 1) throw pictureFault(source, 'kind', 'a volume of three axes', `${volumes} volumes`)
  const kind = kinds[header.datatypeCode]
  if (kind === undefined) throw pictureFault(source, 'kind', 'voxels of 8 to 32 bits, or floats', `data type ${header.datatypeCode}`)
  const channels = header.datatypeCode === 128 ? 3 : 1
  const size = checkedSize(source, [...lengths, channels])
  const offset = header.vox_offset
  if (!Number.isInteger(offset) || offset < 348 || offset + size * kind.bytes > bytes.length)
    throw pictureFault(source, 'corrupt', `${size * kind.bytes} bytes of voxels`, `${Math.max(0, bytes.length - offset)} bytes`)
  const view = new DataView(bytes.buffer, bytes.byteOffset + offset, size * kind.bytes)
  const slope = Number.isFinite(header.scl_slope) && header.scl_slope !== 0 ? header.scl_slope : 1
  const intercept = slope !== 1 || header.scl_slope !== 0 ? (Number.isFinite(header.scl_inter) ? header.scl_inter : 0) : 0
  const scaled = channels === 1 && (slope !== 1 || intercept !== 0)
  const samples = scaled ? new Float32Array(size) : kind.empty(size)
  for (let at = 0; at < size; at += 1) {
    const value = kind.read(view, at * kind.bytes, header.littleEndian)
    samples[at] = scaled ? value * slope + intercept : value
  }
  const { cal_min: low, cal_max: high } = header
  const range = channels === 3 ? ([0, 255] as const) : Number.isFinite(low) && high > low ? ([low, high] as const) : extent(samples)
  const [w = 1, h = 1, d = 1] = lengths
  return { format: 'nifti', depth: d, height: h, width: w, channels, samples, range, mode: kind.name }
}
