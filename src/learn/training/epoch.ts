// What every engine does around an epoch: check the call, lay out the numbers of each step, and read the result.
import { YimengError } from '../../base/index.ts'
import { sizeOf } from '../graph/shape.ts'
import type { Model } from '../models/model.ts'
import type { Optimiser } from '../optimisers/optimiser.ts'
import type { Batchable, BatchOrder, EpochResult, Hyper, TrainState } from '../types.ts'
import { blocksOf } from './block.ts'
import type { Step, StepOptions } from './step.ts'

/** The state before the first step: the optimiser's moments are 0. `optimiser` is `[t, slot, slot, …]` with t the steps taken, or empty if the optimiser keeps nothing. */
export const startState = (model: Model, optimiser: Optimiser, params: TrainState['params']): TrainState => {
  checkSize(model, params.values.length)
  return { params, optimiser: new Float32Array(stateSize(model, optimiser)) }
}

const slotsOf = (optimiser: Optimiser): number => optimiser.transforms.reduce((sum, { slots }) => sum + slots, 0)

const stateSize = (model: Model, optimiser: Optimiser): number => {
  const slots = slotsOf(optimiser)
  const trained = blocksOf(model.layout, model.buffers).reduce((sum, block) => sum + (block.trained ? block.size : 0), 0)
  return slots === 0 ? 0 : 1 + slots * trained
}

const refuse = (
  code: string,
  cannot: string,
  expected: string,
  got: string | number,
  where: Record<string, string | number> = {},
): never => {
  throw new YimengError({ code, cannot, expected, got: String(got), where })
}

const checkSize = (model: Model, got: number): void => {
  if (got !== model.layout.size) refuse('params-size', 'train', `${model.layout.size} parameters of ${model.name}`, got)
}

/** Which step graph a call needs. */
export const stepOptions = (data: Batchable, order: BatchOrder, hyper: Hyper): StepOptions => ({
  batch: order.batch,
  target: data.targetShape,
  proximal: (hyper.proximal ?? 0) !== 0,
  correction: hyper.correction !== undefined,
  weightDecay: (hyper.weightDecay ?? 0) !== 0,
  perSample: hyper.perSample !== undefined,
  noise: hyper.perSample?.noise !== undefined,
})

/** Throws a YimengError (`params-size`, `data-shape`, `batch-order`, `hyper`) on a call that cannot be run. */
export const checkEpoch = (
  model: Model,
  optimiser: Optimiser,
  state: TrainState,
  data: Batchable,
  order: BatchOrder,
  hyper: Hyper,
): void => {
  checkSize(model, state.params.values.length)
  const slots = stateSize(model, optimiser)
  if (state.optimiser.length !== slots) refuse('optimiser-state', 'train', `${slots} numbers of optimiser state`, state.optimiser.length)
  if (sizeOf(data.inputShape) !== sizeOf(model.input))
    refuse('data-shape', 'train', `rows of shape [${model.input.join(', ')}]`, `[${data.inputShape.join(', ')}]`)
  if (data.inputs.length !== data.rows * sizeOf(data.inputShape))
    refuse('data-shape', 'train', `${data.rows * sizeOf(data.inputShape)} input values`, data.inputs.length)
  if (data.targets.length !== data.rows * sizeOf(data.targetShape))
    refuse('data-shape', 'train', `${data.rows * sizeOf(data.targetShape)} target values`, data.targets.length)
  const size = order.steps * order.batch
  if (!(Number.isSafeInteger(size) && order.batch > 0))
    refuse('batch-order', 'train', 'whole steps and a batch above 0', `${order.steps} × ${order.batch}`)
  if (order.indices.length !== size || order.weights.length !== size)
    refuse('batch-order', 'train', `${size} indices and weights`, `${order.indices.length} and ${order.weights.length}`)
  const outside = order.indices.findIndex((row) => row < 0 || row >= data.rows)
  if (outside !== -1) refuse('batch-order', 'train', `rows below ${data.rows}`, order.indices[outside] ?? 0, { position: outside })
  if (!Number.isFinite(hyper.learningRate)) refuse('hyper', 'train', 'a finite learning rate', hyper.learningRate)
  for (const name of ['proximal', 'weightDecay'] as const) {
    const value = hyper[name] ?? 0
    if (!(Number.isFinite(value) && value >= 0)) refuse('hyper', 'train', `${name} of at least 0`, value)
  }
  if ((hyper.proximal ?? 0) !== 0 && hyper.anchor?.length !== model.layout.size)
    refuse('hyper', 'train', `an anchor of ${model.layout.size} numbers`, hyper.anchor?.length ?? 'none')
  const { perSample } = hyper
  if (perSample !== undefined) {
    const { clip, denominator = 1, noise } = perSample
    if (!(clip > 0 && denominator > 0 && Number.isFinite(clip) && Number.isFinite(denominator))) {
      refuse('hyper', 'train', 'a clip and a denominator above 0', `${clip} and ${denominator}`)
    }
    const wanted = order.steps * model.layout.size
    if (noise !== undefined && noise.length !== wanted) refuse('hyper', 'train', `noise of ${wanted} numbers`, noise.length)
  }
  if (hyper.correction !== undefined && hyper.correction.length !== model.layout.size)
    refuse('hyper', 'train', `a correction of ${model.layout.size} numbers`, hyper.correction.length)
}

/** Row weights of each batch divided by their sum, so that a step's loss is a weighted mean; an empty batch stays 0. */
export const normalisedWeights = ({ steps, batch, weights }: BatchOrder): Float64Array => {
  const normalised = new Float64Array(steps * batch)
  for (let k = 0; k < steps; k++) {
    const row = weights.subarray(k * batch, (k + 1) * batch)
    const sum = row.reduce((total, weight) => total + weight, 0)
    if (sum > 0) for (const [j, weight] of row.entries()) normalised[k * batch + j] = weight / sum
  }
  return normalised
}

/** Steps that the optimiser had taken before this call. */
export const stepsTaken = (state: TrainState): number => state.optimiser[0] ?? 0

/** For each scalar of the step, its value at each step of the call. */
export const scalarSeries = (step: Step, state: TrainState, order: BatchOrder, hyper: Hyper): readonly Float64Array[] => {
  const before = stepsTaken(state)
  const sums = Array.from({ length: order.steps }, (_, k) =>
    order.weights.subarray(k * order.batch, (k + 1) * order.batch).reduce((sum, weight) => sum + weight, 0),
  )
  return step.scalars.map(({ value }) => Float64Array.from({ length: order.steps }, (_, k) => value(before + k + 1, hyper, sums[k] ?? 0)))
}

/** For each mask of the step, its 0 and 1 at each step of the call: `[steps, …shape]`. Throws `hyper` if there are masks but no seed. */
export const maskSeries = (step: Step, order: BatchOrder, { seed }: Hyper): readonly Uint8Array[] =>
  step.masks.map(({ name, node, chance }) => {
    if (seed === undefined) return refuse('hyper', 'train', 'a seed, since the model has dropout', 'none')
    const { uint32 } = seed.split(name).random()
    const below = chance * 2 ** 32
    return Uint8Array.from({ length: order.steps * sizeOf(node.shape) }, () => (uint32() < below ? 1 : 0))
  })

/** The part of a flat vector that belongs to trained tensors, which is what anchors, corrections and slots cover. */
export const trainedPart = (step: Step, flat: Float32Array): Float32Array => {
  const trained = step.blocks.filter((block) => block.trained)
  if (trained.length === step.blocks.length) return flat
  const part = new Float32Array(trained.reduce((sum, { size }) => sum + size, 0))
  let at = 0
  for (const { offset, size } of trained) {
    part.set(flat.subarray(offset, offset + size), at)
    at += size
  }
  return part
}

/** The same of each of several flat vectors, one after the other. */
export const trainedParts = (step: Step, flats: Float32Array): Float32Array => {
  const { size } = step.layout
  if (step.blocks.every((block) => block.trained)) return flats
  const parts = Array.from({ length: flats.length / size }, (_, k) => trainedPart(step, flats.subarray(k * size, (k + 1) * size)))
  const joined = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0))
  for (const [k, part] of parts.entries()) joined.set(part, k * part.length)
  return joined
}

/** Puts the results of an epoch together. Throws `diverged` with the step if a loss or a parameter is not finite. */
export const epochResult = (
  model: Model,
  state: TrainState,
  values: Float32Array,
  slots: readonly Float32Array[],
  losses: Float32Array,
): EpochResult => {
  const step = losses.findIndex((loss) => !Number.isFinite(loss))
  if (step !== -1) refuse('diverged', 'train', 'a finite loss', String(losses[step]), { step })
  // a loop: `findIndex` boxes each number
  let bad = 0
  while (bad < values.length && Number.isFinite(values[bad])) bad += 1
  if (bad < values.length) {
    const entry = model.layout.entries.find(({ offset, size }) => bad >= offset && bad < offset + size)
    refuse('diverged', 'train', 'finite parameters', String(values[bad]), { step: losses.length - 1, tensor: entry?.name ?? '' })
  }
  const optimiser = new Float32Array(state.optimiser.length)
  if (optimiser.length > 0) {
    optimiser[0] = stepsTaken(state) + losses.length
    let at = 1
    for (const slot of slots) {
      optimiser.set(slot, at)
      at += slot.length
    }
  }
  return { state: { params: { layout: state.params.layout, values }, optimiser }, losses }
}
