// The Gaussian mechanism without floating-point holes: values are rounded to a grid, and discrete Gaussian noise is added in exact integers (Canonne, Kamath,
// Steinke 2020, section 4). What is released is a function of that integer alone, so no low bit betrays the value (Mironov 2012 on why that matters).
import { YimengError } from '../base/index.ts'
import type { Vector } from './clip.ts'
import { addOnGrid, ROUNDING } from './grid.ts'
import type { Mechanism } from './mechanism.ts'
import { discreteGaussianNoise } from './sampling/integer-noise.ts'

/** Choices of {@link discreteGaussian}. */
export interface DiscreteGaussianOptions {
  /** Standard deviation / L2 sensitivity, above 0. */
  readonly noiseMultiplier: number
  /** Length of the vectors. */
  readonly dimension: number
  /**
   * Grid steps in one bound; 2^10 · √dimension if left out. The noise grows by a factor of 1 + √dimension / stepsPerBound for the rounding; finer steps cost nothing,
   * but noiseMultiplier · stepsPerBound is at most 2^31, and accountants by loss distributions get slow beyond 2^20.
   */
  readonly stepsPerBound?: number
}

/**
 * Adds discrete Gaussian noise on a grid of `l2 / stepsPerBound` to every value of a bounded vector of length `dimension`. Costs what normal noise of the same
 * multiplier costs: the noise grows a little to cover what rounding adds to the sensitivity.
 *
 * @throws YimengError `noise-options` for options out of range; on use `noise-dimension` for another length, `noise-range` beyond 2^42 steps.
 *
 * @example
 * ```ts
 * const mechanism = discreteGaussian({ noiseMultiplier: 2, dimension: 3 })
 * const noised = mechanism.perturb(clip(1)({ values: Float32Array.of(0.1, 0.2, 0.3) }), csprng())
 * assert.equal(noised.values.length, 3)
 * assert.ok(Math.abs(rdp().epsilon(mechanism.event, 1e-5) - rdp().epsilon({ kind: 'gaussian', noiseMultiplier: 2 }, 1e-5)) < 1e-12)
 * ```
 */
export const discreteGaussian = <T extends Vector>(options: DiscreteGaussianOptions): Mechanism<T> => {
  const { noiseMultiplier, dimension, stepsPerBound = 2 ** 10 * Math.ceil(Math.sqrt(dimension)) } = options
  checkNoiseOptions(noiseMultiplier, dimension, stepsPerBound)
  // neighbours differ by l2 before rounding; each of the two roundings moves them by at most half a step per coordinate
  // (a single coordinate moves by whole steps)
  const sensitivity = dimension === 1 ? stepsPerBound + 1 : stepsPerBound + ROUNDING * Math.sqrt(dimension)
  const noise = discreteGaussianNoise(noiseMultiplier * sensitivity)
  return {
    event: { kind: 'discreteGaussian', noiseMultiplier, sensitivity, dimension },
    perturb: ({ value, l2 }, rng) => ({ ...value, values: addOnGrid(value.values, dimension, l2 / stepsPerBound, noise, rng) }),
  }
}

/** Throws `noise-options` unless all are positive, and the dimension and the steps whole. */
export const checkNoiseOptions = (noiseMultiplier: number, dimension: number, stepsPerBound: number): void => {
  const refuse = (expected: string, got: number): YimengError =>
    new YimengError({ code: 'noise-options', cannot: 'make mechanism', expected, got: String(got) })
  if (!(noiseMultiplier > 0 && Number.isFinite(noiseMultiplier))) throw refuse('a noise multiplier above 0', noiseMultiplier)
  if (!(Number.isSafeInteger(dimension) && dimension >= 1)) throw refuse('a whole dimension from 1', dimension)
  if (!(Number.isSafeInteger(stepsPerBound) && stepsPerBound >= 1)) throw refuse('whole stepsPerBound from 1', stepsPerBound)
}
