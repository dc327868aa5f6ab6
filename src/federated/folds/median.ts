// The coordinate-wise median of updates: a minority of liars cannot move it far.
// Yin, Chen, Ramchandran, Bartlett 2018, "Byzantine-robust distributed learning: towards optimal statistical rates", ICML, algorithm 1 (option I). Unweighted: a weight is
// something to lie about. It needs single updates, so it runs under the plain sum only.
import type { VectorShape } from './lifting.ts'
import { byCoordinate, middle, type RobustFold, singleUpdates } from './single-updates.ts'

/**
 * The coordinate-wise median, with the median of the losses; of an even number, the mean of the middle two. Refuses NaN, Inf and other lengths (`update-values`,
 * `update-length`). The result's `weight` is the number of contributions.
 *
 * @example
 * ```ts
 * const fold = median({ length: 1 })
 * const total = [1, 2, 1e9].map((value) => fold.lift({ values: Float32Array.of(value), weight: 1 }, `site ${value}`)).reduce(fold.sum.add)
 * assert.deepEqual(fold.finish(total).values, Float64Array.of(2))
 * ```
 */
export const median = (shape: VectorShape): RobustFold =>
  singleUpdates('median', shape, ({ updates, size }) => ({ values: byCoordinate(updates, size, middle) }))
