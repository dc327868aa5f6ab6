// FedProx: FedAvg with a proximal term in every site's loss, which keeps sites with unlike data from drifting apart.
// Li, Sahu, Zaheer, Sanjabi, Talwalkar, Smith 2020, "Federated optimization in heterogeneous networks", MLSys, section 3.2 and algorithm 2:
//   site k minimises  h_k(w; w_t) = F_k(w) + (μ/2)‖w − w_t‖²;   w_{t+1} ← mean of the w_k, here weighted by rows
import type { RingVector } from '../../algebra/index.ts'
import { YimengError } from '../../base/index.ts'
import type { Mean, MeanBounds } from '../folds/weighted-mean.ts'
import type { LinearStrategy } from '../strategy.ts'
import type { Update } from '../update.ts'
import { fedAvg, type ModelState } from './fed-avg.ts'

/** Options of {@link fedProx}. */
export interface FedProxOptions extends MeanBounds {
  /** μ ≥ 0, the strength of the pull towards the received model. With 0 it is FedAvg, bit for bit. */
  readonly mu: number
}

/**
 * FedProx. Publishes μ as the number `proximal`; the local work adds its gradient μ·(w − w_t).
 *
 * @throws YimengError `fedprox-mu` for a μ that is no finite number from 0.
 *
 * @example
 * ```ts
 * const strategy = fedProx({ mu: 0.01, length: 1 })
 * const state = strategy.init({ layout: { entries: [{ name: 'w', shape: [1], offset: 0, size: 1 }], size: 1 }, values: Float32Array.of(0) })
 * assert.equal(strategy.publish(state).numbers['proximal'], 0.01)
 * ```
 */
export const fedProx = ({ mu, ...bounds }: FedProxOptions): LinearStrategy<ModelState, Update, RingVector, Mean> => {
  if (!(mu >= 0 && mu < Number.POSITIVE_INFINITY))
    throw new YimengError({ code: 'fedprox-mu', cannot: 'make FedProx', expected: 'a finite μ of at least 0', got: String(mu) })
  const average = fedAvg(bounds)
  return {
    ...average,
    name: 'fedprox',
    publish: (state) => ({ ...average.publish(state), numbers: { proximal: mu } }),
  }
}
