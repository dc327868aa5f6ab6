// The area under a ROC curve with its interval.
// DeLong, DeLong, Clarke-Pearson 1988, "Comparing the areas under two or more correlated receiver operating characteristic curves", Biometrics 44(3), section 2 (one curve); placements by ranks as
// Sun and Xu 2014, "Fast implementation of DeLong's algorithm", IEEE Signal Processing Letters 21(11). The interval is taken on the logit, so that it stays within 0 and 1 (Pepe 2003, section 5.2.4).
import normalQuantile from '@stdlib/stats-base-dists-normal-quantile'
import { type Interval, level95, mean } from './interval.ts'

/** An area and its interval; without one where a class has fewer than two rows, or where the ranking is perfect, of which DeLong's variance knows nothing. */
export interface Area {
  readonly area: number
  readonly interval?: Interval
}

/** For each score, the share of `others` below it, equals counting half. */
const placements = (scores: readonly number[], others: readonly number[]): readonly number[] => {
  const sorted = Float64Array.from(others).sort()
  const below = (value: number, orEqual: boolean): number => {
    let [low, high] = [0, sorted.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if (sorted[middle]! < value || (orEqual && sorted[middle] === value)) low = middle + 1
      else high = middle
    }
    return low
  }
  return scores.map((score) => (below(score, false) + below(score, true)) / 2 / sorted.length)
}

const variance = (values: readonly number[]): number => {
  const centre = mean(values)
  return values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (values.length - 1)
}

/**
 * Chance that a random positive scores above a random negative, ties counting half, and its interval.
 *
 * @example
 * ```ts
 * assert.equal(aucInterval([0.35, 0.8], [0.1, 0.4]).area, 0.75)
 * ```
 */
export const aucInterval = (positives: readonly number[], negatives: readonly number[], level: number = level95): Area => {
  const [ofPositives, ofNegatives] = [placements(positives, negatives), placements(negatives, positives)]
  const area = mean(ofPositives)
  if (positives.length < 2 || negatives.length < 2 || area === 0 || area === 1) return { area }
  const stddev = Math.sqrt(variance(ofPositives) / positives.length + variance(ofNegatives) / negatives.length)
  const half = (normalQuantile((1 + level) / 2, 0, 1) * stddev) / (area * (1 - area))
  const logit = Math.log(area / (1 - area))
  const back = (x: number): number => 1 / (1 + Math.exp(-x))
  return { area, interval: { low: back(logit - half), high: back(logit + half) } }
}
