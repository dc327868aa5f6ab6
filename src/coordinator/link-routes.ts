// Links over HTTPS requests: the node's bytes come up by POST, the coordinator's go down by long poll (runtime/transports/https-link.ts).
import { randomUUID } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import { PIECE_BYTES, RECEIVED_HEADER, type ServedLink } from '../runtime/index.ts'
import { goneSignal, Refusal, type SecureApp } from './secure-app.ts'
import { guarded, positionOf, upload } from './upload.ts'

/** How long the last words of a closed link are kept for its node. */
const FAREWELL_MS = 30_000

/** The links of a coordinator. */
export interface Links {
  /** Opens a link to a site's node: its name is what only that site may use. */
  readonly open: (site: string, link: ServedLink) => string
  /** How many there are. */
  readonly count: () => number
  readonly close: () => void
}

/** Adds the routes. `siteOf` says which site asks, or throws. */
export const linkRoutes = (app: SecureApp, siteOf: (request: FastifyRequest) => Promise<string>, uploadMs?: number): Links => {
  const links = new Map<string, { readonly site: string; readonly link: ServedLink }>()
  const sweep = setInterval(() => {
    // a node that was killed never hears the last words
    for (const [id, { link }] of links) if ((link.end.over() || link.end.closed()) && link.silentMs() > FAREWELL_MS) links.delete(id)
  }, FAREWELL_MS)
  sweep.unref()

  const linkOf = async (request: FastifyRequest): Promise<ServedLink> => {
    const site = await siteOf(request)
    const found = links.get((request.params as { readonly id: string }).id)
    // another site's link is no link: whether it exists is not told
    if (found?.site !== site) throw new Refusal(404, 'link-unknown', 'there is no such link')
    return found.link
  }
  app.get('/v1/links/:id', async (request, reply) => {
    const link = await linkOf(request)
    return reply.header(RECEIVED_HEADER, link.received()).status(204).send()
  })
  app.post('/v1/links/:id/up', async (request, reply) => {
    const link = await linkOf(request)
    const limits = { code: 'link-piece', most: PIECE_BYTES, ...(uploadMs === undefined ? {} : { uploadMs }) }
    await upload(request, limits, (at, body) => link.up({ at, body, gone: goneSignal(reply) }))
    return reply.header(RECEIVED_HEADER, link.received()).status(204).send()
  })
  app.get('/v1/links/:id/down', async (request, reply) => {
    const link = await linkOf(request)
    const at = positionOf(request)
    const pieces = await guarded(() => link.down({ at, gone: goneSignal(reply) }))
    const body = Buffer.concat(pieces)
    return reply.header(RECEIVED_HEADER, link.received()).type('application/octet-stream').send(body)
  })
  return {
    open: (site, link) => {
      const id = randomUUID()
      links.set(id, { site, link })
      return id
    },
    count: () => links.size,
    close: () => {
      clearInterval(sweep)
      links.clear()
    },
  }
}
