// The Laplace mechanism (Dwork, McSherry, Nissim, Smith 2006) on a grid, in exact integers, for the reasons given at discrete-gaussian.ts. Pure ε-privacy with
// ε = 1 / noiseMultiplier. Best for single numbers and short vectors: in long ones the noise grows with the square root of the length, as L1 bounds do.
import type { Vector } from './clip.ts'
import { checkNoiseOptions } from './discrete-gaussian.ts'
import { addOnGrid, ROUNDING } from './grid.ts'
import type { Mechanism } from './mechanism.ts'
import { discreteLaplaceNoise } from './sampling/integer-noise.ts'

/** Choices of {@link laplace}. */
export interface LaplaceOptions {
  /** Scale / L1 sensitivity, above 0. */
  readonly noiseMultiplier: number
  /** Length of the vectors. */
  readonly dimension: number
  /** Grid steps in one L2 bound; 2^10 · √dimension if left out. */
  readonly stepsPerBound?: number
}

/**
 * Adds discrete Laplace noise to every value of a bounded vector of length `dimension`. The L1 sensitivity is taken as √dimension · l2, which every L2 bound implies.
 *
 * @throws YimengError as {@link discreteGaussian}.
 *
 * @example
 * ```ts
 * const mechanism = laplace({ noiseMultiplier: 2, dimension: 1 })
 * assert.ok(Math.abs(pld().epsilon(mechanism.event, 0) - 0.5) < 2e-4)
 * ```
 */
export const laplace = <T extends Vector>(options: LaplaceOptions): Mechanism<T> => {
  const { noiseMultiplier, dimension, stepsPerBound = 2 ** 10 * Math.ceil(Math.sqrt(dimension)) } = options
  checkNoiseOptions(noiseMultiplier, dimension, stepsPerBound)
  // as for the discrete Gaussian, in L1: rounding adds up to ROUNDING for each coordinate
  const sensitivity = Math.ceil(Math.sqrt(dimension) * stepsPerBound + ROUNDING * dimension)
  const noise = discreteLaplaceNoise(noiseMultiplier * sensitivity)
  return {
    event: { kind: 'discreteLaplace', noiseMultiplier, sensitivity },
    perturb: ({ value, l2 }, rng) => ({ ...value, values: addOnGrid(value.values, dimension, l2 / stepsPerBound, noise, rng) }),
  }
}
