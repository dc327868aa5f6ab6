// Every site that took part in a run gets its model: also one that was away when the run ended, and also from a coordinator that was started again since.
import { now } from '../base/index.ts'
import type { RunEvent } from '../federated/spec/index.ts'
import type { Journal } from '../runtime/index.ts'
import type { Audit } from './audit.ts'
import { sendable } from './outgoing-blobs.ts'
import type { Sendable } from './send-range.ts'

/** Older models are fetched by nobody who was merely away. */
const OWED_MS = 30 * 86_400_000
/** The model that was asked for last is kept in memory for so long: all sites ask at once. */
const KEPT_MS = 60_000
/** What the audit log says of a site that has a model. */
const FETCHED = 'modelFetched'

/** Models that sites have not fetched. */
export interface Deliveries {
  /** Hears the events of all runs. */
  readonly onEvent: (event: RunEvent) => void
  /** A run whose model a site should fetch. */
  readonly owedTo: (site: string) => string | undefined
  /** The site has it. Resolves to whether it took part in such a run. */
  readonly fetched: (site: string, run: string) => Promise<boolean>
  /** The model of a run, for a site that took part. `bytes`: while the journal does not have it yet. */
  readonly model: (site: string, run: string, bytes?: Uint8Array) => Promise<Sendable | undefined>
}

/** Sites that were admitted to a run. */
const sitesIn = (events: readonly RunEvent[]): Set<string> =>
  new Set(events.flatMap((event) => (event.kind === 'siteReady' ? [event.site] : [])))

/** What is owed, from journal and audit log. */
export const deliveries = async (journal: Journal, audit: Audit): Promise<Deliveries> => {
  const admitted = new Map<string, Set<string>>()
  const owed = new Map<string, Set<string>>()
  const has = new Map<string, Set<string>>()
  let forget: NodeJS.Timeout | undefined
  let last: { readonly run: string; readonly model: Sendable } | undefined

  const recent = (await journal.runs()).filter(
    ({ status, startedAt }) => status === 'interrupted' || (status === 'finished' && now() - Date.parse(startedAt) < OWED_MS),
  )
  for (const { runId, status } of recent) {
    const sites = sitesIn(await journal.events(runId))
    admitted.set(runId, sites)
    if (status === 'finished') owed.set(runId, new Set(sites))
  }
  const handed = (site: string, run: string): boolean => {
    const sites = has.get(run) ?? new Set()
    has.set(run, sites)
    const left = owed.get(run)
    left?.delete(site)
    if (left?.size === 0) owed.delete(run)
    if (sites.has(site)) return false
    sites.add(site)
    return true
  }
  for (const { action, actor, detail } of admitted.size === 0 ? [] : await audit.entries())
    if (action === FETCHED) handed(actor, String((JSON.parse(detail) as { readonly run?: unknown }).run))

  return {
    onEvent: (event) => {
      const sites = admitted.get(event.run) ?? new Set()
      admitted.set(event.run, sites)
      if (event.kind === 'siteReady') sites.add(event.site)
      else if (event.kind === 'runFinished') owed.set(event.run, sites.difference(has.get(event.run) ?? new Set()))
      else if (event.kind === 'runFailed' || event.kind === 'runCancelled') admitted.delete(event.run)
    },
    owedTo: (site) => {
      for (const [run, sites] of owed) if (sites.has(site)) return run
      return undefined
    },
    fetched: async (site, run) => {
      if (admitted.get(run)?.has(site) !== true) return false
      if (handed(site, run)) await audit.append(site, FETCHED, { run })
      return true
    },
    model: async (site, run, fresh) => {
      if (admitted.get(run)?.has(site) !== true) return undefined
      if (last?.run === run) return last.model
      const bytes = fresh ?? (await journal.model(run))
      if (bytes === undefined) return undefined
      const model = sendable([bytes])
      last = { run, model }
      clearTimeout(forget)
      forget = setTimeout(() => (last = undefined), KEPT_MS)
      forget.unref()
      return model
    },
  }
}
