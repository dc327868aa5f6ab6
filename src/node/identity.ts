// Who a node is: its key is made at the site and stays there; the alliance's authority signs a request for it, against a one-time code.
import 'reflect-metadata'
import { existsSync } from 'node:fs'
import { readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as x509 from '@peculiar/x509'
import { z } from 'zod'
import { now, YimengError } from '../base/index.ts'
import { makeFolder } from '../base/node.ts'
import {
  callJson,
  enrolAnswer,
  fingerprintOf,
  type HttpsClient,
  httpsClient,
  readInvitation,
  refusalSchema,
  siteNameSchema,
} from '../runtime/index.ts'

const EC = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const
const RENEW_BEFORE_MS = 30 * 86_400_000

const identitySchema = z.strictObject({
  site: siteNameSchema,
  coordinator: z.url(),
  key: z.string(),
  certificate: z.string(),
  authority: z.string(),
  /** Set where a proxy opens TLS: connections then lie inside others. */
  tunnel: z.boolean().optional(),
})

/** A node that has joined an alliance: its site, `https://host:port` of the coordinator, and key and certificates in PEM. */
export type Identity = Readonly<z.output<typeof identitySchema>>

const fileOf = (folder: string): string => join(folder, 'identity.json')

/** What the coordinator said, as an error. */
export const refusedBy = (cannot: string, status: number, value: unknown): YimengError => {
  const told = refusalSchema.safeParse(value)
  return new YimengError({
    code: told.success ? told.data.code : 'coordinator-refused',
    cannot,
    expected: 'the coordinator to agree',
    got: told.success ? told.data.message : `status ${status}`,
  })
}

/** The pair of a private key in PEM. */
const pairOf = async (pem: string): Promise<CryptoKeyPair> => {
  const privateKey = await crypto.subtle.importKey('pkcs8', x509.PemConverter.decodeFirst(pem), EC, true, ['sign'])
  const { d: _, ...open } = await crypto.subtle.exportKey('jwk', privateKey)
  return { privateKey, publicKey: await crypto.subtle.importKey('jwk', { ...open, key_ops: ['verify'] }, EC, true, ['verify']) }
}

/** A key and a signed request for a certificate (PKCS #10), PEM. The key is a fresh one unless given. */
export const keyAndRequest = async (name: string, kept?: string): Promise<{ readonly key: string; readonly request: string }> => {
  const pair = kept === undefined ? await crypto.subtle.generateKey(EC, true, ['sign', 'verify']) : await pairOf(kept)
  const request = await x509.Pkcs10CertificateRequestGenerator.create({
    name: [{ CN: [name] }],
    keys: pair,
    signingAlgorithm: EC,
  })
  return {
    key: x509.PemConverter.encode(await crypto.subtle.exportKey('pkcs8', pair.privateKey), 'PRIVATE KEY'),
    request: request.toString('pem'),
  }
}

/** Written whole or not at all, so that key and certificate always belong together; readable by its owner only. */
const keep = async (folder: string, identity: Identity): Promise<Identity> => {
  await makeFolder(folder, { secret: true })
  await writeFile(`${fileOf(folder)}.new`, `${JSON.stringify(identity, null, 1)}\n`, { mode: 0o600 })
  await rename(`${fileOf(folder)}.new`, fileOf(folder))
  return identity
}

/** The alliance's authority, if its fingerprint is the code's: asked for without trust, then checked. */
const authorityOf = async (coordinator: string, fingerprint: string): Promise<string> => {
  const open = httpsClient(coordinator, 'unverified')
  try {
    const { status, value } = await callJson(open, 'GET', '/v1/authority')
    const { authority } = z.object({ authority: z.string() }).parse(status === 200 ? value : {})
    if (fingerprintOf(new Uint8Array(new x509.X509Certificate(authority).rawData)) === fingerprint) return authority
  } catch (cause) {
    if (cause instanceof z.ZodError || (cause instanceof Error && cause.name === 'TypeError'))
      throw new YimengError({ code: 'join-authority', cannot: 'join', expected: 'a coordinator of Yimeng', got: 'something else', cause })
    throw new YimengError({
      code: 'join-unreachable',
      cannot: 'join',
      expected: 'the coordinator to answer',
      got: cause instanceof Error && 'code' in cause ? String(cause.code) : 'no answer',
      where: { address: coordinator },
      cause,
    })
  } finally {
    open.close()
  }
  throw new YimengError({
    code: 'join-authority',
    cannot: 'join',
    expected: 'the authority that the code names',
    got: 'another one: someone may be between you and the coordinator',
    where: { address: coordinator },
  })
}

/**
 * Joins an alliance: makes a key, and trades the one-time code for a certificate. Nothing is written when it fails.
 *
 * @param options.tunnel - for a network whose proxy opens TLS
 * @throws YimengError `join-unreachable`, `join-authority` when the other side is not the one that the code names, `invitation-*` as the coordinator refuses, `node-joined`.
 */
export const joinAlliance = async (
  folder: string,
  coordinator: string,
  code: string,
  { tunnel = false }: { readonly tunnel?: boolean } = {},
): Promise<Identity> => {
  if (existsSync(fileOf(folder)))
    throw new YimengError({
      code: 'node-joined',
      cannot: 'join',
      expected: 'a folder without a node',
      got: 'one that has joined',
      where: { folder },
    })
  const { secret, fingerprint } = readInvitation(code)
  const authority = await authorityOf(coordinator, fingerprint)
  const { key, request } = await keyAndRequest('site')
  const client = httpsClient(coordinator, { ca: authority, tunnel })
  try {
    const { status, value } = await callJson(client, 'POST', '/v1/enrol', { secret, request })
    if (status !== 200) throw refusedBy('join', status, value)
    const { site, certificate } = enrolAnswer.parse(value)
    return await keep(folder, { site, coordinator, key, certificate, authority, ...(tunnel ? { tunnel } : {}) })
  } finally {
    client.close()
  }
}

/** The node of a folder. @throws YimengError `node-unknown` where none has joined. */
export const identityOf = async (folder: string): Promise<Identity> => {
  if (!existsSync(fileOf(folder)))
    throw new YimengError({
      code: 'node-unknown',
      cannot: 'start node',
      expected: 'a folder where a node has joined',
      got: 'none',
      where: { folder },
    })
  return identitySchema.parse(JSON.parse(await readFile(fileOf(folder), 'utf8')))
}

/** A client with the node's certificate. */
export const clientOf = ({ coordinator, authority, certificate, key, tunnel }: Identity): HttpsClient =>
  httpsClient(coordinator, { ca: authority, certificate, key, tunnel })

/** Whether the certificate should be renewed now. */
export const renewalDue = (certificate: string): boolean =>
  new x509.X509Certificate(certificate).notAfter.getTime() - now() < RENEW_BEFORE_MS

/** A new certificate in the place of the old one. The key stays: other sites know this one by it. */
export const renew = async (folder: string, identity: Identity): Promise<Identity> => {
  const { key, request } = await keyAndRequest(identity.site, identity.key)
  const client = clientOf(identity)
  try {
    const { status, value } = await callJson(client, 'POST', '/v1/renew', { request })
    if (status !== 200) throw refusedBy('renew the certificate', status, value)
    const { certificate } = enrolAnswer.parse(value)
    return await keep(folder, { ...identity, key, certificate })
  } finally {
    client.close()
  }
}

/** The node or person of a folder, with a certificate that still holds for a while. */
export const currentIdentity = async (folder: string): Promise<Identity> => {
  const identity = await identityOf(folder)
  return renewalDue(identity.certificate) ? renew(folder, identity) : identity
}
