// The keys of a masked sum, all from Web Crypto, in browsers and Node alike: X25519 agreement (RFC 7748), Ed25519 signatures (RFC 8032), HKDF-SHA-256 (RFC 5869),
// AES-256-GCM. Agreement and encryption keys live for one sum; only identities last.
import { concatBytes, utf8Bytes, YimengError } from '../../../base/index.ts'
import type { NodeId } from '../../placement.ts'
import { KEY_BYTES } from './messages.ts'

/** Who a node is, for others to check. It outlives the sums. */
export interface Identity {
  /** This node's signature of some bytes, with what others need to check it; the server needs none. */
  readonly sign?: (bytes: Uint8Array) => Promise<Uint8Array>
  /** Why this is not the node's own signature of these bytes; undefined where it is. Nodes that are not trusted are doubted. */
  readonly doubt: (node: NodeId, bytes: Uint8Array, signature: Uint8Array) => Promise<string | undefined>
}

/** Identities of nodes whose Ed25519 public keys (32 bytes) are known beforehand, with this node's private key. */
export const knownKeys = (of: { readonly sign?: CryptoKey; readonly trusted: ReadonlyMap<NodeId, Uint8Array> }): Identity => {
  const { sign, trusted } = of
  return {
    ...(sign === undefined ? {} : { sign: async (bytes) => new Uint8Array(await crypto.subtle.sign('Ed25519', sign, asBuffer(bytes))) }),
    doubt: async (node, bytes, signature) => {
      const known = trusted.get(node)
      if (known === undefined) return 'a node without a trusted identity'
      const key = await crypto.subtle.importKey('raw', asBuffer(known), 'Ed25519', false, ['verify'])
      return (await crypto.subtle.verify('Ed25519', key, asBuffer(signature), asBuffer(bytes)))
        ? undefined
        : 'a signature that is not its own'
    },
  }
}

/** A pair for X25519. */
export interface AgreementPair {
  readonly secret: CryptoKey
  readonly open: Uint8Array
  /** The private scalar, 32 bytes: what is shared out, so that a lost node's masks can be taken off. */
  readonly scalar: Uint8Array
}

// Web Crypto takes and gives private keys as PKCS #8 only: RFC 8410, section 7, a fixed head before the scalar
const PKCS8_HEAD = Uint8Array.of(0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x6e, 4, 0x22, 4, 0x20)
const asBuffer = (bytes: Uint8Array): Uint8Array<ArrayBuffer> => new Uint8Array(bytes)

/** A fresh pair. */
export const agreementPair = async (): Promise<AgreementPair> => {
  const pair = await crypto.subtle.generateKey('X25519', true, ['deriveBits'])
  const open = new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey))
  const scalar = new Uint8Array(await crypto.subtle.exportKey('pkcs8', pair.privateKey)).slice(PKCS8_HEAD.length)
  return { secret: pair.privateKey, open, scalar }
}

/** The private key of a scalar that was shared out, and its public half. */
export const restoredPair = async (scalar: Uint8Array): Promise<{ readonly secret: CryptoKey; readonly open: Uint8Array }> => {
  const pkcs8 = asBuffer(concatBytes(PKCS8_HEAD, scalar))
  const secret = await crypto.subtle.importKey('pkcs8', pkcs8, 'X25519', true, ['deriveBits'])
  const base = new Uint8Array(KEY_BYTES)
  base[0] = 9
  return { secret, open: await sharedPoint(secret, base) }
}

const sharedPoint = async (secret: CryptoKey, open: Uint8Array): Promise<Uint8Array> => {
  const peer = await crypto.subtle.importKey('raw', asBuffer(open), 'X25519', false, [])
  // a point of small order gives zeros; Web Crypto refuses it
  return new Uint8Array(await crypto.subtle.deriveBits({ name: 'X25519', public: peer }, secret, 256))
}

/**
 * 32 bytes that a pair of nodes has in common for one purpose.
 *
 * @throws YimengError `masked-key` for a public key that is none, naming its node.
 */
export const pairSecret = async (
  purpose: 'mask' | 'seal',
  own: CryptoKey,
  peer: { readonly node: NodeId; readonly open: Uint8Array },
  me: NodeId,
): Promise<Uint8Array> => {
  let point: Uint8Array
  try {
    point = await sharedPoint(own, peer.open)
  } catch (cause) {
    throw new YimengError({
      code: 'masked-key',
      cannot: 'agree on a key',
      expected: 'a public key of X25519',
      got: 'other bytes',
      where: { node: peer.node },
      cause,
    })
  }
  const secret = await crypto.subtle.importKey('raw', asBuffer(point), 'HKDF', false, ['deriveBits'])
  const info = asBuffer(utf8Bytes(`yimeng masked sum v2 ${purpose} ${JSON.stringify([me, peer.node].sort())}`))
  return new Uint8Array(
    await crypto.subtle.deriveBits({ name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(0), info }, secret, KEY_BYTES * 8),
  )
}

// a pair's sealing key is used twice, once each way: the direction is the nonce
const nonce = (from: NodeId, to: NodeId): Uint8Array<ArrayBuffer> => {
  const bytes = new Uint8Array(12)
  bytes[0] = from < to ? 1 : 2
  return bytes
}

const sealing = (secret: Uint8Array, use: KeyUsage): Promise<CryptoKey> =>
  crypto.subtle.importKey('raw', asBuffer(secret), 'AES-GCM', false, [use])

/** Encrypts `plain` from one node to another. `context` is authenticated with it; use a pair's secret once each way. */
export const seal = async (secret: Uint8Array, from: NodeId, to: NodeId, context: Uint8Array, plain: Uint8Array): Promise<Uint8Array> => {
  const how = { name: 'AES-GCM', iv: nonce(from, to), additionalData: asBuffer(context) }
  return new Uint8Array(await crypto.subtle.encrypt(how, await sealing(secret, 'encrypt'), asBuffer(plain)))
}

/** Decrypts. @throws YimengError `masked-share`, naming the sender, for what it did not seal in this very context. */
export const unseal = async (
  secret: Uint8Array,
  from: NodeId,
  to: NodeId,
  context: Uint8Array,
  sealed: Uint8Array,
): Promise<Uint8Array> => {
  const how = { name: 'AES-GCM', iv: nonce(from, to), additionalData: asBuffer(context) }
  try {
    return new Uint8Array(await crypto.subtle.decrypt(how, await sealing(secret, 'decrypt'), asBuffer(sealed)))
  } catch {
    throw new YimengError({
      code: 'masked-share',
      cannot: 'open share',
      expected: 'one that its node sealed for this sum',
      got: 'a tampered one, or keys of another sum',
      where: { node: from },
    })
  }
}

/** Public keys and digests that a node signs together, by name. */
type Keys = Readonly<Record<string, Uint8Array>>

/** Which protocol keys are for: a signature for one is none for another. */
export type KeyPurpose = 'masked sum v2' | 'encrypted sum v1'

const signedBytes = (purpose: KeyPurpose, node: NodeId, keys: Keys): Uint8Array<ArrayBuffer> =>
  asBuffer(
    concatBytes(
      utf8Bytes(`yimeng ${purpose} keys ${JSON.stringify(node)} `),
      ...Object.keys(keys)
        .sort()
        .map((name) => keys[name]!),
    ),
  )

/** The keys with this node's signature, or with an empty one. */
export const signed = async <K extends object>(
  purpose: KeyPurpose,
  keys: K & Keys,
  me: NodeId,
  identity: Identity | undefined,
): Promise<K & { readonly signature: Uint8Array }> => ({
  ...keys,
  signature: identity?.sign === undefined ? new Uint8Array(0) : await identity.sign(signedBytes(purpose, me, keys)),
})

/** @throws YimengError `masked-key`, naming the node, for keys that are not its own. Without identities every key passes. */
export const checkSignature = async (
  purpose: KeyPurpose,
  node: NodeId,
  { signature, ...keys }: Keys & { readonly signature: Uint8Array },
  identity: Identity | undefined,
): Promise<void> => {
  if (identity === undefined) return
  const doubt = await identity.doubt(node, signedBytes(purpose, node, keys), signature)
  if (doubt === undefined) return
  throw new YimengError({
    code: 'masked-key',
    cannot: 'trust keys',
    expected: 'keys signed by a trusted node',
    got: doubt,
    where: { node },
  })
}
