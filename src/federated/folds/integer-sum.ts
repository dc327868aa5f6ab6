// A sum of whole numbers within a public bound: what sites send when each has put its share of discrete noise on its quantised update.
// Total, `[length + 1]` ring elements: the sum as two's complement · number of contributions.
import { type RingVector, ring } from '../../algebra/index.ts'
import { uint32Codec, YimengError } from '../../base/index.ts'
import type { IntegerVector } from '../../privacy/index.ts'
import type { LinearAggregation } from '../aggregation.ts'
import { setElement } from './lifting.ts'

/** What a sum of whole numbers is, and how many vectors are in it. */
export interface IntegerTotal {
  readonly values: Float64Array
  readonly contributions: number
}

/** Public bounds. */
export interface IntegerSumOptions {
  readonly length: number
  /** Largest |number| of one contribution. */
  readonly maxAbs: number
  /** Most contributions. */
  readonly cohort: number
}

/**
 * The sum, in the narrowest ring that holds it.
 *
 * @throws YimengError `integer-sum` for bounds that no ring holds; from `lift`, `update-length` and `update-values`.
 *
 * @example
 * ```ts
 * const sum = integerSum({ length: 1, maxAbs: 10, cohort: 2 })
 * const total = sum.sum.add(sum.lift({ values: Int32Array.of(-7) }, 'a'), sum.lift({ values: Int32Array.of(3) }, 'b'))
 * assert.deepEqual(sum.finish(total), { values: Float64Array.of(-4), contributions: 2 })
 * ```
 */
export const integerSum = ({ length, maxAbs, cohort }: IntegerSumOptions): LinearAggregation<IntegerVector, RingVector, IntegerTotal> => {
  const most = maxAbs * cohort
  if (!(Number.isSafeInteger(length) && length >= 0 && maxAbs > 0 && cohort >= 1 && most <= Number.MAX_SAFE_INTEGER))
    throw new YimengError({ code: 'integer-sum', cannot: 'make integer sum', expected: 'bounds below 2^53', got: `${maxAbs} · ${cohort}` })
  const bits = most < 2 ** 31 ? 32 : 64
  const vectors = ring(bits)
  return {
    input: {
      encode: ({ values }) => uint32Codec.encode(new Uint32Array(values.buffer, values.byteOffset, values.length)),
      decode: (bytes) => ({ values: new Int32Array(uint32Codec.decode(bytes).buffer) }),
    },
    total: vectors.codec,
    sum: { zero: () => vectors.zero(length + 1), add: vectors.add },
    lift: ({ values }, from) => {
      const refuse = (code: string, expected: string, got: string): YimengError =>
        new YimengError({ code, cannot: 'take update', expected, got, where: { node: from } })
      if (values.length !== length) throw refuse('update-length', `${length} values`, String(values.length))
      const lifted = vectors.zero(length + 1)
      for (let i = 0; i < length; i += 1) {
        const value = values[i]!
        if (Math.abs(value) > maxAbs) throw refuse('update-values', `whole numbers up to ${maxAbs}`, 'a larger one')
        if (lifted instanceof BigUint64Array) lifted[i] = BigInt(value)
        else lifted[i] = value
      }
      setElement(lifted, length, 1)
      return lifted
    },
    finish: (total) => ({
      values: Float64Array.from({ length }, (_, i) => {
        const element = total[i]!
        return typeof element === 'bigint' ? Number(BigInt.asIntN(64, element)) : element | 0
      }),
      contributions: Number(total[length]),
    }),
    linear: { bits, length: length + 1, toRing: (total) => total, fromRing: (vector) => vector },
  }
}
