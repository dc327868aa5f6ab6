// The coordinate-wise trimmed mean: without the smallest and the largest values of each coordinate.
// Yin, Chen, Ramchandran, Bartlett 2018, "Byzantine-robust distributed learning: towards optimal statistical rates", ICML, definition 2 and algorithm 1 (option II).
import { YimengError } from '../../base/index.ts'
import type { VectorShape } from './lifting.ts'
import { byCoordinate, type RobustFold, singleUpdates } from './single-updates.ts'

/**
 * Mean of each coordinate without its ⌊share · n⌋ smallest and largest values, updates counting alike. Bears as many liars as it cuts at one end; with share 0 it is the mean.
 *
 * @throws YimengError `fold-option` for a share outside [0, 0.5).
 *
 * @example
 * ```ts
 * const fold = trimmedMean({ length: 1 }, 0.25)
 * const total = [1, 2, 4, 1e9].map((value) => fold.lift({ values: Float32Array.of(value), weight: 1 }, `site ${value}`)).reduce(fold.sum.add)
 * assert.deepEqual(fold.finish(total).values, Float64Array.of(3))
 * ```
 */
export const trimmedMean = (shape: VectorShape, share: number): RobustFold => {
  if (!(share >= 0 && share < 0.5))
    throw new YimengError({ code: 'fold-option', cannot: 'make trimmed mean', expected: 'a share from 0, below 0.5', got: String(share) })
  return singleUpdates('trimmed mean', shape, ({ updates, size }) => {
    // 0.1 · 10 is 1, whatever its last bit says
    const cut = Math.floor(share * updates.length + 1e-9)
    const trimmed = (column: Float64Array): number => {
      const rest = column.sort().subarray(cut, column.length - cut)
      return rest.reduce((sum, value) => sum + value, 0) / rest.length
    }
    return { values: byCoordinate(updates, size, trimmed) }
  })
}
