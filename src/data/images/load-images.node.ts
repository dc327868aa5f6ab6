// Image sets by name, from a folder, or from a file of arrays.
import { join } from 'node:path'
import { YimengError } from '../../base/index.ts'
import { oneOfNames } from '../close-names.ts'
import { csvFile } from '../csv-file.node.ts'
import { type DataFolders, type DownloadOptions, dataFolders } from '../data-store.node.ts'
import { filesOf } from '../set-files.node.ts'
import type { ArrayOptions } from './array-images.ts'
import type { ImageDataset } from './image-dataset.ts'
import { type FolderOptions, imageFolder } from './image-folder.node.ts'
import { fileBytes } from './picture-files.node.ts'
import { npzImages } from './npz-images.node.ts'
import type { PictureLimits } from './picture.ts'
import { type NamedImageSet, namedImageSets } from './sets/index.ts'

/** Pictures of one's own. */
export type ImageSource =
  | ({ readonly images: string } & FolderOptions)
  | ({ readonly npz: string; readonly limits?: PictureLimits } & ArrayOptions)

const named = (name: string): NamedImageSet => {
  const set = namedImageSets.find((candidate) => candidate.name === name)
  if (set !== undefined) return set
  const expected = oneOfNames(
    name,
    namedImageSets.map((candidate) => candidate.name),
  )
  throw new YimengError({ code: 'data-set-unknown', cannot: `find image set ${name}`, expected, got: 'an unknown name' })
}

/** Loads a named image set from its files. */
export const loadImageSet = async (set: NamedImageSet, folders: DataFolders, download: DownloadOptions | false): Promise<ImageDataset> => {
  const paths = await filesOf(set, folders, download)
  const [first] = set.files
  // files that the index of a set names stand beside it
  const root = (paths.get(first?.path ?? '') ?? '').slice(0, -(first?.path.length ?? 0))
  const at = (path: string) => paths.get(path) ?? join(root, ...path.split('/'))
  return set.load({
    bytes: (path) =>
      fileBytes(at(path), { file: path }).catch((error: unknown) => {
        if (!(error instanceof YimengError) || error.code !== 'image-missing') throw error
        throw new YimengError({
          code: 'data-absent',
          cannot: `load data set ${set.name}`,
          expected: 'its files below YIMENG_DATA or in the cache',
          got: 'one missing',
          where: { file: path },
        })
      }),
    table: (path, format) => csvFile(at(path), format),
  })
}

/**
 * Loads an image set by name, or pictures of one's own: `{ images: folder, shape }` or `{ npz: file }`. A named one that is not here is downloaded from its public
 * original into the cache, with checksum, where there is one; `download: false` throws `data-absent` instead.
 *
 * @throws YimengError `data-set-unknown`, `data-absent`, `data-changed`, `download-failed`, `download-changed`, and what {@link imageFolder} and {@link npzImages} throw
 *
 * @example
 * ```ts
 * const { rows, shape, white } = await loadImages('digits')
 * assert.deepEqual([rows, shape, white], [1797, [1, 8, 8], 16])
 * ```
 */
export const loadImages = async (
  source: string | ImageSource,
  options: { readonly download?: DownloadOptions | false; readonly folders?: DataFolders } = {},
): Promise<ImageDataset> => {
  if (typeof source === 'string') return loadImageSet(named(source), options.folders ?? dataFolders(), options.download ?? {})
  if ('npz' in source) return npzImages(source.npz, source)
  return imageFolder(source.images, source)
}
