// What server and nodes of a masked sum both work out from the roster: who shares with whom, and how many shares open a secret.
import { YimengError } from '../../../base/index.ts'
import { MOST_SHARES } from '../../../crypto/index.ts'
import type { NodeId } from '../../placement.ts'
import { type HidingOptions, TWO_THIRDS } from '../hidden.ts'
import { type Advertised, rosterDigest } from './messages.ts'
import { neighbourhoods, neighboursNeeded, type Risk, sharesNeeded } from './neighbours.ts'

/** Options of `masked`. */
export interface MaskedOptions extends HidingOptions {
  /** Whom a node shares masks with: `all`, or as few as this risk allows. Default: {@link usualRisk}. */
  readonly neighbours?: 'all' | Risk | undefined
}

/** The options, complete. */
export interface Rules extends MaskedOptions {
  readonly smallestCohort: number
  readonly threshold: number
}

/** The fault of a cohort that is too small to hide in. */
export const tooFew = (cannot: string, expected: string, got: number, node?: NodeId): YimengError =>
  new YimengError({ code: 'masked-cohort', cannot, expected, got: String(got), ...(node === undefined ? {} : { where: { node } }) })

/** What both sides make of a roster. */
export interface Group {
  readonly roster: ReadonlyMap<NodeId, Advertised>
  readonly digest: Uint8Array
  /** Sorted, the node itself left out. */
  readonly near: ReadonlyMap<NodeId, readonly NodeId[]>
  readonly threshold: number
}

/** What the graph of a cohort withstands where nothing else is asked for: all are neighbours up to as many as a secret can have holders, beyond that a fifth of corrupt nodes and a tenth of dropouts. */
export const usualRisk = (nodes: number): 'all' | Risk => (nodes <= MOST_SHARES ? 'all' : { corrupt: 0.2, dropouts: 0.1 })

/** Neighbours of each node of a cohort, and whether its secrets can have so many holders. */
export const neighboursIn = (
  nodes: number,
  { neighbours = usualRisk(nodes), threshold = TWO_THIRDS }: Pick<MaskedOptions, 'neighbours' | 'threshold'> = {},
): { readonly count: number; readonly held: boolean } => {
  const count = neighbours === 'all' ? nodes - 1 : neighboursNeeded(nodes, neighbours, threshold)
  return { count, held: count < MOST_SHARES }
}

/** The group of a roster, sorted by node. @throws YimengError `masked-cohort` for more holders of a secret than it can have shares. */
export const grouped = (roster: readonly Advertised[], rules: Rules): Group => {
  const nodes = roster.map(({ node }) => node)
  const { count: k, held } = neighboursIn(nodes.length, rules)
  if (!held)
    throw tooFew('share secrets', `at most ${MOST_SHARES} holders of each; give the risk that a neighbourhood must withstand`, k + 1)
  const digest = rosterDigest(roster)
  return {
    roster: new Map(roster.map((each) => [each.node, each])),
    digest,
    near: neighbourhoods(nodes, k, digest),
    threshold: rules.threshold,
  }
}

/** Who holds shares of a node's secrets, in the order of their points 1, 2, …. */
export const holdersOf = ({ near }: Group, node: NodeId): readonly NodeId[] => [...near.get(node)!, node].sort()
/** Shares that open a secret of `node`. */
export const needed = (group: Group, node: NodeId): number => sharesNeeded(group.near.get(node)!.length + 1, group.threshold)
/** Sign of the pair’s mask in the vector of `node`: the lower one adds it. */
export const signOf = (node: NodeId, peer: NodeId): 1 | -1 => (node < peer ? 1 : -1)

/** Exactly these nodes, in this order. Compared one by one: a name may hold any character. */
export const sameNodes = (a: readonly { readonly node: NodeId }[], b: readonly NodeId[]): boolean =>
  a.length === b.length && a.every(({ node }, i) => node === b[i])
