// A masked sum in two phases: the server learns the ring sum of a cohort, and nothing else of the contributions.
// Bonawitz et al. 2017, "Practical secure aggregation for privacy-preserving machine learning", CCS, section 4 up to the masking itself: pairwise masks from key agreement,
// without the secret sharing that recovers from dropouts.
//   1  node i: key pair (sᵢ, Pᵢ), fresh for this step → server: Pᵢ          server → all: (j, Pⱼ) for the whole cohort
//   2  node i: kᵢⱼ = HKDF(X25519(sᵢ, Pⱼ)), mask mᵢⱼ = AES-256-CTR(kᵢⱼ), → server: xᵢ + Σ_{j>i} mᵢⱼ − Σ_{j<i} mᵢⱼ   (in the ring: the masks cancel in the sum)
// Adversary: a server that follows the protocol and looks at all it gets, with up to n − 2 of the n nodes telling it all they know.
// What leaks: the sum, who takes part, and when. The sum over one's accomplices' complement is learnt too: with n − 1 accomplices, the last contribution.
// What it does not protect from: a server that lies about keys (they are not signed), nodes that send nonsense. It carries linear folds only. It survives no dropout after
// phase 1: then the sum is lost, the round aborts, and nothing was learnt. (Fresh keys each attempt: a repeated round repeats no mask.)
import { bytesCodec, listCodec, structCodec, textCodec, utf8Bytes, YimengError } from '../../base/index.ts'
import { type RingBits, type RingVector, ring } from '../../algebra/index.ts'
import type { NodeId } from '../placement.ts'
import type { SumProtocol } from '../sum-protocol.ts'
import { gather } from '../gather.ts'

/** Options of {@link masked}. */
export interface MaskedOptions {
  /** Fewest nodes that a node lets its contribution be added to, itself included. At least 2; default 3, since of two each can subtract its own. */
  readonly smallestCohort?: number
}

interface PublicKey {
  readonly node: NodeId
  /** X25519, 32 bytes (RFC 7748). */
  readonly key: Uint8Array
}

const KEY_BYTES = 32
const rosterCodec = listCodec(structCodec<PublicKey>({ node: textCodec, key: bytesCodec }))

/** The masked sum. */
export const masked = ({ smallestCohort = 3 }: MaskedOptions = {}): SumProtocol<'linear'> => {
  if (!Number.isInteger(smallestCohort) || smallestCohort < 2)
    throw new YimengError({
      code: 'masked-cohort',
      cannot: 'mask sums',
      expected: 'a smallest cohort of at least 2',
      got: String(smallestCohort),
    })
  return {
    name: 'masked',
    carries: 'linear',
    contribute: async (how, input, me, to, signal) => {
      // lifted first: a refused input must not cost the others their round
      const mine = how.linear.toRing(how.lift(input, me))
      const pair = await crypto.subtle.generateKey('X25519', false, ['deriveBits'])
      await to.send(new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey)))
      const roster = rosterCodec.decode(await to.receive(signal))
      checkRoster(roster, me, smallestCohort)
      const vectors = ring(how.linear.bits)
      // a copy: the masks must not be written into the caller's update
      const total = vectors.add(vectors.zero(mine.length), mine)
      for (const peer of roster) {
        if (peer.node === me) continue
        const mask = await pairMask(pair.privateKey, peer.key, [me, peer.node], how.linear)
        if (me < peer.node) vectors.add(total, mask)
        else vectors.subtract(total, mask)
      }
      await to.send(vectors.codec.encode(total))
    },
    collect: async (how, cohort) => {
      const refused = new Map<NodeId, string>()
      const keys: PublicKey[] = []
      await gather(
        cohort,
        refused,
        async (channel, waiting, node) => {
          const key = await channel.receive(waiting)
          if (key.length !== KEY_BYTES) throw broken('a public key', `${key.length} bytes`, node)
          return key
        },
        (key, node) => keys.push({ node, key }),
      )
      // a node that is lost before the keys are out is left out; after that it takes the sum with it
      keys.sort((a, b) => (a.node < b.node ? -1 : 1))
      const from = keys.map(({ node }) => node)
      if (from.length < Math.max(cohort.quorum, smallestCohort)) return { kind: 'lostQuorum', from, refused }

      const roster = rosterCodec.encode(keys)
      const vectors = ring(how.linear.bits)
      const total = vectors.zero(how.linear.length)
      const rest: NodeId[] = []
      await gather(
        { ...cohort, links: new Map(from.map((node) => [node, cohort.links.get(node)!])) },
        refused,
        async (channel, waiting, node) => {
          await channel.send(roster)
          const contribution = vectors.codec.decode(await channel.receive(waiting))
          if (contribution.length !== how.linear.length) throw broken('a masked vector', `${contribution.length} elements`, node)
          return contribution
        },
        (contribution, node) => {
          vectors.add(total, contribution)
          rest.push(node)
        },
      )
      if (rest.length < from.length) return { kind: 'lostQuorum', from: rest.sort(), refused }
      return { kind: 'collected', total: how.linear.fromRing(total), from, refused }
    },
  }
}

const broken = (expected: string, got: string, node: NodeId): YimengError =>
  new YimengError({ code: 'masked-frame', cannot: 'add masked contribution', expected, got, where: { node } })

const checkRoster = (roster: readonly PublicKey[], me: NodeId, smallestCohort: number): void => {
  const inOrder = roster.every(({ node, key }, i) => key.length === KEY_BYTES && (i === 0 || roster[i - 1]!.node < node))
  if (!inOrder || !roster.some(({ node }) => node === me)) throw broken('the keys of different nodes, mine among them', 'others', me)
  if (roster.length < smallestCohort)
    throw new YimengError({
      code: 'masked-cohort',
      cannot: 'give masked contribution',
      expected: `a cohort of at least ${smallestCohort}`,
      got: String(roster.length),
      where: { node: me },
    })
}

/** The mask that both nodes of a pair compute: as many uniform ring elements as the fold has. */
const pairMask = async (
  own: CryptoKey,
  peerKey: Uint8Array,
  pair: readonly [NodeId, NodeId],
  { bits, length }: { readonly bits: RingBits; readonly length: number },
): Promise<RingVector> => {
  const peer = await crypto.subtle.importKey('raw', new Uint8Array(peerKey), 'X25519', false, [])
  const shared = await crypto.subtle.deriveBits({ name: 'X25519', public: peer }, own, 256)
  const secret = await crypto.subtle.importKey('raw', shared, 'HKDF', false, ['deriveKey'])
  const info = new Uint8Array(utf8Bytes(`yimeng masked sum v1 ${JSON.stringify([...pair].sort())}`))
  const hkdf = { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(0), info }
  const key = await crypto.subtle.deriveKey(hkdf, secret, { name: 'AES-CTR', length: 256 }, false, ['encrypt'])
  // the key is used for this one stream, so the counter may start at zero
  const counter = new Uint8Array(16)
  const stream = new Uint8Array(
    await crypto.subtle.encrypt({ name: 'AES-CTR', counter, length: 64 }, key, new Uint8Array((length * bits) / 8)),
  )
  return ring(bits).codec.decode(stream)
}
