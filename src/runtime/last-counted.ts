// Which rounds counted a site last: what its state is that of, and what its node may have slept through.
import type { NodeId } from '../federated/index.ts'
import type { RunEvent } from '../federated/spec/index.ts'

/** A committed round, and the attempt that committed it. */
export interface CountedRound {
  readonly round: number
  readonly attempt: number
}

/** For each site the last round that counted it: of the analytics (round 0), and of training. */
export interface LastCounted {
  readonly hear: (event: RunEvent) => void
  readonly of: (site: NodeId, stage: 'analytics' | 'training') => CountedRound | undefined
}

/** Follows a run's events. */
export const lastCounted = (past: readonly RunEvent[]): LastCounted => {
  const counted = { analytics: new Map<NodeId, CountedRound>(), training: new Map<NodeId, CountedRound>() }
  const hear = (event: RunEvent): void => {
    if (event.kind !== 'roundCommitted') return
    const { round, attempt } = event
    for (const site of event.counted) counted[round === 0 ? 'analytics' : 'training'].set(site, { round, attempt })
  }
  past.forEach(hear)
  return { hear, of: (site, stage) => counted[stage].get(site) }
}
