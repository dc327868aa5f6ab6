// A common model from which each site is a few steps away from a good one of its own.
// Per-FedAvg: Fallah, Mokhtari, Ozdaglar 2020, "Personalized federated learning with theoretical guarantees: a model-agnostic meta-learning approach", NeurIPS, algorithm 1, first
// order (section 4.2: the Hessian left out):
//   site k, τ times:  w̃ ← w − α·∇Fₖ(w; batch);   w ← w − β·∇Fₖ(w̃; another batch);   server:  the mean of the w
// Reptile: Nichol, Achiam, Schulman 2018, "On first-order meta-learning algorithms", arXiv 1803.02999, algorithm 2:   φ ← φ + ε · mean(Wₖ − φ)
import type { RingVector } from '../../algebra/index.ts'
import { voidCodec } from '../../base/index.ts'
import { type Mean, type MeanBounds, weightedMean } from '../folds/weighted-mean.ts'
import { type LinearStrategy, stateless } from '../strategy.ts'
import type { Update } from '../update.ts'
import { minus, plus } from '../arithmetic.ts'
import { fedAvg, type ModelState } from './fed-avg.ts'
import { count, positive } from './option.ts'

type Meta = LinearStrategy<ModelState, Update, RingVector, Mean>

/** Options of {@link perFedAvg}. */
export interface PerFedAvgOptions extends MeanBounds {
  /** α, as a factor of the site's learning rate, which is β. Default 1. */
  readonly inner?: number
  /** τ: pairs of steps in a round. */
  readonly steps: number
}

/** First-order Per-FedAvg. A site's optimiser should be plain SGD: each step starts it afresh. The reported loss is that before each inner step. */
export const perFedAvg = ({ inner = 1, steps, ...bounds }: PerFedAvgOptions): Meta => {
  positive('Per-FedAvg', 'inner', inner)
  count('Per-FedAvg', 'steps', steps)
  return {
    ...fedAvg(bounds),
    name: 'perfedavg',
    client: {
      init: () => undefined,
      codec: voidCodec,
      update: (work) => async (node, model) => {
        const step = (values: Float32Array, rate: number, label: string, t: number) =>
          work({ ...node, seed: node.seed.split(label, t) }, { values, numbers: { steps: 1, rate }, vectors: {} })
        let w = model.values
        let [weight, losses] = [1, 0]
        for (let t = 0; t < steps; t += 1) {
          const adapted = await step(w, inner, 'inner', t)
          const after = await step(adapted.values, 1, 'outer', t)
          w = plus(w, minus(after.values, adapted.values))
          weight = adapted.weight
          losses += adapted.loss ?? Number.NaN
        }
        return [{ values: w, weight, ...(Number.isNaN(losses) ? {} : { loss: losses / steps }) }, undefined]
      },
    },
  }
}

/** Options of {@link reptile}. */
export interface ReptileOptions extends MeanBounds {
  /** ε in (0, 1]: how far the model follows the sites. 1 is FedAvg with sites counting alike. */
  readonly rate: number
}

/** Reptile: sites count alike. */
export const reptile = ({ rate, ...bounds }: ReptileOptions): Meta => {
  positive('Reptile', 'rate', rate)
  return {
    ...fedAvg(bounds),
    name: 'reptile',
    client: stateless(({ values, loss }, model) => ({
      values: minus(values, model.values),
      weight: 1,
      ...(loss === undefined ? {} : { loss }),
    })),
    fold: weightedMean(bounds),
    step: ({ params: { layout, values } }, mean) => ({ params: { layout, values: plus(values, mean.values, rate) }, loss: mean.loss }),
  }
}
