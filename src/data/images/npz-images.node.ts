// One's own arrays: an image set from a .npz file.
import { basename } from 'node:path'
import { stemOf } from '../csv-file.node.ts'
import { type ArrayOptions, arrayImages } from './array-images.ts'
import type { ImageDataset } from './image-dataset.ts'
import { fileBytes } from './picture-files.node.ts'
import { readNpz } from './npz.ts'
import type { PictureLimits } from './picture.ts'

/**
 * Reads images and labels from a `.npz` file: `images` and `labels`, or `train_images`, `train_labels`, `test_images` … (MedMNIST), or `x_train`, `y_train` … (Keras).
 *
 * @throws YimengError `image-missing`, `image-arrays`, `image-corrupt`, `image-large`, `image-kind`, `image-shape`
 */
export const npzImages = async (path: string, options: ArrayOptions & { readonly limits?: PictureLimits } = {}): Promise<ImageDataset> => {
  const source = { ...options.limits, file: basename(path) }
  return arrayImages(readNpz(await fileBytes(path, source), source), source.file, { name: stemOf(path), ...options })
}
