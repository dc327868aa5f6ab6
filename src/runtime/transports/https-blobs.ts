// Blobs between a node and its coordinator, as the node sees them: plain HTTPS with ranges (RFC 9110, 14) down and positions up. Whatever breaks goes on where it was, also in another process.
import { createHash } from 'node:crypto'
import { z } from 'zod'
import { channelClosed, lengthOf, YimengError } from '../../base/index.ts'
import { blobReceived, refusalSchema } from './alliance-messages.ts'
import { type BlobReference, type Bulk, LARGEST_BLOB_BYTES } from './bulk-channel.ts'
import { callJson, type HttpsAnswer, type HttpsClient } from './https-call.ts'
import { RECEIVED_HEADER } from './https-link.ts'
import { isRefusal, patience } from './patience.ts'
import { scratch } from './scratch.ts'
import { slices } from './slices.ts'

/** Bytes of one upload request: a minute at 1 Mbit/s, so that slow lines stay below everyone's time limits. */
export const BLOB_PIECE_BYTES = 8 * 2 ** 20

/** Hashed at once, while it is in the processor's cache. */
const HASHED_BYTES = 2 ** 18

const hex = /^"([0-9a-f]{64})"$/

/** What stands for the bytes of all parts together. */
export const blobReferenceOf = (parts: readonly Uint8Array[]): BlobReference => {
  const digest = createHash('sha256')
  for (const part of parts) digest.update(part)
  return { hash: digest.digest('hex'), bytes: lengthOf(parts) }
}

const refused = (cannot: string, status: number, value: unknown): YimengError => {
  const told = refusalSchema.safeParse(value)
  return new YimengError({
    code: told.success ? told.data.code : 'blob-unknown',
    cannot,
    expected: 'the coordinator to agree',
    got: told.success ? told.data.message : `status ${status}`,
  })
}

const jsonOf = async (answer: HttpsAnswer): Promise<unknown> => {
  const bytes = await answer.whole()
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8')) as unknown
  } catch {
    return undefined
  }
}

const wrongHash = (): YimengError =>
  new YimengError({ code: 'blob-hash', cannot: 'take blob', expected: 'the bytes that its hash names', got: 'others' })

/** How a blob is fetched. */
export interface Download {
  readonly path: string
  readonly signal: AbortSignal
  /** What must come. Absent: what the coordinator's entity tag names. */
  readonly reference?: BlobReference
  /** A line that is down for longer ends it. Default: ten minutes. */
  readonly giveUpMs?: number
  /** Memory for it. Default: fresh. */
  readonly room?: (bytes: number) => Uint8Array
}

/** What an answer says that it carries: the whole blob or its rest. */
const extent = (answer: HttpsAnswer, at: number): { readonly total: number; readonly start: number; readonly hash: string } => {
  const header = (name: string): string => String(answer.headers[name] ?? '')
  const [, hash = ''] = hex.exec(header('etag')) ?? []
  const [, start = '', total = ''] = /^bytes (\d+)-\d+\/(\d+)$/.exec(header('content-range')) ?? ['', '0', header('content-length')]
  const told = { total: Number(total), start: Number(start), hash }
  const sound = hash !== '' && /^\d+$/.test(total) && told.total <= LARGEST_BLOB_BYTES && (told.start === 0 || told.start === at)
  if (sound) return told
  throw new YimengError({ code: 'blob-answer', cannot: 'take blob', expected: 'its length, place and hash', got: 'others' })
}

/**
 * Fetches a blob whole. A line that breaks is waited for, and what has come is not asked for again.
 *
 * @throws YimengError `blob-hash` for other bytes than promised, `blob-answer`, `link-lost`, and what the coordinator refuses with (`blob-unknown`); the signal's reason
 */
export const downloaded = async (
  client: HttpsClient,
  { path, signal, reference, giveUpMs, room = (bytes) => new Uint8Array(bytes) }: Download,
): Promise<Uint8Array> => {
  const line = patience(giveUpMs)
  let failures = 0
  let at = 0
  let hash = reference?.hash
  let body: Uint8Array | undefined
  let digest = createHash('sha256')
  for (;;) {
    signal.throwIfAborted()
    try {
      const headers = at === 0 || hash === undefined ? {} : { range: `bytes=${at}-`, 'if-range': `"${hash}"` }
      const answer = await client.call({ method: 'GET', path, headers, signal })
      if (isRefusal(answer.status)) throw refused('fetch blob', answer.status, await jsonOf(answer))
      if (answer.status >= 300) throw new Error(`status ${answer.status}`)
      const told = extent(answer, at)
      if ((hash ?? told.hash) !== told.hash || (reference?.bytes ?? told.total) !== told.total) throw wrongHash()
      hash = told.hash
      if (body?.length !== told.total) body = room(told.total)
      if (told.start !== at) digest = createHash('sha256')
      at = told.start
      const whole = body
      let hashed = at
      const settle = (): void => {
        digest.update(whole.subarray(hashed, at))
        hashed = at
      }
      const take = (chunk: Uint8Array): void => {
        if (at + chunk.length > whole.length) throw wrongHash()
        whole.set(chunk, at)
        at += chunk.length
        if (at - hashed >= HASHED_BYTES) settle()
        failures = 0
        line.heard()
      }
      // what came before a cut counts
      await answer.each(take).finally(settle)
      if (at < body.length) throw new Error('cut')
      if (digest.digest('hex') !== hash) throw wrongHash()
      return body
    } catch (error) {
      if (signal.aborted) throw signal.reason
      if (error instanceof YimengError) throw error
      failures += 1
      await line.again(failures, signal)
    }
  }
}

const uploaded = async (
  client: HttpsClient,
  frame: readonly Uint8Array[],
  { path, signal, giveUpMs }: Omit<Download, 'reference'>,
): Promise<BlobReference> => {
  const reference = blobReferenceOf(frame)
  const line = patience(giveUpMs)
  let failures = 0
  let at: number | undefined
  const heard = (position: number): void => {
    line.heard()
    // a line that carries something is worth trying again soon
    if (position > (at ?? 0)) failures = 0
    at = position
  }
  for (;;) {
    signal.throwIfAborted()
    try {
      if (at === undefined) {
        const { status, value } = await callJson(client, 'POST', path, reference, { signal })
        if (isRefusal(status)) throw refused('send blob', status, value)
        if (status !== 200) throw new Error(`status ${status}`)
        heard(blobReceived.parse(value).received)
      } else if (at < reference.bytes) {
        const body = [...slices(frame, at, at + BLOB_PIECE_BYTES)]
        const answer = await client.call({ method: 'POST', path: `${path}/${reference.hash}?at=${at}`, body, signal })
        const told = await jsonOf(answer)
        if (isRefusal(answer.status)) throw refused('send blob', answer.status, told)
        if (answer.status >= 300) throw new Error(`status ${answer.status}`)
        heard(z.coerce.number().int().min(at).max(reference.bytes).parse(answer.headers[RECEIVED_HEADER]))
      } else return reference
    } catch (error) {
      if (signal.aborted) throw signal.reason
      if (error instanceof YimengError) throw error
      failures += 1
      at = undefined
      await line.again(failures, signal)
    }
  }
}

/**
 * The node's roads of blobs, one for each attempt. `path` at the coordinator: `/v1/blobs`. What is taken lies in memory that the next one takes over: it must be decoded in the turn of the
 * event loop in which it comes (codecs copy).
 */
export const httpsBulk = (client: HttpsClient, { path, giveUpMs }: { readonly path: string; readonly giveUpMs?: number }): (() => Bulk) => {
  const memory = scratch()
  const patient = giveUpMs === undefined ? {} : { giveUpMs }
  return () => {
    const stop = new AbortController()
    return {
      give: (frame) => uploaded(client, frame, { path, signal: stop.signal, ...patient }),
      take: (reference, signal) =>
        downloaded(client, {
          path: `${path}/${reference.hash}`,
          signal: signal === undefined ? stop.signal : AbortSignal.any([signal, stop.signal]),
          reference,
          room: memory.lend,
          ...patient,
        }).finally(memory.rest),
      close: () => stop.abort(channelClosed('send frame')),
    }
  }
}
