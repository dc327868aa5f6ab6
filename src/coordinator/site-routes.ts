// What a site's node asks of the coordinator: to belong to the alliance, work, its place in a run, the model.
/* oxlint-disable oxc/no-async-endpoint-handlers -- that rule is for Express; Fastify awaits what its routes return */
import { now } from '../base/index.ts'
import { declineRequest, enrolRequest, measuresRequest, POLL_MS, workRequest } from '../runtime/index.ts'
import type { AllianceRun } from './alliance-run.ts'
import type { Links } from './link-routes.ts'
import { type Parts, runParameter } from './parts.ts'
import { type Gate, goneSignal, Refusal, type SecureApp } from './secure-app.ts'
import { sendRange } from './send-range.ts'

/** Adds the routes. */
export const siteRoutes = (app: SecureApp, { asker, stranger }: Gate, links: Links, parts: Parts): void => {
  const { registry, present, runs } = parts
  const runOf = (request: { readonly params: unknown }, site: string): AllianceRun => {
    const run = runs.get(runParameter(request))
    if (run === undefined || !run.offer.sites.includes(site)) throw new Refusal(404, 'run-unknown', 'there is no such run for this site')
    return run
  }
  app.get('/v1/authority', async (request) => {
    stranger(request)
    return { authority: parts.authority.certificate }
  })
  app.post('/v1/enrol', async (request) => {
    stranger(request)
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
    present.set(holder, { seenAt: now(), machine })
    if (busy) return { kind: 'idle' }
    const signal = AbortSignal.any([goneSignal(reply), AbortSignal.timeout(POLL_MS)])
    for (;;) {
      const run = [...runs.values()].find(({ wants }) => wants(holder))
      if (run !== undefined) {
        run.called(holder)
        return { kind: 'run', offer: run.offer }
      }
      const owed = parts.deliveries.owedTo(holder)
      if (owed !== undefined) return { kind: 'model', run: owed }
      if (signal.aborted) return { kind: 'idle' }
      await parts.work.heard(signal)
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
