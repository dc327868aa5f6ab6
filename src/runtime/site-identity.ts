// The identity of sites in protected sums: the key that the alliance's authority certified signs the keys of each sum, and the certificate travels with the signature.
// Adversary: a coordinator that puts its own keys in a site's place. Whoever holds no authority's key is caught, by the site's name. The coordinator's folder holds that
// key: a coordinator that forges certificates too is caught by sites that already know each other's keys (`known`), from their second meeting on.
import { bytesCodec, now, sha256Hex, structCodec } from '../base/index.ts'
import type { Identity, NodeId } from '../federated/index.ts'

/** Loaded when first used: most runs sign nothing. */
const certificates = async () => {
  await import('reflect-metadata')
  return import('@peculiar/x509')
}

const EC = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const

/** The name that a site has in its certificate: a URI, so that no site is taken for a machine. */
export const siteUri = (site: string): string => `spiffe://yimeng/site/${encodeURIComponent(site)}`

/** What signatures are checked by, and made with. */
export interface CertifiedSites {
  /** Certificate of the alliance's authority, PEM. */
  readonly authority: string
  /** Of this site, PEM; absent at the coordinator. */
  readonly own?: { readonly key: string; readonly certificate: string }
  /** Whether the key with this hash (SHA-256 of its SPKI, hex) is the one that a site is known by. Absent: any that the authority certified. */
  readonly known?: (site: NodeId, keyHash: string) => Promise<boolean>
}

const signature = structCodec({ certificate: bytesCodec, bytes: bytesCodec })
const asBuffer = (bytes: Uint8Array): Uint8Array<ArrayBuffer> => new Uint8Array(bytes)
const der = (pem: string): Uint8Array<ArrayBuffer> => asBuffer(Buffer.from(pem.replaceAll(/-----[^-]+-----|\s/g, ''), 'base64'))

/** Identities by certificate. */
export const certifiedSites = ({ authority, own, known }: CertifiedSites): Identity => {
  /** The key of a certificate, or why it is not that of the site. */
  const keyOf = async (site: NodeId, bytes: Uint8Array): Promise<CryptoKey | string> => {
    const { SubjectAlternativeNameExtension, X509Certificate } = await certificates()
    const certificate = new X509Certificate(asBuffer(bytes))
    const { publicKey } = new X509Certificate(authority)
    if (!(await certificate.verify({ publicKey, date: new Date(now()) })))
      return 'a certificate that the authority did not give, or a stale one'
    const names = certificate.getExtension(SubjectAlternativeNameExtension)?.names.items ?? []
    if (!names.some(({ type, value }) => type === 'url' && value === siteUri(site))) return 'the certificate of another site'
    const { rawData } = certificate.publicKey
    if (known !== undefined && !(await known(site, sha256Hex(new Uint8Array(rawData)))))
      return 'another key than the one this site knows it by'
    return crypto.subtle.importKey('spki', rawData, EC, false, ['verify'])
  }
  return {
    ...(own === undefined
      ? {}
      : {
          sign: async (bytes) => {
            const key = await crypto.subtle.importKey('pkcs8', der(own.key), EC, false, ['sign'])
            const signed = new Uint8Array(await crypto.subtle.sign(EC, key, asBuffer(bytes)))
            return signature.encode({ certificate: der(own.certificate), bytes: signed })
          },
        }),
    doubt: async (site, bytes, sent) => {
      if (sent.length === 0) return 'keys that are not signed'
      try {
        const told = signature.decode(sent)
        const key = await keyOf(site, told.certificate)
        if (typeof key === 'string') return key
        return (await crypto.subtle.verify(EC, key, asBuffer(told.bytes), asBuffer(bytes))) ? undefined : 'a signature that is not its own'
      } catch {
        return 'no signature'
      }
    },
  }
}
