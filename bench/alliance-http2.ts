// HTTP/1.1 beside HTTP/2 over TLS 1.3 on loopback, server and client as Node has them: small control calls, and a body of 120 MB up and down. Each side a process.
// Run: node bench/alliance-http2.ts
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect, createSecureServer } from 'node:http2'
import { Agent, createServer, request } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { monotonicMs } from '../src/base/index.ts'
import { authority, type KeyPair } from '../src/coordinator/authority.ts'

const BYTES = 120e6
const CALLS = 3_000
const SLICE = new Uint8Array(2 ** 18)

/** All of a body, in writes that wait for the line. */
const write = async (to: Writable): Promise<void> => {
  for (let at = 0; at < BYTES; at += SLICE.length) if (!to.write(SLICE)) await once(to, 'drain')
  to.end()
}
const drained = async (from: Readable): Promise<void> => {
  from.resume()
  await once(from, 'end')
}

interface Told {
  readonly version: 1 | 2
  readonly pair: KeyPair
}

/** Answers small calls, gives large bodies, takes them. */
const serve = async ({ version, pair }: Told): Promise<void> => {
  const secure = { key: pair.key, cert: pair.certificate, minVersion: 'TLSv1.3' } as const
  const answer = async (path: string | undefined, body: Readable, to: Writable): Promise<void> => {
    if (path === '/down') await write(to)
    else {
      await drained(body)
      to.end('{"kind":"idle"}')
    }
  }
  const server =
    version === 1
      ? createServer(secure, (asked, reply) => void answer(asked.url, asked, reply))
      : createSecureServer(secure, (asked, reply) => void answer(asked.url, asked, reply.stream))
  server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port))
}

const measure = async (version: 1 | 2, port: number, ca: string): Promise<void> => {
  const agent = new Agent({ ca, keepAlive: true })
  const session = version === 2 ? connect(`https://127.0.0.1:${port}`, { ca }) : undefined
  const call = async (path: string, send: (to: Writable) => Promise<void>): Promise<void> => {
    if (session !== undefined) {
      const stream = session.request({ ':method': 'POST', ':path': path })
      await Promise.all([send(stream), drained(stream)])
      return
    }
    const asked = request({ host: '127.0.0.1', port, path, method: 'POST', agent })
    const [, [answer]] = await Promise.all([send(asked), once(asked, 'response') as Promise<[Readable]>])
    await drained(answer)
  }
  const small = async (to: Writable): Promise<void> => void to.end('{"busy":true}')
  for (let i = 0; i < 200; i += 1) await call('/small', small)
  const startedMs = monotonicMs()
  for (let i = 0; i < CALLS; i += 1) await call('/small', small)
  const each = (monotonicMs() - startedMs) / CALLS
  const rates: string[] = []
  for (const [path, send] of [
    ['/up', write],
    ['/down', small],
  ] as const) {
    const beganMs = monotonicMs()
    await call(path, send)
    rates.push(`${path.slice(1)} ${(BYTES / 1000 / (monotonicMs() - beganMs)).toFixed(0)} MB/s`)
  }
  console.log(`HTTP/${version === 1 ? '1.1' : '2'}: a small call ${each.toFixed(2)} ms; 120 MB ${rates.join(', ')}`)
  agent.destroy()
  session?.destroy()
}

if (process.send === undefined) {
  const folder = await mkdtemp(join(tmpdir(), 'yimeng-bench-'))
  const ca = await authority(folder)
  const pair = await ca.server(['127.0.0.1'])
  for (const version of [1, 2, 1, 2] as const) {
    const server = fork(fileURLToPath(import.meta.url))
    server.send({ version, pair } satisfies Told)
    const [port] = (await once(server, 'message')) as [number]
    await measure(version, port, ca.certificate)
    server.kill()
  }
  await rm(folder, { recursive: true })
} else process.once('message', (told: Told) => void serve(told))
