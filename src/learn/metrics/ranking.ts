// Area under the ROC curve, exact with ties.
import { YimengError } from '../../base/index.ts'

/**
 * Chance that a random positive has a higher score than a random negative, ties counting half (the Mann–Whitney statistic). `labels` are 0 or 1.
 * NaN if one of the classes is absent.
 *
 * @example
 * ```ts
 * assert.equal(areaUnderCurve([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8]), 0.75)
 * assert.equal(areaUnderCurve([0, 1], [0.5, 0.5]), 0.5)
 * ```
 */
export const areaUnderCurve = (labels: ArrayLike<number>, scores: ArrayLike<number>): number => {
  if (labels.length !== scores.length) {
    throw new YimengError({
      code: 'metric-input',
      cannot: 'rank scores',
      expected: 'as many scores as labels',
      got: `${scores.length} and ${labels.length}`,
    })
  }
  const order = Array.from({ length: labels.length }, (_, i) => i).sort((a, b) => (scores[a] ?? 0) - (scores[b] ?? 0))
  let [positives, pairs] = [0, 0]
  let negativesBelow = 0
  for (let i = 0; i < order.length; ) {
    // all rows of one score at once: a positive beats the negatives below and half of its equals
    const score = scores[order[i] ?? 0]
    let [tiedPositives, tiedNegatives] = [0, 0]
    for (; i < order.length && scores[order[i] ?? 0] === score; i++) {
      if (labels[order[i] ?? 0] === 1) tiedPositives++
      else tiedNegatives++
    }
    // NaN is not equal to itself: without this the loop would not end
    if (tiedPositives + tiedNegatives === 0) return Number.NaN
    pairs += tiedPositives * (negativesBelow + tiedNegatives / 2)
    positives += tiedPositives
    negativesBelow += tiedNegatives
  }
  return pairs / (positives * negativesBelow)
}

/** Mean over the classes of each class against the rest: `probabilities [rows, classes]`. Classes that are absent, or alone, are left out; with two classes it is the AUC of class 1. */
export const macroAreaUnderCurve = (labels: ArrayLike<number>, probabilities: ArrayLike<number>, classes: number): number => {
  const one = (k: number): number =>
    areaUnderCurve(
      Array.from(labels, (label) => (label === k ? 1 : 0)),
      Array.from({ length: labels.length }, (_, i) => probabilities[i * classes + k] ?? 0),
    )
  if (classes === 1) return areaUnderCurve(labels, probabilities)
  if (classes === 2) return one(1)
  const values = Array.from({ length: classes }, (_, k) => one(k)).filter((value) => !Number.isNaN(value))
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
