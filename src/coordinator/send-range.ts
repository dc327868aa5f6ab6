// A blob as the answer of a request, or the rest of it from a position on: single ranges of RFC 9110, section 14.
import type { Readable } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Refusal } from './secure-app.ts'

/** Bytes that can be sent from any position. `hash`: their SHA-256, hex; it is the entity tag. */
export interface Sendable {
  readonly hash: string
  readonly bytes: number
  readonly from: (position: number) => Readable
}

/** Where the rest begins that a request asks for; 0 for the whole, also when the tag of `If-Range` is another. Throws {@link Refusal} 416. */
const startOf = ({ headers }: FastifyRequest, { hash, bytes }: Sendable): number => {
  const { range } = headers
  const tag = headers['if-range']
  if (range === undefined || (tag !== undefined && tag !== `"${hash}"`)) return 0
  const [, start] = /^bytes=(\d{1,15})-$/.exec(range) ?? []
  if (start === undefined || Number(start) >= bytes) throw new Refusal(416, 'blob-range', `a range within ${bytes} bytes is needed`)
  return Number(start)
}

/** Answers with the blob or its rest. */
export const sendRange = (request: FastifyRequest, reply: FastifyReply, blob: Sendable): FastifyReply => {
  const start = startOf(request, blob)
  void reply
    .header('etag', `"${blob.hash}"`)
    .header('accept-ranges', 'bytes')
    .header('content-length', blob.bytes - start)
  if (start > 0) void reply.status(206).header('content-range', `bytes ${start}-${blob.bytes - 1}/${blob.bytes}`)
  return reply.type('application/octet-stream').send(blob.from(start))
}
