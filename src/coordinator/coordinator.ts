// The process in the middle: one TLS port, the alliance's registry, and the runs that it is working on. It holds no rows, and sends data and names, never code.
/* oxlint-disable oxc/no-async-endpoint-handlers -- that rule is for Express; Fastify awaits what its routes return */
import { readFile, writeFile } from 'node:fs/promises'
import type { Server } from 'node:http'
import { join } from 'node:path'
import type { FastifyRequest } from 'fastify'
import { now, YimengError } from '../base/index.ts'
import { makeFolder } from '../base/node.ts'
import type { RunEvent } from '../federated/spec/index.ts'
import { type Journal, openJournal, runId } from '../runtime/index.ts'
import { resolveSpec, type RunSpec, type RunSpecInput, runSpecSchema, specHash, sumOf, taskOf } from '../tasks/index.ts'
import { type AllianceResult, type AllianceRun, allianceRun } from './alliance-run.ts'
import type { AuditVerdict } from './audit.ts'
import { authority } from './authority.ts'
import { bell } from './bell.ts'
import { blobRoutes } from './blob-routes.ts'
import { deliveries } from './deliveries.ts'
import { linkRoutes } from './link-routes.ts'
import { metrics, metricsPort } from './metrics.ts'
import { type NodeState, nodeStates } from './node-states.ts'
import { freshOperator, keepFresh, operatorOf } from './own-certificates.ts'
import type { Parts, Presence } from './parts.ts'
import { personRoutes } from './person-routes.ts'
import { openRegistry } from './registry.ts'
import type { Role } from './roles.ts'
import { gate, secureApp } from './secure-app.ts'
import { siteRoutes } from './site-routes.ts'

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
  const work = bell()

  const launch = async (run: string, spec: RunSpec, sites: readonly string[], resumedAfter?: number): Promise<AllianceRun> => {
    const made = await allianceRun({
      run,
      spec,
      specHash: specHash(spec),
      sites,
      journal,
      authority: ca.certificate,
      bulkOf: blobs.of,
      onFlawed: (site, { code, message }) =>
        void registry.audit.append(site, 'refused', { run, code, cause: message.slice(0, 300) }).catch(() => undefined),
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
        if (event.kind === 'runFinished') work.ring()
        figures.onEvent(event)
        onEvent?.(event)
      },
      ...(resumedAfter === undefined ? {} : { resumedAfter }),
    })
    runs.set(run, made)
    // nodes may still fetch the model for a while
    void made.done.finally(() => setTimeout(() => runs.delete(run), 600_000).unref()).catch(() => undefined)
    work.ring()
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
  const nodes: Coordinator['nodes'] = () => nodeStates({ registry, present, runs })

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
  const siteOf = async (request: FastifyRequest): Promise<string> => (await judge.asker(request, 'takePart', 'stream')).holder
  const links = linkRoutes(app, siteOf)
  const blobs = await blobRoutes(app, join(folder, 'blobs'), siteOf)
  const parts: Parts = { registry, authority: ca, journal, present, runs, work, begin, nodes, deliveries: owing }
  siteRoutes(app, judge, links, parts)
  personRoutes(app, judge, parts)
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
      work.ring()
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
