// The mean of clipped updates with a bound on what any one of them can change: what central noise is added to.
// McMahan, Ramage, Talwar, Zhang 2018, "Learning differentially private recurrent language models", ICLR, section 3: the fixed-denominator estimator
//   Σₖ min(wₖ, cap)·xₖ / (cap · cohort),  ‖xₖ‖ ≤ C
// The denominator is public, so one contribution moves the result by at most C / cohort; with fewer contributions than the cohort the result is shorter than the mean.
// Total, `[size + 1]` ring elements: Σ in fixed point · number of contributions. Weights and losses are not in it: nothing would cover them.
import type { RingBits, RingVector } from '../../algebra/index.ts'
import { YimengError } from '../../base/index.ts'
import { type Bounded, type Clip, provenBound, type Vector } from '../../privacy/index.ts'
import type { LinearAggregation } from '../aggregation.ts'
import { type Update, updateCodec } from '../update.ts'
import { lifting, narrowestRing, setElement, sizeOf, type VectorShape } from './lifting.ts'

/** Options of {@link boundedMean}. */
export interface BoundedMeanOptions extends VectorShape {
  /** Public number of contributions that the sum is divided by; more are an error. */
  readonly cohort: number
  /** Ring Z/2^bits. Default: 32 where rounding lengthens no update by more than {@link ROUNDING} of its bound, else 64. */
  readonly bits?: RingBits
}

/**
 * Share of the bound that rounding in a ring of 32 bits may add to an update's length, all its values together. The mean's `l2` counts it, so that ε is what was planned and noise grows by this
 * share at most: 0.02 %. 32 bits do up to √values · cap · cohort of about 2^20: a million values from a thousand sites, ten millions from 250.
 */
const ROUNDING = 2 ** -12

/**
 * The mean of updates clipped by `clip`, weights capped at `cap` (a whole number of rows; 1 counts every site alike). What arrives is measured again: a node that did not
 * clip is refused. Ring and fraction bits follow from the public bounds alone (shape, clip, cap, cohort), with which no sum can wrap; with 32 bits a mask is half as long.
 *
 * @throws YimengError `bounded-mean` for a cap or cohort that is no whole number from 1; from `finish`, `mean-weight` for more contributions than the cohort, or none.
 *
 * @example
 * ```ts
 * const bound = clip(1)
 * const mean = boundedMean(bound, 1, { length: 2, cohort: 2 })
 * const [a, b] = [Float32Array.of(2, 0), Float32Array.of(0, 0.5)].map((values, k) => mean.lift(bound({ values, weight: 9 }), `site ${k}`))
 * const result = mean.finish(mean.sum.add(a, b))
 * assert.deepEqual(result.value.values, Float32Array.of(0.5, 0.25))
 * assert.ok(result.l2 >= 0.5 && result.l2 < 0.500001)
 * ```
 */
export const boundedMean = (
  clip: Clip,
  cap: number,
  { cohort, bits: asked, ...shape }: BoundedMeanOptions,
): LinearAggregation<Bounded<Update>, RingVector, Bounded<Vector>> => {
  for (const [name, value] of Object.entries({ cap, cohort }))
    if (!Number.isSafeInteger(value) || value < 1)
      throw new YimengError({
        code: 'bounded-mean',
        cannot: 'make bounded mean',
        expected: `${name} a whole number from 1`,
        got: String(value),
      })
  const denominator = cap * cohort
  const bounds = { maxAbs: clip.l2, maxWeight: denominator }
  // each of d values may be off by as much for all together to be within the share
  const within = (ROUNDING * clip.l2) / Math.sqrt(Math.max(1, sizeOf(shape)))
  const bits = asked ?? narrowestRing(bounds, within)
  const { size, fixed, ring, values } = lifting(shape, { bits, ...bounds })
  // a contribution of length C weighs at most cap. Lifting moves each of its values by at most 2^−(f+1). Rounding the result to float32 moves it by at most 2^−24 of its
  // length, which is at most C; two neighbouring results may be rounded apart
  const l2 = (clip.l2 + Math.sqrt(size) * 2 ** -(fixed.fractionBits + 1)) / cohort + 2 ** -23 * clip.l2
  return {
    input: {
      encode: ({ value }) => updateCodec.encode({ values: value.values, weight: value.weight }),
      decode: (bytes) => clip.verify(updateCodec.decode(bytes)),
    },
    total: ring.codec,
    sum: { zero: () => ring.zero(size + 1), add: ring.add },
    lift: ({ value }, from) => {
      const lifted = values(value.values, Math.min(value.weight, cap), from, 1)
      setElement(lifted, size, 1)
      return lifted
    },
    finish: (total) => {
      const contributions = Number(total[size])
      if (contributions < 1 || contributions > cohort)
        throw new YimengError({
          code: 'mean-weight',
          cannot: 'take mean',
          expected: `1 … ${cohort} contributions`,
          got: String(contributions),
        })
      return provenBound({ values: Float32Array.from(fixed.lower(total.subarray(0, size), denominator)) }, l2)
    },
    linear: { bits, length: size + 1, toRing: (total) => total, fromRing: (vector) => vector },
  }
}
