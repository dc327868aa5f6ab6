// How far probabilities can be believed.

/** Probability that a row gives to class k; one column holds the probability of class 1. */
const probabilityOf = (probabilities: ArrayLike<number>, classes: number, row: number, k: number): number => {
  if (classes > 1) return probabilities[row * classes + k] ?? 0
  const p = probabilities[row] ?? 0
  return k === 1 ? p : 1 - p
}

/** Mean squared distance between probabilities and truth, summed over the classes (Brier 1950), halved so that two classes give the usual (p − y)². */
export const brierScore = (labels: ArrayLike<number>, probabilities: ArrayLike<number>, classes: number): number => {
  const width = Math.max(classes, 2)
  let total = 0
  for (let i = 0; i < labels.length; i++) {
    for (let k = 0; k < width; k++) total += (probabilityOf(probabilities, classes, i, k) - (labels[i] === k ? 1 : 0)) ** 2
  }
  return total / labels.length / 2
}

/** Mean of −log p(truth). Probabilities are kept at least 1e−15, as scikit-learn did, so that one sure mistake does not make it infinite. */
export const logLoss = (labels: ArrayLike<number>, probabilities: ArrayLike<number>, classes: number): number => {
  let total = 0
  for (let i = 0; i < labels.length; i++)
    total -= Math.log(Math.min(1, Math.max(1e-15, probabilityOf(probabilities, classes, i, labels[i] ?? 0))))
  return total / labels.length
}

/** One bar of a reliability diagram. */
export interface CalibrationBin {
  readonly from: number
  readonly to: number
  readonly count: number
  /** Mean probability of the bin's rows; NaN in an empty bin. */
  readonly confidence: number
  /** Share of the bin's rows where it came true; NaN in an empty bin. */
  readonly frequency: number
}

/**
 * Reliability diagram in bins of equal width. With two classes the probability of class 1 against how often it is true; with more, that of the
 * most probable class against how often that is right (Guo et al. 2017, section 2).
 */
export const calibrationBins = (
  labels: ArrayLike<number>,
  probabilities: ArrayLike<number>,
  classes: number,
  bins = 10,
): readonly CalibrationBin[] => {
  const counts = Array.from({ length: bins }, () => ({ count: 0, confidence: 0, hits: 0 }))
  for (let i = 0; i < labels.length; i++) {
    let k = 1
    if (classes > 2)
      for (let j = (k = 0); j < classes; j++)
        if (probabilityOf(probabilities, classes, i, j) > probabilityOf(probabilities, classes, i, k)) k = j
    const p = probabilityOf(probabilities, classes, i, k)
    const bin = counts[Math.min(bins - 1, Math.max(0, Math.floor(p * bins)))]
    if (bin === undefined) continue
    bin.count++
    bin.confidence += p
    bin.hits += labels[i] === k ? 1 : 0
  }
  return counts.map(({ count, confidence, hits }, b) => ({
    from: b / bins,
    to: (b + 1) / bins,
    count,
    confidence: confidence / count,
    frequency: hits / count,
  }))
}

/** Mean gap between confidence and frequency over the bins, weighted by their rows (Naeini et al. 2015; Guo et al. 2017, equation 3). */
export const expectedCalibrationError = (labels: ArrayLike<number>, probabilities: ArrayLike<number>, classes: number, bins = 10): number =>
  calibrationBins(labels, probabilities, classes, bins).reduce(
    (sum, { count, confidence, frequency }) => (count === 0 ? sum : sum + (count / labels.length) * Math.abs(confidence - frequency)),
    0,
  )
