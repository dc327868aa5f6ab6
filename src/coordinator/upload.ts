// What uploads of links and blobs have in common: a position, a length within a limit, and a time by which they are here.
import type { Readable } from 'node:stream'
import type { FastifyRequest } from 'fastify'
import { YimengError } from '../base/index.ts'
import { Refusal } from './secure-app.ts'

/** A piece that is not here by then is given up, with its connection: who sends slowly goes on from where it was. */
export const UPLOAD_MS = 120_000

/** Position that a request names. Throws {@link Refusal} 400. */
export const positionOf = (request: FastifyRequest): number => {
  const { at } = request.query as { readonly at?: unknown }
  if (typeof at === 'string' && /^\d{1,15}$/.test(at)) return Number(at)
  throw new Refusal(400, 'link-position', 'a position is needed')
}

/** A named fault as a refusal: 413 for what is too large, 422 for other bytes than promised, 404 for what is not there, else 409: ask where we are. */
export const guarded = async <T>(work: () => Promise<T>): Promise<T> => {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof YimengError)) throw error
    const status = { 'link-piece': 413, 'blob-size': 413, 'blob-hash': 422, 'blob-unknown': 404 }[error.code] ?? 409
    throw new Refusal(status, error.code, error.message)
  }
}

/** Takes the body of a request: at most `most` bytes, of a length that it tells, within `uploadMs`. Refusals carry `code`. */
export const upload = async <T>(
  request: FastifyRequest,
  { code, most, uploadMs = UPLOAD_MS }: { readonly code: string; readonly most: number; readonly uploadMs?: number },
  take: (at: number, body: Readable) => Promise<T>,
): Promise<T> => {
  const length = Number(request.headers['content-length'] ?? Number.NaN)
  if (!Number.isInteger(length)) throw new Refusal(411, code, 'an upload says how long it is')
  if (length > most) throw new Refusal(413, code, `an upload has at most ${most} bytes`)
  const at = positionOf(request)
  const { socket } = request.raw
  const late = setTimeout(() => socket.destroy(), uploadMs)
  try {
    return await guarded(() => take(at, request.body as Readable))
  } catch (error) {
    if (error instanceof Refusal || request.raw.complete) throw error
    throw new Refusal(408, 'upload-cut', 'the line broke, or was too slow')
  } finally {
    clearTimeout(late)
  }
}
