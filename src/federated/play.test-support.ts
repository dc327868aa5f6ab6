// Plays one attempt of a round in memory, for tests: both projections over channels that carry bytes.
import { type Channel, memoryChannels, seed } from '../base/index.ts'
import { type ClientOutcome, clientSide } from './client-side.ts'
import type { NodeId } from './placement.ts'
import { nodeSeed, type RoundProgram } from './round.ts'
import { type RoundOutcome, serverSide } from './server-side.ts'

export interface Play<S, N, Site> {
  readonly program: () => RoundProgram<S, N, Site>
  readonly state: S
  readonly sites: Readonly<Record<NodeId, Site>>
  /** State of each node; absent: undefined for all. */
  readonly locals?: Readonly<Record<NodeId, N>>
  readonly quorum?: number
  readonly enough?: number
  readonly round?: number
  readonly signal?: AbortSignal
  readonly deadline?: () => AbortSignal
  /** Stands between a node and its channel, to delay or break things. */
  readonly between?: (node: NodeId, channel: Channel) => Channel
  /** Likewise at the server's end. */
  readonly serverEnd?: (channel: Channel) => Channel
}

export interface Played<S, N> {
  readonly outcome: RoundOutcome<S>
  readonly nodes: ReadonlyMap<NodeId, ClientOutcome<N>>
}

export const play = async <S, N, Site>(it: Play<S, N, Site>): Promise<Played<S, N>> => {
  const at = { run: 'test', round: it.round ?? 1, attempt: 1 }
  const signal = it.signal ?? new AbortController().signal
  const ids = Object.keys(it.sites)
  const pairs = new Map(ids.map((id) => [id, memoryChannels()] as const))
  const clients = ids.map(async (id) => {
    const channel = pairs.get(id)![1]
    const node = { id, site: it.sites[id]!, seed: nodeSeed(seed(1), at.round, id), basedOn: at.round, signal: new AbortController().signal }
    const outcome = await clientSide({
      ...at,
      program: it.program,
      node,
      local: it.locals?.[id] as N,
      channel: it.between?.(id, channel) ?? channel,
    })
    return [id, outcome] as const
  })
  const links = new Map([...pairs].map(([id, [here]]) => [id, it.serverEnd?.(here) ?? here] as const))
  const cohort = {
    links,
    quorum: it.quorum ?? ids.length,
    signal,
    ...(it.deadline && { deadline: it.deadline }),
    ...(it.enough && { enough: it.enough }),
  }
  const outcome = await serverSide({ ...at, program: it.program, state: it.state, cohort })
  // the owner of the channels closes them after the attempt: whoever still waits then ends
  for (const [here] of pairs.values()) await here.close()
  return { outcome, nodes: new Map(await Promise.all(clients)) }
}
