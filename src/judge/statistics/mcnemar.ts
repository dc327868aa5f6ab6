// Two classifiers on the same test rows: do they err on different rows by chance?
// Sources: McNemar (1947); Fagerland, Lydersen and Laake (2013), BMC Med Res Methodol 13:91, for the mid-p version.
import { YimengError } from '../../base/index.ts'

/** Result of McNemar's test on paired right/wrong answers. */
export interface McNemar {
  /** Test rows. */
  readonly rows: number
  /** Rows that only the first method got right. */
  readonly onlyFirst: number
  /** Rows that only the second method got right. */
  readonly onlySecond: number
  /** Two-sided exact (binomial) p-value: never too small, often too large. */
  readonly exact: number
  /** Two-sided mid-p value: close to its nominal level. */
  readonly midP: number
}

/**
 * McNemar's test from the two counts of disagreement among `rows` test rows. With no disagreement both p-values are 1.
 *
 * @example
 * ```ts
 * const { exact, midP } = mcnemar(10, 3, 100)
 * assert.ok(Math.abs(exact - 0.09229) < 1e-5 && Math.abs(midP - 0.05737) < 1e-5)
 * ```
 */
export const mcnemar = (onlyFirst: number, onlySecond: number, rows: number): McNemar => {
  if (
    !(Number.isInteger(onlyFirst) && Number.isInteger(onlySecond) && onlyFirst >= 0 && onlySecond >= 0 && onlyFirst + onlySecond <= rows)
  ) {
    throw new YimengError({
      code: 'judge-disagreement',
      cannot: 'test disagreement',
      expected: 'two counts of rows that add up to at most all rows',
      got: `${onlyFirst} and ${onlySecond} of ${rows}`,
    })
  }
  const n = onlyFirst + onlySecond
  const least = Math.min(onlyFirst, onlySecond)
  let below = 0
  // in logarithms: 2^-n underflows from n = 1075 on, the sum up to the middle does not
  let logTerm = -n * Math.LN2
  for (let k = 0; k < least; k++) {
    below += Math.exp(logTerm)
    logTerm += Math.log((n - k) / (k + 1))
  }
  const at = Math.exp(logTerm)
  return { rows, onlyFirst, onlySecond, exact: Math.min(1, 2 * (below + at)), midP: Math.min(1, 2 * below + at) }
}

/** McNemar's test of predicted classes against the true ones, all of the same length. */
export const mcnemarOf = (truth: ArrayLike<number>, first: ArrayLike<number>, second: ArrayLike<number>): McNemar => {
  let onlyFirst = 0
  let onlySecond = 0
  for (let i = 0; i < truth.length; i++) {
    const a = first[i] === truth[i]
    const b = second[i] === truth[i]
    if (a && !b) onlyFirst++
    if (b && !a) onlySecond++
  }
  return mcnemar(onlyFirst, onlySecond, truth.length)
}
