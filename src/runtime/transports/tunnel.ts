// TLS inside TLS, for networks whose proxy opens TLS to look inside: the outer connection is the proxy's to read, and carries by WebSocket (RFC 6455) nothing but an inner TLS connection
// between node and coordinator, with the certificates of both. Adversary: whoever holds the outer keys. They see when and how much is sent, can cut it, and nothing else: the
// outer certificate is not looked at, since the inner one decides.
import { Agent, type AgentOptions, type Server } from 'node:https'
import type { Duplex } from 'node:stream'
import { connect, type TLSSocket } from 'node:tls'
import { createWebSocketStream, WebSocket, WebSocketServer } from 'ws'
import { monotonicMs } from '../../base/index.ts'

/** Where a coordinator takes tunnels. */
export const TUNNEL_PATH = '/v1/tunnel'
/** Set on requests through a tunnel, for the audit log. */
export const TUNNEL_HEADER = 'x-yimeng-tunnel'

/** A message holds a TLS record or a few. */
const LARGEST_MESSAGE_BYTES = 2 ** 20
const HANDSHAKE_MS = 15_000
/** Quiet outer connections are kept open, for proxies that close them. */
const PING_MS = 25_000
/** Opened by one address in one minute: more is not the work of nodes. */
const MOST_A_MINUTE = 120

type Done = (error: Error | null, socket?: TLSSocket) => void

/** An agent whose connections lie inside others. `outer`: how those are made (its proxy). */
export const tunnelAgent = (url: URL, outer: AgentOptions, inner: AgentOptions): Agent => {
  const outerAgent = new Agent({ ...outer, rejectUnauthorized: false })
  class TunnelAgent extends Agent {
    override createConnection(_: unknown, callback?: unknown): undefined {
      const done = callback as Done
      const carrier = new WebSocket(new URL(TUNNEL_PATH, url.href.replace(/^https/, 'wss')), {
        agent: outerAgent,
        handshakeTimeout: HANDSHAKE_MS,
        perMessageDeflate: false,
        maxPayload: LARGEST_MESSAGE_BYTES,
      })
      let open = false
      const fail = (error: Error): void => {
        if (!open) done(error)
        carrier.terminate()
      }
      carrier.once('error', fail)
      carrier.once('open', () => {
        const socket = connect({
          ...inner,
          socket: createWebSocketStream(carrier),
          servername: /[a-z]/i.test(url.hostname) ? url.hostname : '',
          host: url.hostname,
        })
        socket.once('error', fail)
        socket.once('secureConnect', () => {
          open = true
          done(null, socket)
        })
        socket.once('close', () => carrier.terminate())
      })
    }

    override destroy(): void {
      super.destroy()
      outerAgent.destroy()
    }
  }
  return new TunnelAgent(inner)
}

/** Lets a TLS server take tunnels: each is one more connection to it. Returns what ends them. */
export const acceptTunnels = (server: Server): (() => void) => {
  const carriers = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: LARGEST_MESSAGE_BYTES })
  let minute = 0
  const opened = new Map<string, number>()
  const tooMany = (address: string): boolean => {
    const now = Math.floor(monotonicMs() / 60_000)
    if (now !== minute) opened.clear()
    minute = now
    const count = (opened.get(address) ?? 0) + 1
    opened.set(address, count)
    return count > MOST_A_MINUTE
  }
  server.on('upgrade', (request, socket: Duplex, head) => {
    if (request.url !== TUNNEL_PATH || tooMany(request.socket.remoteAddress ?? 'unknown')) {
      socket.end('HTTP/1.1 404 Not Found\r\nconnection: close\r\ncontent-length: 0\r\n\r\n')
      return
    }
    carriers.handleUpgrade(request, socket, head, (carrier) => {
      const stream = createWebSocketStream(carrier)
      stream.on('error', () => carrier.terminate())
      const beat = setInterval(() => carrier.ping(), PING_MS)
      carrier.once('close', () => clearInterval(beat))
      server.emit('connection', stream)
    })
  })
  return () => {
    for (const carrier of carriers.clients) carrier.terminate()
  }
}
