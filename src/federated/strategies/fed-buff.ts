// FedBuff: the server steps when K updates are there, whoever sent them and however old the models they began with.
// Nguyen, Malik, Zhan, Yousefpour, Rabbat, Malek, Huba 2022, "Federated learning with buffered asynchronous aggregation", AISTATS, algorithms 1 and 2, staleness weight of section 5:
//   site i, from the model of round t − τᵢ:  Δᵢ ← trained − that model
//   server, with K of them:                  w ← w + η/K · Σᵢ s(τᵢ)·Δᵢ,   s(τ) = 1/√(1 + τ)
import type { RingVector } from '../../algebra/index.ts'
import { type Mean, type MeanBounds, weightedMean } from '../folds/weighted-mean.ts'
import type { Update } from '../update.ts'
import { minus, plus } from '../arithmetic.ts'
import type { Asynchronous } from './asynchronous.ts'
import { fedAvg, type ModelState } from './fed-avg.ts'
import { nonNegative, positive } from './option.ts'

/** Options of {@link fedBuff}. */
export interface FedBuffOptions extends MeanBounds {
  /** η. Default 1. */
  readonly serverRate?: number
  /** a of s(τ) = (1 + τ)^−a. Default 0.5; 0: age does not count. */
  readonly exponent?: number
}

/** FedBuff. Sites count alike. Where everybody is in every window, and at rate 1, it is FedAvg on differences with sites counting alike. */
export const fedBuff = ({
  serverRate = 1,
  exponent = 0.5,
  ...bounds
}: FedBuffOptions): Asynchronous<ModelState, Update, RingVector, Mean> => {
  positive('FedBuff', 'serverRate', serverRate)
  nonNegative('FedBuff', 'exponent', exponent)
  return {
    ...fedAvg(bounds),
    name: 'fedbuff',
    send: ({ values, loss }, base, age) => ({
      values: minus(values, base).map((moved) => (1 + age) ** -exponent * moved),
      weight: 1,
      ...(loss === undefined ? {} : { loss }),
    }),
    fold: weightedMean(bounds),
    step: ({ params: { layout, values } }, { values: moved, loss }) => ({
      params: { layout, values: plus(values, moved, serverRate) },
      loss,
    }),
  }
}
