// The named data sets as this machine has them: list, describe, get, verify, and load.
import { YimengError } from '../base/index.ts'
import { oneOfNames } from './close-names.ts'
import { csvFile, csvFiles } from './csv-file.node.ts'
import {
  type DataFolders,
  type DownloadOptions,
  dataFolders,
  downloadFile,
  type FileState,
  findFile,
  verifyFile,
} from './data-store.node.ts'
import { type ReadOptions, readTable } from './read-table.ts'
import { type NamedDataSet, namedDataSets } from './sets/index.ts'
import type { CsvFormat } from './table.ts'
import type { Column, Dataset, Schema } from './types.ts'

/** One line of a list of data sets. */
export interface DataSetInfo {
  readonly name: string
  readonly title: string
  readonly description: string
  readonly rows: number
  /** Feature columns. */
  readonly columns: number
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
}

/** A table of one's own: one CSV, or several, one a site. */
export interface CsvSource extends ReadOptions {
  readonly csv: string | readonly string[]
  readonly schema: Schema
  readonly format?: CsvFormat
}

const infoOf = (set: NamedDataSet, folders: DataFolders): DataSetInfo => {
  const { name, title, description, rows, sites, licence, citation, source, files, schema } = set
  const state = files.every((file) => file.embedded)
    ? 'embedded'
    : files.every((file) => findFile(file, folders) !== undefined)
      ? 'found'
      : 'absent'
  const classes = schema.label.kind === 'categorical' ? schema.label.levels.length : 0
  return { name, title, description, rows, columns: schema.features.length, classes, sites, licence, citation, source, state }
}

const tallyTexts = (texts: Iterable<string>): Readonly<Record<string, number>> => {
  const counts = new Map<string, number>()
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1)
  return Object.fromEntries(counts)
}

/** Counts rows by class and site, and missing cells by column. */
export const contentOf = (dataset: Dataset): DataSetContent => {
  const { label } = dataset.schema
  const nameOf = (column: Column, index: number): string => (column.kind === 'categorical' ? (column.levels[index] ?? '') : '')
  return {
    rows: dataset.rows,
    classes: label.kind === 'numeric' ? {} : tallyTexts(Array.from(dataset.labels.toSorted(), (index) => nameOf(label, index))),
    sites: tallyTexts(dataset.sites ?? []),
    missing: Object.fromEntries(
      dataset.schema.features.map((column, j) => [column.name, dataset.values[j]?.filter(Number.isNaN).length ?? 0]),
    ),
  }
}

const named = (name: string): NamedDataSet => {
  const set = namedDataSets.find((candidate) => candidate.name === name)
  if (set !== undefined) return set
  const names = namedDataSets.map((candidate) => candidate.name)
  throw new YimengError({
    code: 'data-set-unknown',
    cannot: `find data set ${name}`,
    expected: oneOfNames(name, names),
    got: 'an unknown name',
  })
}

const verify = (name: string, folders: DataFolders = dataFolders()): Promise<readonly FileState[]> =>
  Promise.all(named(name).files.map((file) => verifyFile(file, folders)))

const get = async (name: string, options: DownloadOptions = {}, folders: DataFolders = dataFolders()): Promise<readonly FileState[]> => {
  const states: FileState[] = []
  for (const file of named(name).files) {
    const found = await verifyFile(file, folders)
    const { path } = found
    if (found.state === 'ok') states.push(found)
    else if (file.embedded || (path !== undefined && folders.given !== undefined && path.startsWith(folders.given)))
      // never overwritten: someone else's folder, or a damaged installation that downloading cannot mend
      throw new YimengError({
        code: 'data-changed',
        cannot: `use ${file.path}`,
        expected: `SHA-256 ${file.sha256}`,
        got: found.state === 'missing' ? 'no file' : 'another file',
        where: { path: path ?? file.path },
      })
    else states.push(await downloadFile(file, folders, options))
  }
  return states
}

const load = async (set: NamedDataSet, folders: DataFolders, download: DownloadOptions | false): Promise<Dataset> => {
  const absent = set.files.filter((file) => findFile(file, folders) === undefined)
  if (absent.length > 0 && download === false)
    throw new YimengError({
      code: 'data-absent',
      cannot: `load data set ${set.name}`,
      expected: `its files below YIMENG_DATA or in the cache; \`yimeng data get ${set.name}\` downloads them`,
      got: `${absent.length} of ${set.files.length} missing`,
      where: { file: absent[0]?.path ?? '' },
    })
  const states = download === false ? await verify(set.name, folders) : await get(set.name, download, folders)
  const changed = states.find(({ state }) => state === 'changed')
  if (changed !== undefined)
    throw new YimengError({
      code: 'data-changed',
      cannot: `load data set ${set.name}`,
      expected: `SHA-256 ${changed.file.sha256}`,
      got: 'another file',
      where: { path: changed.path ?? '' },
    })
  const paths = new Map(states.map(({ file, path }) => [file.path, path ?? file.path]))
  return set.load((path, format) => csvFile(paths.get(path) ?? path, format))
}

/**
 * Loads a data set by name, or a table of one's own. A named one that is not here is downloaded from its public original into the cache, with checksum;
 * `download: false` throws `data-absent` instead.
 *
 * @throws YimengError `data-set-unknown`, `data-absent`, `data-changed`, `download-failed`, `download-changed`, and what {@link readTable} throws
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
  return Promise.resolve().then(() => load(named(source), options.folders ?? dataFolders(), options.download ?? {}))
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
  names: namedDataSets.map((set) => set.name),
  list: (folders = dataFolders()) => namedDataSets.map((set) => infoOf(set, folders)),
  describe: async (name, folders = dataFolders()) => {
    const set = named(name)
    const files = await verify(name, folders)
    const whole = files.every(({ state }) => state === 'ok')
    return {
      ...infoOf(set, folders),
      schema: set.schema,
      files,
      ...(whole ? { content: contentOf(await load(set, folders, false)) } : {}),
    }
  },
  get,
  verify,
}
