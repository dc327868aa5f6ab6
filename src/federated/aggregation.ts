// Aggregation as algebra: lift each update, add them all up, finish the total.
import type { Monoid, RingBits, RingVector } from '../algebra/index.ts'
import type { Codec, StoredBytes } from '../base/index.ts'
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
  /** The same fold over updates that lie elsewhere. Absent: they are read whole. */
  readonly stored?: StoredFolds
}

/** Folding of updates that lie elsewhere, piece by piece across all of them: neither an update nor a total of many megabytes is ever in memory. Bit for bit the same results. */
export interface StoredFolds {
  /** The fold that it stands for. One that reads, lifts or finishes otherwise is another, though it may be made of this one's parts: see {@link storedFold}. */
  readonly of: { readonly input: unknown; readonly lift: unknown; readonly finish: unknown }
  readonly start: () => StoredFold<never, unknown>
}

/** One such fold. */
export interface StoredFold<Acc, Out> {
  /** Reads an update through. Resolves to what counts it; rejects as `lift` throws. It must stay where it is until the fold is finished. */
  readonly check: (update: StoredBytes, from: NodeId) => Promise<() => void>
  /** The result of those that were counted, and of `rest`: the total of others, which is the caller's to give up. */
  readonly finish: (rest: Acc | undefined) => Promise<Out>
}

/** A fold's folding of what lies elsewhere, if it has one of its own. */
export const storedFold = <In, Acc, Out>(
  how: Aggregation<In, Acc, Out> & { readonly stored?: StoredFolds },
): StoredFold<Acc, Out> | undefined => {
  const { stored, input, lift, finish } = how
  if (stored?.of.input !== input || stored.of.lift !== lift || stored.of.finish !== finish) return undefined
  // the same `finish`: what comes out is of its type, and what goes in too
  return stored.start() as StoredFold<Acc, Out>
}

/** The aggregation a sum protocol of capability `C` can carry. */
export type How<C extends 'any' | 'linear', I, A, O> = C extends 'linear' ? LinearAggregation<I, A, O> : Aggregation<I, A, O>
