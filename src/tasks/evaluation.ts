// Measures of a model on rows with known labels.
import type { Measures } from '../federated/spec/index.ts'
import {
  accuracy,
  brierScore,
  confusionMatrix,
  decisions,
  expectedCalibrationError,
  f1,
  logLoss,
  macroAreaUnderCurve,
  meanAbsolute,
  meanSquare,
  rootMeanSquare,
  sensitivity,
  specificity,
} from '../learn/index.ts'

/** A model's outputs on rows with known labels: what every statistic (confidence interval, McNemar, curves) is made from. */
export interface Evaluation {
  readonly rows: number
  /** Class index or number, `[rows]`. */
  readonly labels: Float64Array
  /** Class probabilities (of two classes too: two columns) or the predicted number, `[rows, width]` row-major. */
  readonly outputs: Float32Array
  readonly width: number
  /**
   * Classes: `loss`, `accuracy`, `auc`, `sensitivity`, `specificity`, `f1`, `calibration` (expected calibration error), `brier`; of two classes the second is the
   * positive one, of more each is the mean over the classes. Numbers: `loss` (mean square), `rmse`, `mae`, `r2`. Null where it is not defined.
   */
  readonly metrics: Measures
  /** Rows of true class i predicted as class j; absent for numbers. */
  readonly confusion?: readonly (readonly number[])[]
  /** Numbers: other labels of the same rows, by a name; each adds a measure, `rmse` with that name (`rmseUncapped`). */
  readonly otherLabels?: Readonly<Record<string, Float64Array>>
}

const known = (measures: Readonly<Record<string, number>>): Measures =>
  Object.fromEntries(Object.entries(measures).map(([name, value]) => [name, Number.isFinite(value) ? value : null]))

const capital = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1)

/** Share of the labels' variance that the predictions explain; negative when they are worse than the mean. */
const explained = (labels: Float64Array, outputs: Float32Array): number => {
  const mean = labels.reduce((sum, label) => sum + label, 0) / labels.length
  const total = labels.reduce((sum, label) => sum + (label - mean) ** 2, 0) / labels.length
  return 1 - meanSquare(labels, outputs) / total
}

/**
 * Scores outputs `[rows, width]` against labels; `width` 1 is a number. At least one row.
 *
 * @example
 * ```ts
 * const { metrics } = evaluationOf(Float64Array.of(0, 1), Float32Array.of(0.8, 0.2, 0.6, 0.4), 2)
 * assert.equal(metrics.accuracy, 0.5)
 * assert.equal(metrics.auc, 1)
 * ```
 */
export const evaluationOf = (
  labels: Float64Array,
  outputs: Float32Array,
  width: number,
  otherLabels: Evaluation['otherLabels'] = {},
): Evaluation => {
  const rows = labels.length
  if (width === 1) {
    const measures = {
      loss: meanSquare(labels, outputs),
      rmse: rootMeanSquare(labels, outputs),
      mae: meanAbsolute(labels, outputs),
      r2: explained(labels, outputs),
      ...Object.fromEntries(Object.entries(otherLabels).map(([name, other]) => [`rmse${capital(name)}`, rootMeanSquare(other, outputs)])),
    }
    return { rows, labels, outputs, width, metrics: known(measures), ...(Object.keys(otherLabels).length === 0 ? {} : { otherLabels }) }
  }
  const confusion = confusionMatrix(labels, decisions(outputs, width), width)
  const measures = {
    loss: logLoss(labels, outputs, width),
    accuracy: accuracy(confusion),
    auc: macroAreaUnderCurve(labels, outputs, width),
    sensitivity: sensitivity(confusion),
    specificity: specificity(confusion),
    f1: f1(confusion),
    calibration: expectedCalibrationError(labels, outputs, width),
    brier: brierScore(labels, outputs, width),
  }
  return { rows, labels, outputs, width, metrics: known(measures), confusion }
}

/** Some rows of an evaluation as one of their own. */
export const partOf = (whole: Evaluation, from: number, to: number): Evaluation =>
  evaluationOf(
    whole.labels.slice(from, to),
    whole.outputs.slice(from * whole.width, to * whole.width),
    whole.width,
    Object.fromEntries(Object.entries(whole.otherLabels ?? {}).map(([name, labels]) => [name, labels.slice(from, to)])),
  )
