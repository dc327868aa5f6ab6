// IDX, the format of MNIST (LeCun, Cortes and Burges): two zero bytes, a type (8: unsigned bytes), the number of axes, their lengths big-endian, then the bytes.
import { type PictureSource, pictureFault } from './picture.ts'
import type { NumpyArray } from './npy.ts'

/**
 * Reads an uncompressed IDX file of bytes.
 *
 * @throws YimengError `image-corrupt`, `image-kind` for other types of numbers
 */
export const readIdx = (bytes: Uint8Array, source: PictureSource): NumpyArray => {
  const axes = bytes[3] ?? 0
  const begin = 4 + 4 * axes
  if (bytes.length < begin || bytes[0] !== 0 || bytes[1] !== 0 || axes < 1 || axes > 4)
    throw pictureFault(source, 'corrupt', 'an IDX file of one to four axes', 'another beginning')
  if (bytes[2] !== 8) throw pictureFault(source, 'kind', 'an IDX file of bytes', 'other numbers')
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const shape = Array.from({ length: axes }, (_, axis) => view.getUint32(4 + 4 * axis))
  const size = shape.reduce((product, length) => product * length, 1)
  if (bytes.length - begin !== size) throw pictureFault(source, 'corrupt', `${size} bytes`, String(bytes.length - begin))
  return { shape, values: bytes.subarray(begin) }
}
