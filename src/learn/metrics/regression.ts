// Distances between predicted and true numbers.

const meanOf = (truths: ArrayLike<number>, predictions: ArrayLike<number>, f: (difference: number) => number): number => {
  let total = 0
  for (let i = 0; i < truths.length; i++) total += f((predictions[i] ?? Number.NaN) - (truths[i] ?? Number.NaN))
  return total / truths.length
}

/** Mean squared error. */
export const meanSquare = (truths: ArrayLike<number>, predictions: ArrayLike<number>): number => meanOf(truths, predictions, (d) => d * d)

/** Root of the mean squared error, in the unit of the label. */
export const rootMeanSquare = (truths: ArrayLike<number>, predictions: ArrayLike<number>): number =>
  Math.sqrt(meanSquare(truths, predictions))

/** Mean absolute error, in the unit of the label. */
export const meanAbsolute = (truths: ArrayLike<number>, predictions: ArrayLike<number>): number => meanOf(truths, predictions, Math.abs)
