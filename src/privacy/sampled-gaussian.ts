// The sampled Gaussian mechanism, one step of differentially private gradient descent: a Poisson sample of the units, their clipped contributions summed, normal noise on
// the sum. Abadi et al. 2016, "Deep learning with differential privacy", algorithm 1; its cost: Mironov, Talwar, Zhang 2019, "Rényi differential privacy of the sampled
// Gaussian mechanism". Clipping and summing are an engine's work, on the device that has the rows: this is what it must be given, and what the step costs.
import { type Csprng, YimengError } from '../base/index.ts'
import type { DpEventOf } from './events.ts'
import { normals } from './sampling/normal.ts'

/** Steps of one kind. Samples and noise are drawn here and nowhere else, so that what is accounted is what was drawn. */
export interface SampledGaussian {
  /** What one step costs, under the adjacency `addRemove`. */
  readonly event: DpEventOf<'poissonSampled'>
  /** Chance of a unit to be in a step. */
  readonly probability: number
  /** A step's sample of the units 0 … `units` − 1, ascending: each is in it with `probability`, whatever the others do. It may be empty, and must stay secret. */
  readonly sample: (units: number, rng: Csprng) => Uint32Array
  /** Noise of `steps` steps for sums of `length` numbers whose terms have L2 norm `clip` at most: `[steps, length]`. */
  readonly noise: (of: { readonly steps: number; readonly length: number; readonly clip: number }, rng: Csprng) => Float32Array
}

/**
 * Steps that take each unit with `probability` in (0, 1] and add noise of `noiseMultiplier` × the clipping bound, above 0.
 *
 * @throws YimengError `sampled-gaussian` for numbers out of range.
 *
 * @example
 * ```ts
 * const step = sampledGaussian({ noiseMultiplier: 0.7, probability: 256 / 60_000 })
 * assert.ok(Math.abs(rdp().epsilon({ kind: 'repeated', event: step.event, count: 1645 }, 1e-5) - 3.272) < 0.001)
 * const rows = step.sample(60_000, csprng())
 * assert.ok(rows.length > 100 && rows.length < 500)
 * ```
 */
export const sampledGaussian = (options: { readonly noiseMultiplier: number; readonly probability: number }): SampledGaussian => {
  const { noiseMultiplier, probability } = options
  const refuse = (expected: string, got: number): YimengError =>
    new YimengError({ code: 'sampled-gaussian', cannot: 'make private steps', expected, got: String(got) })
  if (!(noiseMultiplier > 0 && Number.isFinite(noiseMultiplier))) throw refuse('a noise multiplier above 0', noiseMultiplier)
  if (!(probability > 0 && probability <= 1)) throw refuse('a probability above 0, at most 1', probability)
  return {
    event: { kind: 'poissonSampled', probability, event: { kind: 'gaussian', noiseMultiplier } },
    probability,
    sample: (units, rng) => {
      const chosen: number[] = []
      for (let unit = 0; unit < units; unit++) if (rng.uniform() < probability) chosen.push(unit)
      return Uint32Array.from(chosen)
    },
    noise: ({ steps, length, clip }, rng) => {
      const normal = normals(rng)
      const stddev = noiseMultiplier * clip
      const noise = new Float32Array(steps * length)
      for (let i = 0; i < noise.length; i++) noise[i] = stddev * normal()
      return noise
    },
  }
}
