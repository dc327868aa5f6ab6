// What a person of the alliance may do at the coordinator, as far as their role allows: over HTTPS with their certificate, as nodes do with theirs.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { YimengError } from '../../base/index.ts'
import { type AuditEntry, type NodeState, operatorAccess, type Role } from '../../coordinator/index.ts'
import type { RunEvent } from '../../federated/spec/index.ts'
import { currentIdentity } from '../../node/index.ts'
import { callJson, httpsClient, type JournalledRun, refusalSchema } from '../../runtime/index.ts'
import type { RunSpecInput } from '../../tasks/index.ts'

/** A run's news. */
export interface News {
  readonly status: string
  readonly events: readonly RunEvent[]
  /** Sites that do not take part, with their reasons. */
  readonly declined: Readonly<Record<string, string>>
}

/** A person's side of a coordinator. */
export interface Person {
  readonly url: string
  readonly invite: (name: string, role?: Role) => Promise<string>
  readonly revoke: (site: string) => Promise<void>
  readonly nodes: () => Promise<readonly NodeState[]>
  readonly begin: (spec: RunSpecInput, sites?: readonly string[]) => Promise<{ readonly run: string; readonly specHash: string }>
  /** Waits up to 20 s for more than `after` events. */
  readonly news: (run: string, after: number, signal?: AbortSignal) => Promise<News>
  readonly cancel: (run: string) => Promise<void>
  /** The latest first. */
  readonly runs: () => Promise<readonly JournalledRun[]>
  /** The last entries of the audit log. */
  readonly audit: (last: number) => Promise<readonly AuditEntry[]>
  readonly close: () => void
}

const answers = {
  code: z.object({ code: z.string() }),
  nodes: z.object({ nodes: z.array(z.custom<NodeState>()) }),
  runs: z.object({ runs: z.array(z.custom<JournalledRun>()) }),
  audit: z.object({ entries: z.array(z.custom<AuditEntry>()) }),
  begun: z.object({ run: z.string(), specHash: z.string() }),
  news: z.object({ status: z.string(), events: z.array(z.custom<RunEvent>()), declined: z.record(z.string(), z.string()) }),
}

/** Who the folder's person is: the operator in a coordinator's folder, or whoever has joined there. */
const accessOf = async (
  folder: string,
): Promise<{
  readonly url: string
  readonly key: string
  readonly certificate: string
  readonly authority: string
  readonly tunnel?: boolean | undefined
}> => {
  if (!existsSync(join(folder, 'identity.json'))) return operatorAccess(folder)
  const { coordinator: url, ...identity } = await currentIdentity(folder)
  return { url, ...identity }
}

/** Speaks to the coordinator of a folder. @throws YimengError `coordinator-unknown`, `coordinator-away`, and what the coordinator refuses with */
export const person = async (folder: string): Promise<Person> => {
  const { url, key, certificate, authority, tunnel } = await accessOf(folder)
  const client = httpsClient(url, { ca: authority, certificate, key, tunnel })
  const call = async (method: 'GET' | 'POST', path: string, body?: unknown, signal?: AbortSignal): Promise<unknown> => {
    let answer: { readonly status: number; readonly value: unknown }
    try {
      answer = await callJson(client, method, path, body, { limit: 2 ** 28, ...(signal === undefined ? {} : { signal }) })
    } catch (cause) {
      signal?.throwIfAborted()
      const got = cause instanceof Error && 'code' in cause ? String(cause.code) : 'no answer'
      throw new YimengError({
        code: 'coordinator-away',
        cannot: 'reach the coordinator',
        expected: 'it to run',
        got,
        where: { address: url },
        cause,
      })
    }
    if (answer.status < 300) return answer.value
    const told = refusalSchema.safeParse(answer.value)
    throw new YimengError({
      code: told.success ? told.data.code : 'coordinator-refused',
      cannot: 'do this at the coordinator',
      expected: 'it to agree',
      got: told.success ? told.data.message : `status ${answer.status}`,
    })
  }
  return {
    url,
    invite: async (name, role = 'site') => answers.code.parse(await call('POST', '/v1/invitations', { site: name, role })).code,
    revoke: async (site) => void (await call('POST', '/v1/revocations', { site })),
    nodes: async () => answers.nodes.parse(await call('GET', '/v1/nodes')).nodes,
    begin: async (spec, sites) => answers.begun.parse(await call('POST', '/v1/runs', { spec, ...(sites === undefined ? {} : { sites }) })),
    news: async (run, after, signal) =>
      answers.news.parse(await call('GET', `/v1/runs/${encodeURIComponent(run)}/events?after=${after}`, undefined, signal)),
    runs: async () => answers.runs.parse(await call('GET', '/v1/runs')).runs,
    audit: async (last) => answers.audit.parse(await call('GET', `/v1/audit?last=${last}`)).entries,
    cancel: async (run) => void (await call('POST', `/v1/runs/${encodeURIComponent(run)}/cancel`, {})),
    close: client.close,
  }
}

const ends = ['runFinished', 'runFailed', 'runCancelled']

/** A run's events as they come, to its last; a coordinator that is away for a while is waited for. */
export const watch = async (
  { news }: Person,
  run: string,
  told: (event: RunEvent) => void,
  declined: (site: string, reason: string) => void = () => undefined,
  signal?: AbortSignal,
): Promise<RunEvent> => {
  let seen = 0
  // an end that came while the run's status was not settled yet: it may be one that the run was resumed after
  let ended: RunEvent | undefined
  const reasons = new Map<string, string>()
  for (;;) {
    let latest: News
    try {
      latest = await news(run, seen, signal)
    } catch (error) {
      if (!(error instanceof YimengError) || error.code !== 'coordinator-away') throw error
      await sleep(500, undefined, signal === undefined ? {} : { signal })
      continue
    }
    for (const [site, reason] of Object.entries(latest.declined)) {
      if (reasons.get(site) !== reason) declined(site, reason)
      reasons.set(site, reason)
    }
    for (const event of latest.events) {
      seen += 1
      told(event)
      ended = ends.includes(event.kind) ? event : undefined
      if (ended !== undefined && latest.status !== 'running') return ended
    }
    const over = latest.status !== 'running' && latest.status !== 'interrupted' && latest.events.length === 0
    if (over && ended !== undefined) return ended
    if (over)
      throw new YimengError({ code: 'run-over', cannot: 'watch run', expected: 'a run that goes on', got: latest.status, where: { run } })
    // declined sites do not make events: no busy loop
    if (latest.events.length === 0) await sleep(200, undefined, signal === undefined ? {} : { signal })
  }
}
