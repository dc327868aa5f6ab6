// Picture files: bytes under a limit, one picture, or many prepared for a model, each fault with its file's name.
import { open, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { YimengError } from '../../base/index.ts'
import { type CorruptPolicy, rowBytes, type SkippedImage } from './image-dataset.ts'
import { isImageName } from './image-files.node.ts'
import { limitsOf, type Picture, type PictureLimits, type PictureSource, pictureFault } from './picture.ts'
import { readPicture } from './read-picture.ts'
import { type Slice, stacked } from './stack.ts'
import { type PictureRecipe, prepared } from './transforms.ts'

/**
 * Reads one picture or volume from a file, or from a folder that holds the slices of one scan. Lengths are looked at first.
 *
 * @throws YimengError `image-missing` when it cannot be opened, and what {@link readPicture} and {@link stacked} throw
 */
export const pictureFile = async (path: string, source: PictureSource): Promise<Picture> => {
  const there = await stat(path).catch(() => undefined)
  if (there?.isDirectory() !== true) return readPicture(await fileBytes(path, source), source)
  const names = (await readdir(path, { withFileTypes: true })).filter(
    (entry) => entry.isFile() && !entry.name.startsWith('.') && isImageName(entry.name),
  )
  const slices: Slice[] = []
  let samples = limitsOf(source).samples
  for (const { name } of names.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const file = `${source.file}/${name}`
    const picture = await readPicture(await fileBytes(join(path, name), { ...source, file }), { ...source, file, samples })
    // what the slices hold together stays within the limit, before they are put together
    samples -= picture.samples.length
    slices.push({ picture, file })
  }
  return stacked(slices, source)
}

/** All bytes of a file that is not too large. @throws YimengError `image-missing`, `image-large` */
export const fileBytes = async (path: string, source: PictureSource): Promise<Uint8Array> => {
  const missing = (error: unknown) => {
    const where = { file: source.file, ...(source.row === undefined ? {} : { row: source.row }) }
    return new YimengError({ code: 'image-missing', cannot: 'read image', expected: 'a file to read', got: 'none', where, cause: error })
  }
  const file = await open(path).catch((error: unknown) => {
    throw missing(error)
  })
  try {
    const { size } = await file.stat()
    const most = limitsOf(source).fileBytes
    if (size > most) throw pictureFault(source, 'large', `at most ${most} bytes`, String(size))
    return new Uint8Array(await file.readFile())
  } catch (error) {
    throw error instanceof YimengError ? error : missing(error)
  } finally {
    await file.close()
  }
}

/** The same fault, with the file it was met in. */
export const placed = ({ code, cannot, expected, got }: YimengError, file: string): YimengError =>
  new YimengError({ code, cannot, expected, got, where: { file } })

/** Whether a set goes on without this file. A missing codec is the installation's fault, not the file's. */
export const skippable = (error: unknown, corrupt: CorruptPolicy): error is YimengError =>
  error instanceof YimengError && corrupt === 'skip' && error.code !== 'image-codec'

/** A file that was left out, as it is listed. */
export const skippedFile = (file: string, { code, expected, got, where }: YimengError): SkippedImage => ({
  // of a scan, the slice
  file: typeof where['file'] === 'string' ? where['file'] : file,
  code,
  expected,
  got,
})

/** Pictures prepared for a model. */
export interface PreparedPictures {
  /** The files that were read, in the order given. */
  readonly files: readonly string[]
  /** `[files.length, ...shape]`, 255 is white. */
  readonly bytes: Uint8Array
  readonly skipped: readonly SkippedImage[]
}

/**
 * Reads new pictures as those of a set were read, to be classified: one row a file.
 *
 * @throws YimengError under `refuse` (default) the first file's fault: `image-missing`, `image-corrupt`, `image-large`, `image-kind`, `image-shape`; always `image-codec`
 */
export const preparePictures = async (
  paths: readonly string[],
  recipe: PictureRecipe,
  options: { readonly corrupt?: CorruptPolicy; readonly limits?: PictureLimits } = {},
): Promise<PreparedPictures> => {
  const size = rowBytes(recipe.shape)
  const bytes = new Uint8Array(paths.length * size)
  const files: string[] = []
  const skipped: SkippedImage[] = []
  for (const path of paths) {
    try {
      bytes.set(prepared(await pictureFile(path, { ...options.limits, file: path }), recipe), files.length * size)
      files.push(path)
    } catch (error) {
      if (!skippable(error, options.corrupt ?? 'refuse'))
        throw error instanceof YimengError && error.code === 'image-shape' ? placed(error, path) : error
      skipped.push(skippedFile(path, error))
    }
  }
  return { files, bytes: bytes.subarray(0, files.length * size), skipped }
}
