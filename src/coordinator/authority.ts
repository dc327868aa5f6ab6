// The alliance's own certificate authority: ECDSA P-256, certificates of 90 days for sites. RFC 5280; requests are PKCS #10 (RFC 2986). All of it by @peculiar/x509.
// Adversary: whoever reads the coordinator's folder can issue certificates; whoever does not, cannot take part. A site's key never leaves the site.
import 'reflect-metadata'
import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { isIP } from 'node:net'
import { join } from 'node:path'
import * as x509 from '@peculiar/x509'
import { csprng, now, toHex, YimengError } from '../base/index.ts'
import { makeFolder } from '../base/node.ts'
import { siteUri } from '../runtime/index.ts'

const EC = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const
const DAY_MS = 86_400_000
const AUTHORITY_DAYS = 3650
export const SITE_DAYS = 90
/** Clocks of sites may be behind. */
const BACKDATED_MS = 3_600_000

/** A certificate that was issued. */
export interface Issued {
  readonly certificate: string
  /** SHA-256 of the certificate, hex in lower case. */
  readonly fingerprint: string
  readonly expiresAt: string
}

/** Key and certificate, PEM. */
export interface KeyPair {
  readonly key: string
  readonly certificate: string
}

/** Issues certificates. */
export interface Authority {
  /** PEM. */
  readonly certificate: string
  readonly der: Uint8Array
  /** For the coordinator's port, under these names. */
  readonly server: (names: readonly string[]) => Promise<KeyPair>
  /** For the holder of a key that asked with `request` (PEM). The name is ours to give: what the request calls itself is not looked at. Throws YimengError `certificate-request`. */
  readonly issue: (name: string, request: string, days?: number) => Promise<Issued>
  /** Key and certificate for a person at the coordinator's machine. */
  readonly operator: (name: string) => Promise<KeyPair & Issued>
}

const serialNumber = (): string => {
  const bytes = new Uint8Array(16)
  csprng().fill(bytes)
  // positive, and never zero (RFC 5280, 4.1.2.2)
  bytes[0] = (bytes[0]! & 0x7f) | 0x01
  return toHex(bytes)
}

const pem = async (key: CryptoKey): Promise<string> => x509.PemConverter.encode(await crypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY')

/** PEM that others may be put behind. */
const text = (certificate: x509.X509Certificate): string => `${certificate.toString('pem')}\n`

const keys = (): Promise<CryptoKeyPair> => crypto.subtle.generateKey(EC, true, ['sign', 'verify'])

const nameOf = (name: string): x509.JsonName => [{ CN: [name] }]

const lasting = (days: number) => ({ notBefore: new Date(now() - BACKDATED_MS), notAfter: new Date(now() + days * DAY_MS) })

/** Opens the authority in a folder, or founds one there. Files are readable by their owner only. */
export const authority = async (folder: string): Promise<Authority> => {
  const keyFile = join(folder, 'authority.key')
  const certificateFile = join(folder, 'authority.crt')
  await makeFolder(folder, { secret: true })
  if (!existsSync(certificateFile)) {
    const pair = await keys()
    const own = await x509.X509CertificateGenerator.createSelfSigned({
      serialNumber: serialNumber(),
      name: nameOf('Yimeng alliance'),
      ...lasting(AUTHORITY_DAYS),
      keys: pair,
      signingAlgorithm: EC,
      extensions: [
        new x509.BasicConstraintsExtension(true, 0, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
        await x509.SubjectKeyIdentifierExtension.create(pair.publicKey),
      ],
    })
    await writeFile(keyFile, await pem(pair.privateKey), { mode: 0o600 })
    await writeFile(certificateFile, own.toString('pem'))
  }
  const ca = new x509.X509Certificate(await readFile(certificateFile, 'utf8'))
  const caKey = await crypto.subtle.importKey('pkcs8', x509.PemConverter.decodeFirst(await readFile(keyFile, 'utf8')), EC, false, ['sign'])

  const sign = async (
    name: string,
    publicKey: x509.PublicKeyType,
    days: number,
    usage: x509.ExtendedKeyUsage,
    names: x509.JsonGeneralNames,
  ): Promise<Issued> => {
    const made = await x509.X509CertificateGenerator.create({
      serialNumber: serialNumber(),
      subject: nameOf(name),
      issuer: ca.subjectName,
      ...lasting(days),
      publicKey,
      signingKey: caKey,
      signingAlgorithm: EC,
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        new x509.ExtendedKeyUsageExtension([usage]),
        new x509.SubjectAlternativeNameExtension(names),
        await x509.AuthorityKeyIdentifierExtension.create(ca),
      ],
    })
    return {
      certificate: text(made),
      fingerprint: toHex(new Uint8Array(await made.getThumbprint('SHA-256'))),
      expiresAt: made.notAfter.toISOString(),
    }
  }
  const siteNames = (name: string): x509.JsonGeneralNames => [{ type: 'url', value: siteUri(name) }]

  return {
    certificate: text(ca),
    der: new Uint8Array(ca.rawData),
    server: async (names) => {
      const pair = await keys()
      const { certificate } = await sign(
        'Yimeng coordinator',
        pair.publicKey,
        SITE_DAYS,
        x509.ExtendedKeyUsage.serverAuth,
        names.map((name) => ({ type: isIP(name) === 0 ? ('dns' as const) : ('ip' as const), value: name })),
      )
      return { key: await pem(pair.privateKey), certificate }
    },
    issue: async (name, request, days = SITE_DAYS) => {
      const refuse = (got: string, cause?: unknown): never => {
        throw new YimengError({
          code: 'certificate-request',
          cannot: 'issue certificate',
          expected: 'a signed request for a P-256 key',
          got,
          cause,
        })
      }
      let asked: x509.Pkcs10CertificateRequest
      try {
        asked = new x509.Pkcs10CertificateRequest(request)
      } catch (cause) {
        return refuse('something else', cause)
      }
      const { algorithm } = asked.publicKey
      if (algorithm.name !== 'ECDSA' || (algorithm as EcKeyAlgorithm).namedCurve !== 'P-256') return refuse(`a key for ${algorithm.name}`)
      // who asks must hold the key
      if (!(await asked.verify().catch(() => false))) return refuse('one that its key did not sign')
      return sign(name, asked.publicKey, days, x509.ExtendedKeyUsage.clientAuth, siteNames(name))
    },
    operator: async (name) => {
      const pair = await keys()
      const issued = await sign(name, pair.publicKey, SITE_DAYS, x509.ExtendedKeyUsage.clientAuth, [
        { type: 'url', value: `spiffe://yimeng/operator/${encodeURIComponent(name)}` },
      ])
      return { key: await pem(pair.privateKey), ...issued }
    },
  }
}
