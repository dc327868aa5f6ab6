// Ditto: beside the common model every site trains one of its own, held near the common one.
// Li, Hu, Beirami, Smith 2021, "Ditto: fair and robust federated learning through personalization", ICML, algorithm 1:
//   site k:  wₖ ← work from w on Fₖ;   vₖ ← work from vₖ on Fₖ(v) + (λ/2)‖v − w‖²;   sends wₖ, keeps vₖ;   server:  the mean of the wₖ
import type { RingVector } from '../../algebra/index.ts'
import { float32Codec } from '../../base/index.ts'
import type { Mean, MeanBounds } from '../folds/weighted-mean.ts'
import type { Update } from '../update.ts'
import { fedAvg, type ModelState } from './fed-avg.ts'
import { nonNegative } from './option.ts'
import type { PersonalStrategy } from './personal.ts'

/** Options of {@link ditto}. */
export interface DittoOptions extends MeanBounds {
  /** λ ≥ 0: 0 trains each site's model alone, much of it holds them all to the common one. */
  readonly lambda: number
}

/** Ditto: the common model is FedAvg's, bit for bit. A site keeps vₖ, `[size]`, and works twice as long. */
export const ditto = ({ lambda, ...bounds }: DittoOptions): PersonalStrategy<ModelState, Update, RingVector, Mean, Float32Array> => {
  nonNegative('Ditto', 'lambda', lambda)
  return {
    ...fedAvg(bounds),
    name: 'ditto',
    client: {
      init: ({ values }) => values,
      codec: float32Codec,
      update: (work) => async (node, model, own) => {
        const { values, weight, loss } = await work(node, model)
        const personal = await work(node, { values: own, numbers: { proximal: lambda }, vectors: { anchor: model.values } })
        return [{ values, weight, ...(loss === undefined ? {} : { loss }) }, personal.values]
      },
    },
    modelAt: ({ params }, values) => ({ layout: params.layout, values }),
  }
}
