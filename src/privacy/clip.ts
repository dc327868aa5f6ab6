// Bounds that are proven, not promised. A Bounded value says how far one contribution can move it; only clipping (here) and folds that add clipped
// contributions make one, so noise can never be calibrated to a bound that nobody enforced.
// Clipping by L2 norm: Abadi et al. 2016, "Deep learning with differential privacy", section 3.1 (there per example, here per update).
import { YimengError } from '../base/index.ts'

declare const bound: unique symbol

/** Anything whose numbers are one flat vector: parameters, updates, statistics. */
export interface Vector {
  readonly values: Float32Array
}

/**
 * A value with its sensitivity: adding or removing one contribution (the whole update of one unit of privacy) moves `value.values` by at most `l2` in L2 norm.
 * For a clipped update itself that is its largest norm. The brand is unexported on purpose: an object literal is not a Bounded.
 */
export interface Bounded<T> {
  readonly [bound]: true
  readonly value: T
  /** Largest L2 distance, in the unit of the values. */
  readonly l2: number
}

/** A public clipping bound. Calling it scales a vector down to the bound; `verify` is for whoever receives a vector that should have been clipped. */
export interface Clip {
  readonly l2: number
  /** `x · min(1, l2 / ‖x‖)`, never longer than `l2` even after rounding to float32. Leaves `x` as it was. Throws `clip-finite` on NaN and Inf. */
  <T extends Vector>(x: T): Bounded<T>
  /** `x` itself as Bounded if it is short enough; throws `clip-exceeded` otherwise, `clip-finite` on NaN and Inf. */
  readonly verify: <T extends Vector>(x: T) => Bounded<T>
}

/** L2 norm, summed in float64 from the first element to the last. */
export const l2Norm = (values: Float32Array): number => {
  let sum = 0
  for (let i = 0; i < values.length; i++) sum += values[i]! * values[i]!
  return Math.sqrt(sum)
}

/**
 * States a bound that the caller has proven. For folds over Bounded contributions and for mechanisms in this room only: everyone else gets a Bounded from
 * `clip` or from a bounded fold. The derivation of `l2` belongs in a comment beside every call.
 */
export const provenBound = <T>(value: T, l2: number): Bounded<T> => ({ value, l2 }) as Bounded<T>

/**
 * Clipping to L2 norm `l2` > 0.
 *
 * @example
 * ```ts
 * const bounded = clip(1)({ values: Float32Array.of(3, 4) })
 * assert.deepEqual([...bounded.value.values].map((v) => v.toFixed(3)), ['0.600', '0.800'])
 * assert.equal(bounded.l2, 1)
 * ```
 */
export const clip = (l2: number): Clip => {
  if (!(l2 > 0 && Number.isFinite(l2))) {
    throw new YimengError({ code: 'clip-bound', cannot: 'clip', expected: 'a finite bound above 0', got: String(l2) })
  }
  const finiteNorm = (x: Vector): number => {
    const norm = l2Norm(x.values)
    if (!Number.isFinite(norm)) {
      throw new YimengError({ code: 'clip-finite', cannot: 'clip vector', expected: 'finite numbers', got: 'NaN or Inf' })
    }
    return norm
  }
  const apply = <T extends Vector>(x: T): Bounded<T> => {
    const norm = finiteNorm(x)
    if (norm <= l2) return provenBound(x, l2)
    // rounding to float32 can lengthen the scaled vector by up to 2^-24 of its length: aim lower and lower until the rounded one fits
    for (let margin = 0; ; margin = 2 * margin + 2 ** -24) {
      const factor = (l2 / norm) * (1 - margin)
      const values = x.values.map((v) => v * factor)
      if (l2Norm(values) <= l2) return provenBound({ ...x, values }, l2)
    }
  }
  const verify = <T extends Vector>(x: T): Bounded<T> => {
    if (finiteNorm(x) <= l2) return provenBound(x, l2)
    throw new YimengError({ code: 'clip-exceeded', cannot: 'take vector as clipped', expected: `L2 norm ≤ ${l2}`, got: 'a longer one' })
  }
  return Object.freeze(Object.assign(apply, { l2, verify }))
}
