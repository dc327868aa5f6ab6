// FedDyn: each site's loss is corrected by what it learnt before, so that the sites' optima and the common one agree in the end.
// Acar, Zhao, Matas Navarro, Mattina, Whatmough, Saligrama 2021, "Federated learning based on dynamic regularization", ICLR, algorithm 1:
//   site k:  θₖ ← argmin  Lₖ(θ) − ⟨gₖ, θ⟩ + (α/2)‖θ − θᵗ‖²;   gₖ ← gₖ − α(θₖ − θᵗ)
//   server:  h ← h − α/m · Σ_{k∈P} (θₖ − θᵗ);   θ ← mean_{k∈P} θₖ − h/α
// The argmin is the site's usual work, with −gₖ added to every gradient. Sites count alike, as in the paper.
import type { RingVector } from '../../algebra/index.ts'
import { type Codec, float32Codec, structCodec } from '../../base/index.ts'
import { type Mean, type MeanBounds, weightedMean } from '../folds/weighted-mean.ts'
import type { LinearStrategy } from '../strategy.ts'
import type { Update } from '../update.ts'
import { minus, plus } from '../arithmetic.ts'
import { type ModelState, modelStateCodec } from './fed-avg.ts'
import { count, positive } from './option.ts'

/** The model and h, `[size]`. */
export interface FedDynState {
  readonly model: ModelState
  readonly correction: Float32Array
}

const fedDynStateCodec: Codec<FedDynState> = structCodec<FedDynState>({ model: modelStateCodec, correction: float32Codec })

/** Options of {@link fedDyn}. */
export interface FedDynOptions extends MeanBounds {
  /** α: strength of the pull towards the received model. The paper uses 0.001 to 0.1. */
  readonly alpha: number
  /** m: number of sites in all. Default: those of the round, which is right when all take part. */
  readonly sites?: number
}

/** FedDyn: FedAvg's bytes both ways. A site keeps gₖ, `[size]`. */
export const fedDyn = ({ alpha, sites, ...bounds }: FedDynOptions): LinearStrategy<FedDynState, Update, RingVector, Mean, Float32Array> => {
  positive('FedDyn', 'alpha', alpha)
  if (sites !== undefined) count('FedDyn', 'sites', sites)
  return {
    name: 'feddyn',
    init: (params) => ({ model: { params, loss: Number.NaN }, correction: new Float32Array(params.values.length) }),
    publish: ({ model }) => ({ values: model.params.values, numbers: {}, vectors: {} }),
    client: {
      init: ({ values }) => new Float32Array(values.length),
      codec: float32Codec,
      update:
        (work) =>
        async (node, { values }, own) => {
          const correction = own.map((value) => -value)
          const trained = await work(node, { values, numbers: { proximal: alpha }, vectors: { correction } })
          const moved = minus(trained.values, values)
          const { loss } = trained
          return [{ values: moved, weight: 1, ...(loss === undefined ? {} : { loss }) }, plus(own, moved, -alpha)]
        },
    },
    fold: weightedMean(bounds),
    step: ({ model: { params }, correction }, { values: moved, contributions, loss }) => {
      const h = plus(correction, moved, (-alpha * contributions) / Math.max(contributions, sites ?? contributions))
      return {
        model: { params: { layout: params.layout, values: plus(plus(params.values, moved), h, -1 / alpha) }, loss },
        correction: h,
      }
    },
    model: ({ model }) => model.params,
    loss: ({ model }) => model.loss,
    codec: fedDynStateCodec,
  }
}
