// Who adds the updates up, and whether they can read what they add: both roles of a protocol in one value.
import type { Channel } from '../base/index.ts'
import type { How } from './aggregation.ts'
import type { NodeId } from './placement.ts'

/** The chosen nodes of a round, as the server sees them. */
export interface Cohort {
  readonly links: ReadonlyMap<NodeId, Channel>
  /** Smallest number of contributions that makes a result. */
  readonly quorum: number
  /** Contributions with which a plain sum is over, whoever else might still come. Absent: it waits for all. */
  readonly enough?: number
  /** Cancels the round. */
  readonly signal: AbortSignal
  /** Made anew for each wait: when it aborts, the round goes on without the nodes that have not answered, if a quorum has. Default: no deadline. */
  readonly deadline?: () => AbortSignal
}

/**
 * What the server got: a total with the nodes that are in it, or too few of them. `refused` names nodes whose contribution was not counted, with a
 * cause; and of those in `from`, the ones that did wrong after their contribution was in.
 */
export type Collected<A> =
  | { readonly kind: 'collected'; readonly total: A; readonly from: readonly NodeId[]; readonly refused: ReadonlyMap<NodeId, string> }
  | { readonly kind: 'lostQuorum'; readonly from: readonly NodeId[]; readonly refused: ReadonlyMap<NodeId, string> }

/** What a protocol that sees each input may get instead: what the fold has made of them, where there never was a total. */
export interface Finished<O> {
  readonly kind: 'finished'
  readonly result: O
  readonly from: readonly NodeId[]
  readonly refused: ReadonlyMap<NodeId, string>
}

/** What a protocol of capability `C` comes to. */
export type Sum<C extends 'any' | 'linear', A, O> = C extends 'linear' ? Collected<A> : Collected<A> | Finished<O>

/** One sum of a run: the same in every attempt of its round. */
export interface SumStep {
  readonly run: string
  readonly round: number
  /** Which one of the round's, by its place in the program. */
  readonly step: number
}

/**
 * How a sum travels. `carries: 'any'` protocols show the server each input; `'linear'` ones show it the ring sum only.
 * Function properties, not methods: the type tests depend on variance. Conformance: `sums/sum-protocol.suite.ts`.
 */
export interface SumProtocol<C extends 'any' | 'linear' = 'any' | 'linear'> {
  readonly name: string
  readonly carries: C
  /** The node's side. Resolves once the node's part is done; rejects when the input is refused or the channel fails. `step` is what a node remembers the sum by. */
  readonly contribute: <I, A, O>(
    how: How<C, I, A, O>,
    input: I,
    me: NodeId,
    to: Channel,
    signal: AbortSignal,
    step?: SumStep,
  ) => Promise<void>
  /** The server's side. Never rejects for what a single node did. */
  readonly collect: <I, A, O>(how: How<C, I, A, O>, cohort: Cohort) => Promise<Sum<C, A, O>>
}
