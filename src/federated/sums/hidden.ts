// What sums that hide single contributions have in common: their options, how their server waits for the nodes phase by phase, and that a node's update is never in two different sums.
import { type Channel, YimengError } from '../../base/index.ts'
import { gather } from '../gather.ts'
import type { NodeId } from '../placement.ts'
import type { Cohort, Collected, SumStep } from '../sum-protocol.ts'
import type { Identity } from './masked/keys.ts'

/**
 * What a node remembers of the sums that it helped to open, through kills and power cuts. A round whose sum was opened and that was not committed is tried again with the same update:
 * without one of its nodes, the difference of the two sums would be that node's update (docs/decisions/0019).
 */
export interface OpenedSums {
  /** Writes down, before this node gives away what opens a sum, which nodes are in it, sorted. False, and nothing is written, where it helped to open a sum of other nodes in this step of the round. */
  readonly open: (step: SumStep, nodes: readonly NodeId[]) => Promise<boolean>
}

/** Default of {@link HidingOptions.threshold}. */
export const TWO_THIRDS = 2 / 3

/** Options of a sum that hides single contributions. Server and nodes must agree on all but `identity` and `opened`. */
export interface HidingOptions {
  /** Fewest nodes that a node lets its contribution be added to, itself included. At least 2; default 3, since of two each can subtract its own. */
  readonly smallestCohort?: number
  /** A secret opens with more than this share of its holders. ½ … 1, default ⅔. Higher: more accomplices are withstood, and fewer dropouts. */
  readonly threshold?: number
  /** Signed keys: without them the nodes trust the server to pass keys on unchanged. */
  readonly identity?: Identity
  /** Without it, a round that is tried again may show the server an update: for sites of one process only. */
  readonly opened?: OpenedSums
}

/** The fault of a sum of other nodes than those of the one that was opened before. It names nobody, for it may be tried again as it is, once all are back. */
export const openedBefore = (): YimengError =>
  new YimengError({
    code: 'sum-opened',
    cannot: 'open sum of a round tried again',
    expected: 'the nodes of the sum that was opened before',
    got: 'others: the difference could show one update',
  })

/** @throws YimengError `sum-opened` as {@link OpenedSums} says. */
export const openOnce = async ({ opened }: HidingOptions, step: SumStep | undefined, nodes: readonly NodeId[]): Promise<void> => {
  if (opened === undefined || step === undefined || (await opened.open(step, nodes))) return
  throw openedBefore()
}

/** The server's side of a sum, phase by phase. */
export interface Phases<A> {
  /** Nodes that are not counted, or did wrong, with a cause. */
  readonly refused: Map<NodeId, string>
  /** Fewest nodes with which a phase may end. */
  readonly enough: number
  readonly lostQuorum: (nodes: Iterable<NodeId>) => Collected<A>
  /** Asks these nodes, all at once, as {@link gather} does. */
  readonly among: <T>(
    nodes: Iterable<NodeId>,
    ask: (channel: Channel, waiting: AbortSignal, node: NodeId) => Promise<T>,
    take: (answer: T, node: NodeId) => void,
  ) => Promise<void>
  /** What each node of the cohort shows of itself first, sorted by node. */
  readonly roster: <Shown extends object>(
    read: (frame: Uint8Array, node: NodeId) => Promise<Shown>,
  ) => Promise<readonly (Shown & { readonly node: NodeId })[]>
}

/** The phases of one sum over a cohort. */
export const phasesOf = <A>(cohort: Cohort, smallestCohort: number): Phases<A> => {
  const refused = new Map<NodeId, string>()
  const among: Phases<A>['among'] = (nodes, ask, take) =>
    gather({ ...cohort, links: new Map([...nodes].map((node) => [node, cohort.links.get(node)!])) }, refused, ask, take)
  return {
    refused,
    enough: Math.max(cohort.quorum, smallestCohort),
    lostQuorum: (nodes) => ({ kind: 'lostQuorum', from: [...nodes].sort(), refused }),
    among,
    roster: async <Shown extends object>(read: (frame: Uint8Array, node: NodeId) => Promise<Shown>) => {
      const roster: (Shown & { readonly node: NodeId })[] = []
      await among(
        cohort.links.keys(),
        async (channel, waiting, node) => read(await channel.receive(waiting), node),
        (shown, node) => roster.push({ ...shown, node }),
      )
      return roster.sort((a, b) => (a.node < b.node ? -1 : 1))
    },
  }
}
