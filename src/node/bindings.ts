// Which of the site's files stand for which task. The site binds its own data; a coordinator names tasks and never files.
import { existsSync } from 'node:fs'
import { readFile, rename, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { z } from 'zod'
import { sha256Hex, seed as rootSeed, YimengError } from '../base/index.ts'
import { makeFolder } from '../base/node.ts'
import { readingOf, readTable, splitRows } from '../data/index.ts'
import { csvFile, imageFolder, npzImages, ownSeries } from '../data/node.ts'
import {
  dataHash,
  isTable,
  isTableSchema,
  type PictureDataset,
  type RunSpec,
  type TaskData,
  taskSchema,
  type TensorSchema,
} from '../tasks/index.ts'

const bindingSchema = z.strictObject({
  /** CSV file with a header line; of pictures a folder with a folder for each class, or a NumPy file; of series a file, or a folder with one for each. */
  train: z.string().min(1),
  /** Rows to measure by, in a file of their own. Absent: a share of the rows of `train`, as the spec says. */
  test: z.string().min(1).optional(),
})
/** Files of one task. */
export type Binding = z.output<typeof bindingSchema>

const bindingsSchema = z.record(z.string(), bindingSchema)
const bindingsFile = (folder: string): string => join(folder, 'data.json')

/** What a site holds for a task. */
export interface SiteData {
  readonly train: TaskData
  readonly trainRows: Uint32Array
  readonly test: TaskData
  readonly testRows: Uint32Array
  /** SHA-256 over both: a run goes on with the rows that it began with. */
  readonly hash: string
}

/** All bindings by task. */
export const bindingsOf = async (folder: string): Promise<Readonly<Record<string, Binding>>> =>
  existsSync(bindingsFile(folder)) ? bindingsSchema.parse(JSON.parse(await readFile(bindingsFile(folder), 'utf8'))) : {}

const all = ({ rows }: TaskData): Uint32Array => Uint32Array.from({ length: rows }, (_, row) => row)

/** A site's pictures, read as the task says; their classes are those of the task, of which the site may hold some. */
const readPictures = async (place: string, { label, ...schema }: TensorSchema): Promise<PictureDataset> => {
  const reading = readingOf(schema)
  const recipe = { shape: schema.shape, ...reading }
  const levels = label.kind === 'categorical' ? label.levels : []
  const found = place.toLowerCase().endsWith('.npz')
    ? await npzImages(place, { recipe, classes: levels })
    : await imageFolder(place, { ...recipe, oneClass: 'allow' })
  const own = found.schema.label.kind === 'categorical' ? found.schema.label.levels : []
  const places = own.map((level) => levels.indexOf(level))
  const stranger = own.find((_, at) => places[at] === -1)
  if (stranger !== undefined)
    throw new YimengError({
      code: 'data-class',
      cannot: 'bind data',
      expected: `the classes of the task: ${levels.join(', ')}`,
      got: JSON.stringify(stranger),
    })
  return {
    ...found,
    schema: { label: { kind: 'categorical', name: label.name, levels } },
    labels: found.labels.map((at) => places[at] ?? Number.NaN),
    ...reading,
  }
}

const read = async (place: string, spec: Pick<RunSpec, 'task'>): Promise<TaskData> => {
  const schema = await taskSchema(spec.task)
  // a site may hold one class only: with others it learns all the same
  if (isTableSchema(schema)) return readTable(csvFile(place), schema, { oneClass: 'allow' })
  if (schema.channels === 'first') return readPictures(place, schema)
  return ownSeries(place, { shape: schema.shape, channels: schema.names ?? [], label: schema.label })
}

/**
 * Binds files to a task: reads them whole, against the task's columns, before anything is written.
 *
 * @param spec - names the task, or is the task's table
 * @throws YimengError for a file that does not fit: `file-missing`, `csv-*`, `label-*`.
 */
export const addData = async (
  folder: string,
  task: string,
  spec: Pick<RunSpec, 'task'>,
  { train, test }: Binding,
): Promise<{ readonly trainRows: number; readonly testRows: number; readonly unknown: Readonly<Record<string, number>> }> => {
  const trained = await read(train, spec)
  const tested = test === undefined ? undefined : await read(test, spec)
  await makeFolder(folder, { secret: true })
  const binding: Binding = { train: resolve(train), ...(test === undefined ? {} : { test: resolve(test) }) }
  await writeFile(`${bindingsFile(folder)}.new`, `${JSON.stringify({ ...(await bindingsOf(folder)), [task]: binding }, null, 1)}\n`, {
    mode: 0o600,
  })
  await rename(`${bindingsFile(folder)}.new`, bindingsFile(folder))
  return { trainRows: trained.rows, testRows: tested?.rows ?? 0, unknown: isTable(trained) ? (trained.unknown ?? {}) : {} }
}

/** The site's rows for a run; undefined when none are bound to its task. */
export const siteData = async (folder: string, task: string, spec: RunSpec): Promise<SiteData | undefined> => {
  const binding = (await bindingsOf(folder))[task]
  if (binding === undefined) return undefined
  const train = await read(binding.train, spec)
  if (binding.test !== undefined) {
    const test = await read(binding.test, spec)
    return { train, trainRows: all(train), test, testRows: all(test), hash: sha256Hex(`${await dataHash(train)} ${await dataHash(test)}`) }
  }
  if (train.split !== undefined && train.split.test.length > 0)
    return { train, trainRows: train.split.train, test: train, testRows: train.split.test, hash: await dataHash(train) }
  const testShare = spec.split.kind === 'random' ? spec.split.testShare : 0.2
  const seed =
    spec.split.kind === 'random' && spec.split.seed !== undefined ? rootSeed(spec.split.seed) : rootSeed(spec.seed).split('split')
  const split = splitRows({ dataset: train, testShare, seed })
  return { train, trainRows: split.train, test: train, testRows: split.test, hash: await dataHash(train) }
}
