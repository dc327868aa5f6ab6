// Do stated probabilities come true? Reliability in ten equal bins. Source: Guo et al. (2017), "On calibration of modern neural networks", section 2.
import type { Evaluation } from '../simulation/index.ts'
import type { CalibrationBin } from './comparison.ts'

const binCount = 10

/** Index of the largest output of each row, `[rows]`; the first of equals. */
export const predictedClasses = ({ rows, outputs, width }: Evaluation): Uint32Array =>
  Uint32Array.from({ length: rows }, (_, row) => {
    let best = 0
    for (let j = 1; j < width; j++) if ((outputs[row * width + j] ?? 0) > (outputs[row * width + best] ?? 0)) best = j
    return best
  })

/**
 * Reliability bins of classifiers, all evaluations together. Two classes: probability stated for the second class against its share. More: confidence in the called
 * class against the share called rightly. Empty bins are left out; nothing for numbers.
 */
export const calibrationBins = (evaluations: readonly Evaluation[]): readonly CalibrationBin[] => {
  const rows = new Float64Array(binCount)
  const stated = new Float64Array(binCount)
  const observed = new Float64Array(binCount)
  for (const evaluation of evaluations) {
    if (evaluation.confusion === undefined) continue
    const { width, outputs, labels } = evaluation
    const called = predictedClasses(evaluation)
    for (let row = 0; row < evaluation.rows; row++) {
      const column = width === 2 ? 1 : (called[row] ?? 0)
      const probability = outputs[row * width + column] ?? 0
      const bin = Math.min(binCount - 1, Math.floor(probability * binCount))
      rows[bin] = (rows[bin] ?? 0) + 1
      stated[bin] = (stated[bin] ?? 0) + probability
      observed[bin] = (observed[bin] ?? 0) + (labels[row] === column ? 1 : 0)
    }
  }
  return [...rows].flatMap((count, bin) =>
    count === 0 ? [] : [{ rows: count, stated: (stated[bin] ?? 0) / count, observed: (observed[bin] ?? 0) / count }],
  )
}
