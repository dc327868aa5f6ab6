// The mean of updates cut down to a norm: boosted updates lose their boost. Fold differences with it, not models.
// Sun, Kairouz, Suresh, McMahan 2019, "Can you really backdoor federated learning?", arXiv 1911.07963, section 4 (norm thresholding):
//   Σₖ Δₖ / max(1, ‖Δₖ‖ / M) / n
import { YimengError } from '../../base/index.ts'
import type { VectorShape } from './lifting.ts'
import { middle, mix, type RobustFold, singleUpdates } from './single-updates.ts'

/** ‖values‖. */
export const length = (values: ArrayLike<number>): number => {
  let sum = 0
  for (let i = 0; i < values.length; i += 1) sum += values[i]! ** 2
  return Math.sqrt(sum)
}

/** Mean of updates, none longer than `most`: a length, or the median of the round's lengths, which a minority cannot move far. Updates count alike. */
export const normClippedMean = (shape: VectorShape, most: number | 'median'): RobustFold => {
  if (most !== 'median' && !(most > 0 && Number.isFinite(most)))
    throw new YimengError({ code: 'fold-option', cannot: 'make norm-clipped mean', expected: 'a length above 0', got: String(most) })
  return singleUpdates('norm-clipped mean', shape, ({ updates, size }) => {
    const lengths = updates.map(({ values }) => length(values))
    const bound = most === 'median' ? middle(Float64Array.from(lengths)) : most
    const shares = lengths.map((each) => Math.min(1, each === 0 ? 1 : bound / each) / updates.length)
    return { values: mix(updates, shares, size) }
  })
}
