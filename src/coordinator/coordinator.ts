// The process in the middle: one TLS port, the alliance's registry, and the runs that it is working on. It holds no rows, and sends data and names, never code.
/* oxlint-disable oxc/no-async-endpoint-handlers -- that rule is for Express; Fastify awaits what its routes return */
import { readFile, writeFile } from 'node:fs/promises'
import type { Server } from 'node:http'
import { join } from 'node:path'
import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { now, YimengError } from '../base/index.ts'
import { makeFolder } from '../base/node.ts'
import type { RunEvent } from '../federated/spec/index.ts'
import {
  declineRequest,
  enrolRequest,
  type Journal,
  type Machine,
  measuresRequest,
  openJournal,
  POLL_MS,
  runId,
  workRequest,
} from '../runtime/index.ts'
import { resolveSpec, type RunSpec, type RunSpecInput, runSpecSchema, specHash, sumOf, taskOf } from '../tasks/index.ts'
import { type AllianceResult, type AllianceRun, allianceRun } from './alliance-run.ts'
import type { AuditVerdict } from './audit.ts'
import { type Authority, authority } from './authority.ts'
import { blobRoutes } from './blob-routes.ts'
import { type Deliveries, deliveries } from './deliveries.ts'
import { type Links, linkRoutes } from './link-routes.ts'
import { metrics, metricsPort } from './metrics.ts'
import { openRegistry, type Registry } from './registry.ts'
import { type Role, roleNames } from './roles.ts'
import { freshOperator, keepFresh, operatorOf } from './own-certificates.ts'
import { sendRange } from './send-range.ts'
import { type Gate, gate, goneSignal, Refusal, type SecureApp, secureApp } from './secure-app.ts'

/** How a coordinator is started. */
export interface CoordinatorOptions {
  /** Keys, registry and journal. Made when it is missing. */
  readonly folder: string
  /** `postgres://…`: where registry, audit log and journal lie instead of in the folder. */
  readonly database?: string
  /** A folder, or `s3://bucket/prefix`: where large states and models are kept instead of in the folder (with a database: in that). */
  readonly blobs?: string
  /** Address to listen on. Default 127.0.0.1: only this machine. */
  readonly host?: string
  /** 0: any free one. */
  readonly port?: number
  /** Names and addresses that nodes reach it by; they go into its certificate. Default: localhost and 127.0.0.1. */
  readonly names?: readonly string[]
  readonly onEvent?: (event: RunEvent) => void
  /** A second port, on 127.0.0.1 and in the clear, with figures for a Prometheus on this machine. They are on the TLS port too, for who may watch. 0: any free one. */
  readonly metricsPort?: number
}

/** A site as `nodes` shows it. `lost`: not heard of for 45 s. */
export interface NodeState {
  readonly site: string
  readonly state: 'never' | 'ready' | 'training' | 'lost' | 'declined' | 'revoked'
  readonly cause?: string
  readonly seenSecondsAgo?: number
  readonly machine?: Machine
  readonly certificateExpiresAt: string
}

/** A running coordinator. */
export interface Coordinator {
  readonly port: number
  readonly url: string
  /** A one-time code for a site, or for a person with a role. */
  readonly invite: (name: string, role?: Role) => Promise<string>
  readonly revoke: (site: string) => Promise<void>
  readonly nodes: () => Promise<readonly NodeState[]>
  /** Begins a run; `sites` defaults to all that have joined. Rejects as `resolveSpec` throws, with `alliance-empty`, and `site-unknown`. */
  readonly begin: (spec: RunSpecInput, sites?: readonly string[]) => Promise<AllianceRun>
  /** Runs that are being worked on. */
  readonly active: () => readonly AllianceRun[]
  readonly journal: Journal
  readonly verifyAudit: () => Promise<AuditVerdict>
  /** Stops; runs go on when it is started again. */
  readonly close: () => Promise<void>
}

const LOST_MS = 45_000

interface Presence {
  readonly seenAt: number
  readonly machine: Machine
  readonly busy: boolean
}

interface Parts {
  readonly registry: Registry
  readonly authority: Authority
  readonly journal: Journal
  readonly present: Map<string, Presence>
  readonly runs: Map<string, AllianceRun>
  /** Wakes nodes that wait for work. */
  readonly wake: () => void
  readonly nextWork: (signal: AbortSignal) => Promise<void>
  readonly begin: Coordinator['begin']
  readonly nodes: Coordinator['nodes']
  readonly deliveries: Deliveries
}

const runParameter = (request: { readonly params: unknown }): string => (request.params as { readonly run: string }).run

const siteRoutes = (app: SecureApp, { asker }: Gate, links: Links, parts: Parts): void => {
  const { registry, present, runs } = parts
  const runOf = (request: { readonly params: unknown }, site: string): AllianceRun => {
    const run = runs.get(runParameter(request))
    if (run === undefined || !run.offer.sites.includes(site)) throw new Refusal(404, 'run-unknown', 'there is no such run for this site')
    return run
  }
  app.get('/v1/authority', async () => ({ authority: parts.authority.certificate }))
  app.post('/v1/enrol', async (request) => {
    const { secret, request: asked } = enrolRequest.parse(request.body)
    const { site, certificate } = await registry.enrol(secret, asked)
    return { site, certificate, authority: parts.authority.certificate }
  })
  app.post('/v1/renew', async (request) => {
    const holder = await asker(request)
    const { request: asked } = enrolRequest.pick({ request: true }).parse(request.body)
    const { certificate } = await registry.renew(holder, asked)
    return { site: holder.holder, certificate, authority: parts.authority.certificate }
  })
  app.post('/v1/work', async (request, reply) => {
    const { holder } = await asker(request, 'takePart')
    const { machine, busy } = workRequest.parse(request.body)
    present.set(holder, { seenAt: now(), machine, busy })
    if (busy) return { kind: 'idle' }
    const signal = AbortSignal.any([goneSignal(reply), AbortSignal.timeout(POLL_MS)])
    for (;;) {
      const run = [...runs.values()].find(({ wants }) => wants(holder))
      if (run !== undefined) return { kind: 'run', offer: run.offer }
      const owed = parts.deliveries.owedTo(holder)
      if (owed !== undefined) return { kind: 'model', run: owed }
      if (signal.aborted) return { kind: 'idle' }
      await parts.nextWork(signal)
    }
  })
  app.post('/v1/runs/:run/join', async (request) => {
    const { holder } = await asker(request, 'takePart')
    const run = runOf(request, holder)
    const link = run.join(holder)
    await registry.audit.append(holder, 'joined', { run: run.offer.run, specHash: run.offer.specHash })
    return { link: links.open(holder, link) }
  })
  app.post('/v1/runs/:run/decline', async (request, reply) => {
    const { holder } = await asker(request, 'takePart')
    const { reason } = declineRequest.parse(request.body)
    const run = runOf(request, holder)
    if (run.declined().get(holder) !== reason) await registry.audit.append(holder, 'declined', { run: run.offer.run, reason })
    run.decline(holder, reason)
    return reply.status(204).send()
  })
  app.get('/v1/runs/:run/model', async (request, reply) => {
    const { holder } = await asker(request, 'takePart')
    const run = runParameter(request)
    const model = await parts.deliveries.model(holder, run, runs.get(run)?.model()?.bytes)
    if (model === undefined) throw new Refusal(404, 'model-none', 'there is no model of such a run for this site')
    return sendRange(request, reply, model)
  })
  app.post('/v1/runs/:run/measures', async (request, reply) => {
    const { holder } = await asker(request, 'takePart')
    const { rows, measures } = measuresRequest.parse(request.body)
    if (!(await parts.deliveries.fetched(holder, runParameter(request))))
      throw new Refusal(404, 'run-unknown', 'there is no such run for this site')
    // a model that came late is measured by nobody any more
    runs.get(runParameter(request))?.measured(holder, rows, measures)
    return reply.status(204).send()
  })
}

const inviteRequest = z.strictObject({ site: z.string().max(200), role: z.enum(roleNames).default('site') })
const revokeRequest = z.strictObject({ site: z.string().max(200) })
const beginRequest = z.strictObject({ spec: z.record(z.string(), z.unknown()), sites: z.array(z.string()).optional() })

const operatorRoutes = (app: SecureApp, { asker }: Gate, parts: Parts): void => {
  const { registry, runs, journal } = parts
  app.post('/v1/invitations', async (request) => {
    const { holder } = await asker(request, 'admit')
    const { site, role } = inviteRequest.parse(request.body)
    return { code: await registry.invite(site, role, holder) }
  })
  app.get('/v1/nodes', async (request) => {
    await asker(request, 'watch')
    return { nodes: await parts.nodes() }
  })
  app.get('/v1/audit', async (request) => {
    await asker(request, 'audit')
    const { last } = z.object({ last: z.coerce.number().int().min(1).max(10_000).default(100) }).parse(request.query)
    return { entries: await registry.audit.latest(last) }
  })
  app.post('/v1/revocations', async (request, reply) => {
    const { holder } = await asker(request, 'admit')
    await registry.revoke(revokeRequest.parse(request.body).site, holder)
    return reply.status(204).send()
  })
  app.post('/v1/runs', async (request) => {
    const { holder } = await asker(request, 'run')
    const { spec, sites } = beginRequest.parse(request.body)
    const { offer } = await parts.begin(spec as RunSpecInput, sites)
    await registry.audit.append(holder, 'runBegun', { run: offer.run, specHash: offer.specHash })
    return { run: offer.run, specHash: offer.specHash, sites: offer.sites }
  })
  app.get('/v1/runs', async (request) => {
    await asker(request, 'watch')
    return { runs: await journal.runs() }
  })
  app.get('/v1/runs/:run/events', async (request, reply) => {
    await asker(request, 'watch')
    const { after } = z.object({ after: z.coerce.number().int().min(0).default(0) }).parse(request.query)
    const run = runs.get(runParameter(request))
    if (run !== undefined) {
      await run.waitBeyond(after, AbortSignal.any([goneSignal(reply), AbortSignal.timeout(POLL_MS)]))
    }
    const { runId: id, status } = await journal.find(runParameter(request))
    const events = await journal.events(id)
    return { status, events: events.slice(after), declined: Object.fromEntries(run?.declined() ?? []) }
  })
  app.post('/v1/runs/:run/cancel', async (request, reply) => {
    const { holder } = await asker(request, 'run')
    const run = runs.get(runParameter(request))
    if (run === undefined) throw new Refusal(404, 'run-unknown', 'nobody works on such a run')
    await registry.audit.append(holder, 'runCancelled', { run: run.offer.run })
    run.stop(new YimengError({ code: 'run-cancelled', cannot: 'go on with run', expected: 'no cancellation', got: 'one' }), true)
    return reply.status(204).send()
  })
}

/** Starts a coordinator, and goes on with the runs that an earlier process left. @throws YimengError `coordinator-listen` for a port that cannot be had */
export const coordinator = async ({
  folder,
  database,
  blobs: large,
  host = '127.0.0.1',
  port = 0,
  names,
  onEvent,
  metricsPort: figuresAt,
}: CoordinatorOptions): Promise<Coordinator> => {
  await makeFolder(folder, { secret: true })
  const ca = await authority(folder)
  const registry = await openRegistry(folder, ca, database)
  const journal = await openJournal(database ?? join(folder, 'runs.sqlite'), large)
  const owing = await deliveries(journal, registry.audit)
  const runs = new Map<string, AllianceRun>()
  const present = new Map<string, Presence>()
  let waiters: (() => void)[] = []
  const wake = (): void => {
    const woken = waiters
    waiters = []
    for (const each of woken) each()
  }
  const nextWork = (signal: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      if (signal.aborted) return resolve()
      const done = (): void => {
        waiters = waiters.filter((each) => each !== done)
        signal.removeEventListener('abort', done)
        resolve()
      }
      waiters.push(done)
      signal.addEventListener('abort', done, { once: true })
    })

  const launch = async (run: string, spec: RunSpec, sites: readonly string[], resumedAfter?: number): Promise<AllianceRun> => {
    const made = await allianceRun({
      run,
      spec,
      specHash: specHash(spec),
      sites,
      journal,
      authority: ca.certificate,
      bulkOf: blobs.of,
      onEvent: (event) => {
        if (event.kind === 'roundCommitted' || event.kind === 'runFinished')
          void registry.audit
            .append('coordinator', event.kind, {
              run,
              ...(event.kind === 'runFinished' ? { modelHash: event.modelHash } : { round: event.round, counted: event.counted }),
            })
            .then(() => (event.kind === 'runFinished' ? registry.audit.checkpoint() : undefined))
            .catch(() => undefined)
        owing.onEvent(event)
        // a model to fetch: whoever waits for work asks again. Other events make no work, and there may be thousands who wait
        if (event.kind === 'runFinished') wake()
        figures.onEvent(event)
        onEvent?.(event)
      },
      ...(resumedAfter === undefined ? {} : { resumedAfter }),
    })
    runs.set(run, made)
    // nodes may still fetch the model for a while
    void made.done.finally(() => setTimeout(() => runs.delete(run), 600_000).unref()).catch(() => undefined)
    wake()
    return made
  }
  const begin: Coordinator['begin'] = async (input, asked) => {
    const spec = resolveSpec(input)
    // a sum that sites on their own machines cannot take is refused before anything begins
    sumOf(spec)
    const known = (await registry.sites()).filter(({ revoked }) => !revoked).map(({ site }) => site)
    const sites = [...new Set(asked ?? known)].sort()
    const stranger = sites.find((site) => !known.includes(site))
    if (stranger !== undefined)
      throw new YimengError({
        code: 'site-unknown',
        cannot: 'begin run',
        expected: 'sites that have joined',
        got: JSON.stringify(stranger),
      })
    if (sites.length === 0)
      throw new YimengError({ code: 'alliance-empty', cannot: 'begin run', expected: 'a site that has joined', got: 'none' })
    const id = runId()
    await journal.start({
      id,
      task: taskOf(spec.task).name,
      spec,
      specHash: specHash(spec),
      dataHash: 'held by the sites',
      rounds: spec.rounds,
      startedAt: new Date(now()).toISOString(),
    })
    return launch(id, spec, sites)
  }
  const nodes: Coordinator['nodes'] = async () =>
    (await registry.sites()).map(({ site, expiresAt, revoked }) => {
      const seen = present.get(site)
      const active = [...runs.values()].filter(({ model }) => model() === undefined)
      const cause = active.map((run) => run.declined().get(site)).find((reason) => reason !== undefined)
      const training = active.some((run) => run.connected().includes(site))
      const late = seen !== undefined && now() - seen.seenAt > LOST_MS
      return {
        site,
        state: revoked
          ? ('revoked' as const)
          : training
            ? ('training' as const)
            : seen === undefined
              ? ('never' as const)
              : late
                ? ('lost' as const)
                : cause !== undefined
                  ? ('declined' as const)
                  : ('ready' as const),
        ...(cause === undefined ? {} : { cause }),
        ...(seen === undefined ? {} : { seenSecondsAgo: Math.max(0, (now() - seen.seenAt) / 1000), machine: seen.machine }),
        certificateExpiresAt: expiresAt,
      }
    })

  const known = names ?? ['localhost', '127.0.0.1']
  const app = secureApp(await ca.server(known), ca)
  const figures = metrics(async () => {
    const counts = new Map<string, number>()
    for (const { state } of await nodes()) counts.set(state, (counts.get(state) ?? 0) + 1)
    return counts
  })
  const judge = gate(app, registry, figures.onRefusal)
  app.get('/metrics', async (request, reply) => {
    await judge.asker(request, 'watch')
    return reply.type(figures.contentType).send(await figures.text())
  })
  const siteOf = async (request: FastifyRequest): Promise<string> => (await judge.asker(request, 'takePart')).holder
  const links = linkRoutes(app, siteOf)
  const blobs = await blobRoutes(app, join(folder, 'blobs'), siteOf)
  const parts: Parts = { registry, authority: ca, journal, present, runs, wake, nextWork, begin, nodes, deliveries: owing }
  siteRoutes(app, judge, links, parts)
  operatorRoutes(app, judge, parts)
  let figuresServer: Server | undefined
  try {
    await app.listen({ host, port, backlog: 4096 })
    if (figuresAt !== undefined) figuresServer = await metricsPort(figures, figuresAt)
  } catch (cause) {
    await app.close()
    await registry.close()
    await journal.close()
    throw cause instanceof YimengError
      ? cause
      : new YimengError({ code: 'coordinator-listen', cannot: 'listen', expected: 'a free port', got: `${host}:${port}`, cause })
  }
  const address = app.server.address()
  const bound = typeof address === 'object' && address !== null ? address.port : port
  const url = `https://${names?.[0] ?? '127.0.0.1'}:${bound}`
  await freshOperator(folder, ca, registry)
  const rest = keepFresh(app, known, { folder, ca, registry })
  await writeFile(join(folder, 'address'), url)
  for (const kept of await journal.runs())
    if (kept.status === 'interrupted') {
      const started = (await journal.events(kept.runId)).findLast((event) => event.kind === 'runStarted')
      await journal.claim(kept.runId)
      const sites = started?.kind === 'runStarted' ? started.sites : (await registry.sites()).map(({ site }) => site)
      await launch(kept.runId, runSpecSchema.parse(kept.spec), sites, kept.round)
    }
  await registry.audit.append('coordinator', 'started', { address: url })
  return {
    port: bound,
    url,
    invite: (site, role = 'site') => registry.invite(site, role, 'coordinator'),
    revoke: (site) => registry.revoke(site, 'coordinator'),
    nodes,
    begin,
    active: () => [...runs.values()],
    journal,
    verifyAudit: () => registry.audit.verify(),
    close: async () => {
      for (const run of runs.values())
        run.stop(
          new YimengError({ code: 'coordinator-closed', cannot: 'go on with run', expected: 'a coordinator', got: 'its end' }),
          false,
        )
      await Promise.allSettled([...runs.values()].map(({ done }) => done))
      wake()
      rest()
      links.close()
      figuresServer?.close()
      await app.close()
      await blobs.close()
      await registry.audit.append('coordinator', 'stopped')
      await registry.audit.checkpoint()
      await registry.close()
      await journal.close()
    },
  }
}

/** Checks the audit log of a folder, whether its coordinator runs or not. @throws YimengError `coordinator-unknown` */
export const verifyFolder = async (folder: string, database?: string): Promise<AuditVerdict> => {
  await operatorAccess(folder)
  const registry = await openRegistry(folder, await authority(folder), database)
  try {
    return await registry.audit.verify()
  } finally {
    await registry.close()
  }
}

/** Key, certificate and authority of the operator, and where the coordinator listens: for commands on its machine. @throws YimengError `coordinator-unknown` */
export const operatorAccess = async (
  folder: string,
): Promise<{ readonly url: string; readonly key: string; readonly certificate: string; readonly authority: string }> => {
  const kept = await operatorOf(folder)
  if (kept === undefined)
    throw new YimengError({
      code: 'coordinator-unknown',
      cannot: 'reach the coordinator',
      expected: 'its folder',
      got: 'another',
      where: { folder },
    })
  return { ...kept, url: (await readFile(join(folder, 'address'), 'utf8')).trim() }
}

export type { AllianceResult, AllianceRun }
