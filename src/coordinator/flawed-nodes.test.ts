// Nodes with good certificates that send what no node sends: refused, with the cause in the audit log, and the coordinator serves on.
import 'reflect-metadata'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import * as x509 from '@peculiar/x509'
import { z } from 'zod'
import { canonicalJson, type Channel, seed } from '../base/index.ts'
import { callJson, httpsClient, type HttpsClient, httpsLink, joinAnswer, readInvitation } from '../runtime/index.ts'
import { type Coordinator, coordinator, operatorAccess } from './coordinator.ts'

let folder = ''
let middle: Coordinator
let client: HttpsClient
let operator: HttpsClient

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'yimeng-flawed-'))
  middle = await coordinator({ folder })
  const access = await operatorAccess(folder)
  operator = httpsClient(middle.url, { ca: access.authority, key: access.key, certificate: access.certificate })
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const key = x509.PemConverter.encode(await crypto.subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY')
  const request = (await x509.Pkcs10CertificateRequestGenerator.create({ name: 'CN=liar', keys, signingAlgorithm: algorithm })).toString(
    'pem',
  )
  const { secret } = readInvitation(await middle.invite('liar'))
  const { value } = await callJson(operator, 'POST', '/v1/enrol', { secret, request })
  const { certificate } = z.object({ certificate: z.string() }).parse(value)
  client = httpsClient(middle.url, { ca: access.authority, key, certificate })
})
afterAll(async () => {
  client.close()
  operator.close()
  await middle.close()
  await rm(folder, { recursive: true })
})

const refusals = async (): Promise<readonly string[]> => {
  const { value } = await callJson(operator, 'GET', '/v1/audit?last=1000', undefined, { limit: 2 ** 24 })
  const { entries } = z.object({ entries: z.array(z.object({ actor: z.string(), action: z.string(), detail: z.string() })) }).parse(value)
  return entries.flatMap(({ actor, action, detail }) =>
    action === 'refused' && actor === 'liar' ? [z.object({ code: z.string() }).parse(JSON.parse(detail)).code] : [],
  )
}

test('greetings that are none, of another run, floods and streams without number: each refused with its cause', async () => {
  const { offer } = await middle.begin({ task: 'iris', rounds: 1 })
  const joined = async (): Promise<Channel> => {
    const { link } = joinAnswer.parse((await callJson(client, 'POST', `/v1/runs/${offer.run}/join`, {})).value)
    return httpsLink(client, { path: `/v1/links/${link}` })
  }
  const hello = { kind: 'hello', site: 'liar', run: offer.run, specHash: offer.specHash, trainRows: 1, testRows: 1 }
  const say = (message: unknown) => async (channel: Channel) =>
    channel.send(Buffer.concat([Buffer.alloc(4), Buffer.from(canonicalJson(message))]))
  const random = seed(3).random()
  const acts: readonly (readonly [code: string, act: (channel: Channel) => Promise<unknown>])[] = [
    ['stream-frame', (channel) => channel.send(Uint8Array.of(1))],
    ['utf8-bytes', (channel) => channel.send(Uint8Array.from({ length: 60 }, (_, at) => (at < 4 ? 0 : random.integer(256))))],
    ['codec-json', say({ kind: 'hello' })],
    ['member-refused', say({ ...hello, specHash: 'another' })],
    [
      'stream-frame',
      async (channel) => {
        for (let id = 1; id < 40; id += 1) await channel.send(new Uint8Array(new Uint32Array([id]).buffer))
      },
    ],
    [
      'stream-flood',
      async (channel) => {
        for (let i = 0; i < 40; i += 1) await channel.send(new Uint8Array(2 ** 20 - 8).fill(1, 0, 1))
      },
    ],
  ]
  for (const [i, [code, act]] of acts.entries()) {
    const channel = await joined()
    await act(channel).catch(() => undefined)
    await expect.poll(async () => (await refusals()).slice(i), { timeout: 10_000 }).toContain(code)
    await channel.close()
    expect((await middle.nodes()).find(({ site }) => site === 'liar')?.state).toBeDefined()
  }
  // it serves on: the same site, honest now, is admitted
  await say(hello)(await joined())
  await expect.poll(async () => (await middle.nodes()).find(({ site }) => site === 'liar')?.state, { timeout: 10_000 }).toBe('training')
})
