// One's own pictures: a folder for each class, or for each site and class, or for train and test and class. In memory where they fit, else decoded on demand.
import { basename, join, resolve } from 'node:path'
import { sha256Hex, utf8Bytes, YimengError } from '../../base/index.ts'
import type { Split } from '../types.ts'
import { type CorruptPolicy, type ImageDataset, rowBytes, type SkippedImage } from './image-dataset.ts'
import { classesOf, type ImageFile, imageFiles } from './image-files.node.ts'
import type { PictureLimits } from './picture.ts'
import { pictureFile, placed, skippable, skippedFile } from './picture-files.node.ts'
import { decodedPixels, memoryPixels } from './pixels.ts'
import { type PictureRecipe, prepared } from './transforms.ts'

/** How a folder becomes a set. */
export interface FolderOptions extends PictureRecipe {
  readonly name?: string
  /** The class that counts as positive: made the last one. Default: by code point. */
  readonly positive?: string
  /** The last folders hold the slices of one scan each. Default: every file is a picture or a volume. */
  readonly scans?: boolean
  /** Default `refuse`. Under `skip`, what was left out is listed in `skipped`. */
  readonly corrupt?: CorruptPolicy
  /** `allow`: one class is enough, for a part of a set whose other classes lie elsewhere. Default `refuse`. */
  readonly oneClass?: 'refuse' | 'allow'
  readonly limits?: PictureLimits
  /** A set larger than this is not held in memory but decoded on demand. Default 1 GiB. */
  readonly memoryBytes?: number
  /** Rows kept when decoding on demand. Default 256 MiB. */
  readonly cacheBytes?: number
  /** Told after each file. */
  readonly onFile?: (done: number, all: number) => void
}

interface Row {
  readonly file: ImageFile
  readonly patient: string
}

/** A number for a patient that tells nobody who it is: rows of one patient have the same. */
const pseudonym = (patient: string | undefined): string =>
  patient === undefined ? '' : sha256Hex(utf8Bytes(`yimeng patient ${patient}`)).slice(0, 16)

const splitOf = (rows: readonly Row[]): Split => {
  const of = (set: ImageFile['set']) => Uint32Array.from(rows.flatMap(({ file }, row) => (file.set === set ? [row] : [])))
  return { train: of('train'), validation: of('validation'), test: of('test') }
}

/**
 * An image set from a folder. Every file is decoded once before anything is trained, so that each damaged one is known by name.
 * DICOM patients are kept as pseudonyms, for splits by patient.
 *
 * @throws YimengError `image-folder`, `image-one-class`, `label-positive`; under `refuse` also `image-corrupt`, `image-large`, `image-kind`, `image-shape`, `image-codec`
 */
export const imageFolder = async (folder: string, options: FolderOptions): Promise<ImageDataset> => {
  const { corrupt = 'refuse', memoryBytes = 2 ** 30, cacheBytes = 2 ** 28, limits = {}, shape, onFile } = options
  const { layout, files } = await imageFiles(folder, options.scans)
  const size = rowBytes(shape)
  const inMemory = files.length * size <= memoryBytes
  const held = new Uint8Array(inMemory ? files.length * size : 0)
  const rows: Row[] = []
  const skipped: SkippedImage[] = []
  for (const [at, file] of files.entries()) {
    try {
      const picture = await pictureFile(join(folder, file.path), { ...limits, file: file.path })
      const bytes = prepared(picture, options)
      if (inMemory) held.set(bytes, rows.length * size)
      rows.push({ file, patient: pseudonym(picture.patient) })
    } catch (error) {
      if (!skippable(error, corrupt)) throw error instanceof YimengError && error.code === 'image-shape' ? placed(error, file.path) : error
      skipped.push(skippedFile(file.path, error))
    }
    onFile?.(at + 1, files.length)
  }
  const classes = classesOf(rows.map(({ file }) => file))
  if (classes.length < (options.oneClass === 'allow' ? 1 : 2))
    throw new YimengError({
      code: 'image-one-class',
      cannot: 'learn from images',
      expected: 'at least two classes',
      got: String(classes.length),
      where: { folder },
    })
  const { positive } = options
  if (positive !== undefined && !classes.includes(positive))
    throw new YimengError({
      code: 'label-positive',
      cannot: `take ${positive} as the positive class`,
      expected: classes.join(', '),
      got: 'no such class',
    })
  const levels = positive === undefined ? classes : [...classes.filter((level) => level !== positive), positive]
  const decode = async (row: number): Promise<Uint8Array> => {
    const path = rows[row]?.file.path ?? ''
    return prepared(await pictureFile(join(folder, path), { ...limits, file: path, row }), options)
  }
  return {
    name: options.name ?? basename(resolve(folder)),
    schema: { label: { kind: 'categorical', name: 'class', levels } },
    rows: rows.length,
    labels: Float64Array.from(rows, ({ file }) => levels.indexOf(file.class)),
    shape,
    white: 255,
    pixels: inMemory
      ? memoryPixels(held.subarray(0, rows.length * size), shape)
      : decodedPixels({ rows: rows.length, shape, decode, cacheBytes }),
    files: rows.map(({ file }) => file.path),
    skipped,
    ...(rows.some(({ patient }) => patient !== '') ? { patients: rows.map(({ patient }) => patient) } : {}),
    ...(layout === 'site/class' ? { sites: rows.map(({ file }) => file.site ?? '') } : {}),
    ...(layout === 'set/class' ? { split: splitOf(rows) } : {}),
  }
}
