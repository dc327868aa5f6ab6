// What a folder of pictures, or a file of arrays, seems to hold: classes, sites, sizes, kinds, and every file that cannot be read. Counts and names only, never a pixel.
import { stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { arrayPairs, rowLayout } from './array-images.ts'
import type { SkippedImage } from './image-dataset.ts'
import { classesOf, type FolderLayout, type ImageFile, imageFiles } from './image-files.node.ts'
import { fileBytes, pictureFile, skippable, skippedFile } from './picture-files.node.ts'
import { readNpz } from './npz.ts'
import type { Picture, PictureLimits } from './picture.ts'

/** How often something was found. */
export type Counts = Readonly<Record<string, number>>

/** What was found, to print and to confirm. */
export interface ImageInference {
  readonly source: 'folder' | 'arrays'
  readonly layout: FolderLayout | 'arrays'
  /** Rows that can be read. */
  readonly rows: number
  /** Rows of each class, in the order of the class indices. */
  readonly classes: Counts
  /** Rows of each site; empty without sites. */
  readonly sites: Counts
  /** Rows of each set (`train`, `validation`, `test`); empty without sets. */
  readonly sets: Counts
  /** `width × height` or `width × height × depth`, the most frequent first, at most 20. */
  readonly sizes: Counts
  /** Format and mode, as in `png grey 8 bit`. */
  readonly modes: Counts
  /** Files that cannot be read, by path. */
  readonly corrupt: readonly SkippedImage[]
  /** Other files, by ending. */
  readonly ignored: Counts
  /** Whether any picture shows colours: colour files of grey pictures do not count. */
  readonly coloured: boolean
  /** Files that name a patient. */
  readonly withPatient: number
  /** A shape to train at: the usual size, at most 128 a side for pictures and 32 for volumes. */
  readonly shape: readonly number[]
}

const tally = (counts: Map<string, number>, key: string | undefined): void => {
  if (key !== undefined) counts.set(key, (counts.get(key) ?? 0) + 1)
}

const byFrequency = (counts: ReadonlyMap<string, number>, most = counts.size): Counts =>
  Object.fromEntries([...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)).slice(0, most))

const byName = (counts: ReadonlyMap<string, number>): Counts => Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1)))

// JPEG turns grey into colours that differ by a step or two
const isColoured = ({ channels, samples, range }: Picture): boolean => {
  if (channels === 1) return false
  const least = Math.abs(range[1] - range[0]) / 16
  for (let at = 0; at + 2 < samples.length; at += 3) {
    const [red, green, blue] = [samples[at] ?? 0, samples[at + 1] ?? 0, samples[at + 2] ?? 0]
    if (Math.max(red, green, blue) - Math.min(red, green, blue) > least) return true
  }
  return false
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 1

/** The median size, each side at most `most`, whole multiples of 8 unless all are of one small size. */
const lengthsFor = (sizes: readonly (readonly number[])[]): readonly number[] => {
  const flat = sizes.every(([depth]) => depth === 1)
  const most = flat ? 128 : 32
  const sides = flat ? [1, 2] : [0, 1, 2]
  return sides.map((axis) => {
    const all = sizes.map((size) => size[axis] ?? 1)
    const usual = median(all)
    if (usual <= most && all.every((length) => length === usual)) return usual
    return Math.min(most, Math.max(8, 8 * Math.round(usual / 8)))
  })
}

const sizeText = ([depth = 1, height = 1, width = 1]: readonly number[]): string =>
  `${width} × ${height}${depth === 1 ? '' : ` × ${depth}`}`

/** Options of {@link inferImages}. */
export interface InferImagesOptions {
  /** The last folders hold the slices of one scan each. */
  readonly scans?: boolean
  readonly limits?: PictureLimits
  /** Told after each file. */
  readonly onFile?: (done: number, all: number) => void
}

const inferFolder = async (folder: string, options: InferImagesOptions): Promise<ImageInference> => {
  const { layout, files, ignored } = await imageFiles(folder, options.scans)
  const counts = { class: new Map<string, number>(), site: new Map<string, number>(), set: new Map<string, number>() }
  const [sizes, modes] = [new Map<string, number>(), new Map<string, number>()]
  const lengths: (readonly number[])[] = []
  const corrupt: SkippedImage[] = []
  const read: ImageFile[] = []
  let coloured = false
  let withPatient = 0
  for (const [at, file] of files.entries()) {
    try {
      const picture = await pictureFile(join(folder, file.path), { ...options.limits, file: file.path })
      const size = [picture.depth, picture.height, picture.width]
      lengths.push(size)
      tally(sizes, sizeText(size))
      tally(modes, `${picture.format} ${picture.mode}`)
      for (const key of ['class', 'site', 'set'] as const) tally(counts[key], file[key])
      coloured ||= isColoured(picture)
      withPatient += picture.patient === undefined ? 0 : 1
      read.push(file)
    } catch (error) {
      if (!skippable(error, 'skip')) throw error
      corrupt.push(skippedFile(file.path, error))
    }
    options.onFile?.(at + 1, files.length)
  }
  return {
    source: 'folder',
    layout,
    rows: read.length,
    classes: Object.fromEntries(classesOf(read).map((name) => [name, counts.class.get(name) ?? 0])),
    sites: byName(counts.site),
    sets: byName(counts.set),
    sizes: byFrequency(sizes, 20),
    modes: byFrequency(modes),
    corrupt,
    ignored,
    coloured,
    withPatient,
    shape: [coloured ? 3 : 1, ...lengthsFor(lengths)],
  }
}

const inferArrays = async (path: string, options: InferImagesOptions): Promise<ImageInference> => {
  const source = { ...options.limits, file: basename(path) }
  const archive = readNpz(await fileBytes(path, source), source)
  const [classes, sets, sizes, modes] = [
    new Map<string, number>(),
    new Map<string, number>(),
    new Map<string, number>(),
    new Map<string, number>(),
  ]
  const lengths: (readonly number[])[] = []
  let channels = 1
  let rows = 0
  for (const pair of arrayPairs(archive.names, source.file)) {
    const images = await archive.array(pair.images)
    const labels = await archive.array(pair.labels)
    const layout = rowLayout(images.shape, source)
    const size = [layout.depth, layout.height, layout.width]
    for (const label of labels.values) tally(classes, String(label))
    if (pair.set !== 'all') sets.set(pair.set, layout.rows)
    sizes.set(sizeText(size), (sizes.get(sizeText(size)) ?? 0) + layout.rows)
    const mode = `array ${images.values.constructor.name.replace('Array', '').toLowerCase()}`
    modes.set(mode, (modes.get(mode) ?? 0) + layout.rows)
    lengths.push(size)
    rows += layout.rows
    channels = Math.max(channels, layout.channels)
  }
  const ordered = [...classes].sort(([a], [b]) => Number(a) - Number(b))
  return {
    source: 'arrays',
    layout: 'arrays',
    rows,
    classes: Object.fromEntries(ordered),
    sites: {},
    sets: Object.fromEntries(sets),
    sizes: byFrequency(sizes, 20),
    modes: byFrequency(modes),
    corrupt: [],
    ignored: {},
    coloured: channels === 3,
    withPatient: 0,
    shape: [channels, ...lengthsFor(lengths)],
  }
}

/**
 * Looks at a folder of pictures (every file is decoded once) or a `.npz` file.
 *
 * @throws YimengError `image-folder`, `image-arrays`, `image-missing`, `image-codec`, `image-corrupt` for a damaged `.npz` file
 */
export const inferImages = async (path: string, options: InferImagesOptions = {}): Promise<ImageInference> => {
  const there = await stat(path).catch(() => undefined)
  return there?.isFile() === true ? inferArrays(path, options) : inferFolder(path, options)
}
