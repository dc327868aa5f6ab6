// q-FedAvg: sites with a high loss count more, so that accuracy is spread more evenly over them.
// Li, Sanjabi, Beirami, Smith 2020, "Fair resource allocation in federated learning", ICLR, algorithm 2:
//   Δₖ = L(w − wₖ),  sends  Fₖ^q(w)·Δₖ  and  hₖ = q·Fₖ^(q−1)(w)·‖Δₖ‖² + L·Fₖ^q(w);   server:  w ← w − Σₖ Fₖ^q·Δₖ / Σₖ hₖ
// L = 1/η stands for the Lipschitz constant. Fₖ(w), the loss of the received model, is measured by work of its own.
import type { RingVector } from '../../algebra/index.ts'
import { voidCodec } from '../../base/index.ts'
import { sizeOf } from '../folds/lifting.ts'
import { type Mean, type MeanBounds, weightedMean } from '../folds/weighted-mean.ts'
import type { LinearStrategy } from '../strategy.ts'
import type { Update } from '../update.ts'
import { joined, minus, plus, squaredLength } from '../arithmetic.ts'
import { fedAvg, type ModelState } from './fed-avg.ts'
import { lossAt, rateOf } from './measured.ts'
import { nonNegative, positive } from './option.ts'

/** Options of {@link qFedAvg}. */
export interface QFedAvgOptions extends MeanBounds {
  /** q ≥ 0: 0 is FedAvg with sites counting alike, more is fairer. */
  readonly q: number
  /** η of the sites' SGD steps. Default: what their work tells. */
  readonly learningRate?: number
}

/** Losses below count as this: F^(q−1) has no value at 0 for q below 1. */
const LEAST = 1e-10

/** q-FedAvg. An update has one number more than the model, hₖ, and both may be large: `maxAbs` is 2^20 unless told otherwise. */
export const qFedAvg = ({ q, learningRate, ...bounds }: QFedAvgOptions): LinearStrategy<ModelState, Update, RingVector, Mean> => {
  nonNegative('q-FedAvg', 'q', q)
  if (learningRate !== undefined) positive('q-FedAvg', 'learningRate', learningRate)
  const size = sizeOf(bounds)
  const { layout: _, length: __, ...sums } = bounds
  return {
    ...fedAvg(bounds),
    name: 'qfedavg',
    client: {
      init: () => undefined,
      codec: voidCodec,
      update: (work) => async (node, model) => {
        const f = Math.max(LEAST, await lossAt(work, node, model.values))
        const trained = await work(node, model)
        const { values, loss } = trained
        const lipschitz = 1 / rateOf('q-FedAvg', learningRate, trained)
        const delta = minus(model.values, values).map((value) => lipschitz * value)
        const h = q * f ** (q - 1) * squaredLength(delta) + lipschitz * f ** q
        const weighted = delta.map((value) => f ** q * value)
        return [{ values: joined(weighted, [h]), weight: 1, ...(loss === undefined ? {} : { loss }) }, undefined]
      },
    },
    // the number of sites falls out of the quotient of the two means
    fold: weightedMean({ maxAbs: 2 ** 20, maxWeight: 2 ** 12, ...sums, length: size + 1 }),
    step: ({ params: { layout, values } }, { values: mean, loss }) => ({
      params: { layout, values: plus(values, mean, -1 / mean[size]!) },
      loss,
    }),
  }
}
