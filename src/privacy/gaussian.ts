// The Gaussian mechanism: normal noise in proportion to the bound.
// Dwork and Roth 2014, "The algorithmic foundations of differential privacy", appendix A; as one step of training, Abadi et al. 2016, algorithm 1 (the noise line).
// The noise is a float64 Box–Muller normal rounded to float32. That is the textbook mechanism, not a hardened one: on floats the released bits can betray the value
// (Mironov 2012, "On significance of the least significant bits for differential privacy"). Where the adversary reads single bits, use the discrete Gaussian.
import { YimengError } from '../base/index.ts'
import type { Vector } from './clip.ts'
import type { Mechanism } from './mechanism.ts'
import { normals } from './sampling/normal.ts'

/**
 * Adds N(0, (noiseMultiplier · l2)²) to every value of a bounded vector, l2 being its bound. `noiseMultiplier` is stddev / sensitivity, a finite number above 0.
 * Only `values` is noised: what else a record holds, it keeps.
 *
 * @throws YimengError `gaussian-noise`.
 *
 * @example
 * ```ts
 * assert.deepEqual(gaussian(0.5).event, { kind: 'gaussian', noiseMultiplier: 0.5 })
 * ```
 */
export const gaussian = <T extends Vector>(noiseMultiplier: number): Mechanism<T> => {
  if (!(noiseMultiplier > 0 && noiseMultiplier < Number.POSITIVE_INFINITY))
    throw new YimengError({
      code: 'gaussian-noise',
      cannot: 'make Gaussian mechanism',
      expected: 'a noise multiplier above 0',
      got: String(noiseMultiplier),
    })
  return {
    event: { kind: 'gaussian', noiseMultiplier },
    perturb: ({ value, l2 }, rng) => {
      const normal = normals(rng)
      const stddev = noiseMultiplier * l2
      return { ...value, values: value.values.map((x) => x + stddev * normal()) }
    },
  }
}
