// A network whose proxy opens TLS: who joined through a tunnel takes part all the same, and the proxy reads nothing.
import 'reflect-metadata'
import { mkdtemp, rm } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect, createServer, type Server } from 'node:tls'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { checkCoordinator, joinAlliance, node } from '../src/node/index.ts'
import { callJson, httpsClient } from '../src/runtime/index.ts'
import { authority } from '../src/coordinator/authority.ts'
import { type Coordinator, coordinator } from '../src/coordinator/coordinator.ts'

let folder = ''
let middle: Coordinator
let proxy: Server
let address = ''
/** All that the proxy saw in the clear. */
let seen = Buffer.alloc(0)

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'yimeng-tunnel-'))
  middle = await coordinator({ folder: join(folder, 'c') })
  // the proxy's own authority, which the alliance knows nothing of
  const own = await (await authority(join(folder, 'proxy'))).server(['localhost', '127.0.0.1'])
  proxy = createServer({ key: own.key, cert: own.certificate }, (inward) => {
    const onward = connect({ host: '127.0.0.1', port: middle.port, rejectUnauthorized: false })
    for (const side of [inward, onward])
      side.on('error', () => undefined).on('close', () => [inward, onward].forEach((each) => each.destroy()))
    inward.on('data', (bytes: Buffer) => {
      seen = Buffer.concat([seen, bytes])
    })
    inward.pipe(onward).pipe(inward)
  })
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  address = `https://127.0.0.1:${(proxy.address() as AddressInfo).port}`
})
afterAll(async () => {
  await middle.close()
  await new Promise((resolve) => proxy.close(resolve))
  await rm(folder, { recursive: true })
})

test('without a tunnel nobody joins; the check says what would do', async () => {
  await expect(joinAlliance(join(folder, 'plain'), address, await middle.invite('plain'))).rejects.toThrow()
  const checks = await checkCoordinator(address)
  expect(Object.fromEntries(checks.map(({ step, outcome }) => [step, outcome]))).toMatchObject({ certificate: 'bad', tunnel: 'good' })
})

test('through a tunnel a site joins and asks for work; the proxy reads none of it, and the audit log says how they came', async () => {
  seen = Buffer.alloc(0)
  const identity = await joinAlliance(join(folder, 'n'), address, await middle.invite('inside'), { tunnel: true })
  expect(identity).toMatchObject({ site: 'inside', tunnel: true })
  const running = await node({ folder: join(folder, 'n') })
  try {
    await expect.poll(async () => (await middle.nodes()).find(({ site }) => site === 'inside')?.state, { timeout: 10_000 }).toBe('ready')
  } finally {
    await running.close()
  }
  const text = seen.toString('latin1')
  expect(text).toContain('GET /v1/tunnel')
  expect(text).not.toMatch(/POST \/v1\/(enrol|work)|BEGIN CERTIFICATE|freeMemoryBytes/)
  expect((await middle.verifyAudit()).kind).toBe('sound')
  const { key, certificate, authority: ca } = identity
  const audited = httpsClient(address, { ca, key, certificate, tunnel: true })
  // a site may not read the log: the refusal shows that the right is judged inside, too
  expect((await callJson(audited, 'GET', '/v1/audit')).status).toBe(403)
  audited.close()
})

test('a stranger inside a tunnel is a stranger; other addresses take none', async () => {
  const { authority: ca } = (await callJson(httpsClient(middle.url, 'unverified'), 'GET', '/v1/authority')).value as { authority: string }
  const stranger = httpsClient(address, { ca, tunnel: true })
  expect((await callJson(stranger, 'GET', '/v1/nodes')).status).toBe(401)
  stranger.close()
  const socket = connect({ host: '127.0.0.1', port: middle.port, rejectUnauthorized: false })
  const answer = new Promise<string>((resolve) => socket.once('data', (bytes: Buffer) => resolve(bytes.toString('latin1'))))
  socket.write(
    'GET /v1/other HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\nsec-websocket-version: 13\r\n\r\n',
  )
  expect(await answer).toMatch(/^HTTP\/1\.1 404/)
  socket.destroy()
})
