// Two folds as one: one step on the wire for what belongs together. Pairs of linear folds are linear.
import { type RingVector, ring } from '../../algebra/index.ts'
import { structCodec, YimengError } from '../../base/index.ts'
import type { Aggregation, LinearAggregation } from '../aggregation.ts'
import { setAll } from './lifting.ts'

type Pair<A, B> = readonly [A, B]

/** Both folds, side by side. @throws YimengError `pair-bits` for linear folds over different rings. */
export const pair: {
  <I, A, O, J, B, P>(
    first: LinearAggregation<I, A, O>,
    second: LinearAggregation<J, B, P>,
  ): LinearAggregation<Pair<I, J>, Pair<A, B>, Pair<O, P>>
  <I, A, O, J, B, P>(first: Aggregation<I, A, O>, second: Aggregation<J, B, P>): Aggregation<Pair<I, J>, Pair<A, B>, Pair<O, P>>
} = <I, A, O, J, B, P>(
  first: Aggregation<I, A, O> & Partial<LinearAggregation<I, A, O>>,
  second: Aggregation<J, B, P> & Partial<LinearAggregation<J, B, P>>,
): never => {
  const input = structCodec<{ readonly 0: I; readonly 1: J }>({ 0: first.input, 1: second.input })
  const total = structCodec<{ readonly 0: A; readonly 1: B }>({ 0: first.total, 1: second.total })
  const pairOf = <X, Y>({ 0: x, 1: y }: { readonly 0: X; readonly 1: Y }): Pair<X, Y> => [x, y]
  const both: Aggregation<Pair<I, J>, Pair<A, B>, Pair<O, P>> = {
    input: { encode: input.encode, decode: (bytes) => pairOf(input.decode(bytes)) },
    total: { encode: total.encode, decode: (bytes) => pairOf(total.decode(bytes)) },
    sum: { zero: () => [first.sum.zero(), second.sum.zero()], add: ([a, b], [x, y]) => [first.sum.add(a, x), second.sum.add(b, y)] },
    lift: ([x, y], from) => [first.lift(x, from), second.lift(y, from)],
    finish: ([a, b]) => [first.finish(a), second.finish(b)],
  }
  const [left, right] = [first.linear, second.linear]
  if (left === undefined || right === undefined) return both as never
  if (left.bits !== right.bits)
    throw new YimengError({ code: 'pair-bits', cannot: 'pair folds', expected: `a ring of ${left.bits} bits`, got: `one of ${right.bits}` })
  const linear: LinearAggregation<Pair<I, J>, Pair<A, B>, Pair<O, P>>['linear'] = {
    bits: left.bits,
    length: left.length + right.length,
    toRing: ([a, b]) => {
      const vector: RingVector = ring(left.bits).zero(left.length + right.length)
      setAll(vector, left.toRing(a), 0)
      setAll(vector, right.toRing(b), left.length)
      return vector
    },
    fromRing: (vector) => [left.fromRing(vector.slice(0, left.length)), right.fromRing(vector.slice(left.length))],
  }
  return { ...both, linear } as never
}
