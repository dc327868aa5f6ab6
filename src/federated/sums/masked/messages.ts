// What travels in a masked sum, phase by phase. Node and server read and write the same codecs; vectors go through the ring's own.
import { bytesCodec, type Codec, listCodec, sha256, structCodec, textCodec, YimengError } from '../../../base/index.ts'
import type { NodeId } from '../../placement.ts'

/** Bytes of keys, seeds, shares and digests. */
export const KEY_BYTES = 32

/** Phase 1, node → server: what a node shows of itself. All of it is made for this one sum. */
export interface Advert {
  /** X25519: shares for this node are encrypted to it. */
  readonly encryption: Uint8Array
  /** X25519: pairwise masks come from it. Its private half is what the others can give away when the node is lost. */
  readonly masking: Uint8Array
  /** SHA-256 of the self mask's seed. */
  readonly selfDigest: Uint8Array
  /** Ed25519 over node and the three above; empty without identities. */
  readonly signature: Uint8Array
}

/** An advert alone, without whose it is. */
export const keysOf = ({ encryption, masking, selfDigest, signature }: Advert) => ({ encryption, masking, selfDigest, signature })

/** Server → node: the adverts of all, sorted by node. */
export interface Advertised extends Advert {
  readonly node: NodeId
}

/** Phase 2, both ways: the shares that one node deals to another; on the way up `node` is the recipient, on the way down the dealer. */
export interface Dealt {
  readonly node: NodeId
  /** AES-256-GCM of [share of the masking key, share of the self mask's seed]. */
  readonly sealed: Uint8Array
  /** SHA-256 of each of the two shares, so that whoever reveals another one is caught. */
  readonly keyDigest: Uint8Array
  readonly seedDigest: Uint8Array
}

/** Phase 3, server → node: who is still there, and what they dealt to this node. */
export interface Delivery {
  readonly present: readonly NodeId[]
  readonly dealt: readonly Dealt[]
}

/** Phase 4, server → node: of whom it wants which share. Nobody may be in both. */
export interface UnmaskRequest {
  /** Nodes in the sum: shares of their self masks. */
  readonly summed: readonly NodeId[]
  /** Nodes lost before the sum: shares of their masking keys. */
  readonly lost: readonly NodeId[]
}

/** Phase 4, node → server. */
export interface Revealed {
  readonly node: NodeId
  readonly share: Uint8Array
}

const nodesCodec = listCodec(textCodec)
const advertFields = { encryption: bytesCodec, masking: bytesCodec, selfDigest: bytesCodec, signature: bytesCodec }
export const advertCodec: Codec<Advert> = structCodec<Advert>(advertFields)
export const rosterCodec: Codec<readonly Advertised[]> = listCodec(structCodec<Advertised>({ node: textCodec, ...advertFields }))
export const dealtCodec: Codec<readonly Dealt[]> = listCodec(
  structCodec<Dealt>({ node: textCodec, sealed: bytesCodec, keyDigest: bytesCodec, seedDigest: bytesCodec }),
)
export const deliveryCodec: Codec<Delivery> = structCodec<Delivery>({ present: nodesCodec, dealt: dealtCodec })
export const unmaskCodec: Codec<UnmaskRequest> = structCodec<UnmaskRequest>({ summed: nodesCodec, lost: nodesCodec })
export const revealedCodec: Codec<readonly Revealed[]> = listCodec(structCodec<Revealed>({ node: textCodec, share: bytesCodec }))

/** What every message of the phases after the first is bound to: the whole roster, as this node saw it. */
export const rosterDigest = (roster: readonly Advertised[]): Uint8Array => sha256(rosterCodec.encode(roster))

/** Different nodes in ascending order. */
export const inOrder = (nodes: readonly NodeId[]): boolean => nodes.every((node, i) => i === 0 || nodes[i - 1]! < node)

/** The fault of a message that no honest party sends; `node` is whose message it is. */
export const broken = (expected: string, got: string, node: NodeId, cause?: unknown): YimengError =>
  new YimengError({ code: 'masked-frame', cannot: 'go on with masked sum', expected, got, where: { node }, cause })
