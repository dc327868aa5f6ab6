// How the golden file of this folder describes an array: shape, extent, and sums in which every element counts by its place.

/** What `tools/golden/data-images.py` stores of an array. */
export interface Digest {
  readonly shape: readonly number[]
  readonly min: number
  readonly max: number
  readonly sum: number
  readonly weighted: number
}

/** The digest of numbers in C order; weights run 1 … 251 and again. */
export const digest = (shape: readonly number[], values: ArrayLike<number>): Digest => {
  let [min, max, sum, weighted] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, 0]
  for (let at = 0; at < values.length; at += 1) {
    const value = values[at] ?? Number.NaN
    min = Math.min(min, value)
    max = Math.max(max, value)
    sum += value
    weighted += (1 + (at % 251)) * value
  }
  return { shape, min, max, sum, weighted }
}

/** The digest's own fields of a golden entry. */
export const digestOf = ({ shape, min, max, sum, weighted }: Digest): Digest => ({ shape, min, max, sum, weighted })
