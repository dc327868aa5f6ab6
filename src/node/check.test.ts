// A coordinator that answers, one that is none, one behind TLS that someone opened, and none at all.
import 'reflect-metadata'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as x509 from '@peculiar/x509'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { checkCoordinator } from './check.ts'
import { keyAndRequest } from './identity.ts'

const EC = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const
let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'yimeng-check-'))
})
afterAll(() => rm(folder, { recursive: true }))

const selfSigned = async (): Promise<{ readonly key: string; readonly certificate: string }> => {
  const keys = await crypto.subtle.generateKey(EC, true, ['sign', 'verify'])
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: 'CN=localhost',
    keys,
    signingAlgorithm: EC,
    extensions: [new x509.BasicConstraintsExtension(true), new x509.SubjectAlternativeNameExtension([{ type: 'dns', value: 'localhost' }])],
  })
  const key = x509.PemConverter.encode(await crypto.subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY')
  return { key, certificate: certificate.toString('pem') }
}
/** A server that shows one certificate and names an authority. */
const serving = async <T>(
  options: { readonly authority?: string; readonly date?: string },
  work: (address: string, own: string) => Promise<T>,
): Promise<T> => {
  const own = await selfSigned()
  const server = createServer({ key: own.key, cert: own.certificate, minVersion: 'TLSv1.3' }, (_, response) => {
    if (options.date !== undefined) response.setHeader('date', options.date)
    response.end(JSON.stringify(options.authority === 'none' ? {} : { authority: options.authority ?? own.certificate }))
  })
  await new Promise<void>((resolve) => server.listen(0, resolve))
  try {
    return await work(`https://localhost:${(server.address() as AddressInfo).port}`, own.certificate)
  } finally {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
}
const outcomes = (checks: Awaited<ReturnType<typeof checkCoordinator>>) =>
  Object.fromEntries(checks.map(({ step, outcome }) => [step, outcome]))

test('all is well with a coordinator whose certificate its authority has signed', async () => {
  await serving({}, async (address) => {
    expect(outcomes(await checkCoordinator(address))).toEqual({
      name: 'good',
      connection: 'good',
      coordinator: 'good',
      certificate: 'good',
      alliance: 'skipped',
      clock: 'good',
      roundTrip: 'good',
    })
  })
})

test('what is no coordinator, what someone opens between, a clock that is wrong: each is told by its step, and nothing is tried behind it', async () => {
  await serving({ authority: 'none' }, async (address) =>
    expect(outcomes(await checkCoordinator(address))).toEqual({ name: 'good', connection: 'good', coordinator: 'bad' }),
  )
  const other = (await selfSigned()).certificate
  await serving({ authority: other }, async (address) =>
    expect(outcomes(await checkCoordinator(address))).toEqual({
      name: 'good',
      connection: 'good',
      coordinator: 'good',
      certificate: 'bad',
      tunnel: 'bad',
    }),
  )
  await serving({ date: 'Thu, 01 Jan 2026 00:00:00 GMT' }, async (address) =>
    expect(outcomes(await checkCoordinator(address))).toMatchObject({ certificate: 'good', clock: 'bad' }),
  )
  expect(outcomes(await checkCoordinator('https://localhost:1'))).toEqual({ name: 'good', connection: 'bad' })
  expect(outcomes(await checkCoordinator('https://no-such-host.invalid'))).toEqual({ name: 'bad' })
  await expect(checkCoordinator('http://localhost')).rejects.toMatchObject({ code: 'https-url' })
})

test('a node that has joined another alliance is told so', async () => {
  await serving({}, async (address, own) => {
    const { key } = await keyAndRequest('site')
    const identity = { site: 'basel', coordinator: address, key, certificate: own, authority: own }
    await writeFile(join(folder, 'identity.json'), JSON.stringify(identity))
    expect(outcomes(await checkCoordinator(address, folder))).toMatchObject({ alliance: 'good' })
    await writeFile(join(folder, 'identity.json'), JSON.stringify({ ...identity, authority: 'another' }))
    expect(outcomes(await checkCoordinator(address, folder))).toMatchObject({ alliance: 'bad' })
  })
})
