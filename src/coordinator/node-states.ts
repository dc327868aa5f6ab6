// What `yimeng nodes` shows: how each site stands with its coordinator, from its certificate, its last sign of life, and its place in the runs that are under way.
import { now } from '../base/index.ts'
import type { Machine } from '../runtime/index.ts'
import type { Parts } from './parts.ts'

/** How a site stands. `joining`: it has its certificate, and its node was not heard since this coordinator was started. `lost`: not heard of for 45 s. */
export const nodeStateNames = ['joining', 'ready', 'training', 'reconnecting', 'declined', 'rejected', 'lost', 'revoked'] as const

/** A site as `nodes` shows it. */
export interface NodeState {
  readonly site: string
  readonly state: (typeof nodeStateNames)[number]
  /** Why: what the site declined a run with, or what the coordinator refused it for. */
  readonly cause?: string
  readonly seenSecondsAgo?: number
  readonly machine?: Machine
  readonly certificateExpiresAt: string
}

const LOST_MS = 45_000

/** All sites. */
export const nodeStates = async ({
  registry,
  present,
  runs,
}: Pick<Parts, 'registry' | 'present' | 'runs'>): Promise<readonly NodeState[]> => {
  const active = [...runs.values()].filter(({ model }) => model() === undefined)
  return (await registry.sites()).map(({ site, expiresAt, revoked }) => {
    const seen = present.get(site)
    const standings = active.flatMap(({ standing }) => standing(site) ?? [])
    const found = (state: 'training' | 'reconnecting' | 'rejected' | 'declined') => standings.find((each) => each.state === state)
    const judge = (): { readonly state: NodeState['state']; readonly cause?: string } => {
      if (revoked) return { state: 'revoked' }
      if (Date.parse(expiresAt) < now()) return { state: 'rejected', cause: 'expired certificate' }
      const away = seen === undefined || now() - seen.seenAt > LOST_MS
      return (
        found('training') ??
        (away ? undefined : (found('rejected') ?? found('declined'))) ??
        found('reconnecting') ?? { state: seen === undefined ? 'joining' : away ? 'lost' : 'ready' }
      )
    }
    return {
      site,
      ...judge(),
      ...(seen === undefined ? {} : { seenSecondsAgo: Math.max(0, (now() - seen.seenAt) / 1000), machine: seen.machine }),
      certificateExpiresAt: expiresAt,
    }
  })
}
