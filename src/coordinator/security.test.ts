// Whom a coordinator refuses, and that it stays up and writes down why.
import 'reflect-metadata'
import { mkdtemp, rm } from 'node:fs/promises'
import { DatabaseSync } from 'node:sqlite'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect as connectPlain } from 'node:net'
import { connect, type TLSSocket } from 'node:tls'
import { gzipSync } from 'node:zlib'
import * as x509 from '@peculiar/x509'
import * as fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  blobReferenceOf,
  BULK_BYTES,
  callJson,
  type HttpsClient,
  httpsClient,
  httpsLink,
  PIECE_BYTES,
  readInvitation,
  servedLink,
} from '../runtime/index.ts'
import { authority } from './authority.ts'
import { type Blobs, blobRoutes } from './blob-routes.ts'
import { type Coordinator, coordinator, operatorAccess, verifyFolder } from './coordinator.ts'
import { linkRoutes } from './link-routes.ts'
import { openRegistry } from './registry.ts'
import { gate, secureApp } from './secure-app.ts'

const EC = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const
const machine = { version: '0', cpus: 1, load: 0, memoryBytes: 1, freeMemoryBytes: 1, freeDiskBytes: null, roundTripMs: null }
const asking = { machine, busy: true }

interface Site {
  readonly client: HttpsClient
  readonly key: string
  readonly certificate: string
}

let folder: string
let middle: Coordinator
let ca: string
const clients: HttpsClient[] = []

const kept = (client: HttpsClient): HttpsClient => {
  clients.push(client)
  return client
}
const request = async (): Promise<{ readonly key: string; readonly request: string }> => {
  const keys = await crypto.subtle.generateKey(EC, true, ['sign', 'verify'])
  const asked = await x509.Pkcs10CertificateRequestGenerator.create({ name: 'CN=anyone', keys, signingAlgorithm: EC })
  return {
    key: x509.PemConverter.encode(await crypto.subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY'),
    request: asked.toString('pem'),
  }
}
const joined = async (name: string): Promise<Site> => {
  const { key, request: asked } = await request()
  const { secret } = readInvitation(await middle.invite(name))
  const { status, value } = await callJson(stranger(), 'POST', '/v1/enrol', { secret, request: asked })
  expect(status).toBe(200)
  const { certificate } = value as { readonly certificate: string }
  return { key, certificate, client: kept(httpsClient(middle.url, { ca, key, certificate })) }
}
const stranger = (): HttpsClient => kept(httpsClient(middle.url, { ca }))
const refusals = async (): Promise<readonly { readonly code: string; readonly cause: string }[]> => {
  const registry = await openRegistry(join(folder, 'c'), await authority(join(folder, 'c')))
  const rows = await registry.audit.entries()
  await registry.close()
  return rows.filter(({ action }) => action === 'refused').map(({ detail }) => JSON.parse(detail) as { code: string; cause: string })
}
const refusedCodes = async (): Promise<readonly string[]> => (await refusals()).map(({ code }) => code)
const alive = async (): Promise<void> => expect((await callJson(stranger(), 'GET', '/v1/authority')).status).toBe(200)

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'yimeng-security-'))
  middle = await coordinator({ folder: join(folder, 'c') })
  ca = (await operatorAccess(join(folder, 'c'))).authority
})
afterAll(async () => {
  for (const client of clients) client.close()
  await middle.close()
  await rm(folder, { recursive: true })
})

test('without a certificate, with one of another authority, an expired or a revoked one, nobody is heard; the cause is in the audit log', async () => {
  const other = await authority(join(folder, 'other'))
  const own = await authority(join(folder, 'c'))
  const foreign = await other.operator('operator')
  const asked = await request()
  const late = await own.issue('late', asked.request, -0.01)
  const revoked = await joined('revoked')
  expect((await callJson(revoked.client, 'POST', '/v1/work', asking)).status).toBe(200)
  await middle.revoke('revoked')
  const cases = {
    none: stranger(),
    foreign: kept(httpsClient(middle.url, { ca, key: foreign.key, certificate: foreign.certificate })),
    late: kept(httpsClient(middle.url, { ca, key: asked.key, certificate: late.certificate })),
    revoked: revoked.client,
  }
  for (const client of Object.values(cases)) {
    const answers = [
      await callJson(client, 'POST', '/v1/work', asking),
      await callJson(client, 'GET', '/v1/links/some'),
      await callJson(client, 'POST', '/v1/runs', { spec: { task: 'iris' } }),
    ]
    expect(answers.map(({ status }) => status)).toEqual([401, 401, 401])
    // one refusal of a kind and second is written
    await new Promise((resolve) => setTimeout(resolve, 1_050))
  }
  const causes = (await refusals()).filter(({ code }) => code === 'certificate').map(({ cause }) => cause)
  for (const word of [/no certificate|UNABLE_TO_GET_ISSUER_CERT/, /UNABLE_TO|SELF_SIGNED|signature/i, /EXPIRED/i, /revoked/])
    expect(causes.some((cause) => word.test(cause))).toBe(true)
})

test('a site may not do what an operator may, nor an operator what a site may', async () => {
  const { client } = await joined('plain')
  for (const [method, path, body] of [
    ['POST', '/v1/invitations', { site: 'x' }],
    ['POST', '/v1/revocations', { site: 'plain' }],
    ['POST', '/v1/runs', { spec: { task: 'iris' } }],
    ['GET', '/v1/nodes', undefined],
  ] as const)
    expect((await callJson(client, method, path, body)).status).toBe(403)
  const { key, certificate } = await operatorAccess(join(folder, 'c'))
  const operator = kept(httpsClient(middle.url, { ca, key, certificate }))
  expect((await callJson(operator, 'GET', '/v1/nodes')).status).toBe(200)
  expect((await callJson(operator, 'POST', '/v1/work', asking)).status).toBe(403)
})

test('a code joins once, even for two at the same moment; what a request calls itself does not matter', async () => {
  const { secret } = readInvitation(await middle.invite('北京协和'))
  const asked = await Promise.all(Array.from({ length: 8 }, request))
  const outcomes = await Promise.all(asked.map((each) => callJson(stranger(), 'POST', '/v1/enrol', { secret, request: each.request })))
  expect(outcomes.filter(({ status }) => status === 200)).toHaveLength(1)
  expect(outcomes.find(({ status }) => status === 200)?.value).toMatchObject({ site: '北京协和' })
  for (const { status, value } of outcomes) if (status !== 200) expect(value).toMatchObject({ code: 'invitation-used' })
  const unknown = await callJson(stranger(), 'POST', '/v1/enrol', { secret: 'AAAA', request: asked[0]?.request })
  expect(unknown).toMatchObject({ status: 400, value: { code: 'invitation-unknown' } })
  // a request that its key did not sign uses no code up
  const fresh = readInvitation(await middle.invite('other'))
  const broken = await callJson(stranger(), 'POST', '/v1/enrol', { secret: fresh.secret, request: 'no request' })
  expect(broken).toMatchObject({ status: 400, value: { code: 'certificate-request' } })
  expect((await callJson(stranger(), 'POST', '/v1/enrol', { secret: fresh.secret, request: asked[1]?.request })).status).toBe(200)
  expect(await refusedCodes()).toEqual(expect.arrayContaining(['invitation-used', 'invitation-unknown', 'certificate-request']))
})

test('names that are paths name nothing; sizes are limited; strange bodies are refused', async () => {
  const { client } = await joined('sizes')
  for (const path of [
    '/v1/links/..%2f..%2fauthority.key',
    '/v1/runs/..%2f..%2f..%2fetc%2fpasswd/model',
    '/../authority.key',
    '/v1/links/%00',
  ])
    expect((await callJson(client, 'GET', path)).status).toBeGreaterThanOrEqual(400)
  await expect(middle.invite('../escape')).rejects.toMatchObject({ code: 'site-name' })
  const large = await callJson(client, 'POST', '/v1/work', { ...asking, more: 'x'.repeat(2 ** 21) }).catch(() => ({ status: 413 }))
  expect(large.status).toBe(413)
  const other = await client.call({ method: 'POST', path: '/v1/work', body: [Buffer.from('<xml/>')], type: 'text/xml' })
  await other.whole()
  expect(other.status).toBe(415)
  const proto = await client.call({
    method: 'POST',
    path: '/v1/work',
    body: [Buffer.from('{"__proto__":{"a":1}}')],
    type: 'application/json',
  })
  await proto.whole()
  expect(proto.status).toBe(400)
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom('/v1/work', '/v1/enrol', '/v1/renew', '/v1/runs/x/decline', '/v1/runs/x/measures'),
      fc.jsonValue(),
      async (path, body) => {
        const { status } = await callJson(client, 'POST', path, body)
        expect(status).toBeGreaterThanOrEqual(400)
        expect(status).toBeLessThan(500)
      },
    ),
    { numRuns: 300, seed: 1 },
  )
  await alive()
  // paths, sizes and strange bodies, each with its cause
  expect(await refusedCodes()).toEqual(expect.arrayContaining(['link-unknown', 'model-none', 'route-unknown', 'request']))
  expect((await refusals()).map(({ cause }) => cause).join()).toMatch(/too large/)
})
test('roles: a viewer looks, a scientist runs, a steward reads the audit log, and none of them admits', async () => {
  const as = async (name: string, role: 'viewer' | 'scientist' | 'steward' | 'operator'): Promise<HttpsClient> => {
    const { key, request: asked } = await request()
    const { secret } = readInvitation(await middle.invite(name, role))
    const { certificate } = (await callJson(stranger(), 'POST', '/v1/enrol', { secret, request: asked })).value as { certificate: string }
    return kept(httpsClient(middle.url, { ca, key, certificate }))
  }
  const allowed = async (client: HttpsClient): Promise<readonly string[]> => {
    const tried = [
      ['watch', 'GET', '/v1/nodes', undefined],
      ['audit', 'GET', '/v1/audit', undefined],
      ['run', 'POST', '/v1/runs', { spec: { task: 'none' } }],
      ['admit', 'POST', '/v1/revocations', { site: 'nobody' }],
      ['takePart', 'POST', '/v1/work', asking],
    ] as const
    const found: string[] = []
    for (const [right, method, path, body] of tried) if ((await callJson(client, method, path, body)).status !== 403) found.push(right)
    return found
  }
  expect(await allowed(await as('vera', 'viewer'))).toEqual(['watch'])
  expect(await allowed(await as('sam', 'scientist'))).toEqual(['watch', 'run'])
  expect(await allowed(await as('stella', 'steward'))).toEqual(['watch', 'audit'])
  expect(await allowed(await as('otto', 'operator'))).toEqual(['watch', 'audit', 'run', 'admit'])
  expect(await allowed((await joined('role-site')).client)).toEqual(['takePart'])
  // a name has one role, and ours are nobody's
  await expect(middle.invite('vera', 'operator')).rejects.toMatchObject({ code: 'name-taken' })
  await expect(middle.invite('operator', 'viewer')).rejects.toMatchObject({ code: 'name-taken' })
})

test('a link is its own site’s only; uploads that are too large, without a length, ahead of their place or no frames are refused', async () => {
  const own = await authority(join(folder, 'links'))
  const registry = await openRegistry(join(folder, 'links'), own)
  const app = secureApp(await own.server(['127.0.0.1']), own)
  const judge = gate(app, registry)
  const links = linkRoutes(app, async (asked) => (await judge.asker(asked, 'takePart')).holder, 1_000)
  await app.listen({ host: '127.0.0.1', port: 0 })
  const address = app.server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const enter = async (name: string): Promise<Site> => {
    const { secret } = readInvitation(await registry.invite(name, 'site', 'test'))
    const { key, request: asked } = await request()
    const { certificate } = await registry.enrol(secret, asked)
    return { key, certificate, client: kept(httpsClient(`https://127.0.0.1:${port}`, { ca: own.certificate, key, certificate })) }
  }
  const [mine, theirs] = [await enter('mine'), await enter('theirs')]
  const served = servedLink()
  const path = `/v1/links/${links.open('mine', served)}`
  const post = async (client: HttpsClient, at: string, bytes: Uint8Array): Promise<number> => {
    const answer = await client.call({ method: 'POST', path: `${path}/up?at=${at}`, body: [bytes] })
    await answer.whole()
    return answer.status
  }
  try {
    expect(await post(theirs.client, '0', new Uint8Array(4))).toBe(404)
    expect((await callJson(theirs.client, 'GET', `${path}/down?at=0`)).status).toBe(404)
    expect(await post(mine.client, '9', new Uint8Array(4))).toBe(409)
    expect(await post(mine.client, '-1', new Uint8Array(4))).toBe(400)
    expect(await post(mine.client, '0', new Uint8Array(PIECE_BYTES + 1)).catch(() => 413)).toBe(413)
    // a body that comes slowly holds its socket no longer than the limit
    const socket = connect({ host: '127.0.0.1', port, ca: own.certificate, key: mine.key, cert: mine.certificate })
    const ended = new Promise<void>((resolve) => socket.once('close', () => resolve()).on('error', () => undefined))
    socket.resume()
    socket.write(`POST ${path}/up?at=0 HTTP/1.1\r\nhost: x\r\ncontent-type: application/octet-stream\r\ncontent-length: 100\r\n\r\nab`)
    await ended
    // a frame of four gigabytes is not waited for
    expect(await post(mine.client, '2', Uint8Array.of(0xff, 0xfe, 0xff, 0xff, 0xff, 0xff))).toBe(409)
    await registry.audit.settled()
    const codes = (await registry.audit.entries()).flatMap(({ action, detail }) =>
      action === 'refused' ? [(JSON.parse(detail) as { readonly code: string }).code] : [],
    )
    expect(codes).toEqual(expect.arrayContaining(['link-unknown', 'link-gap', 'link-position', 'link-piece', 'upload-cut', 'link-frame']))
    // and a link that goes wrong leaves the others alone
    const second = servedLink()
    const channel = httpsLink(mine.client, { path: `/v1/links/${links.open('mine', second)}` })
    await channel.send(Uint8Array.of(1))
    expect(await second.channel.receive()).toEqual(Uint8Array.of(1))
    await channel.close()
  } finally {
    links.close()
    await app.close()
    await registry.close()
  }
})

/** A coordinator's port with two sites that take part, and short limits. */
const withSites = async (
  name: string,
  act: (sites: {
    readonly mine: Site
    readonly theirs: Site
    readonly port: number
    readonly blobs: Blobs
    readonly causes: () => Promise<readonly string[]>
  }) => Promise<void>,
): Promise<void> => {
  const own = await authority(join(folder, name))
  const registry = await openRegistry(join(folder, name), own)
  const app = secureApp(await own.server(['127.0.0.1']), own, 1_000)
  const judge = gate(app, registry)
  app.post('/v1/json', async (asked) => ({ site: (await judge.asker(asked, 'takePart')).holder }))
  const blobs = await blobRoutes(app, join(folder, name, 'blobs'), async (asked) => (await judge.asker(asked, 'takePart')).holder)
  await app.listen({ host: '127.0.0.1', port: 0 })
  const address = app.server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const enter = async (site: string): Promise<Site> => {
    const { secret } = readInvitation(await registry.invite(site, 'site', 'test'))
    const { key, request: asked } = await request()
    const { certificate } = await registry.enrol(secret, asked)
    return { key, certificate, client: kept(httpsClient(`https://127.0.0.1:${port}`, { ca: own.certificate, key, certificate })) }
  }
  const causes = async (): Promise<readonly string[]> => {
    await registry.audit.settled()
    const rows = await registry.audit.entries()
    return rows.filter(({ action }) => action === 'refused').map(({ detail }) => (JSON.parse(detail) as { readonly code: string }).code)
  }
  try {
    await act({ mine: await enter('mine'), theirs: await enter('theirs'), port, blobs, causes })
    // whatever came, the process hears the next one
    const { client } = await enter('later')
    expect((await callJson(client, 'POST', '/v1/json', {})).status).toBe(200)
  } finally {
    await app.close()
    await blobs.close()
    await registry.close()
  }
}

test('a blob is its own site’s only, comes whole or not at all, and only when it is waited for', () =>
  withSites('blobs', async ({ mine, theirs, blobs, causes }) => {
    const frame = new Uint8Array(BULK_BYTES).fill(7)
    const reference = blobReferenceOf([frame])
    const path = `/v1/blobs/${reference.hash}`
    const post = async (client: HttpsClient, at: string, bytes: Uint8Array): Promise<number> => {
      const answer = await client.call({ method: 'POST', path: `${path}?at=${at}`, body: [bytes] })
      await answer.whole()
      return answer.status
    }
    const statusOf = async (client: HttpsClient, headers = {}): Promise<number> => {
      const answer = await client.call({ method: 'GET', path, headers })
      await answer.whole(2 ** 21)
      return answer.status
    }
    // nobody waits for it yet
    expect((await callJson(mine.client, 'POST', '/v1/blobs', reference)).status).toBe(404)
    const [road, other] = [blobs.of('mine').road(), blobs.of('theirs').road()]
    await road.give([frame])
    expect([await statusOf(mine.client), await statusOf(theirs.client)]).toEqual([200, 404])
    expect(await statusOf(mine.client, { range: 'bytes=1000-' })).toBe(206)
    for (const range of ['bytes=9999999-', 'bytes=-5', 'bytes=0-1,4-5', 'lines=1-'])
      expect(await statusOf(mine.client, { range })).toBe(416)

    expect((await callJson(mine.client, 'POST', '/v1/blobs', reference)).value).toEqual({ received: 0 })
    // what one site has begun, another can neither go on with nor see
    expect(await post(theirs.client, '0', frame)).toBe(404)
    expect((await callJson(theirs.client, 'POST', '/v1/blobs', reference)).value).toEqual({ received: 0 })
    expect(await post(mine.client, '5', frame.subarray(5))).toBe(409)
    expect(await post(mine.client, '-1', frame)).toBe(400)
    expect(await post(mine.client, '0', new Uint8Array(BULK_BYTES + 1))).toBe(413)
    expect((await callJson(mine.client, 'POST', '/v1/blobs', { ...reference, bytes: 2 ** 40 })).status).toBe(400)
    await expect(road.take(reference)).rejects.toMatchObject({ code: 'blob-unknown' })
    // other bytes than promised are forgotten
    await callJson(mine.client, 'POST', '/v1/blobs', reference)
    expect(await post(mine.client, '0', new Uint8Array(BULK_BYTES))).toBe(422)
    expect((await callJson(mine.client, 'POST', '/v1/blobs', reference)).value).toEqual({ received: 0 })
    expect(await post(mine.client, '0', frame)).toBe(204)
    await expect(other.take(reference)).rejects.toMatchObject({ code: 'blob-unknown' })
    expect(Buffer.compare(await road.take(reference), frame)).toBe(0)
    road.close()
    expect(await statusOf(mine.client)).toBe(404)
    other.close()
    expect(await causes()).toEqual(
      expect.arrayContaining(['blob-unknown', 'blob-range', 'blob-gap', 'blob-size', 'link-position', 'blob-hash']),
    )
  }))

test('compressed, slow and malformed requests are refused, with their cause in the audit log', () =>
  withSites('strange', async ({ mine, port, causes }) => {
    const bomb = gzipSync(Buffer.alloc(50_000_000, 32))
    const packed = await mine.client.call({
      method: 'POST',
      path: '/v1/json',
      body: [bomb],
      type: 'application/json',
      headers: { 'content-encoding': 'gzip' },
    })
    await packed.whole()
    expect(packed.status).toBe(415)
    const raw = async (write: (socket: TLSSocket) => void): Promise<string> => {
      const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false, key: mine.key, cert: mine.certificate })
      let heard = ''
      socket.on('data', (bytes: Buffer) => (heard += bytes.toString('latin1')))
      const over = new Promise<void>((resolve) => socket.once('close', () => resolve()).on('error', () => undefined))
      socket.once('secureConnect', () => write(socket))
      await over
      return heard
    }
    // JSON that comes a letter at a time; headers that never end; what is no HTTP; what is no TLS
    const slow = 'POST /v1/json HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 10\r\n\r\n{'
    expect(await raw((socket) => socket.write(slow))).toContain(' 408 ')
    expect(await raw((socket) => socket.write('GET / HTTP/1.1\r\nhost: x\r\n'))).toContain(' 408 ')
    expect(await raw((socket) => socket.write(`GET / HTTP/1.1\r\nhost: x\r\nx: ${'y'.repeat(100_000)}\r\n\r\n`))).toContain(' 431 ')
    expect(await raw((socket) => socket.write('\u0001\u0002 no request\r\n\r\n'))).toContain(' 400 ')
    // two lengths: what a proxy and we would read differently
    expect(await raw((socket) => socket.write('POST /v1/json HTTP/1.1\r\ncontent-length: 2\r\ncontent-length: 9\r\n\r\n{}'))).toContain(
      ' 400 ',
    )
    await new Promise<void>((resolve) => {
      const plain = connectPlain(port, '127.0.0.1')
      plain.once('close', () => resolve()).on('error', () => undefined)
      plain.resume()
      plain.write('GET / HTTP/1.1\r\n\r\n')
    })
    expect(await causes()).toEqual(
      expect.arrayContaining(['request-encoding', 'request-slow', 'request-large', 'request-malformed', 'tls']),
    )
  }))

test('an audit log that was changed, cut in the middle or given other hashes is found out', async () => {
  const place = join(folder, 'audited')
  const running = await coordinator({ folder: place })
  for (const site of ['a', 'b', 'c']) await running.invite(site)
  await running.close()
  expect(await verifyFolder(place)).toMatchObject({ kind: 'sound', checkpoints: 1 })
  const tampered = async (sql: string): Promise<unknown> => {
    const copy = join(folder, `tampered-${sql.length}`)
    const { cp } = await import('node:fs/promises')
    await cp(place, copy, { recursive: true })
    const db = new DatabaseSync(join(copy, 'alliance.sqlite'))
    db.exec(sql)
    db.close()
    return verifyFolder(copy)
  }
  expect(await tampered(`update audit set detail = '{"site":"x"}' where seq = 2`)).toEqual({ kind: 'broken', entry: 2, cause: 'content' })
  expect(await tampered('delete from audit where seq = 3')).toEqual({ kind: 'broken', entry: 3, cause: 'number' })
  expect(await tampered(`update audit set hash = '${'1'.repeat(64)}' where seq = 4`)).toMatchObject({ kind: 'broken', entry: 4 })
})
