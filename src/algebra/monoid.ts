// What can be added up.

/**
 * A commutative monoid, with an `add` that may reuse memory.
 * `add` is associative and commutative *exactly* (same bits, whatever the order), so that arrival order cannot change a model.
 */
export interface Monoid<A> {
  /** A fresh neutral element. */
  readonly zero: () => A
  /** Sum of both. Consumes `total` (its memory may be reused for the result); `x` is left as it was. */
  readonly add: (total: A, x: A) => A
}
