// What must not compile: noise without a bound, with a forged one, or from reproducible randomness.
import { csprng, seed } from '../base/index.ts'
import { type Bounded, clip, discreteGaussian, distributedGaussian, exponential, laplace, quantiser, type Vector } from './index.ts'

const vector: Vector = { values: Float32Array.of(1, 2) }
const rng = csprng()
const forged = { value: vector, l2: 1 }
const grid = quantiser({ l2: 1, dimension: 2, stepsPerBound: 100 })

for (const mechanism of [discreteGaussian({ noiseMultiplier: 1, dimension: 2 }), laplace({ noiseMultiplier: 1, dimension: 2 })]) {
  mechanism.perturb(clip(1)(vector), rng)
  // @ts-expect-error noise before clipping
  mechanism.perturb(vector, rng)
  // @ts-expect-error a bound that nobody enforced
  mechanism.perturb(forged, rng)
  // @ts-expect-error noise that anybody can draw again
  mechanism.perturb(clip(1)(vector), seed(1).random())
}

distributedGaussian({ noiseMultiplier: 1, quantiser: grid, parties: 3 }).perturb(grid.quantise(clip(1)(vector), rng), rng)
// @ts-expect-error a share of noise for a vector that was not quantised
distributedGaussian({ noiseMultiplier: 1, quantiser: grid, parties: 3 }).perturb(clip(1)(vector), rng)
// @ts-expect-error rounding of an unclipped vector has no bound
grid.quantise(vector, rng)
// @ts-expect-error scores without a sensitivity
exponential(1).choose([1, 2, 3], rng)

// @ts-expect-error the brand cannot be written down
export const literal: Bounded<Vector> = { value: vector, l2: 1 }
