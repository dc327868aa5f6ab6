// Membership inference: whether a row was trained on, from what a model says of it. Figure of both attacks: the area under the ROC curve, ½ for a blind guess.
//   by loss        Yeom, Giacomelli, Fredrikson, Jha 2018, "Privacy risk in machine learning: analyzing the connection to overfitting", CSF, adversary 1: the lower the loss, the likelier a member
//   by reference   Carlini, Chien, Nasr, Song, Terzis, Tramèr 2022, "Membership inference attacks from first principles", S&P, section V (LiRA), with few shadow models and, as there for few, one
//                  variance for all rows: the likelihood of a row's confidence φ among models that had the row, against models that had not
import type { Params } from '../../algebra/index.ts'
import type { Seed } from '../../base/index.ts'
import { type Batchable, batchOrder, type Predictor, type Trainer } from '../../learn/index.ts'
import { type Area, aucInterval, mean } from '../statistics/index.ts'

/** Rows that an attacker asks about, prepared as the model takes them: members first. */
export interface Candidates {
  readonly rows: Batchable
  readonly members: number
}

/** What both attacks found. */
export interface Membership {
  readonly byLoss: Area
  readonly byReference: Area
}

const TINY = 1e-7

/** φ of each row: log p/(1 − p) of its own class, which is about normal over models; of a number, −log of the squared error. `outputs`: probabilities, of two classes that of the second. */
export const confidences = (
  outputs: Float32Array,
  { rows, targets }: Batchable,
  kind: 'softmax' | 'sigmoid' | 'identity',
): Float64Array => {
  const width = outputs.length / rows
  return Float64Array.from({ length: rows }, (_, row) => {
    const target = targets[row]!
    if (kind === 'identity') return -Math.log((outputs[row]! - target) ** 2 + TINY)
    const own = kind === 'sigmoid' ? (target === 1 ? outputs[row]! : 1 - outputs[row]!) : outputs[row * width + target]!
    const p = Math.min(1 - TINY, Math.max(TINY, own))
    return Math.log(p / (1 - p))
  })
}

const areaOf = (scores: Float64Array, members: number): Area => aucInterval([...scores.subarray(0, members)], [...scores.subarray(members)])

/** Likelihood ratio of each row's φ under models with and without it. `had[k]` tells of each row whether shadow model k was trained on it. */
export const likelihoodRatios = (
  found: Float64Array,
  shadows: readonly { readonly confidences: Float64Array; readonly had: Uint8Array }[],
): Float64Array => {
  const centre = (row: number, had: 0 | 1): number =>
    mean(shadows.filter((shadow) => shadow.had[row] === had).map((shadow) => shadow.confidences[row]!))
  const centres = [0, 1].map((had) => found.map((_, row) => centre(row, had as 0 | 1)))
  const variances = centres.map((own, had) => {
    const squares = shadows.flatMap((shadow) =>
      [...shadow.confidences].flatMap((value, row) => (shadow.had[row] === had ? [(value - own[row]!) ** 2] : [])),
    )
    return Math.max(TINY, mean(squares))
  })
  const logDensity = (value: number, row: number, had: 0 | 1): number =>
    -((value - centres[had]![row]!) ** 2) / (2 * variances[had]!) - Math.log(variances[had]!) / 2
  return found.map((value, row) => logDensity(value, row, 1) - logDensity(value, row, 0))
}

/** What shadow models are made with: as the model under attack, but on a random half of the candidates. */
export interface ShadowTraining {
  /** In pairs, of a half and of the other one: each row is in as many as it is not. Even, at least 2. */
  readonly shadows: number
  readonly trainer: Trainer
  readonly predictor: Predictor
  readonly kind: 'softmax' | 'sigmoid' | 'identity'
  readonly start: (seed: Seed) => Params
  readonly batch: number
  readonly learningRate: number
  /** Passes over a shadow model's rows, with a fresh optimiser after each. */
  readonly passes: number
  readonly seed: Seed
  readonly signal?: AbortSignal
}

/** Shadow models' confidences in every candidate. */
export const shadowConfidences = async ({ rows: data }: Candidates, training: ShadowTraining) => {
  const { shadows, trainer, predictor, kind, start, batch, learningRate, passes, seed, signal } = training
  const made: { readonly confidences: Float64Array; readonly had: Uint8Array }[] = []
  for (let k = 0; k < shadows; k += 1) {
    const half = seed
      .split('half', k >> 1)
      .random()
      .permutation(data.rows)
    const middle = data.rows >> 1
    const chosen = k % 2 === 0 ? half.subarray(0, middle) : half.subarray(middle)
    const had = new Uint8Array(data.rows)
    for (const row of chosen) had[row] = 1
    let params = start(seed.split('start', k))
    for (let pass = 0; pass < passes; pass += 1) {
      signal?.throwIfAborted()
      const order = batchOrder({ rows: chosen.length, batch, epochs: 1 }, seed.split('order', k).split('pass', pass))
      const indices = order.indices.map((index) => chosen[index]!)
      const { state } = await trainer.epoch(
        trainer.start(params),
        data,
        { ...order, indices },
        { learningRate, seed: seed.split('epoch', k) },
      )
      params = state.params
    }
    made.push({ confidences: confidences(await predictor.predict(params, data.inputs, data.rows), data, kind), had })
  }
  return made
}

/** Both attacks on one model, by its confidences. */
export const membership = (
  found: Float64Array,
  { members }: Candidates,
  shadows: Awaited<ReturnType<typeof shadowConfidences>>,
): Membership => ({ byLoss: areaOf(found, members), byReference: areaOf(likelihoodRatios(found, shadows), members) })
