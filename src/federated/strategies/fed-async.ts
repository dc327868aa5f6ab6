// FedAsync: every update makes a new model, the less of it the older the model that it began with.
// Xie, Koyejo, Gupta 2019, "Asynchronous federated optimization", arXiv 1903.03934, algorithm 1 and section 5.2:
//   site, from the model of round τ:  w_new ← trained;   server:  αₜ ← α·s(t − τ);   w ← (1 − αₜ)·w + αₜ·w_new
//   s(δ) = 1 (constant)  |  (1 + δ)^−a (polynomial)  |  1 where δ ≤ b, else 1/(a·(δ − b) + 1) (hinge)
import type { RingVector } from '../../algebra/index.ts'
import { sizeOf } from '../folds/lifting.ts'
import { type Mean, type MeanBounds, weightedMean } from '../folds/weighted-mean.ts'
import type { Update } from '../update.ts'
import { joined } from '../arithmetic.ts'
import type { Asynchronous } from './asynchronous.ts'
import { fedAvg, type ModelState } from './fed-avg.ts'
import { nonNegative, option } from './option.ts'

/** How an update loses weight with its age δ, in rounds. */
export type Staleness =
  | { readonly kind: 'constant' }
  | { readonly kind: 'polynomial'; readonly a: number }
  | { readonly kind: 'hinge'; readonly a: number; readonly b: number }

/** s(δ). */
export const stalenessWeight = (of: Staleness, age: number): number => {
  if (of.kind === 'constant') return 1
  if (of.kind === 'polynomial') return (1 + age) ** -of.a
  return age <= of.b ? 1 : 1 / (of.a * (age - of.b) + 1)
}

/** Options of {@link fedAsync}. */
export interface FedAsyncOptions extends MeanBounds {
  /** α in (0, 1]. */
  readonly mixing: number
  readonly staleness: Staleness
}

/** FedAsync. An update has one number more than the model, s(δ). Of several in one window the mean is taken. */
export const fedAsync = ({ mixing, staleness, ...bounds }: FedAsyncOptions): Asynchronous<ModelState, Update, RingVector, Mean> => {
  option('FedAsync', 'mixing', mixing, mixing > 0 && mixing <= 1, 'in (0, 1]')
  if (staleness.kind !== 'constant') nonNegative('FedAsync', 'a', staleness.a)
  const size = sizeOf(bounds)
  const { layout: _, length: __, ...sums } = bounds
  return {
    ...fedAvg(bounds),
    name: 'fedasync',
    send: ({ values, loss }, _base, age) => {
      const s = stalenessWeight(staleness, age)
      return {
        values: joined(
          values.map((value) => s * value),
          [s],
        ),
        weight: 1,
        ...(loss === undefined ? {} : { loss }),
      }
    },
    fold: weightedMean({ ...sums, length: size + 1 }),
    step: ({ params: { layout, values } }, { values: mean, loss }) => ({
      params: { layout, values: values.map((w, i) => w + mixing * (mean[i]! - mean[size]! * w)) },
      loss,
    }),
  }
}
