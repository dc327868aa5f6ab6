// What a task's rows may be: cells of a table, pictures and volumes, or windows of time series.
import { createHash } from 'node:crypto'
import {
  type Column,
  type Dataset,
  type ImageDataset,
  type PictureReading,
  readingOf,
  type Schema,
  type SeriesDataset,
} from '../data/index.ts'

export type { SeriesDataset } from '../data/index.ts'

/** How pictures were read, where a spec or task says so: intensities from black to white, and shapes as distances. */
type Reading = PictureReading<{ readonly centre: number; readonly width: number }>

/** Pictures or volumes, and how they were read. */
export interface PictureDataset extends ImageDataset, Reading {}

/** Any of them. A part of a set is a list of row indices, never a copy. */
export type TaskData = Dataset | PictureDataset | SeriesDataset

/** What is known of pictures, volumes and series before any is read: the same at every party. */
export interface TensorSchema extends Reading {
  readonly label: Column
  /** Of a row: `[channels, height, width]`, `[channels, depth, height, width]`, or `[time, channels]`. */
  readonly shape: readonly number[]
  readonly channels: 'first' | 'last'
  /** Of series: what the channels are called. */
  readonly names?: readonly string[]
}

/** Columns of a table, or the shape of a tensor. */
export type DataSchema = Schema | TensorSchema

/** Whether rows are cells of a table. */
export const isTable = (data: TaskData): data is Dataset => 'values' in data
/** Whether rows are windows of series. */
export const isSeries = (data: TaskData): data is SeriesDataset => 'series' in data
/** Whether a schema is a table's. */
export const isTableSchema = (schema: DataSchema): schema is Schema => 'features' in schema

/** The schema that all parties of a run share. */
export const dataSchema = (data: TaskData): DataSchema =>
  isTable(data)
    ? data.schema
    : {
        label: data.schema.label,
        shape: data.shape,
        ...(isSeries(data) ? { channels: 'last', names: data.channels } : { channels: 'first', ...readingOf(data) }),
      }

/** How many features a table has, or channels a tensor. */
export const columnCount = (schema: DataSchema | Pick<TensorSchema, 'shape' | 'channels'>): number =>
  'features' in schema ? schema.features.length : (schema.shape.at(schema.channels === 'first' ? 0 : -1) ?? 1)

// rows hashed at a time: a few megabytes for usual pictures
const HASHED_ROWS = 1024

/** SHA-256 of the rows, in hex: a run is resumed on the same ones only. By the platform's SHA-256: data may be large. */
export const dataHash = async (data: TaskData): Promise<string> => {
  const hash = createHash('sha256')
  const update = (values: ArrayBufferView | undefined) => (values === undefined ? hash : hash.update(values as Uint8Array))
  if (isTable(data)) for (const column of data.values) update(column)
  else if (isSeries(data)) update(data.series)
  else
    for (let from = 0; from < data.rows; from += HASHED_ROWS)
      update(await data.pixels.read(Array.from({ length: Math.min(HASHED_ROWS, data.rows - from) }, (_, at) => from + at)))
  for (const column of [data.labels, data.split?.train, data.split?.test]) update(column)
  return hash.update(JSON.stringify([data.sites, data.patients])).digest('hex')
}
