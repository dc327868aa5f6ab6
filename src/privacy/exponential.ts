// The exponential mechanism: a choice among candidates, better ones more often (McSherry, Talwar 2007). Drawn exactly: candidates are proposed evenly and kept with
// probability exp(−ε (best − score) / 2Δ), each coin decided in integers where float64 leaves it open.
import { type Csprng, YimengError } from '../base/index.ts'
import type { Bounded } from './clip.ts'
import type { DpEventOf } from './events.ts'
import { lazyUniform, rational } from './sampling/lazy-uniform.ts'

/** A private choice. */
export interface PrivateChoice {
  readonly event: DpEventOf<'exponential'>
  /**
   * Index i with probability ∝ exp(ε · scores[i] / (2 Δ)), Δ = `scores.l2`: no score may move by more than that when one unit is added or removed.
   * Takes about as many coins as scores in the worst case, where one is far above all others.
   */
  readonly choose: (scores: Bounded<ArrayLike<number>>, rng: Csprng) => number
}

/**
 * Choosing with `epsilon` > 0.
 *
 * @throws YimengError `exponential` for another ε, for no scores, and for scores that are not finite.
 *
 * @example
 * ```ts
 * // a count of each of three labels: one record moves one of them by 1
 * const counts = provenBound([10, 50, 12], 1)
 * assert.equal(exponential(5).choose(counts, csprng()), 1)
 * ```
 */
export const exponential = (epsilon: number): PrivateChoice => {
  const refuse = (expected: string, got: string): YimengError =>
    new YimengError({ code: 'exponential', cannot: 'choose privately', expected, got })
  if (!(epsilon > 0 && Number.isFinite(epsilon))) throw refuse('a finite ε above 0', String(epsilon))
  return {
    event: { kind: 'exponential', epsilon },
    choose: ({ value: scores, l2: sensitivity }, rng) => {
      const list = Array.from(scores)
      if (list.length === 0) throw refuse('at least one score', 'none')
      if (!list.every(Number.isFinite)) throw refuse('finite scores', 'NaN or Inf')
      if (!(sensitivity > 0)) throw refuse('a sensitivity above 0', String(sensitivity))
      const best = list.reduce((a, b) => Math.max(a, b))
      for (;;) {
        const index = rng.integer(list.length)
        if (kept(epsilon, best, list[index]!, sensitivity, rng)) return index
      }
    },
  }
}

/** Width of the band, in units of 2^−32, in which float64 may not decide: the exponent's error is below 2^−40 of e^−exponent wherever that is above 2^−32. */
const BAND = 2 ** -6

/** True with probability exp(−ε (best − score) / (2 sensitivity)). */
const kept = (epsilon: number, best: number, score: number, sensitivity: number, rng: Csprng): boolean => {
  const word = rng.uint32()
  const edge = Math.exp((-epsilon * (best - score)) / (2 * sensitivity)) * 2 ** 32
  if (word + 1 <= edge - BAND) return true
  if (word >= edge + BAND) return false
  const e = rational(epsilon)
  const high = rational(best)
  const low = rational(score)
  const d = rational(sensitivity)
  const gap = high.over * low.under - low.over * high.under
  const gamma = { over: e.over * gap * d.under, under: 2n * e.under * high.under * low.under * d.over }
  return lazyUniform(word, 32, rng.uint32).below(gamma)
}
