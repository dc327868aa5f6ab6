// Means, spreads and intervals.
// Sources: Student (1908) for the t interval; Wilson (1927) for the score interval of a proportion.
import normalQuantile from '@stdlib/stats-base-dists-normal-quantile'
import tQuantile from '@stdlib/stats-base-dists-t-quantile'
import { YimengError } from '../../base/index.ts'

/** A confidence interval, `low` ≤ `high`. */
export interface Interval {
  readonly low: number
  readonly high: number
}

/** Confidence level used everywhere unless said otherwise. */
export const level95 = 0.95

/** Arithmetic mean; NaN of no values. */
export const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length

/** Sample standard deviation (divisor n − 1); NaN with fewer than two values. */
export const standardDeviation = (values: readonly number[]): number => {
  if (values.length < 2) return Number.NaN
  const centre = mean(values)
  // two passes: the one-pass formula cancels when the spread is small beside the mean, as accuracies over seeds are
  return Math.sqrt(values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (values.length - 1))
}

/**
 * Student's t interval for the mean of independent values; undefined with fewer than two of them.
 *
 * @example
 * ```ts
 * const { low, high } = tInterval([0.94, 0.95, 0.96])!
 * assert.ok(Math.abs(low - 0.92516) < 1e-5 && Math.abs(high - 0.97484) < 1e-5)
 * ```
 */
export const tInterval = (values: readonly number[], level: number = level95): Interval | undefined => {
  if (values.length < 2) return undefined
  const half = (tQuantile((1 + level) / 2, values.length - 1) * standardDeviation(values)) / Math.sqrt(values.length)
  const centre = mean(values)
  return { low: centre - half, high: centre + half }
}

/**
 * Wilson's score interval for a proportion: honest near 0 and 1 and for small samples, where the normal interval leaves [0, 1].
 * `successes` need not be whole: the mean over several seeds is allowed. Undefined when `trials` is 0.
 *
 * @example
 * ```ts
 * const { low, high } = wilsonInterval(10, 10)!
 * assert.ok(Math.abs(low - 0.72247) < 1e-5 && high === 1)
 * ```
 */
export const wilsonInterval = (successes: number, trials: number, level: number = level95): Interval | undefined => {
  if (!(successes >= 0 && successes <= trials)) {
    throw new YimengError({
      code: 'judge-proportion',
      cannot: 'compute the interval of a proportion',
      expected: 'successes between 0 and trials',
      got: `${successes} of ${trials}`,
    })
  }
  if (trials === 0) return undefined
  const z = normalQuantile((1 + level) / 2, 0, 1)
  const p = successes / trials
  const shrink = 1 + z ** 2 / trials
  const centre = (p + z ** 2 / (2 * trials)) / shrink
  const half = (z * Math.sqrt((p * (1 - p)) / trials + z ** 2 / (4 * trials ** 2))) / shrink
  // at p = 0 or 1 one end is exactly 0 or 1; rounding must not push it out
  return { low: p === 0 ? 0 : Math.max(0, centre - half), high: p === 1 ? 1 : Math.min(1, centre + half) }
}
