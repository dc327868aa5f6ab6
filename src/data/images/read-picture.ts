// One picture or volume from the bytes of a file, told by how it begins and never by its name.
import { isDicom, readDicom } from './dicom.ts'
import { inflate } from './inflate.ts'
import { isJpeg, readJpeg } from './jpeg.ts'
import { isNifti, readNifti } from './nifti.ts'
import { limitsOf, type Picture, type PictureSource, pictureFault } from './picture.ts'
import { isPng, readPng } from './png.ts'

/**
 * Reads PNG, JPEG, DICOM and NIfTI (also gzipped). Nothing larger than the limits is allocated; a damaged file ends in one fault that names it.
 *
 * @throws YimengError `image-corrupt`, `image-large`, `image-kind`, `image-codec`
 *
 * @example
 * ```ts
 * const fault = await readPicture(new TextEncoder().encode('GIF89a'), { file: 'a.gif' }).catch((error) => error)
 * assert.equal(fault.code, 'image-kind')
 * ```
 */
export const readPicture = async (bytes: Uint8Array, source: PictureSource): Promise<Picture> => {
  const { fileBytes, samples } = limitsOf(source)
  if (bytes.length > fileBytes) throw pictureFault(source, 'large', `at most ${fileBytes} bytes`, String(bytes.length))
  if (isPng(bytes)) return readPng(bytes, source)
  if (isJpeg(bytes)) return readJpeg(bytes, source)
  if (isNifti(bytes)) return readNifti(bytes, source)
  if (isDicom(bytes)) return readDicom(bytes, source)
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) {
    // eight bytes a voxel at most, and a header with extensions
    const unpacked = await inflate(bytes, 'gzip', Math.min(8 * samples, 4 * fileBytes) + 2 ** 20, source)
    if (isNifti(unpacked)) return readNifti(unpacked, source)
  }
  if (bytes.length === 0) throw pictureFault(source, 'corrupt', 'a file with a picture', 'an empty file')
  throw pictureFault(source, 'kind', 'a PNG, JPEG, DICOM or NIfTI file', 'a file that begins otherwise')
}
