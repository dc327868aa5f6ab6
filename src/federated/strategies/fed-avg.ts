// FedAvg: every site trains the received model, the server takes the mean weighted by rows.
// McMahan, Moore, Ramage, Hampson, Agüera y Arcas 2017, "Communication-efficient learning of deep networks from decentralized data", AISTATS, algorithm 1:
//   each round t:  for each client k of the cohort:  w_k ← ClientUpdate(k, w_t);   w_{t+1} ← Σ_k (n_k / n) · w_k
import { describedParamsCodec, type Params, type Reals, type RingVector } from '../../algebra/index.ts'
import { type Codec, float64Codec, structCodec, YimengError } from '../../base/index.ts'
import { type Mean, type MeanBounds, weightedMean } from '../folds/weighted-mean.ts'
import { type LinearStrategy, sendModel } from '../strategy.ts'
import type { Update } from '../update.ts'

/** The global model and the mean training loss of the round that made it (NaN before the first). */
export interface ModelState {
  readonly params: Params
  readonly loss: number
}

/** One number, 8 bytes. */
export const numberCodec: Codec<number> = {
  encode: (value) => float64Codec.encode(Float64Array.of(value)),
  decode: (bytes) => {
    const numbers = float64Codec.decode(bytes)
    if (numbers.length === 1) return numbers[0]!
    throw new YimengError({ code: 'state-number', cannot: 'read state', expected: 'one number', got: `${numbers.length}` })
  },
}

/** {@link ModelState} as bytes. */
export const modelStateCodec: Codec<ModelState> = structCodec<ModelState>({ params: describedParamsCodec, loss: numberCodec })

/** Values as a model's: what has been rounded already is taken as it is. */
const rounded = (values: Reals): Float32Array => (values instanceof Float32Array ? values : Float32Array.from(values))

/**
 * FedAvg. Its bounds are public and the same at every party; pass the model's layout, so that errors name tensors.
 *
 * @example
 * ```ts
 * const strategy = fedAvg({ length: 1 })
 * const lifted = [[1, 2], [2, 4], [7, 8]].map(([weight = 0, value = 0]) => strategy.fold.lift({ values: Float32Array.of(value), weight }, `site ${weight}`))
 * const mean = strategy.fold.finish(lifted.reduce(strategy.fold.sum.add))
 * assert.equal(mean.values[0], Math.fround((1 * 2 + 2 * 4 + 7 * 8) / 10))
 * ```
 */
export const fedAvg = (bounds: MeanBounds): LinearStrategy<ModelState, Update, RingVector, Mean> => ({
  name: 'fedavg',
  init: (params) => ({ params, loss: Number.NaN }),
  publish: ({ params }) => ({ values: params.values, numbers: {}, vectors: {} }),
  client: sendModel,
  fold: weightedMean({ ...bounds, rounded: true }),
  step: ({ params }, { values, loss }) => ({ params: { layout: params.layout, values: rounded(values) }, loss }),
  model: ({ params }) => params,
  loss: ({ loss }) => loss,
  codec: modelStateCodec,
})
