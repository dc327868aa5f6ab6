// FedNova: sites that take more steps do not pull the optimum towards themselves.
// Wang, Liu, Liang, Joshi, Poor 2020, "Tackling the objective inconsistency problem in heterogeneous federated optimization", NeurIPS, section 4 and algorithm 1:
//   site k sends dₖ = (w − wₖ) / ‖aₖ‖₁;   server:  w ← w − τ_eff · Σₖ pₖ·dₖ,   τ_eff = Σₖ pₖ·‖aₖ‖₁,   pₖ = nₖ / n
// Plain SGD: ‖a‖₁ = τ, the number of steps. With momentum ρ: ‖a‖₁ = (τ − ρ(1 − ρ^τ) / (1 − ρ)) / (1 − ρ).
import type { RingVector } from '../../algebra/index.ts'
import { sizeOf } from '../folds/lifting.ts'
import { type Mean, type MeanBounds, weightedMean } from '../folds/weighted-mean.ts'
import { type LinearStrategy, stateless } from '../strategy.ts'
import type { Update } from '../update.ts'
import { joined, plus } from '../arithmetic.ts'
import { fedAvg, type ModelState } from './fed-avg.ts'
import { option } from './option.ts'

/** Options of {@link fedNova}. */
export interface FedNovaOptions extends MeanBounds {
  /** ρ: the sites' SGD momentum, in [0, 1). Default 0. */
  readonly momentum?: number
}

/** FedNova. With as many steps everywhere it is FedAvg, but for rounding. An update has one number more than the model: ‖aₖ‖₁. */
export const fedNova = ({ momentum: rho = 0, ...bounds }: FedNovaOptions): LinearStrategy<ModelState, Update, RingVector, Mean> => {
  option('FedNova', 'momentum', rho, rho >= 0 && rho < 1, 'in [0, 1)')
  const size = sizeOf(bounds)
  const { layout: _, length: __, ...sums } = bounds
  const norm = (steps: number): number => (steps - (rho * (1 - rho ** steps)) / (1 - rho)) / (1 - rho)
  return {
    ...fedAvg(bounds),
    name: 'fednova',
    client: stateless(({ values, steps, ...facts }, model) => {
      const a = norm(steps)
      return {
        ...facts,
        values: joined(
          values.map((value, i) => (value - model.values[i]!) / a),
          [a],
        ),
      }
    }),
    fold: weightedMean({ ...sums, length: size + 1 }),
    step: ({ params: { layout, values } }, { values: mean, loss }) => ({
      params: { layout, values: plus(values, mean, mean[size]) },
      loss,
    }),
  }
}
