// The HTTPS transport against the conformance suite of channels, and over lines that break.
import 'reflect-metadata'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer as createHttpServer, type IncomingMessage } from 'node:http'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as x509 from '@peculiar/x509'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { channelConformance } from '../base/channel.suite.ts'
import { bulkChannel, type HttpsClient, httpsBulk, httpsClient, httpsLink, servedLink } from '../runtime/index.ts'
import { type Authority, authority } from './authority.ts'
import { type Blobs, blobRoutes } from './blob-routes.ts'
import { type Links, linkRoutes } from './link-routes.ts'
import { type SecureApp, secureApp } from './secure-app.ts'

let folder: string
let ca: Authority
let app: SecureApp
let links: Links
let blobs: Blobs
let client: HttpsClient
let port: number
let identity: { readonly ca: string; readonly certificate: string; readonly key: string }

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'yimeng-link-'))
  ca = await authority(folder)
  app = secureApp(await ca.server(['localhost', '127.0.0.1']), ca)
  links = linkRoutes(app, async () => 'site')
  blobs = await blobRoutes(app, join(folder, 'blobs'), async () => 'site')
  await app.listen({ host: '127.0.0.1', port: 0 })
  const address = app.server.address()
  port = typeof address === 'object' && address !== null ? address.port : 0
  const { key, certificate } = await ca.operator('test')
  identity = { ca: ca.certificate, certificate, key }
  client = httpsClient(`https://127.0.0.1:${port}`, identity)
})
afterAll(async () => {
  client.close()
  links.close()
  await app.close()
  await blobs.close()
  await rm(folder, { recursive: true })
})

channelConformance(
  'https link',
  async () => {
    const served = servedLink()
    const id = links.open('site', served)
    return { ends: [httpsLink(client, { path: `/v1/links/${id}` }), served.channel] }
  },
  10_000_000,
)

channelConformance(
  'https link with blobs',
  async () => {
    const served = servedLink()
    const node = httpsLink(client, { path: `/v1/links/${links.open('site', served)}` })
    return {
      ends: [bulkChannel(node, httpsBulk(client, { path: '/v1/blobs' })()), bulkChannel(served.channel, blobs.of('site').road())],
    }
  },
  10_000_000,
)

/** A line that is cut after a number of bytes, again and again. */
const brokenLine = async (
  cutAfter: () => number,
): Promise<{ readonly server: Server; readonly port: number; readonly cuts: () => number; readonly carried: () => number }> => {
  let cuts = 0
  let carried = 0
  const server = createServer((near: Socket) => {
    const far = connect(port, '127.0.0.1')
    let left = cutAfter()
    const close = (): void => {
      near.destroy()
      far.destroy()
    }
    const count = (bytes: Buffer, to: Socket): void => {
      left -= bytes.length
      carried += bytes.length
      if (left > 0) return void to.write(bytes)
      cuts += 1
      close()
    }
    near
      .on('data', (bytes) => count(bytes, far))
      .on('close', close)
      .on('error', close)
    far
      .on('data', (bytes) => count(bytes, near))
      .on('close', close)
      .on('error', close)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return { server, port: typeof address === 'object' && address !== null ? address.port : 0, cuts: () => cuts, carried: () => carried }
}

test('frames arrive whole, once and in order over a line that is cut again and again', async () => {
  let turn = 0
  const line = await brokenLine(() => [40_000, 300_000, 1_500_000][turn++ % 3]!)
  const broken = httpsClient(`https://127.0.0.1:${line.port}`, identity)
  const served = servedLink()
  const channel = httpsLink(broken, { path: `/v1/links/${links.open('site', served)}` })
  const frame = (i: number): Uint8Array => new Uint8Array(i % 7 === 3 ? 1_200_000 : i * 11).fill(i)
  try {
    const frames = Array.from({ length: 24 }, (_, i) => i)
    for (const i of frames) {
      await channel.send(frame(i))
      await served.channel.send(frame(i))
    }
    for (const i of frames) {
      expect(Buffer.compare(await served.channel.receive(), frame(i))).toBe(0)
      expect(Buffer.compare(await channel.receive(), frame(i))).toBe(0)
    }
    expect(line.cuts()).toBeGreaterThan(5)
    // an upload that was cut went on where it was: what came twice is little
    expect(served.received()).toBe(frames.reduce((sum, i) => sum + 4 + frame(i).length, 0))
  } finally {
    await channel.close()
    broken.close()
    line.server.close()
  }
})

test('blobs arrive whole both ways over a line that is cut again and again, and nothing that came is sent again', async () => {
  let turn = 0
  const line = await brokenLine(() => [400_000, 3_000_000, 1_500_000][turn++ % 3]!)
  const broken = httpsClient(`https://127.0.0.1:${line.port}`, identity)
  const road = blobs.of('site').road()
  const bulk = httpsBulk(broken, { path: '/v1/blobs' })()
  const frame = Uint8Array.from({ length: 12_000_000 }, (_, i) => (i * 31 + (i >>> 8)) & 0xff)
  try {
    expect(Buffer.compare(await road.take(await bulk.give([frame])), frame)).toBe(0)
    const upCuts = line.cuts()
    expect(upCuts).toBeGreaterThan(3)
    expect(Buffer.compare(await bulk.take(await road.give([frame])), frame)).toBe(0)
    expect(line.cuts()).toBeGreaterThan(upCuts + 3)
    // each way the frame passed once: a line that began anew would never have come to its end
    expect(line.carried()).toBeLessThan(2 * frame.length * 1.5)
  } finally {
    road.close()
    bulk.close()
    broken.close()
    line.server.close()
  }
})

test('a link works through a proxy that connects to one port only, and goes on when the proxy was gone', async () => {
  const asked: string[] = []
  const sockets = new Set<Socket>()
  const proxy = createHttpServer()
  proxy.on('connect', (request: IncomingMessage, near: Socket) => {
    asked.push(request.url ?? '')
    if (request.url !== `127.0.0.1:${port}`) {
      near.end('HTTP/1.1 403 Forbidden\r\n\r\n')
      return
    }
    const far = connect(port, '127.0.0.1', () => near.write('HTTP/1.1 200 Connection established\r\n\r\n'))
    sockets.add(near)
    near.pipe(far).pipe(near)
    near.on('close', () => far.destroy()).on('error', () => undefined)
    far.on('close', () => near.destroy()).on('error', () => undefined)
  })
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  const address = proxy.address()
  const before = { ...process.env }
  Object.assign(process.env, { HTTPS_PROXY: `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`, NO_PROXY: '' })
  const through = httpsClient(`https://127.0.0.1:${port}`, identity)
  const elsewhere = httpsClient('https://127.0.0.1:1', identity)
  process.env = before
  const served = servedLink()
  const channel = httpsLink(through, { path: `/v1/links/${links.open('site', served)}` })
  try {
    for (const i of [1, 2, 3]) {
      await channel.send(Uint8Array.of(i))
      expect(await served.channel.receive()).toEqual(Uint8Array.of(i))
      await served.channel.send(new Uint8Array(300_000).fill(i))
      expect((await channel.receive())[299_999]).toBe(i)
      for (const socket of sockets) socket.destroy()
    }
    expect(asked.length).toBeGreaterThan(2)
    expect(new Set(asked)).toEqual(new Set([`127.0.0.1:${port}`]))
    await expect(elsewhere.call({ method: 'GET', path: '/' })).rejects.toThrow()
    expect(asked.at(-1)).toBe('127.0.0.1:1')
  } finally {
    await channel.close()
    through.close()
    elsewhere.close()
    proxy.close()
    proxy.closeAllConnections()
  }
})

test('the certificates are what they should be: sites for 90 days, no authority, names that we gave', async () => {
  const { certificate } = await ca.server(['localhost'])
  const parsed = new x509.X509Certificate(certificate)
  expect(await parsed.verify({ publicKey: await new x509.X509Certificate(ca.certificate).publicKey.export() })).toBe(true)
  expect(parsed.getExtension(x509.BasicConstraintsExtension)?.ca).toBe(false)
  expect(Math.round((parsed.notAfter.getTime() - parsed.notBefore.getTime()) / 86_400_000)).toBe(90)
})

test('a link whose node was killed is forgotten, though nobody heard its last words; one that is open is kept', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] })
  try {
    const own = linkRoutes(secureApp(await ca.server(['127.0.0.1']), ca), async () => 'site')
    const [left, open] = [servedLink(), servedLink()]
    for (const link of [left, open]) own.open('site', link)
    await left.channel.send(new Uint8Array(1_000_000))
    await left.channel.close()
    vi.advanceTimersByTime(120_000)
    expect(own.count()).toBe(1)
    own.close()
  } finally {
    vi.useRealTimers()
  }
})

test('a frame that is larger than its link takes breaks the link before it is kept', async () => {
  const served = servedLink(2 ** 16)
  const channel = httpsLink(client, { path: `/v1/links/${links.open('site', served)}` })
  await channel.send(new Uint8Array(2 ** 16))
  expect((await served.channel.receive()).length).toBe(2 ** 16)
  await channel.send(new Uint8Array(2 ** 16 + 1))
  await expect(served.channel.receive()).rejects.toMatchObject({ code: 'channel-closed', cause: { code: 'link-frame' } })
  await expect(channel.receive()).rejects.toMatchObject({ code: 'channel-closed' })
})
