// What people of the alliance ask of the coordinator, each as far as their role allows: who belongs to it, runs and their events, the audit log.
/* oxlint-disable oxc/no-async-endpoint-handlers -- that rule is for Express; Fastify awaits what its routes return */
import { z } from 'zod'
import { YimengError } from '../base/index.ts'
import { POLL_MS } from '../runtime/index.ts'
import type { RunSpecInput } from '../tasks/index.ts'
import { type Parts, runParameter } from './parts.ts'
import { roleNames } from './roles.ts'
import { type Gate, goneSignal, Refusal, type SecureApp } from './secure-app.ts'

const inviteRequest = z.strictObject({ site: z.string().max(200), role: z.enum(roleNames).default('site') })
const revokeRequest = z.strictObject({ site: z.string().max(200) })
const beginRequest = z.strictObject({ spec: z.record(z.string(), z.unknown()), sites: z.array(z.string()).optional() })
/** Of a long run's past, what one answer holds. */
const EVENTS_AT_ONCE = 1_000

/** Adds the routes. */
export const personRoutes = (app: SecureApp, { asker }: Gate, parts: Parts): void => {
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
    await asker(request, 'watch', 'stream')
    const { after } = z.object({ after: z.coerce.number().int().min(0).default(0) }).parse(request.query)
    const run = runs.get(runParameter(request))
    if (run !== undefined) {
      await run.waitBeyond(after, AbortSignal.any([goneSignal(reply), AbortSignal.timeout(POLL_MS)]))
    }
    const { runId: id, status } = await journal.find(runParameter(request))
    const events = await journal.events(id, { after, most: EVENTS_AT_ONCE })
    return { status, events, declined: Object.fromEntries(run?.declined() ?? []) }
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
