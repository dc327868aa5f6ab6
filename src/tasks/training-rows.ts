// Rows that a site trains on or is tested on, held in memory or made chunk by chunk, and the epoch or the prediction over them.
// A chunk holds the rows of some whole steps: which rows a step takes does not depend on chunks, so a set larger than memory trains as one that is held.
import type { Params } from '../algebra/index.ts'
import { type Seed, YimengError } from '../base/index.ts'
import { mixup } from '../data/index.ts'
import type { Batchable, BatchOrder, EpochResult, Hyper, Predictor, Trainer, TrainState } from '../learn/index.ts'
import { augmentationOf, mixupAlpha } from './augmentation.ts'
import { isTablePreparation, type Preparation, type PreparedRows, preparedTensors, prepareRows } from './preparation.ts'
import type { LocalSpec } from './run-spec.ts'
import { isSeries, isTable, type TaskData } from './task-data.ts'

/** Rows that are made when asked for, those of a step mixed with each other where `mixup` is there. */
export interface StreamedRows extends PreparedRows {
  readonly mixup?: { readonly alpha: number; readonly classes: number }
}

/** Rows to learn from: in memory, or made when asked for. */
export type TrainingRows = Batchable | StreamedRows

/** A site's inputs above this are not held, in bytes of float32. */
export const HELD_BYTES = 2 ** 29
/** Most inputs of a chunk, unless a single step has more. */
export const CHUNK_BYTES = 2 ** 26

/**
 * The rows that a site trains on: made anew for each step where they are augmented, or too many to be held.
 *
 * @throws YimengError `augment-rows` for augmentation of anything but pictures and volumes, and what {@link prepareRows} throws
 */
export const trainingRows = async (
  preparation: Preparation,
  data: TaskData,
  rows: Uint32Array,
  { augment }: Pick<LocalSpec, 'augment'>,
  heldBytes = HELD_BYTES,
): Promise<TrainingRows> => {
  if (augment.length > 0 && (isTable(data) || isSeries(data)))
    throw new YimengError({
      code: 'augment-rows',
      cannot: 'augment rows',
      expected: 'pictures or volumes',
      got: isTable(data) ? 'a table' : 'series',
      where: { field: 'local.augment' },
    })
  if (isTable(data) || isTablePreparation(preparation)) return prepareRows(preparation, data, rows)
  const bytes = 4 * rows.length * data.shape.reduce((product, length) => product * length, 1)
  if (augment.length === 0 && bytes <= heldBytes) return prepareRows(preparation, data, rows)
  const tensors = preparedTensors(preparation, data, rows, augmentationOf(augment))
  const alpha = mixupAlpha(augment)
  const { label } = preparation
  return alpha === undefined || label.kind === 'numeric' ? tensors : { ...tensors, mixup: { alpha, classes: label.levels.length } }
}

/** Whether rows are in memory. */
export const isHeld = (train: TrainingRows): train is Batchable => typeof train.inputs !== 'function'

/** Each step's rows mixed with each other; `first`: the chunk's first step. */
const mixed = (
  chunk: Batchable,
  batch: number,
  first: number,
  { alpha, classes }: NonNullable<StreamedRows['mixup']>,
  seed: Seed,
): Batchable => {
  const width = chunk.inputs.length / chunk.rows
  const inputs = new Float32Array(chunk.inputs.length)
  const targets = new Float32Array(chunk.rows * classes)
  for (let from = 0; from < chunk.rows; from += batch) {
    const own = {
      ...chunk,
      rows: batch,
      inputs: chunk.inputs.subarray(from * width, (from + batch) * width),
      targets: chunk.targets.subarray(from, from + batch),
    }
    const step = mixup(own, classes, alpha, seed.split('step', first + from / batch))
    inputs.set(step.inputs, from * width)
    targets.set(step.targets, from * classes)
  }
  return { ...chunk, inputs, targets, targetShape: [classes] }
}

/** The rows of some steps, in the order they are taken in. `seed`: of the whole epoch's augmentation. */
const chunkOf = async (train: PreparedRows, rows: Uint32Array, first: number, seed: Seed): Promise<Batchable> => {
  const { inputShape, targetShape } = train
  const width = train.targets.length / train.rows
  const targets = new Float32Array(rows.length * width)
  for (const [at, row] of rows.entries()) targets.set(train.targets.subarray(row * width, (row + 1) * width), at * width)
  // by the place in the epoch: a row that comes twice is changed in two ways
  const inputs = await train.inputs(rows, (at) => seed.split('place', first + at).random())
  return { rows: rows.length, inputShape, inputs, targets, targetShape }
}

/** Steps over rows, as `trainer.epoch` takes them over rows in memory. `seed`: what augmentation and dropout draw from. */
export const epochOver = async (
  trainer: Trainer,
  start: TrainState,
  train: TrainingRows,
  order: BatchOrder,
  hyper: Omit<Hyper, 'seed'>,
  seed: Seed,
  chunkBytes = CHUNK_BYTES,
): Promise<EpochResult> => {
  if (isHeld(train)) return trainer.epoch(start, train, order, { ...hyper, seed })
  const { batch } = order
  const rowBytes = 4 * train.inputShape.reduce((product, length) => product * length, 1)
  const atOnce = Math.max(1, Math.floor(chunkBytes / (batch * rowBytes)))
  const losses = new Float32Array(order.steps)
  const noise = hyper.perSample?.noise
  let state = start
  for (let first = 0; first < order.steps; first += atOnce) {
    const steps = Math.min(atOnce, order.steps - first)
    const part = <T extends Float32Array | Int32Array>(values: T): T => values.subarray(first * batch, (first + steps) * batch) as T
    const plain = await chunkOf(train, Uint32Array.from(part(order.indices)), first * batch, seed.split('augment'))
    const chunk = train.mixup === undefined ? plain : mixed(plain, batch, first, train.mixup, seed.split('mixup'))
    const size = noise === undefined ? 0 : noise.length / order.steps
    const result = await trainer.epoch(
      state,
      chunk,
      { steps, batch, indices: Int32Array.from({ length: chunk.rows }, (_, at) => at), weights: part(order.weights) },
      {
        ...hyper,
        seed: seed.split('chunk', first),
        ...(hyper.perSample === undefined || noise === undefined
          ? {}
          : { perSample: { ...hyper.perSample, noise: noise.subarray(first * size, (first + steps) * size) } }),
      },
    )
    state = result.state
    losses.set(result.losses, first)
  }
  return { state, losses }
}

/** A model's raw outputs on rows `from` … `to` − 1, one after the other: as a predictor gives them, a chunk at a time where rows are not held. */
export const predictOver = async (
  predictor: Predictor,
  params: Params,
  source: TrainingRows,
  {
    from = 0,
    to = source.rows,
    chunkBytes = CHUNK_BYTES,
  }: { readonly from?: number; readonly to?: number; readonly chunkBytes?: number } = {},
): Promise<Float32Array> => {
  const width = source.inputShape.reduce((product, length) => product * length, 1)
  if (isHeld(source)) return predictor.predict(params, source.inputs.slice(from * width, to * width), to - from)
  const atOnce = Math.max(1, Math.floor(chunkBytes / (4 * width)))
  let outputs = new Float32Array(0)
  for (let first = from; first < to; first += atOnce) {
    const rows = Uint32Array.from({ length: Math.min(atOnce, to - first) }, (_, at) => first + at)
    const part = await predictor.predict(params, await source.inputs(rows), rows.length)
    if (first === from) outputs = new Float32Array((to - from) * (part.length / rows.length))
    outputs.set(part, (first - from) * (part.length / rows.length))
  }
  return outputs
}
