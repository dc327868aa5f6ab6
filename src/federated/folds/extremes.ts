// Element-wise minimum and maximum. No sum in a ring: they need a protocol that carries any fold.
import { float64Codec, YimengError } from '../../base/index.ts'
import type { Aggregation } from '../aggregation.ts'

const extreme = (
  length: number,
  neutral: number,
  pick: (a: number, b: number) => number,
): Aggregation<Float64Array, Float64Array, Float64Array> => ({
  input: float64Codec,
  total: float64Codec,
  sum: { zero: () => new Float64Array(length).fill(neutral), add: (total, x) => total.map((value, i) => pick(value, x[i]!)) },
  lift: (x, from) => {
    if (x.length === length && !x.some(Number.isNaN)) return x
    const [expected, got] = x.length === length ? ['numbers', 'NaN'] : [`${length} numbers`, `${x.length}`]
    throw new YimengError({ code: 'extreme', cannot: 'take extremes', expected, got, where: { node: from } })
  },
  finish: (total) => total,
})

/** Smallest of each element over all nodes; +Inf where a node has nothing. */
export const minimum = (length: number) => extreme(length, Number.POSITIVE_INFINITY, Math.min)

/** Largest of each element over all nodes; −Inf where a node has nothing. */
export const maximum = (length: number) => extreme(length, Number.NEGATIVE_INFINITY, Math.max)
