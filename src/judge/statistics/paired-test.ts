// Two methods, the same splits and seeds: is one better? Tests on the differences, one pair a seed.
// Sources: Student (1908); Nadeau and Bengio (2003), section 4, for resampled splits; Wilcoxon (1945), exact by counting.
import tCdf from '@stdlib/stats-base-dists-t-cdf'
import tQuantile from '@stdlib/stats-base-dists-t-quantile'
import { YimengError } from '../../base/index.ts'
import { type Interval, level95, mean, standardDeviation } from './interval.ts'

/** Result of a paired t test of `a − b`. */
export interface PairedT {
  readonly pairs: number
  /** Mean of a − b. */
  readonly difference: number
  /** 95 % interval of the difference. */
  readonly interval: Interval
  readonly t: number
  /** Two-sided. */
  readonly p: number
}

const differences = (a: readonly number[], b: readonly number[]): readonly number[] => {
  if (a.length !== b.length) {
    throw new YimengError({
      code: 'judge-pairs',
      cannot: 'compare pairs',
      expected: 'as many values on both sides',
      got: `${a.length} and ${b.length}`,
    })
  }
  return a.map((value, i) => value - (b[i] ?? Number.NaN))
}

/**
 * Paired t test over seeds; undefined with fewer than two pairs. Where each seed draws its own train/test split of the same rows, the seeds are not independent:
 * give `overlap` = test rows / train rows, and the variance grows from 1/n to 1/n + overlap (the corrected resampled t test). With a fixed split leave it at 0:
 * the test then speaks of the randomness of training only, and McNemar's of the test rows.
 */
export const pairedT = (a: readonly number[], b: readonly number[], overlap: number = 0): PairedT | undefined => {
  const d = differences(a, b)
  const pairs = d.length
  if (pairs < 2) return undefined
  const difference = mean(d)
  const error = standardDeviation(d) * Math.sqrt(1 / pairs + overlap)
  // no spread at all: the same difference every time; the limit of the test, not 0/0
  if (error === 0) {
    const same = difference === 0
    return {
      pairs,
      difference,
      interval: { low: difference, high: difference },
      t: same ? 0 : Math.sign(difference) * Number.POSITIVE_INFINITY,
      p: same ? 1 : 0,
    }
  }
  const t = difference / error
  const half = tQuantile((1 + level95) / 2, pairs - 1) * error
  return { pairs, difference, interval: { low: difference - half, high: difference + half }, t, p: 2 * tCdf(-Math.abs(t), pairs - 1) }
}

/** Result of Wilcoxon's signed-rank test. */
export interface SignedRank {
  /** Pairs that differ. */
  readonly pairs: number
  /** Sum of the ranks of the positive differences. */
  readonly rankSum: number
  /** Two-sided, exact. */
  readonly p: number
}

/**
 * Wilcoxon's signed-rank test of `a − b`, two-sided. Equal pairs are dropped, ties share their mean rank, and the p-value is the exact share of the 2ⁿ sign patterns
 * that lie as far out (conditional on the ties), counted by dynamic programming in O(n³): meant for seeds, n ≤ 200. With no pair that differs, p is 1.
 */
export const signedRank = (a: readonly number[], b: readonly number[]): SignedRank => {
  const d = differences(a, b).filter((x) => x !== 0)
  const order = d.map((x, i) => ({ size: Math.abs(x), i })).sort((x, y) => x.size - y.size)
  // twice the rank, so that shared ranks stay whole numbers
  const doubled = d.map(() => 0)
  for (let from = 0; from < order.length; ) {
    let to = from
    while (to < order.length && order[to]?.size === order[from]?.size) to++
    for (const { i } of order.slice(from, to)) doubled[i] = from + 1 + to
    from = to
  }
  const total = doubled.reduce((sum, rank) => sum + rank, 0)
  const observed = doubled.reduce((sum, rank, i) => ((d[i] ?? 0) > 0 ? sum + rank : sum), 0)
  // chance[s]: probability that the doubled rank sum of the positive differences is s
  let chance = new Float64Array(total + 1)
  chance[0] = 1
  for (const rank of doubled) {
    const next = new Float64Array(total + 1)
    chance.forEach((probability, s) => {
      if (probability === 0) return
      next[s] = (next[s] ?? 0) + probability / 2
      next[s + rank] = (next[s + rank] ?? 0) + probability / 2
    })
    chance = next
  }
  const tail = Math.min(observed, total - observed)
  const p = 2 * chance.subarray(0, tail + 1).reduce((sum, probability) => sum + probability, 0)
  return { pairs: d.length, rankSum: observed / 2, p: Math.min(1, p) }
}
