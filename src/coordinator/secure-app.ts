// The coordinator's one TLS port: Fastify over HTTPS, certificates asked of everyone and judged route by route, limits on everything that is parsed.
import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import fastify, { type FastifyReply, type FastifyRequest } from 'fastify'
import { z } from 'zod'
import { monotonicMs, YimengError } from '../base/index.ts'
import { acceptTunnels, TUNNEL_HEADER } from '../runtime/index.ts'
import type { Authority, KeyPair } from './authority.ts'
import { CONTROL_RATE, rateLimit, STRANGER_RATE, STREAM_RATE } from './rate-limits.ts'
import type { Holder, Registry } from './registry.ts'
import { may, type Right } from './roles.ts'

/** Bytes of a JSON body. Specs are the largest. */
const LARGEST_JSON_BYTES = 2 ** 20
/** A request, headers and body, must be here by then: who sends slowly holds a socket no longer. */
const REQUEST_MS = 120_000
const SILENT_MS = 60_000
/** One refusal of a kind and address in this time goes into the audit log; the rest are counted. */
const AUDIT_EVERY_MS = 1_000

/** A fault of the socket before there is a request, as the audit log names it. */
const malformed: Readonly<Record<string, string>> = {
  ERR_HTTP_REQUEST_TIMEOUT: 'request-slow',
  HPE_HEADER_OVERFLOW: 'request-large',
}

/** Fastify over HTTPS with our settings. Strangers are not turned away in the handshake but by the route, so that the cause can be written down. */
export const secureApp = ({ key, certificate }: KeyPair, { certificate: ca }: Authority, requestMs = REQUEST_MS) => {
  const app = fastify({
    https: {
      key,
      cert: certificate + ca,
      ca,
      requestCert: true,
      rejectUnauthorized: false,
      minVersion: 'TLSv1.3',
      connectionsCheckingInterval: 1_000,
    },
    bodyLimit: LARGEST_JSON_BYTES,
    requestTimeout: requestMs,
    connectionTimeout: SILENT_MS,
    keepAliveTimeout: 75_000,
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 200 },
    logger: false,
  })
  // Node takes the longer of the two for the whole request
  app.server.headersTimeout = Math.min(app.server.headersTimeout, requestMs)
  const endTunnels = acceptTunnels(app.server)
  app.addHook('preClose', async () => endTunnels())
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'string' }, app.getDefaultJsonParser('error', 'error'))
  // uploads are taken as they come, under limits of their own
  app.addContentTypeParser('application/octet-stream', (_, payload, done) => done(null, payload))
  app.addHook('onRequest', async ({ headers }) => {
    // nothing is unpacked here: what is small on the line and large in memory is not let in
    if ((headers['content-encoding'] ?? 'identity') !== 'identity')
      throw new Refusal(415, 'request-encoding', 'bodies are taken as they are, not compressed')
  })
  return app
}
export type SecureApp = ReturnType<typeof secureApp>

/** Aborts when the asker is gone, or has been answered. */
export const goneSignal = (reply: FastifyReply): AbortSignal => {
  const controller = new AbortController()
  // the answer's own end, not its socket's: a kept connection carries thousands
  reply.raw.once('close', () => controller.abort())
  return controller.signal
}

/** A refusal with its HTTP status. */
export class Refusal extends Error {
  readonly status: number
  readonly code: string

  constructor(status: number, code: string, message: string) {
    super(message)
    this.name = 'Refusal'
    this.status = status
    this.code = code
  }
}

/** Judges who may do what, and answers faults; every refusal is audited. */
export const gate = (app: SecureApp, registry: Registry, onRefusal: (code: string) => void = () => undefined) => {
  const known = new WeakMap<FastifyRequest, string>()
  /** Who has come through a tunnel: said once by each process. */
  const tunnelled = new Set<string>()
  const lately = new Map<string, { readonly atMs: number; suppressed: number }>()
  /** `what`: beside address, code and cause. */
  const auditRefusal = (actor: string, address: string, code: string, cause: string, what: Readonly<Record<string, string>>): void => {
    const key = `${address} ${code}`
    const before = lately.get(key)
    if (before !== undefined && monotonicMs() - before.atMs < AUDIT_EVERY_MS) {
      before.suppressed += 1
      return
    }
    if (lately.size > 10_000) lately.clear()
    lately.set(key, { atMs: monotonicMs(), suppressed: 0 })
    const more = before === undefined || before.suppressed === 0 ? {} : { more: before.suppressed }
    void registry.audit.append(actor, 'refused', { address, code, cause, ...what, ...more }).catch(() => undefined)
  }
  const refuseSocket =
    (otherwise: string) =>
    (error: NodeJS.ErrnoException, socket: Socket): void => {
      // a line that breaks is no refusal
      if (error.code === 'ECONNRESET' || error.code === 'EPIPE') return
      const code = malformed[error.code ?? ''] ?? otherwise
      onRefusal(code)
      auditRefusal('unknown', socket.remoteAddress ?? 'unknown', code, error.code ?? error.name, {})
    }
  // beside Fastify's own listener, which answers and closes
  app.server.on('clientError', refuseSocket('request-malformed'))
  app.server.on('tlsClientError', refuseSocket('tls'))
  const fail = (error: unknown, request: FastifyRequest, reply: FastifyReply): void => {
    const misread = error instanceof z.ZodError
    const status = error instanceof Refusal ? error.status : error instanceof YimengError || misread ? 400 : statusOf(error)
    const code = error instanceof Refusal || error instanceof YimengError ? error.code : status < 500 ? 'request' : 'unexpected'
    // of faults of our own nothing is told
    const own = status < 500 && error instanceof Error ? error.message : 'a fault of the coordinator'
    const message = misread ? `the request is not understood: ${error.issues[0]?.path.join('.') ?? ''}` : own
    onRefusal(code)
    auditRefusal(known.get(request) ?? 'unknown', request.raw.socket.remoteAddress ?? 'tunnel', code, message.slice(0, 300), {
      method: request.method,
      route: request.routeOptions.url ?? 'none',
    })
    // what is left of a refused upload is not waited for
    if (request.headers['content-length'] !== undefined && !request.raw.complete) void reply.header('connection', 'close')
    void reply.status(status).send({ code, message: message.slice(0, 2000) })
  }
  app.setErrorHandler(fail)
  app.setNotFoundHandler((request, reply) => fail(new Refusal(404, 'route-unknown', 'there is no such address'), request, reply))

  const limits = { control: rateLimit(CONTROL_RATE), stream: rateLimit(STREAM_RATE), stranger: rateLimit(STRANGER_RATE) }
  const within = (kind: keyof typeof limits, asker: string): void => {
    if (!limits[kind].take(asker)) throw new Refusal(429, 'rate', 'this is asked too often')
  }
  const stranger = (request: FastifyRequest): void => within('stranger', request.raw.socket.remoteAddress ?? 'tunnel')

  return {
    /** For what anyone may ask: throws {@link Refusal} 429 for an address that asks too often. */
    stranger,
    /**
     * Who asks, if they have the right; without one, if they belong to the alliance. `kind`: which of their rates it counts for. Throws {@link Refusal} 401, 403 or 429.
     */
    asker: async (request: FastifyRequest, right?: Right, kind: 'control' | 'stream' = 'control'): Promise<Holder> => {
      const socket = request.raw.socket as TLSSocket
      if (!socket.authorized) {
        stranger(request)
        // Node gives the code of the fault here, whatever its types say
        const { authorizationError } = socket as { readonly authorizationError?: unknown }
        const cause = typeof authorizationError === 'string' ? authorizationError : 'no certificate'
        throw new Refusal(401, 'certificate', `a certificate of this alliance is needed: ${cause}`)
      }
      const { fingerprint256 } = socket.getPeerCertificate()
      const found = await registry.holderOf((fingerprint256 ?? '').replaceAll(':', '').toLowerCase())
      if ('refused' in found) {
        stranger(request)
        throw new Refusal(401, 'certificate', `a certificate of this alliance is needed: ${found.refused}`)
      }
      known.set(request, found.holder)
      within(kind, found.holder)
      if (request.headers[TUNNEL_HEADER] !== undefined && !tunnelled.has(found.holder)) {
        tunnelled.add(found.holder)
        await registry.audit.append(found.holder, 'tunnelled')
      }
      if (right !== undefined && !may(found.role, right)) throw new Refusal(403, 'role', `the role ${found.role} may not ${right}`)
      return found
    },
  }
}
export type Gate = ReturnType<typeof gate>

const statusOf = (error: unknown): number => {
  const status = (error as { readonly statusCode?: unknown }).statusCode
  return typeof status === 'number' && status >= 400 && status < 500 ? status : 500
}
