// The weighted mean in which no update counts more than a cap, whatever weight it claims. Needs single updates.
import type { VectorShape } from './lifting.ts'
import { mix, type RobustFold, singleUpdates } from './single-updates.ts'

/**
 * Shares proportional to `weights` that add up to 1, none above `most` (at least 1 / number of weights): what is cut off goes to the others in proportion.
 *
 * @example
 * ```ts
 * assert.deepEqual(cappedShares([1, 1, 98], 0.5), [0.25, 0.25, 0.5])
 * ```
 */
export const cappedShares = (weights: readonly number[], most: number): readonly number[] => {
  const capped = new Set<number>()
  for (;;) {
    const rest = weights.reduce((sum, weight, k) => (capped.has(k) ? sum : sum + weight), 0)
    const scale = rest === 0 ? 0 : (1 - capped.size * most) / rest
    const shares = weights.map((weight, k) => (capped.has(k) ? most : weight * scale))
    const before = capped.size
    // beyond rounding, so that equal weights at the cap are left alone
    for (const [k, share] of shares.entries()) if (share > most * (1 + 1e-12)) capped.add(k)
    if (capped.size === before) return shares
  }
}

/** Mean of updates with shares of at most `cap` / number of updates; `cap` from 1. Its `weight` is the sum of the weights after the cut. */
export const cappedMean = (shape: VectorShape, cap: number): RobustFold =>
  singleUpdates('capped mean', shape, ({ updates, size }) => {
    const weights = updates.map(({ weight }) => weight)
    const shares = cappedShares(weights, cap / updates.length)
    // one that was not cut says what a share of 1 weighs; the smallest share never is, unless all are equal
    const least = weights.indexOf(Math.min(...weights))
    const losses = updates.map(({ loss }) => loss ?? Number.NaN)
    return {
      values: mix(updates, shares, size),
      weight: weights[least]! / shares[least]!,
      loss: losses.reduce((sum, loss, k) => sum + loss * shares[k]!, 0),
    }
  })
