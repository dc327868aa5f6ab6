// One HTTPS request over a kept connection: what the node's side of the alliance is made of. Outbound only; honours HTTPS_PROXY and NO_PROXY (CONNECT).
import type { ClientRequest, IncomingMessage } from 'node:http'
import { Agent, type AgentOptions, request } from 'node:https'
import type { Socket } from 'node:net'
import { YimengError } from '../../base/index.ts'
import { flowing } from './flowing.ts'
import { slices } from './slices.ts'
import { TUNNEL_HEADER, tunnelAgent } from './tunnel.ts'

/** Who we are and whom we trust. PEM. */
export interface TlsIdentity {
  readonly ca: string
  readonly certificate?: string
  readonly key?: string
  /** Whether connections lie inside others, which a proxy may open: see tunnel.ts. */
  readonly tunnel?: boolean | undefined
}

/** A request; `body` in pieces, whose bytes nobody changes until the answer is there. */
export interface HttpsRequest {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly body?: readonly Uint8Array[]
  readonly type?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly signal?: AbortSignal
  /** Silence that ends it. */
  readonly idleMs?: number
}

/** An answer. Its body is read once, in one of three ways. */
export interface HttpsAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  readonly bytes: AsyncIterable<Uint8Array>
  /** Hands each chunk on as it comes, without a copy. */
  readonly each: (take: (chunk: Uint8Array) => void) => Promise<void>
  /** The whole body, at most `limit` bytes. */
  readonly whole: (limit?: number) => Promise<Uint8Array>
}

/** Connections to one coordinator. */
export interface HttpsClient {
  readonly url: URL
  readonly call: (request: HttpsRequest) => Promise<HttpsAnswer>
  readonly close: () => void
}

const LARGEST_ANSWER_BYTES = 2 ** 20

const wholeBody = async (answer: IncomingMessage, limit: number): Promise<Uint8Array> => {
  const parts: Buffer[] = []
  let length = 0
  for await (const part of answer as AsyncIterable<Buffer>) {
    length += part.length
    if (length > limit) {
      answer.destroy()
      throw new YimengError({ code: 'https-answer', cannot: 'read answer', expected: `at most ${limit} bytes`, got: 'more' })
    }
    parts.push(part)
  }
  return new Uint8Array(Buffer.concat(parts))
}

/** The body in writes that wait for the line. Ends quietly when the request does: its own error tells why. */
const writeBody = async (sent: ClientRequest, body: readonly Uint8Array[]): Promise<void> => {
  for (const slice of slices(body)) {
    if (sent.destroyed) return
    if (sent.write(slice)) continue
    await new Promise<void>((resolve) => {
      const go = (): void => {
        sent.off('drain', go).off('close', go)
        resolve()
      }
      sent.once('drain', go).once('close', go)
    })
  }
  sent.end()
}

const bearing = new WeakSet<Socket>()
/**
 * Has a connection bear an error that comes when no request listens to it any more, or none yet: a request that is aborted as its line breaks can leave one behind, and an error that nobody hears ends
 * the process. What it means is told to the request; a connection that is gone leaves its agent by itself.
 */
const borne = (socket: Socket): void => {
  if (bearing.has(socket)) return
  bearing.add(socket)
  socket.on('error', () => undefined)
}

/**
 * A client for `https://host:port`.
 *
 * @throws YimengError `https-url` for another kind of address.
 */
export const httpsClient = (address: string, identity: TlsIdentity | 'unverified'): HttpsClient => {
  const url = URL.canParse(address) ? new URL(address) : undefined
  if (url?.protocol !== 'https:')
    throw new YimengError({ code: 'https-url', cannot: 'use address', expected: 'https://host:port', got: JSON.stringify(address) })
  const kept = { keepAlive: true, maxSockets: 8 } as const
  const outward = { proxyEnv: process.env }
  const trust: AgentOptions =
    identity === 'unverified'
      ? { rejectUnauthorized: false }
      : { ca: identity.ca, cert: identity.certificate, key: identity.key, rejectUnauthorized: true }
  const inner = { ...kept, ...trust, minVersion: 'TLSv1.3' } as const
  const tunnelled = identity !== 'unverified' && identity.tunnel === true
  // what is outside of a tunnel may be an old proxy's
  const agent = tunnelled ? tunnelAgent(url, outward, inner) : new Agent({ ...inner, ...outward })
  const call = ({ method, path, body, type, headers, signal, idleMs = 60_000 }: HttpsRequest): Promise<HttpsAnswer> =>
    new Promise((resolve, reject) => {
      const length = body?.reduce((sum, piece) => sum + piece.length, 0)
      const sent = request(
        new URL(path, url),
        {
          method,
          agent,
          timeout: idleMs,
          headers: {
            ...headers,
            ...(tunnelled ? { [TUNNEL_HEADER]: '1' } : {}),
            ...(length === undefined ? {} : { 'content-length': length, 'content-type': type ?? 'application/octet-stream' }),
          },
          ...(signal === undefined ? {} : { signal }),
        },
        (answer) =>
          resolve({
            status: answer.statusCode ?? 0,
            headers: answer.headers,
            bytes: answer as AsyncIterable<Uint8Array>,
            each: (take) => flowing(answer, take).finally(() => answer.destroy()),
            whole: (limit = LARGEST_ANSWER_BYTES) => wholeBody(answer, limit),
          }),
      )
      sent.on('timeout', () => sent.destroy(new Error(`silent for ${idleMs} ms`)))
      sent.on('error', reject)
      sent.once('socket', borne)
      void writeBody(sent, body ?? [])
    })
  return { url, call, close: () => agent.destroy() }
}

/** JSON there and back. The answer's status comes with it: refusals are values. */
export const callJson = async (
  client: HttpsClient,
  method: 'GET' | 'POST',
  path: string,
  body?: unknown,
  options: { readonly signal?: AbortSignal; readonly idleMs?: number; readonly limit?: number } = {},
): Promise<{ readonly status: number; readonly value: unknown }> => {
  const { limit, ...rest } = options
  const answer = await client.call({
    method,
    path,
    ...rest,
    ...(body === undefined ? {} : { body: [Buffer.from(JSON.stringify(body))], type: 'application/json' }),
  })
  const bytes = await answer.whole(limit)
  if (bytes.length === 0) return { status: answer.status, value: undefined }
  try {
    return { status: answer.status, value: JSON.parse(Buffer.from(bytes).toString('utf8')) as unknown }
  } catch (cause) {
    throw new YimengError({ code: 'https-answer', cannot: 'read answer', expected: 'JSON', got: `${bytes.length} other bytes`, cause })
  }
}
