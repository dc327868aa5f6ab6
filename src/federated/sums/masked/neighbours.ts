// Who shares masks and secrets with whom. In small cohorts everybody with everybody; in large ones each node with k neighbours on a random ring, so that a node's work grows with
// log n instead of n. Bell, Bonawitz, Gascón, Lepoint, Raykova 2020, "Secure single-server aggregation with (poly)logarithmic overhead", CCS (SecAgg+), section 3: a Harary graph
// over a random order. The order comes from the hash of all fresh keys, which no single party chooses.
import { concatBytes, sha256, toHex, utf8Bytes, YimengError } from '../../../base/index.ts'
import type { NodeId } from '../../placement.ts'

/** What a neighbourhood must withstand: shares of the whole cohort, 0 … 1. */
export interface Risk {
  /** Nodes that tell the server all they know. */
  readonly corrupt: number
  /** Nodes that may be lost during the sum. */
  readonly dropouts: number
}

/** Smallest number of shares that open a secret dealt to `holders`: more than `threshold` of them. */
export const sharesNeeded = (holders: number, threshold: number): number => Math.min(holders, Math.floor(holders * threshold + 1e-9) + 1)

/** Chance that, of `drawn` out of `all` without replacement, at least `least` are among the `marked`. */
export const hypergeometricTail = (all: number, marked: number, drawn: number, least: number): number => {
  const logFactorial = logFactorials(all)
  const choose = (n: number, k: number): number => logFactorial[n]! - logFactorial[k]! - logFactorial[n - k]!
  let sum = 0
  for (let hit = Math.max(least, 0, drawn - (all - marked)); hit <= Math.min(marked, drawn); hit += 1)
    sum += Math.exp(choose(marked, hit) + choose(all - marked, drawn - hit) - choose(all, drawn))
  return Math.min(1, sum)
}

const logFactorials = (most: number): Float64Array => {
  const table = new Float64Array(most + 1)
  for (let i = 1; i <= most; i += 1) table[i] = table[i - 1]! + Math.log(i)
  return table
}

/** Whether a cohort withstands the risk with all as neighbours: its corrupt nodes open no secret, and those that are left open all. */
export const withstands = (nodes: number, { corrupt, dropouts }: Risk, threshold: number): boolean => {
  const needed = sharesNeeded(nodes, threshold)
  return Math.ceil(nodes * corrupt) < needed && nodes - Math.ceil(nodes * dropouts) >= needed
}

const SECURITY = 2 ** -40
const CORRECTNESS = 2 ** -20

/**
 * Fewest neighbours (even, or all) in a cohort of `nodes` such that, but for a chance of 2^−40 each, no neighbourhood has enough corrupt nodes to open a secret and the honest,
 * remaining nodes hang together; and but for 2^−20, no neighbourhood loses so many that the sum is lost.
 *
 * @throws YimengError `masked-neighbours` for shares that are none, or that even the whole cohort does not withstand.
 */
export const neighboursNeeded = (nodes: number, risk: Risk, threshold: number): number => {
  const { corrupt, dropouts } = risk
  const corruptNodes = Math.ceil(nodes * corrupt)
  const lostNodes = Math.ceil(nodes * dropouts)
  const sound = corrupt >= 0 && dropouts >= 0 && corrupt < threshold && dropouts < 1 - threshold
  if (!sound)
    throw new YimengError({
      code: 'masked-neighbours',
      cannot: 'choose neighbours',
      expected: `fewer corrupt nodes than ${threshold}, fewer dropouts than ${1 - threshold}`,
      got: `${corrupt} and ${dropouts}`,
    })
  for (let k = 2; k < nodes - 1; k += 2) {
    const needed = sharesNeeded(k + 1, threshold)
    const opened = nodes * hypergeometricTail(nodes - 1, Math.min(corruptNodes, nodes - 1), k, needed)
    // the ring of ±1 … ±k/2 falls apart only where two runs of k/2 in a row are missing: fewer than n²/2 pairs of places, each with at most (γ + δ)^k
    const apart = (nodes ** 2 / 2) * (corrupt + dropouts) ** k
    const lost = nodes * hypergeometricTail(nodes, lostNodes, k + 1, k + 1 - needed + 1)
    if (opened <= SECURITY && apart <= SECURITY && lost <= CORRECTNESS) return k
  }
  return nodes - 1
}

/** Everybody's neighbours, sorted, themselves left out. `nodes` is sorted; `digest` is the roster's. */
export const neighbourhoods = (nodes: readonly NodeId[], k: number, digest: Uint8Array): ReadonlyMap<NodeId, readonly NodeId[]> => {
  if (k >= nodes.length - 1) return new Map(nodes.map((node) => [node, nodes.filter((other) => other !== node)]))
  const places = new Map(nodes.map((node) => [node, toHex(sha256(concatBytes(digest, utf8Bytes(node))))]))
  const order = [...nodes].sort((a, b) => (places.get(a)! < places.get(b)! ? -1 : 1))
  return new Map(
    order.map((node, place) => {
      const near: NodeId[] = []
      for (let step = 1; step <= k / 2; step += 1)
        near.push(order[(place + step) % order.length]!, order[(place - step + order.length) % order.length]!)
      return [node, near.sort()]
    }),
  )
}
