// The geometric median: the point with the smallest sum of distances to the updates. Bears liars with less than half of the weight.
// Pillutla, Kakade, Harchaoui 2022, "Robust aggregation for federated learning", IEEE Transactions on Signal Processing 70, algorithm 2 (RFA, smoothed Weiszfeld):
//   v ← mean of the xₖ;   repeat:  βₖ ← αₖ / max(ν, ‖v − xₖ‖);   v ← Σ βₖ·xₖ / Σ βₖ
import { YimengError } from '../../base/index.ts'
import type { VectorShape } from './lifting.ts'
import { mix, type RobustFold, singleUpdates } from './single-updates.ts'

/** Options of {@link geometricMedian}. */
export interface GeometricMedianOptions extends VectorShape {
  /** Largest number of Weiszfeld steps. Default 100; the paper finds 3 enough in training. */
  readonly steps?: number
  /** ν: distances below count as this. Default 1e-6. */
  readonly smoothing?: number
  /** αₖ. `rows` trusts the sites' numbers of rows. Default `equal`. */
  readonly weighting?: 'rows' | 'equal'
}

/** The geometric median, to a relative 1e-10 of the objective or `steps`. */
export const geometricMedian = ({ steps = 100, smoothing = 1e-6, weighting = 'equal', ...shape }: GeometricMedianOptions): RobustFold => {
  if (!(steps >= 1 && smoothing > 0))
    throw new YimengError({
      code: 'fold-option',
      cannot: 'make geometric median',
      expected: 'steps from 1 and a smoothing above 0',
      got: `${steps} and ${smoothing}`,
    })
  return singleUpdates('geometric median', shape, ({ updates, size }) => {
    const alphas = updates.map(({ weight }) => (weighting === 'rows' ? weight : 1))
    const normalised = (shares: readonly number[]): readonly number[] => {
      const total = shares.reduce((sum, share) => sum + share, 0)
      return shares.map((share) => share / total)
    }
    let values = mix(updates, normalised(alphas), size)
    let before = Number.POSITIVE_INFINITY
    for (let step = 0; step < steps; step += 1) {
      const far = updates.map((update) => {
        let sum = 0
        for (let i = 0; i < size; i += 1) sum += (update.values[i]! - values[i]!) ** 2
        return Math.max(smoothing, Math.sqrt(sum))
      })
      const objective = far.reduce((sum, distance, k) => sum + alphas[k]! * distance, 0)
      if (before - objective <= 1e-10 * objective) break
      before = objective
      values = mix(updates, normalised(far.map((distance, k) => alphas[k]! / distance)), size)
    }
    return { values }
  })
}
