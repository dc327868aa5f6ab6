// How any row becomes a model's input: a table's columns by the data room's preprocessing, pictures and series channel by channel. Saved inside the model.
// A tensor's input is (x − centre) / spread of its channel, with x a byte over white (pictures) or the number itself (series).
import { z } from 'zod'
import type { ColumnSummary } from '../algebra/index.ts'
import { type Random, YimengError } from '../base/index.ts'
import {
  type Augmentation,
  byteCounts,
  type Column,
  columnsOf,
  type ColumnValues,
  fitPreprocessing,
  type ImageDataset,
  pictureInputs,
  type Preprocessing,
  preprocessingJson,
  preprocessingSchema,
  readingOf,
  transform,
} from '../data/index.ts'
import type { Batchable } from '../learn/index.ts'
import type { PreprocessingChoice } from './run-spec.ts'
import {
  columnCount,
  type DataSchema,
  isSeries,
  isTable,
  isTableSchema,
  type SeriesDataset,
  type TaskData,
  type TensorSchema,
} from './task-data.ts'

const tensorSchema = z.strictObject({
  version: z.literal(1),
  /** Of a row. */
  shape: z.array(z.int().min(1)).min(2).max(4),
  channels: z.enum(['first', 'last']),
  /** Of series: what the channels are called. */
  names: z.array(z.string()).optional(),
  /** One for each channel. */
  scale: z.array(z.strictObject({ centre: z.number(), spread: z.number().positive() })).min(1),
  /** Intensities from black to white that pictures are read with. Absent: the range that each comes with. */
  window: z.strictObject({ centre: z.number(), width: z.number().positive() }).optional(),
  /** Of pictures that are read as shapes: the distance that is white. Absent: they are not. */
  distance: z.number().positive().optional(),
  label: preprocessingSchema.shape.label,
})

/** How pictures, volumes and series become inputs. */
export type TensorPreprocessing = z.output<typeof tensorSchema>

/** How rows become inputs and targets, whatever they are. */
export type Preparation = Preprocessing | TensorPreprocessing

/** Whether rows are cells of a table. */
export const isTablePreparation = (preparation: Preparation): preparation is Preprocessing => 'inputs' in preparation

/** A preparation as text for a model file, and back. @throws YimengError `preprocessing-format` when the text is none */
export const preparationJson: { readonly encode: (preparation: Preparation) => string; readonly decode: (text: string) => Preparation } = {
  encode: (preparation) => JSON.stringify(preparation),
  decode: (text) => {
    let json: unknown
    try {
      json = JSON.parse(text)
    } catch {
      return preprocessingJson.decode(text) // which says what is wrong
    }
    if (typeof json !== 'object' || json === null || !('shape' in json)) return preprocessingJson.decode(text)
    const parsed = tensorSchema.safeParse(json)
    if (parsed.success && parsed.data.scale.length === columnCount(parsed.data)) return parsed.data
    const issue = parsed.error?.issues[0]
    throw new YimengError({
      code: 'preprocessing-format',
      cannot: 'load preprocessing',
      expected: 'version 1 of its format, with a scale for each channel',
      got: issue === undefined ? 'another number of scales' : `${issue.message} at ${issue.path.join('.')}`,
    })
  },
}

type Choice = Pick<PreprocessingChoice, 'numeric' | 'target'> & Partial<PreprocessingChoice>

/** Whether statistics of the channels are needed: pictures have a range of their own, bytes over white. */
const measured = (schema: TensorSchema, { numeric }: Choice): boolean =>
  numeric === 'standardise' || (numeric === 'range' && schema.channels === 'last')

const channelNames = (schema: TensorSchema): readonly string[] => Array.from({ length: columnCount(schema) }, (_, k) => `channel ${k}`)

/** The columns that round 0 makes statistics of: a table's, or a tensor's channels; the label's last. */
export const analysedColumns = (schema: DataSchema, options: Choice): readonly Pick<Column, 'kind' | 'name'>[] => {
  const label = { kind: schema.label.kind, name: schema.label.name }
  if (isTableSchema(schema)) return [...schema.features.map(({ kind, name }) => ({ kind, name })), label]
  return [...(measured(schema, options) ? channelNames(schema).map((name) => ({ kind: 'numeric', name }) as const) : []), label]
}

/** The values of {@link analysedColumns} over some rows. */
export const analysedValues = async (
  data: TaskData,
  schema: DataSchema,
  rows: Uint32Array,
  options: Choice,
): Promise<readonly ColumnValues[]> => {
  if (isTable(data)) return columnsOf(data, rows, { label: true })
  const [label = { kind: 'numeric', name: '', values: new Float64Array(0) } as const] = columnsOf(
    { name: data.name, rows: data.rows, labels: data.labels, values: [], schema: { features: [], label: data.schema.label } },
    rows,
    { label: true },
  )
  if (isTableSchema(schema) || !measured(schema, options)) return [label]
  const names = channelNames(schema)
  if (!isSeries(data)) {
    // bytes are few values: how often each is there says all, and no pixel is held as a number
    const counts = await byteCounts(data, rows)
    const values = Float64Array.from({ length: 256 }, (_, byte) => byte / data.white)
    return [
      ...names.map((name, channel) => ({ kind: 'numeric' as const, name, values, counts: counts[channel] ?? new Float64Array(256) })),
      label,
    ]
  }
  const [time] = data.shape
  const channels = names.length
  const columns = names.map((name, channel) => {
    const valueAt = (_: unknown, i: number): number => {
      const step = (rows[Math.floor(i / time)] ?? 0) * time + (i % time)
      return data.series[step * channels + channel] ?? 0
    }
    return { kind: 'numeric' as const, name, values: Float64Array.from({ length: rows.length * time }, valueAt) }
  })
  return [...columns, label]
}

const scaleOf = (summary: ColumnSummary | undefined, numeric: Choice['numeric']): { readonly centre: number; readonly spread: number } => {
  if (summary?.kind !== 'numeric' || summary.count === 0 || numeric === 'none') return { centre: 0, spread: 1 }
  // a channel that is the same everywhere is left at 0
  const spread = numeric === 'range' ? summary.max - summary.min : Math.sqrt(Math.max(0, summary.variance))
  const constant = summary.min === summary.max || spread <= Math.abs(summary.mean) * 1e-12
  return { centre: numeric === 'range' ? summary.min : summary.mean, spread: constant ? 1 : spread }
}

/** The preparation from the summaries of {@link analysedColumns}. */
export const fitPreparation = (schema: DataSchema, summaries: readonly ColumnSummary[], options: Choice): Preparation => {
  if (isTableSchema(schema)) return fitPreprocessing(schema, summaries, options)
  const { label, shape, channels, names } = schema
  const own = measured(schema, options)
  return {
    version: 1,
    shape: [...shape],
    channels,
    ...(names === undefined ? {} : { names: [...names] }),
    ...readingOf(schema),
    scale: channelNames(schema).map((_, k) => scaleOf(own ? summaries[k] : undefined, options.numeric)),
    label:
      label.kind === 'categorical'
        ? { kind: 'categorical', name: label.name, levels: [...label.levels] }
        : {
            kind: 'numeric',
            name: label.name,
            ...(options.target === 'standardise' ? scaleOf(summaries.at(-1), 'standardise') : { centre: 0, spread: 1 }),
          },
  }
}

const refuse = (expected: string, got: string): never => {
  throw new YimengError({ code: 'transform-shape', cannot: 'transform data set', expected, got })
}

/** Bytes `[rows, channels, …]` as inputs; augmented where `random` gives the numbers of the row at a place. */
export const picturesAsInputs = (
  { shape, scale }: TensorPreprocessing,
  bytes: Uint8Array,
  white: number,
  augment?: Augmentation,
  random?: (at: number) => Random,
): Float32Array => {
  const channels = { mean: scale.map(({ centre }) => centre), stddev: scale.map(({ spread }) => spread) }
  return pictureInputs(bytes, { shape, white, scale: channels, ...(augment === undefined ? {} : { augment }) }, random)
}

/** Numbers `[rows, time, channels]` as inputs. */
export const seriesAsInputs = ({ scale }: TensorPreprocessing, series: Float32Array): Float32Array =>
  series.map((value, at) => {
    const { centre, spread } = scale[at % scale.length] ?? { centre: 0, spread: 1 }
    return (value - centre) / spread
  })

/** The numbers of some rows, in that order. */
const seriesOf = ({ shape, series }: SeriesDataset, rows: Uint32Array): Float32Array => {
  const size = shape[0] * shape[1]
  const chosen = new Float32Array(rows.length * size)
  for (const [at, row] of rows.entries()) chosen.set(series.subarray(row * size, (row + 1) * size), at * size)
  return chosen
}

/** Numbers of all rows of a data set (or of those chosen), made when asked for. */
export interface PreparedRows extends Omit<Batchable, 'inputs'> {
  /** The inputs of some rows (numbers below `rows`), in that order; pictures are augmented where `random` gives the numbers of the row at a place. */
  readonly inputs: (rows: Uint32Array, random?: (at: number) => Random) => Promise<Float32Array>
}

const targetsOf = ({ label }: TensorPreprocessing, data: ImageDataset | SeriesDataset, rows: Uint32Array): Float32Array => {
  const own = data.schema.label
  const classes = label.kind === 'categorical' && own.kind === 'categorical' ? own.levels.map((level) => label.levels.indexOf(level)) : []
  return Float32Array.from(rows, (row) => {
    const value = data.labels[row] ?? Number.NaN
    if (label.kind === 'numeric') return (value - label.centre) / label.spread
    const found = classes[value] ?? -1
    return found >= 0 ? found : refuse(`classes ${label.levels.join(', ')}`, 'another class')
  })
}

/** Pictures, volumes or series as a model takes them, a few rows at a time. @throws YimengError `transform-shape` when data and preparation do not fit */
export const preparedTensors = (
  preparation: TensorPreprocessing,
  data: ImageDataset | SeriesDataset,
  chosen: Uint32Array,
  augment?: Augmentation,
): PreparedRows => {
  const { shape } = preparation
  if (shape.length !== data.shape.length || shape.some((length, axis) => length !== data.shape[axis]))
    refuse(`rows of shape ${shape.join(' × ')}`, data.shape.join(' × '))
  const inputs = async (rows: Uint32Array, random?: (at: number) => Random): Promise<Float32Array> => {
    const own = rows.map((row) => chosen[row] ?? 0)
    return isSeries(data)
      ? seriesAsInputs(preparation, seriesOf(data, own))
      : picturesAsInputs(preparation, await data.pixels.read(own), data.white, augment, random)
  }
  return { rows: chosen.length, inputShape: shape, inputs, targets: targetsOf(preparation, data, chosen), targetShape: [] }
}

/** Rows of a data set (all by default) as a model takes them. @throws YimengError `transform-column`, `transform-shape` when data and preparation do not fit */
export const prepareRows = async (preparation: Preparation, data: TaskData, chosen?: Uint32Array): Promise<Batchable> => {
  const rows = chosen ?? Uint32Array.from({ length: data.rows }, (_, row) => row)
  if (isTablePreparation(preparation))
    return isTable(data) ? transform(preparation, data, rows) : refuse('a table', `rows of shape ${data.shape.join(' × ')}`)
  if (isTable(data)) return refuse(`rows of shape ${preparation.shape.join(' × ')}`, 'a table')
  const tensors = preparedTensors(preparation, data, rows)
  return { ...tensors, inputs: await tensors.inputs(rows.map((_, at) => at)) }
}

/** A model's output of a numeric label back in the label's unit; classes are left alone. */
export const outputValue = ({ label }: Preparation, output: number): number =>
  label.kind === 'numeric' ? output * label.spread + label.centre : output
