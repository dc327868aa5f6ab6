// SCAFFOLD: control variates take the drift of unlike sites out of every local step.
// Karimireddy, Kale, Mohri, Reddi, Stich, Suresh 2020, "SCAFFOLD: stochastic controlled averaging for federated learning", ICML, algorithm 1 with option II:
//   site i, from x:  yᵢ ← yᵢ − η·(gᵢ(yᵢ) − cᵢ + c), K steps;   cᵢ⁺ ← cᵢ − c + (x − yᵢ) / (K·η);   sends yᵢ − x and cᵢ⁺ − cᵢ
//   server:          x ← x + ηg · mean(yᵢ − x);   c ← c + |S|/N · mean(cᵢ⁺ − cᵢ)
// The paper's means count sites alike. Here they weigh by rows unless told otherwise, so that the optimum is FedAvg's and zero variates are FedAvg.
import type { RingVector } from '../../algebra/index.ts'
import { type Codec, float32Codec, structCodec } from '../../base/index.ts'
import { pair } from '../folds/pair.ts'
import { type Mean, type MeanBounds, weightedMean } from '../folds/weighted-mean.ts'
import type { LinearStrategy } from '../strategy.ts'
import type { Update } from '../update.ts'
import { minus, plus } from '../arithmetic.ts'
import { type ModelState, modelStateCodec } from './fed-avg.ts'
import { rateOf } from './measured.ts'
import { count, positive } from './option.ts'

/** The model and c, the server's control variate: `[size]`. */
export interface ScaffoldState {
  readonly model: ModelState
  readonly variate: Float32Array
}

const scaffoldStateCodec: Codec<ScaffoldState> = structCodec<ScaffoldState>({ model: modelStateCodec, variate: float32Codec })

/** Options of {@link scaffold}. */
export interface ScaffoldOptions extends MeanBounds {
  /** η of the sites' SGD steps. Default: what their work tells. */
  readonly learningRate?: number
  /** ηg. Default 1. */
  readonly serverRate?: number
  /** N: number of sites in all. Default: those of the round, which is right when all take part. */
  readonly sites?: number
  /** Default `rows`. */
  readonly weighting?: 'rows' | 'equal'
}

/** SCAFFOLD: twice FedAvg's bytes both ways. A site keeps cᵢ, `[size]`. */
export const scaffold = ({
  learningRate,
  serverRate = 1,
  sites,
  weighting = 'rows',
  ...bounds
}: ScaffoldOptions): LinearStrategy<
  ScaffoldState,
  readonly [model: Update, variate: Update],
  readonly [RingVector, RingVector],
  readonly [model: Mean, variate: Mean],
  Float32Array
> => {
  if (learningRate !== undefined) positive('SCAFFOLD', 'learningRate', learningRate)
  positive('SCAFFOLD', 'serverRate', serverRate)
  if (sites !== undefined) count('SCAFFOLD', 'sites', sites)
  const mean = weightedMean(bounds)
  return {
    name: 'scaffold',
    init: (params) => ({ model: { params, loss: Number.NaN }, variate: new Float32Array(params.values.length) }),
    publish: ({ model, variate }) => ({ values: model.params.values, numbers: {}, vectors: { variate } }),
    client: {
      init: ({ values }) => new Float32Array(values.length),
      codec: float32Codec,
      update:
        (work) =>
        async (node, { values: x, vectors }, own) => {
          const c = vectors['variate']!
          const trained = await work(node, { values: x, numbers: {}, vectors: { correction: minus(c, own) } })
          const { values: y, steps, weight: rows, loss } = trained
          const eta = rateOf('SCAFFOLD', learningRate, trained)
          const weight = weighting === 'rows' ? rows : 1
          const moved = minus(y, x)
          const next = plus(minus(own, c), moved, -1 / (steps * eta))
          return [
            [
              { values: moved, weight, ...(loss === undefined ? {} : { loss }) },
              { values: minus(next, own), weight },
            ] as const,
            next,
          ]
        },
    },
    fold: pair(mean, mean),
    step: ({ model: { params }, variate }, [moved, change]) => ({
      model: { params: { layout: params.layout, values: plus(params.values, moved.values, serverRate) }, loss: moved.loss },
      variate: plus(variate, change.values, Math.min(1, change.contributions / (sites ?? change.contributions))),
    }),
    model: ({ model }) => model.params,
    loss: ({ model }) => model.loss,
    codec: scaffoldStateCodec,
  }
}
