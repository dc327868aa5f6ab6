// Values on a grid: the integers that exact noise is added to.
import { type Csprng, YimengError } from '../base/index.ts'
import type { IntegerNoise } from './sampling/integer-noise.ts'

/**
 * How far rounding two neighbours to the grid can move them apart, in steps for each coordinate: half a step each, and the error of dividing by the step in float64,
 * which is below 2^−11 at {@link MOST_STEPS}.
 */
export const ROUNDING = 1 + 2 ** -10

/** Values beyond this many steps are refused: float64 would round them too coarsely. */
const MOST_STEPS = 2 ** 42

/** The nearest grid points of `values` plus noise, as float32. Throws `noise-dimension`, `noise-range`. */
export const addOnGrid = (values: Float32Array, dimension: number, step: number, noise: IntegerNoise, rng: Csprng): Float32Array => {
  if (values.length !== dimension)
    throw new YimengError({ code: 'noise-dimension', cannot: 'add noise', expected: `${dimension} values`, got: String(values.length) })
  const sum = new Float64Array(dimension)
  noise.draw(sum, rng)
  for (let i = 0; i < dimension; i++) {
    const place = Math.round(values[i]! / step)
    if (!(Math.abs(place) <= MOST_STEPS))
      throw new YimengError({
        code: 'noise-range',
        cannot: 'add noise',
        expected: `values up to ${MOST_STEPS} steps of the grid`,
        got: 'a larger one',
      })
    sum[i]! += place
  }
  return Float32Array.from(sum, (place) => place * step)
}
