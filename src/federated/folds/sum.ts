// Sums of vectors in a ring, exact and in any order: of real numbers within a bound, and of counts.
import type { RingVector } from '../../algebra/index.ts'
import { fixedPoint, ring64 } from '../../algebra/index.ts'
import { float64Codec, YimengError } from '../../base/index.ts'
import type { LinearAggregation } from '../aggregation.ts'
import type { NodeId } from '../placement.ts'

/** Options of {@link realSum}. */
export interface RealSumOptions {
  readonly length: number
  /** Largest |value| of a contribution. */
  readonly maxAbs: number
  /** Largest number of contributions. Default 2^10. */
  readonly maxContributions?: number
}

type VectorSum = LinearAggregation<Float64Array, RingVector, Float64Array>

const checked = (x: Float64Array, length: number, from: NodeId): Float64Array => {
  if (x.length === length) return x
  throw new YimengError({
    code: 'sum-length',
    cannot: 'add vector',
    expected: `${length} numbers`,
    got: String(x.length),
    where: { node: from },
  })
}

/** Σ xₖ. Each contribution is rounded to a multiple of 2^−f first; with up to 2^12 contributions f is the largest with maxAbs · 2^f ≤ 2^51. */
export const realSum = ({ length, maxAbs, maxContributions = 2 ** 10 }: RealSumOptions): VectorSum => {
  const fixed = fixedPoint({ bits: 64, maxAbs, maxWeight: maxContributions })
  return {
    input: float64Codec,
    total: ring64.codec as VectorSum['total'],
    // one element more counts the contributions: at most maxContributions, so that nothing can have wrapped
    sum: { zero: () => ring64.zero(length + 1), add: ring64.add as VectorSum['sum']['add'] },
    lift: (x, from) => {
      const lifted = ring64.zero(length + 1)
      try {
        lifted.set(fixed.lift(checked(x, length, from)))
      } catch (error) {
        if (!(error instanceof YimengError) || error.code !== 'fixed-point-value') throw error
        const { expected, got, where } = error
        throw new YimengError({ code: 'sum-value', cannot: 'add vector', expected, got, where: { node: from, ...where }, cause: error })
      }
      lifted[length] = 1n
      return lifted
    },
    finish: (total) => {
      const contributions = Number(total[length])
      if (contributions <= maxContributions) return fixed.lower((total as BigUint64Array).subarray(0, length))
      throw new YimengError({
        code: 'sum-contributions',
        cannot: 'add up',
        expected: `at most ${maxContributions} vectors`,
        got: `${contributions}`,
      })
    },
    linear: { bits: 64, length: length + 1, toRing: (total) => total, fromRing: (vector) => vector },
  }
}

/** Largest sum of counts that is exact in float64. */
const MAX_TOTAL = 2 ** 53

/** Σ xₖ of whole numbers from 0 to 2^53 / maxContributions (2^43 unless told): histograms, numbers of rows. */
export const countSum = (length: number, maxContributions = 2 ** 10): VectorSum => ({
  input: float64Codec,
  total: ring64.codec as VectorSum['total'],
  sum: { zero: () => ring64.zero(length), add: ring64.add as VectorSum['sum']['add'] },
  lift: (x, from) =>
    BigUint64Array.from(checked(x, length, from), (count, index) => {
      if (Number.isInteger(count) && count >= 0 && count * maxContributions <= MAX_TOTAL) return BigInt(count)
      throw new YimengError({
        code: 'sum-count',
        cannot: 'add counts',
        expected: 'whole numbers from 0',
        got: 'another number',
        where: { node: from, index },
      })
    }),
  finish: (total) => Float64Array.from(total as BigUint64Array, Number),
  linear: { bits: 64, length, toRing: (total) => total, fromRing: (vector) => vector },
})
