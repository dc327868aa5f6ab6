// Aggregation as algebra: lift each update, add them all up, finish the total.
import type { Monoid, RingBits, RingVector } from '../algebra/index.ts'
import type { Codec } from '../base/index.ts'
import type { NodeId } from './placement.ts'

/**
 * A fold over the updates of a cohort. `lift` brings one update into the monoid and refuses what is beyond its public bounds
 * (overflow, NaN, Inf) by name; `finish` turns the total into the result. Shapes: a prepare / semigroup / present triple.
 */
export interface Aggregation<In, Acc, Out> {
  /** How an update travels. */
  readonly input: Codec<In>
  /** How a partial total travels (hierarchies, executors that pre-sum). */
  readonly total: Codec<Acc>
  readonly sum: Monoid<Acc>
  readonly lift: (x: In, from: NodeId) => Acc
  /**
   * `sum.add(total, lift(x, from))` without the lifted update in between, for totals of many megabytes: into `total`, which is the caller's to give up, and keeping nothing of `x`. Where it refuses,
   * `total` is as it was. Absent: lift and add.
   */
  readonly addTo?: (total: Acc, x: In, from: NodeId) => Acc
  readonly finish: (total: Acc) => Out
}

/** The total as a vector over a ring, and back: what can be masked, encrypted or shared. `toRing(a + b) = toRing(a) + toRing(b)`; it may share memory with the total. */
export interface Linear<Acc> {
  /** Bits of the ring Z/2^bits that the coordinates live in. */
  readonly bits: RingBits
  /** Ring elements in an Acc. */
  readonly length: number
  readonly toRing: (acc: Acc) => RingVector
  readonly fromRing: (vector: RingVector) => Acc
}

/** A fold whose sum is a sum in a ring. The brand keeps a median from posing as one. */
export interface LinearAggregation<In, Acc, Out> extends Aggregation<In, Acc, Out> {
  readonly linear: Linear<Acc>
}

/** The aggregation a sum protocol of capability `C` can carry. */
export type How<C extends 'any' | 'linear', I, A, O> = C extends 'linear' ? LinearAggregation<I, A, O> : Aggregation<I, A, O>
