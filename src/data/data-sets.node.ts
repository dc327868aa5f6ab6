// The named data sets as this machine has them: list, describe, get, verify, and load.
import { YimengError } from '../base/index.ts'
import { oneOfNames } from './close-names.ts'
import { csvFile, csvFiles } from './csv-file.node.ts'
import { type DataFolders, type DownloadOptions, dataFolders, type FileState, findFile, verifyFile } from './data-store.node.ts'
import type { ImageDataset } from './images/index.ts'
import { loadImageSet } from './images/load-images.node.ts'
import { type NamedImageSet, namedImageSets } from './images/sets/index.ts'
import { type ReadOptions, readTable } from './read-table.ts'
import { filesOf, getFiles } from './set-files.node.ts'
import { type NamedSeriesSet, namedSeriesSets, type SeriesDataset } from './series/index.ts'
import { loadSeriesSet } from './series/load-series.node.ts'
import { type NamedDataSet, namedDataSets } from './sets/index.ts'
import type { CsvFormat } from './table.ts'
import type { Column, Dataset, Labelled, Schema } from './types.ts'

/** One line of a list of data sets. */
export interface DataSetInfo {
  readonly name: string
  readonly title: string
  readonly description: string
  readonly rows: number
  /** Feature columns; 0 for pictures and series. */
  readonly columns: number
  /** Of one picture, volume or series: `[channels, height, width]`, `[channels, depth, height, width]`, `[time, channels]`. Absent: a table. */
  readonly shape?: readonly number[]
  /** Classes of the label; 0 for a label of numbers. */
  readonly classes: number
  readonly sites: readonly string[]
  readonly licence: string
  readonly citation: string
  readonly source: string
  /** `embedded` in the package, `found` on this machine, or `absent`: to be had with `get`. */
  readonly state: 'embedded' | 'found' | 'absent'
}

/** All about a data set. */
export interface DataSetDescription extends DataSetInfo {
  readonly schema: Schema
  readonly files: readonly FileState[]
  /** What is in it; absent when its files are not here or not the published ones. */
  readonly content?: DataSetContent
}

/** Counts of a loaded data set. */
export interface DataSetContent {
  readonly rows: number
  /** Rows of each class; empty for a label of numbers. */
  readonly classes: Readonly<Record<string, number>>
  /** Rows of each natural site. */
  readonly sites: Readonly<Record<string, number>>
  /** Missing cells by feature, in the schema's order. */
  readonly missing: Readonly<Record<string, number>>
  /** Rows of the split that came with the data, if one did. */
  readonly split?: { readonly train: number; readonly validation: number; readonly test: number }
}

/** A table of one's own: one CSV, or several, one a site. */
export interface CsvSource extends ReadOptions {
  readonly csv: string | readonly string[]
  readonly schema: Schema
  readonly format?: CsvFormat
}

type AnySet = NamedDataSet | NamedImageSet | NamedSeriesSet

/** Tables first. A set that is both is listed as a table. */
const sets: readonly AnySet[] = [
  ...namedDataSets,
  ...namedImageSets.filter(({ name }) => namedDataSets.every((table) => table.name !== name)),
  ...namedSeriesSets,
]

const schemaOf = (set: AnySet): Schema => ('schema' in set ? set.schema : { features: [], label: set.label })

const infoOf = (set: AnySet, folders: DataFolders): DataSetInfo => {
  const { name, title, description, rows, sites, licence, citation, source, files } = set
  const state = files.every((file) => file.embedded)
    ? 'embedded'
    : files.every((file) => findFile(file, folders) !== undefined)
      ? 'found'
      : 'absent'
  const { features, label } = schemaOf(set)
  const classes = label.kind === 'categorical' ? label.levels.length : 0
  const shape = 'shape' in set ? { shape: set.shape } : {}
  return { name, title, description, rows, columns: features.length, ...shape, classes, sites, licence, citation, source, state }
}

const tallyTexts = (texts: Iterable<string>): Readonly<Record<string, number>> => {
  const counts = new Map<string, number>()
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1)
  return Object.fromEntries(counts)
}

/** Counts rows by class, site and split, and missing cells by column (pictures have none). */
export const contentOf = (dataset: Dataset | (Labelled & { readonly values?: never })): DataSetContent => {
  const { label } = dataset.schema
  const { values, split } = dataset
  const features = values === undefined ? [] : dataset.schema.features
  const nameOf = (column: Column, index: number): string => (column.kind === 'categorical' ? (column.levels[index] ?? '') : '')
  return {
    rows: dataset.rows,
    classes: label.kind === 'numeric' ? {} : tallyTexts(Array.from(dataset.labels.toSorted(), (index) => nameOf(label, index))),
    sites: tallyTexts(dataset.sites ?? []),
    missing: Object.fromEntries(features.map((column, j) => [column.name, values?.[j]?.filter(Number.isNaN).length ?? 0])),
    ...(split === undefined ? {} : { split: { train: split.train.length, validation: split.validation.length, test: split.test.length } }),
  }
}

const named = (name: string): AnySet => {
  const set = sets.find((candidate) => candidate.name === name)
  if (set !== undefined) return set
  const names = sets.map((candidate) => candidate.name)
  throw new YimengError({
    code: 'data-set-unknown',
    cannot: `find data set ${name}`,
    expected: oneOfNames(name, names),
    got: 'an unknown name',
  })
}

const verify = (name: string, folders: DataFolders = dataFolders()): Promise<readonly FileState[]> =>
  Promise.all(named(name).files.map((file) => verifyFile(file, folders)))

const get = async (name: string, options: DownloadOptions = {}, folders: DataFolders = dataFolders()): Promise<readonly FileState[]> =>
  getFiles(named(name), options, folders)

const loadTable = async (set: NamedDataSet, folders: DataFolders, download: DownloadOptions | false): Promise<Dataset> => {
  const paths = await filesOf(set, folders, download)
  return set.load((path, format) => csvFile(paths.get(path) ?? path, format))
}

/** Any set, from the files that are here. */
const loadSet = (set: AnySet, folders: DataFolders): Promise<Dataset | ImageDataset | SeriesDataset> => {
  if ('schema' in set) return loadTable(set, folders, false)
  return isSeriesSet(set) ? loadSeriesSet(set, folders, false) : loadImageSet(set, folders, false)
}

const isSeriesSet = (set: NamedImageSet | NamedSeriesSet): set is NamedSeriesSet => set.shape.length === 2

const tableNamed = (name: string): NamedDataSet => {
  const set = named(name)
  if ('schema' in set) return set
  throw new YimengError({
    code: 'data-set-images',
    cannot: `read table ${name}`,
    expected: 'a table',
    got: 'a set of images or series (loadImages, loadSeries)',
  })
}

/**
 * Loads a data set by name, or a table of one's own. A named one that is not here is downloaded from its public original into the cache, with checksum;
 * `download: false` throws `data-absent` instead.
 *
 * @throws YimengError `data-set-unknown`, `data-set-images` for a set of pictures, `data-absent`, `data-changed`, `download-failed`, `download-changed`, and what {@link readTable} throws
 *
 * @example
 * ```ts
 * const dataset = await loadDataset('iris')
 * assert.deepEqual([dataset.rows, dataset.schema.features.length], [150, 4])
 * ```
 */
export const loadDataset = (
  source: string | CsvSource,
  options: { readonly download?: DownloadOptions | false; readonly folders?: DataFolders } = {},
): Promise<Dataset> => {
  if (typeof source !== 'string') {
    const { csv, schema, format, ...reading } = source
    return readTable(csvFiles(csv, format), schema, reading)
  }
  return Promise.resolve().then(() => loadTable(tableNamed(source), options.folders ?? dataFolders(), options.download ?? {}))
}

/** What the command line does with data sets. `folders` defaults to `YIMENG_DATA` and the cache. */
export const dataSets: {
  readonly names: readonly string[]
  readonly list: (folders?: DataFolders) => readonly DataSetInfo[]
  /** Never downloads. @throws YimengError `data-set-unknown` */
  readonly describe: (name: string, folders?: DataFolders) => Promise<DataSetDescription>
  /** Downloads what is missing. @throws YimengError `data-set-unknown`, `download-failed`, `download-changed`, `data-changed` */
  readonly get: (name: string, options?: DownloadOptions, folders?: DataFolders) => Promise<readonly FileState[]>
  /** Compares checksums. @throws YimengError `data-set-unknown` */
  readonly verify: (name: string, folders?: DataFolders) => Promise<readonly FileState[]>
} = {
  names: sets.map((set) => set.name),
  list: (folders = dataFolders()) => sets.map((set) => infoOf(set, folders)),
  describe: async (name, folders = dataFolders()) => {
    const set = named(name)
    const files = await verify(name, folders)
    const info = { ...infoOf(set, folders), schema: schemaOf(set), files }
    if (files.some(({ state }) => state !== 'ok')) return info
    return { ...info, content: contentOf(await loadSet(set, folders)) }
  },
  get,
  verify,
}
