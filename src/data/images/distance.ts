// How thick a shape is, as numbers: each sample inside it becomes its distance to the nearest one outside.
// Squared Euclidean distances, exact, axis by axis as lower envelopes of parabolas: Felzenszwalb and Huttenlocher 2012, Theory of Computing 8, algorithm 1 and section 3.
import type { Picture } from './picture.ts'

/** What the lines of one length share: squared distances of a line, and the parabolas of its envelope with where each begins to be lowest. */
interface Line {
  readonly heights: Float64Array
  readonly vertices: Int32Array
  readonly begins: Float64Array
}

const lineOf = (length: number): Line => ({
  heights: new Float64Array(length),
  vertices: new Int32Array(length),
  begins: new Float64Array(length),
})

/** `squares[from + i · step]` becomes the least (i − j)² + `squares[from + j · step]`. */
const lowered = (squares: Float64Array, from: number, step: number, { heights, vertices, begins }: Line): void => {
  for (let at = 0; at < heights.length; at += 1) heights[at] = squares[from + at * step] ?? 0
  let top = -1
  for (let at = 0; at < heights.length; at += 1) {
    const height = heights[at] ?? 0
    // a parabola that is nowhere finite is nowhere lowest
    if (height === Number.POSITIVE_INFINITY) continue
    let begin = Number.NEGATIVE_INFINITY
    for (; top >= 0; top -= 1) {
      const vertex = vertices[top] ?? 0
      begin = (height + at * at - (heights[vertex] ?? 0) - vertex * vertex) / (2 * (at - vertex))
      if (begin > (begins[top] ?? 0)) break
    }
    top += 1
    vertices[top] = at
    begins[top] = begin
  }
  if (top === -1) return
  let parabola = 0
  for (let at = 0; at < heights.length; at += 1) {
    while (parabola < top && (begins[parabola + 1] ?? 0) < at) parabola += 1
    const vertex = vertices[parabola] ?? 0
    squares[from + at * step] = (at - vertex) ** 2 + (heights[vertex] ?? 0)
  }
}

/**
 * The Euclidean distance of each sample inside to the nearest one outside, in samples; 0 outside, infinite where nothing is outside. What lies beyond the edges counts
 * for nothing, as in SciPy's `distance_transform_edt`.
 *
 * @param inside - not 0 where a sample is inside; of `lengths`, the last axis fastest
 *
 * @example
 * ```ts
 * assert.deepEqual([...distancesInside([0, 1, 1, 1, 0], [5])], [0, 1, 2, 1, 0])
 * ```
 */
export const distancesInside = (inside: ArrayLike<number>, lengths: readonly number[]): Float64Array => {
  const squares = Float64Array.from(inside, (value) => (value === 0 ? 0 : Number.POSITIVE_INFINITY))
  let step = 1
  for (const length of lengths.toReversed()) {
    const line = lineOf(length)
    for (let block = 0; block < squares.length; block += step * length)
      for (let from = block; from < block + step; from += 1) lowered(squares, from, step, line)
    step *= length
  }
  return squares.map(Math.sqrt)
}

/** A picture of one channel as distances: a sample nearer to white than to black is inside. Black is a distance of 0, and white (1) of `furthest` samples or more. */
export const distanceMap = (picture: Picture, furthest: number): Picture => {
  const { depth, height, width, samples, range } = picture
  const [black, white] = range
  const inside = Uint8Array.from(samples, (value) => (Math.abs(value - white) < Math.abs(value - black) ? 1 : 0))
  const distances = distancesInside(inside, [depth, height, width])
  // cut before anything is averaged: a shape without an outside has no finite distances
  return { ...picture, samples: Float32Array.from(distances, (distance) => Math.min(1, distance / furthest)), range: [0, 1] }
}
