// Metrics of classification by counting: who was called what.
import { YimengError } from '../../base/index.ts'

/** Counts `[truth][prediction]`. */
export type ConfusionMatrix = readonly (readonly number[])[]

const sameLength = (a: ArrayLike<unknown>, b: ArrayLike<unknown>): void => {
  if (a.length !== b.length || a.length === 0) {
    throw new YimengError({
      code: 'metric-input',
      cannot: 'score predictions',
      expected: 'as many predictions as labels, at least one',
      got: `${a.length} and ${b.length}`,
    })
  }
}

/** The most probable class of each row: `probabilities [rows, classes]`; the first of several equal ones. With one column: 1 where the probability is at least `threshold`. */
export const decisions = (probabilities: ArrayLike<number>, classes: number, threshold = 0.5): Int32Array => {
  if (classes < 1 || probabilities.length % classes !== 0) {
    throw new YimengError({
      code: 'metric-input',
      cannot: 'decide classes',
      expected: `rows of ${classes} probabilities`,
      got: String(probabilities.length),
    })
  }
  return Int32Array.from({ length: probabilities.length / classes }, (_, row) => {
    if (classes === 1) return (probabilities[row] ?? 0) >= threshold ? 1 : 0
    let best = 0
    for (let k = 1; k < classes; k++) if ((probabilities[row * classes + k] ?? 0) > (probabilities[row * classes + best] ?? 0)) best = k
    return best
  })
}

/** Counts of each truth and decision. Throws `metric-input` on a class outside 0 … classes−1. */
export const confusionMatrix = (truths: ArrayLike<number>, decided: ArrayLike<number>, classes: number): ConfusionMatrix => {
  sameLength(truths, decided)
  const counts = Array.from({ length: classes }, () => Array.from({ length: classes }, () => 0))
  for (let i = 0; i < truths.length; i++) {
    const [truth = -1, decision = -1] = [truths[i], decided[i]]
    const row = counts[truth]
    if (row?.[decision] === undefined) {
      throw new YimengError({
        code: 'metric-input',
        cannot: 'count classes',
        expected: `classes below ${classes}`,
        got: `${truth} and ${decision}`,
        where: { row: i },
      })
    }
    row[decision] = (row[decision] ?? 0) + 1
  }
  return counts
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)

/** Counts of one class against the rest. */
const oneAgainstRest = (
  matrix: ConfusionMatrix,
  k: number,
): { readonly hit: number; readonly missed: number; readonly falseAlarm: number; readonly rest: number } => {
  const hit = matrix[k]?.[k] ?? 0
  const missed = sum([...(matrix[k] ?? [])]) - hit
  const falseAlarm = sum(matrix.map((row) => row[k] ?? 0)) - hit
  return { hit, missed, falseAlarm, rest: sum(matrix.map((row) => sum([...row]))) - hit - missed - falseAlarm }
}

/** Mean over the classes; for two classes, the value of class 1, which is the one that matters in medicine. Classes without a value (NaN) are left out of the mean. */
const macro = (matrix: ConfusionMatrix, of: (k: number) => number): number => {
  if (matrix.length === 2) return of(1)
  const values = matrix.map((_, k) => of(k)).filter((value) => !Number.isNaN(value))
  return sum(values) / values.length
}

/** Share of right decisions. */
export const accuracy = (matrix: ConfusionMatrix): number =>
  sum(matrix.map((row, k) => row[k] ?? 0)) / sum(matrix.map((row) => sum([...row])))

/** Share of the ill who are found: true positives / positives. Several classes: mean of each against the rest. NaN without positives. */
export const sensitivity = (matrix: ConfusionMatrix): number =>
  macro(matrix, (k) => {
    const { hit, missed } = oneAgainstRest(matrix, k)
    return hit / (hit + missed)
  })

/** Share of the healthy who are left in peace: true negatives / negatives. Several classes: mean of each against the rest. NaN without negatives. */
export const specificity = (matrix: ConfusionMatrix): number =>
  macro(matrix, (k) => {
    const { rest, falseAlarm } = oneAgainstRest(matrix, k)
    return rest / (rest + falseAlarm)
  })

/** Harmonic mean of precision and sensitivity: 2·TP / (2·TP + FP + FN). Several classes: mean of each against the rest. NaN where a class is neither present nor predicted. */
export const f1 = (matrix: ConfusionMatrix): number =>
  macro(matrix, (k) => {
    const { hit, missed, falseAlarm } = oneAgainstRest(matrix, k)
    return (2 * hit) / (2 * hit + missed + falseAlarm)
  })
