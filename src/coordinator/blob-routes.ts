// The coordinator's side of blobs: what nodes fetch and send by plain HTTPS (ranges down, positions up), and the road of one seat's large frames over it.
/* oxlint-disable oxc/no-async-endpoint-handlers -- that rule is for Express; Fastify awaits what its routes return */
import { rm } from 'node:fs/promises'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Traffic } from '../base/index.ts'
import { makeFolder } from '../base/node.ts'
import { BLOB_PIECE_BYTES, blobRequest, type Bulk, RECEIVED_HEADER } from '../runtime/index.ts'
import { incomingBlobs, type KeptBlob } from './incoming-blobs.ts'
import { type Grant, outgoingBlobs } from './outgoing-blobs.ts'
import { Refusal, type SecureApp } from './secure-app.ts'
import { sendRange } from './send-range.ts'
import { guarded, upload } from './upload.ts'

/** One site's road of blobs. */
export interface SiteBulk {
  /** For one attempt: closed with its channel. */
  readonly road: () => Bulk
  /** Bytes of what was given and taken. */
  readonly traffic: () => Traffic
}

/** The blobs of a coordinator. */
export interface Blobs {
  readonly of: (site: string) => SiteBulk
  readonly close: () => Promise<void>
}

/** Adds the routes. Blobs lie in `folder`, which is emptied: no attempt outlives its process. `siteOf` says which site asks, or throws. */
export const blobRoutes = async (app: SecureApp, folder: string, siteOf: (request: FastifyRequest) => Promise<string>): Promise<Blobs> => {
  await rm(folder, { recursive: true, force: true })
  await makeFolder(folder, { secret: true })
  const outgoing = outgoingBlobs()
  const incoming = incomingBlobs(folder)
  /** Sites that take part in an attempt: others have nothing to send. */
  const open = new Map<string, number>()
  const hashOf = (request: FastifyRequest): string => (request.params as { readonly hash: string }).hash
  const senderOf = async (request: FastifyRequest): Promise<string> => {
    const site = await siteOf(request)
    if (!open.has(site)) throw new Refusal(404, 'blob-unknown', 'no attempt waits for a blob of this site')
    return site
  }

  app.get('/v1/blobs/:hash', async (request: FastifyRequest, reply: FastifyReply) => {
    const site = await siteOf(request)
    const found = outgoing.read(site, hashOf(request))
    if (found === undefined) throw new Refusal(404, 'blob-unknown', 'there is no such blob')
    return sendRange(request, reply, found)
  })
  app.post('/v1/blobs', async (request) => {
    const site = await senderOf(request)
    const reference = blobRequest.parse(request.body)
    return { received: await guarded(() => incoming.begin(site, reference)) }
  })
  app.post('/v1/blobs/:hash', async (request, reply) => {
    const site = await senderOf(request)
    const received = await upload(request, { code: 'blob-size', most: BLOB_PIECE_BYTES }, (at, body) =>
      incoming.append(site, hashOf(request), at, body),
    )
    return reply.header(RECEIVED_HEADER, received).status(204).send()
  })

  return {
    of: (site) => {
      let sent = 0
      let received = 0
      return {
        traffic: () => ({ sent, received }),
        road: () => {
          const grants: Grant[] = []
          const kept: KeptBlob[] = []
          let closed = false
          open.set(site, (open.get(site) ?? 0) + 1)
          return {
            give: async (frame) => {
              const grant = outgoing.grant(site, frame)
              grants.push(grant)
              if (closed) grant.end()
              sent += grant.bytes
              return grant
            },
            take: async (reference, signal) => {
              const frame = await incoming.take(site, reference)
              signal?.throwIfAborted()
              received += frame.length
              return frame
            },
            keep: async (reference, signal) => {
              const blob = await incoming.keep(site, reference)
              kept.push(blob)
              if (closed || signal?.aborted === true) blob.release()
              signal?.throwIfAborted()
              received += blob.length
              return blob
            },
            close: () => {
              if (closed) return
              closed = true
              for (const grant of grants) grant.end()
              for (const blob of kept) blob.release()
              const left = (open.get(site) ?? 1) - 1
              if (left === 0) open.delete(site)
              else open.set(site, left)
            },
          }
        },
      }
    },
    close: async () => {
      await incoming.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
