// What travels in an encrypted sum, phase by phase. Ciphertexts and shares of keys travel as words of 32 bits.
import {
  bytesCodec,
  type Codec,
  concatBytes,
  listCodec,
  sha256,
  structCodec,
  textCodec,
  utf8Bytes,
  YimengError,
} from '../../../base/index.ts'
import type { NodeId } from '../../placement.ts'

/** Phase 1, node → server: the key that shares for this node are sealed to, made for this one sum. */
export interface SealingKey {
  /** X25519. */
  readonly encryption: Uint8Array
  /** Ed25519 over node and key; empty without identities. */
  readonly signature: Uint8Array
}

/** Server → node: the keys of all, sorted by node. */
export interface Listed extends SealingKey {
  readonly node: NodeId
}

/** Phase 2, both ways: a share of a node's key; on the way up `node` is the recipient, on the way down the dealer. */
export interface SealedShare {
  readonly node: NodeId
  readonly sealed: Uint8Array
}

/** Phase 3, server → node: who dealt shares, and those for this node. */
export interface Delivered {
  readonly present: readonly NodeId[]
  readonly dealt: readonly SealedShare[]
}

const keyFields = { encryption: bytesCodec, signature: bytesCodec }
export const sealingKeyCodec: Codec<SealingKey> = structCodec<SealingKey>(keyFields)
export const listedCodec: Codec<readonly Listed[]> = listCodec(structCodec<Listed>({ node: textCodec, ...keyFields }))
export const sharesCodec: Codec<readonly SealedShare[]> = listCodec(structCodec<SealedShare>({ node: textCodec, sealed: bytesCodec }))
export const deliveredCodec: Codec<Delivered> = structCodec<Delivered>({ present: listCodec(textCodec), dealt: sharesCodec })
/** Phase 4, server → node: who is in the sum, sorted. */
export const summedCodec: Codec<readonly NodeId[]> = listCodec(textCodec)

/** What shares are bound to: the whole roster, as this node saw it. */
export const listedDigest = (roster: readonly Listed[]): Uint8Array => sha256(listedCodec.encode(roster))
/** Seed of the public polynomials: of all the fresh keys, so that nobody chooses it alone. */
export const publicSeed = (digest: Uint8Array): Uint8Array => sha256(concatBytes(utf8Bytes('yimeng encrypted sum v1 polynomials '), digest))

/** The fault of a message that no honest party sends; `node` is whose message it is. */
export const unfit = (expected: string, got: string, node: NodeId): YimengError =>
  new YimengError({ code: 'encrypted-frame', cannot: 'go on with encrypted sum', expected, got, where: { node } })
