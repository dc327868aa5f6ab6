// Noise that no single party holds: each adds its share of discrete Gaussian noise to its quantised update, and only the masked sum carries enough to protect
// (Kairouz, Liu, Steinke 2021, "The distributed discrete Gaussian mechanism for federated learning with secure aggregation").
// Rounding is random, so that means stay right, and drawn again while it lengthens the vector too much (their conditional randomised rounding).
import { type Csprng, YimengError } from '../base/index.ts'
import { type Bounded, provenBound, type Vector } from './clip.ts'
import { checkNoiseOptions } from './discrete-gaussian.ts'
import type { Mechanism } from './mechanism.ts'
import { discreteGaussianNoise } from './sampling/integer-noise.ts'

/** Whole numbers that a masked sum can carry. */
export interface IntegerVector {
  readonly values: Int32Array
}

/** Between vectors of a bounded length and whole numbers. */
export interface Quantiser {
  /** Length of a step, in the unit of the values. */
  readonly step: number
  /** Largest L2 norm of what `quantise` gives, in steps. */
  readonly sensitivity: number
  readonly dimension: number
  /** Random rounding to the grid. Throws `quantise-bound` for a vector whose bound or length is another. */
  readonly quantise: (x: Bounded<Vector>, rng: Csprng) => Bounded<IntegerVector>
  /** Whole numbers (a sum of quantised vectors and noise) as values. */
  readonly restore: (sum: ArrayLike<number>) => Float32Array
}

/** Choices of {@link quantiser}. */
export interface QuantiserOptions {
  /** Largest L2 norm of a vector. */
  readonly l2: number
  readonly dimension: number
  /** Grid steps in one bound: whole, and some times √dimension, or rounding drowns the vector. */
  readonly stepsPerBound: number
}

/**
 * Random rounding with a proven bound.
 *
 * @throws YimengError `noise-options`.
 *
 * @example
 * ```ts
 * const grid = quantiser({ l2: 1, dimension: 2, stepsPerBound: 1000 })
 * const whole = grid.quantise(clip(1)({ values: Float32Array.of(0.25, -0.5) }), csprng())
 * assert.deepEqual([...whole.value.values], [250, -500])
 * ```
 */
export const quantiser = ({ l2, dimension, stepsPerBound }: QuantiserOptions): Quantiser => {
  checkNoiseOptions(l2, dimension, stepsPerBound)
  const step = l2 / stepsPerBound
  // their bound with β = e^(−1/2): rounding fits with probability 1 − β at least, and always fits the second bound
  const random = Math.sqrt(stepsPerBound ** 2 + dimension / 4 + stepsPerBound + Math.sqrt(dimension) / 2)
  const sensitivity = Math.min(random, stepsPerBound + Math.sqrt(dimension))
  return {
    step,
    sensitivity,
    dimension,
    quantise: (x, rng) => {
      const { values } = x.value
      if (x.l2 > l2 || values.length !== dimension)
        throw new YimengError({
          code: 'quantise-bound',
          cannot: 'quantise vector',
          expected: `${dimension} values with bound ${l2}`,
          got: `${values.length} with bound ${x.l2}`,
        })
      const rounded = new Int32Array(dimension)
      for (;;) {
        let square = 0
        for (let i = 0; i < dimension; i++) {
          const place = values[i]! / step
          const low = Math.floor(place)
          const whole = place === low ? low : low + (rng.uniform() < place - low ? 1 : 0)
          rounded[i] = whole
          square += whole * whole
        }
        // the norm is checked, not believed: this is the proof of the bound
        if (Math.sqrt(square) <= sensitivity) return provenBound({ values: rounded }, sensitivity)
      }
    },
    restore: (sum) => Float32Array.from(sum, (whole) => whole * step),
  }
}

/** Choices of {@link distributedGaussian}. */
export interface DistributedGaussianOptions {
  /** Standard deviation of all noise together / L2 sensitivity. */
  readonly noiseMultiplier: number
  readonly quantiser: Quantiser
  /** Parties whose noise is certain to be in the sum: the quorum, less those who may collude. */
  readonly parties: number
}

/**
 * One party's share of the noise, for its quantised vector. The event is that of the sum, and holds only where nobody sees less than the sum of `parties` shares.
 *
 * @throws YimengError `noise-options`; on use `quantise-bound` for a vector of another quantiser.
 *
 * @example
 * ```ts
 * const grid = quantiser({ l2: 1, dimension: 100, stepsPerBound: 10_000 })
 * const share = distributedGaussian({ noiseMultiplier: 1, quantiser: grid, parties: 10 })
 * assert.ok(Math.abs(rdp().epsilon(share.event, 1e-5) - rdp().epsilon({ kind: 'gaussian', noiseMultiplier: 1 }, 1e-5)) < 1e-9)
 * ```
 */
export const distributedGaussian = (options: DistributedGaussianOptions): Mechanism<IntegerVector> => {
  const { noiseMultiplier, parties, quantiser: grid } = options
  checkNoiseOptions(noiseMultiplier, parties, 1)
  const { sensitivity, dimension } = grid
  const noise = discreteGaussianNoise((noiseMultiplier * sensitivity) / Math.sqrt(parties))
  return {
    event: { kind: 'distributedDiscreteGaussian', noiseMultiplier, sensitivity, dimension, parties },
    perturb: ({ value, l2 }, rng) => {
      if (l2 > sensitivity || value.values.length !== dimension)
        throw new YimengError({
          code: 'quantise-bound',
          cannot: 'add share of noise',
          expected: `${dimension} integers with bound ${sensitivity}`,
          got: `${value.values.length} with bound ${l2}`,
        })
      const values = new Int32Array(dimension)
      noise.draw(values, rng)
      for (let i = 0; i < dimension; i++) values[i]! += value.values[i]!
      return { values }
    },
  }
}
