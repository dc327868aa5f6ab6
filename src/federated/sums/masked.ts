// A masked sum: the server learns the ring sum of a cohort and nothing else of the contributions, and nodes may be lost at any time.
// Bonawitz et al. 2017, "Practical secure aggregation for privacy-preserving machine learning", CCS, figure 4; for large cohorts the neighbour graph of Bell et al. 2020 (SecAgg+).
// Node i of n, its neighbours N(i) (all others, or k of them), its holders H(i) = N(i) ∪ {i}, t of them needed:
//   1 keys     i: two X25519 pairs and a seed bᵢ, fresh → server: public keys, H(bᵢ), signature            server → all: these of everybody, the roster
//   2 shares   i: Shamir shares (t of H(i)) of its masking key and of bᵢ, sealed to each j in N(i)         server → j: those dealt to j by nodes still there
//   3 vectors  i → server: xᵢ + PRG(bᵢ) + Σ_{j∈N(i), j>i} PRG(kᵢⱼ) − Σ_{j∈N(i), j<i} PRG(kᵢⱼ)  (in the ring)   server → all: who is in the sum, who was lost
//   4 shares   i → server, of each j it holds shares of: that of bⱼ if j is in the sum, that of j's masking key if it was lost; never both. Server: takes the masks off
// kᵢⱼ = HKDF(X25519), PRG = AES-256-CTR, seal = AES-256-GCM bound to the hash of the roster: keys of another sum, or a server that shows nodes different rosters, fail there by name.
//
// Adversary: a server that follows the protocol and looks at all it gets, with any nodes, fewer than t in each neighbourhood, telling it all they know. With t above 2n/3
// (default) and signed keys, one that tells nodes different stories about who was lost still cannot get both of a node's secrets while less than a third of the nodes are corrupt.
// What leaks: the sum, who takes part, who is lost in which phase. With n − 1 accomplices, the last contribution; `smallestCohort` is refused at the node, whatever the server says.
// What it does not protect from: without `identity` (signed keys), a server that puts its own keys in the nodes' place reads everything; a small sum, which can tell much (add noise); nodes
// that contribute nonsense (poisoning), beyond the bounds too, which only honest nodes keep to below masks; a server, or a node that deals wrong shares, who can make the sum fail. The dealer is named:
// by the holder whose share is not the one announced, by the server where shares do not open the secret announced (wrong-shares.test.ts). Linear folds only.
// Fewer than t left in phase 4, or fewer than the quorum in any: `lostQuorum`, and nothing was learnt, since the vectors stay masked and the next attempt has new keys.
import { type RingVector, ring } from '../../algebra/index.ts'
import { concatBytes, csprng, equalBytes, sha256, YimengError } from '../../base/index.ts'
import { combineShares, dealShares, type Share } from '../../crypto/index.ts'
import type { LinearAggregation } from '../aggregation.ts'
import type { NodeId } from '../placement.ts'
import type { Cohort, Collected, SumProtocol } from '../sum-protocol.ts'
import { openOnce, phasesOf, TWO_THIRDS } from './hidden.ts'
import { agreementPair, checkSignature, pairSecret, restoredPair, seal, signed, unseal } from './masked/keys.ts'
import { type Group, grouped, holdersOf, type MaskedOptions, needed, type Rules, sameNodes, signOf, tooFew } from './masked/group.ts'
import { addMask } from './masked/mask.ts'
import {
  type Advert,
  advertCodec,
  type Advertised,
  broken,
  type Dealt,
  dealtCodec,
  deliveryCodec,
  inOrder,
  KEY_BYTES,
  keysOf,
  revealedCodec,
  rosterCodec,
  type UnmaskRequest,
  unmaskCodec,
} from './masked/messages.ts'

/** A masked sum, and whether it checks who the keys belong to. */
export interface MaskedSum extends SumProtocol<'linear'> {
  readonly signed: boolean
}

/**
 * The masked sum.
 *
 * @throws YimengError `masked-cohort`, `masked-threshold` for options that cannot be. `contribute` rejects with `masked-key`, `masked-share` (naming the node whose key or share is
 *   wrong), `masked-cohort` (too few nodes), `masked-unmask` (a request to open both of a node's secrets), `sum-opened` ({@link OpenedSums}), `masked-frame`, and what `lift` refuses.
 */
export const masked = (options: MaskedOptions = {}): MaskedSum => {
  const { smallestCohort = 3, threshold = TWO_THIRDS } = options
  if (!Number.isInteger(smallestCohort) || smallestCohort < 2) throw tooFew('mask sums', 'a smallest cohort of at least 2', smallestCohort)
  if (!(threshold >= 0.5 && threshold < 1))
    throw new YimengError({
      code: 'masked-threshold',
      cannot: 'mask sums',
      expected: 'a threshold from ½ to below 1',
      got: String(threshold),
    })
  const rules: Rules = { ...options, smallestCohort, threshold }
  return {
    name: 'masked',
    carries: 'linear',
    signed: options.identity !== undefined,
    contribute: async (how, input, me, to, signal, step) => {
      // lifted first: a refused input must not cost the others their round
      const mine = how.linear.toRing(how.lift(input, me))
      const vectors = ring(how.linear.bits)
      const hello = await ownKeys(me, rules)
      await to.send(advertCodec.encode(hello.advert))
      const group = await groupOf(rosterCodec.decode(await to.receive(signal)), rules, me, hello.advert)
      const deal = await dealSecrets(hello, group, me)
      await to.send(dealtCodec.encode([...deal.dealt]))
      const kept = await openDelivery(await to.receive(signal), group, deal, me, rules)
      await to.send(vectors.codec.encode(await maskedVector(vectors.add(vectors.zero(mine.length), mine), hello, group, kept, me)))
      const request = unmaskCodec.decode(await to.receive(signal))
      const shares = revealShares(request, group, kept, me, rules)
      await openOnce(rules, step, request.summed)
      await to.send(shares)
    },
    collect: (how, cohort) => collect(how, cohort, rules),
  }
}

// --- the node's side ---

type OwnKeys = Awaited<ReturnType<typeof ownKeys>>

const ownKeys = async (me: NodeId, { identity }: Rules) => {
  const [encryption, masking] = await Promise.all([agreementPair(), agreementPair()])
  const seed = new Uint8Array(KEY_BYTES)
  csprng().fill(seed)
  const advert = await signed(
    'masked sum v2',
    { encryption: encryption.open, masking: masking.open, selfDigest: sha256(seed) },
    me,
    identity,
  )
  return { encryption, masking, seed, advert }
}

const checkAdvert = ({ encryption, masking, selfDigest }: Advert, node: NodeId): void => {
  if ([encryption, masking, selfDigest].some(({ length }) => length !== KEY_BYTES))
    throw broken('two public keys and a digest', 'others', node)
}

const groupOf = async (roster: readonly Advertised[], rules: Rules, me: NodeId, mine: Advert): Promise<Group> => {
  const own = roster.find(({ node }) => node === me)
  const same = own !== undefined && equalBytes(advertCodec.encode(own), advertCodec.encode(mine))
  if (!inOrder(roster.map(({ node }) => node)) || !same) throw broken('the keys of different nodes, mine among them', 'others', me)
  if (roster.length < rules.smallestCohort)
    throw tooFew('give masked contribution', `a cohort of at least ${rules.smallestCohort}`, roster.length, me)
  for (const each of roster) checkAdvert(each, each.node)
  await Promise.all(roster.map((each) => checkSignature('masked sum v2', each.node, keysOf(each), rules.identity)))
  return grouped(roster, rules)
}

interface Deal {
  readonly dealt: readonly Dealt[]
  /** Keys that seal between this node and each neighbour. */
  readonly secrets: ReadonlyMap<NodeId, Uint8Array>
  /** This node's own share of its own seed. */
  readonly ownShare: Uint8Array
}

const dealSecrets = async ({ encryption, masking, seed }: OwnKeys, group: Group, me: NodeId): Promise<Deal> => {
  const holders = holdersOf(group, me)
  const rng = csprng()
  const [keyShares, seedShares] = [masking.scalar, seed].map((secret) => dealShares(secret, needed(group, me), holders.length, rng)) as [
    readonly Share[],
    readonly Share[],
  ]
  const secrets = new Map<NodeId, Uint8Array>()
  const dealt = await Promise.all(
    holders.map(async (node, k): Promise<Dealt> => {
      const [key, ofSeed] = [keyShares[k]!.bytes, seedShares[k]!.bytes]
      const digests = { keyDigest: sha256(key), seedDigest: sha256(ofSeed) }
      // its own is dealt only in name, so that the server can check it too
      if (node === me) return { node, sealed: new Uint8Array(0), ...digests }
      const secret = await pairSecret('seal', encryption.secret, { node, open: group.roster.get(node)!.encryption }, me)
      secrets.set(node, secret)
      return { node, sealed: await seal(secret, me, node, group.digest, concatBytes(key, ofSeed)), ...digests }
    }),
  )
  return { dealt, secrets, ownShare: seedShares[holders.indexOf(me)]!.bytes }
}

/** What a node keeps of others until phase 4. */
interface Kept {
  /** Of the cohort, sorted. */
  readonly present: ReadonlySet<NodeId>
  readonly keyShares: ReadonlyMap<NodeId, Uint8Array>
  /** Its own among them. */
  readonly seedShares: ReadonlyMap<NodeId, Uint8Array>
}

const openDelivery = async (frame: Uint8Array, group: Group, { secrets, ownShare }: Deal, me: NodeId, rules: Rules): Promise<Kept> => {
  const { present: names, dealt } = deliveryCodec.decode(frame)
  const present = new Set(names)
  const expected = group.near.get(me)!.filter((node) => present.has(node))
  const sound = inOrder(names) && names.every((node) => group.roster.has(node)) && present.has(me) && sameNodes(dealt, expected)
  if (!sound) throw broken('the shares of the neighbours that are present', 'others', me)
  needEnough(present, group, me, rules)
  const keyShares = new Map<NodeId, Uint8Array>()
  const seedShares = new Map([[me, ownShare]])
  await Promise.all(
    dealt.map(async ({ node, sealed, keyDigest, seedDigest }) => {
      const plain = await unseal(secrets.get(node)!, node, me, group.digest, sealed)
      const [key, ofSeed] = [plain.slice(0, KEY_BYTES), plain.slice(KEY_BYTES)]
      if (plain.length !== 2 * KEY_BYTES || !equalBytes(sha256(key), keyDigest) || !equalBytes(sha256(ofSeed), seedDigest))
        throw new YimengError({
          code: 'masked-share',
          cannot: 'keep share',
          expected: 'one with the digest that its node gave',
          got: 'another',
          where: { node },
        })
      keyShares.set(node, key)
      seedShares.set(node, ofSeed)
    }),
  )
  return { present, keyShares, seedShares }
}

/** Enough nodes, and enough of this node's holders, that its contribution is hidden among others and its secrets can be opened. */
const needEnough = (nodes: ReadonlySet<NodeId>, group: Group, me: NodeId, { smallestCohort }: Rules): void => {
  if (nodes.size < smallestCohort) throw tooFew('go on with masked sum', `at least ${smallestCohort} nodes`, nodes.size, me)
  const holders = holdersOf(group, me).filter((node) => nodes.has(node)).length
  if (holders < needed(group, me)) throw tooFew('go on with masked sum', `at least ${needed(group, me)} holders of shares`, holders, me)
}

const maskedVector = async (
  total: RingVector,
  { masking, seed }: OwnKeys,
  group: Group,
  { present }: Kept,
  me: NodeId,
): Promise<RingVector> => {
  await addMask(total, seed, 1)
  for (const node of group.near.get(me)!)
    if (present.has(node))
      await addMask(total, await pairSecret('mask', masking.secret, { node, open: group.roster.get(node)!.masking }, me), signOf(me, node))
  return total
}

const revealShares = (request: UnmaskRequest, group: Group, kept: Kept, me: NodeId, rules: Rules): Uint8Array => {
  const summed = new Set(request.summed)
  const lost = new Set(request.lost)
  const twice = request.summed.find((node) => lost.has(node))
  if (twice !== undefined)
    throw new YimengError({
      code: 'masked-unmask',
      cannot: 'give shares',
      expected: 'each node either in the sum or lost',
      got: `a request for both secrets of ${JSON.stringify(twice)}`,
      where: { node: me },
    })
  const split = inOrder(request.summed) && inOrder(request.lost) && summed.has(me) && summed.size + lost.size === kept.present.size
  if (!split || ![...summed, ...lost].every((node) => kept.present.has(node)))
    throw broken('the present nodes, divided into those in the sum and those lost', 'others', me)
  needEnough(summed, group, me, rules)
  return revealedCodec.encode(
    holdersOf(group, me)
      .filter((node) => kept.present.has(node))
      .map((node) => ({ node, share: (summed.has(node) ? kept.seedShares : kept.keyShares).get(node)! })),
  )
}

// --- the server's side ---

const collect = async <I, A, O>(how: LinearAggregation<I, A, O>, cohort: Cohort, rules: Rules): Promise<Collected<A>> => {
  const { refused, enough, lostQuorum, among, roster: shown } = phasesOf<A>(cohort, rules.smallestCohort)
  const roster = await shown(async (frame, node) => {
    const advert = advertCodec.decode(frame)
    checkAdvert(advert, node)
    await checkSignature('masked sum v2', node, keysOf(advert), rules.identity)
    return advert
  })
  if (roster.length < enough) return lostQuorum(roster.map(({ node }) => node))
  const group = grouped(roster, rules)

  const dealt = new Map<NodeId, readonly Dealt[]>()
  const rosterFrame = rosterCodec.encode(roster)
  await among(
    group.roster.keys(),
    async (channel, waiting, node) => {
      await channel.send(rosterFrame)
      const shares = dealtCodec.decode(await channel.receive(waiting))
      if (!sameNodes(shares, holdersOf(group, node))) throw broken('shares for its holders', 'others', node)
      return shares
    },
    (shares, node) => dealt.set(node, shares),
  )
  if (dealt.size < enough) return lostQuorum(dealt.keys())

  const vectors = ring(how.linear.bits)
  const total = vectors.zero(how.linear.length)
  const present = [...dealt.keys()].sort()
  const summed = new Set<NodeId>()
  await among(
    present,
    async (channel, waiting, node) => {
      const near = group.near.get(node)!.filter((dealer) => dealt.has(dealer))
      const ofDealers = near.map((dealer) => ({ ...dealt.get(dealer)!.find((share) => share.node === node)!, node: dealer }))
      await channel.send(deliveryCodec.encode({ present, dealt: ofDealers }))
      const vector = vectors.codec.decode(await channel.receive(waiting))
      if (vector.length !== how.linear.length) throw broken('a masked vector', `${vector.length} elements`, node)
      return vector
    },
    (vector, node) => {
      vectors.add(total, vector)
      summed.add(node)
    },
  )
  if (summed.size < enough) return lostQuorum(summed)

  const opening: NodeId[] = []
  const shares = new Map<NodeId, Share[]>(present.map((node) => [node, []]))
  const request = { summed: [...summed].sort(), lost: present.filter((node) => !summed.has(node)) }
  await among(
    request.summed,
    async (channel, waiting, node) => {
      await channel.send(unmaskCodec.encode(request))
      const revealed = revealedCodec.decode(await channel.receive(waiting))
      const expected = holdersOf(group, node).filter((owner) => dealt.has(owner))
      if (!sameNodes(revealed, expected)) throw broken('the shares it holds', 'others', node)
      for (const { node: owner, share } of revealed) {
        const { seedDigest, keyDigest } = dealt.get(owner)!.find((each) => each.node === node)!
        if (share.length !== KEY_BYTES || !equalBytes(sha256(share), summed.has(owner) ? seedDigest : keyDigest))
          throw new YimengError({
            code: 'masked-share',
            cannot: 'use share',
            expected: 'the one that was dealt',
            got: 'a tampered one',
            where: { node },
          })
      }
      return revealed
    },
    (revealed, node) => {
      opening.push(node)
      for (const { node: owner, share } of revealed)
        shares.get(owner)!.push({ point: holdersOf(group, owner).indexOf(node) + 1, bytes: share })
    },
  )
  for (const owner of present) {
    const got = shares.get(owner)!
    const neighbours = group.near.get(owner)!.filter((node) => summed.has(node))
    // a lost node without a neighbour in the sum left no mask in it
    if (!summed.has(owner) && neighbours.length === 0) continue
    if (got.length < needed(group, owner)) return lostQuorum(opening)
    const secret = combineShares(got.slice(0, needed(group, owner)))
    const sound = summed.has(owner)
      ? await takeSelfMask(total, secret, group, owner)
      : await takePairMasks(total, secret, group, owner, neighbours)
    if (sound) continue
    refused.set(owner, broken('shares of the secret that it announced', 'others', owner).message)
    return lostQuorum(opening)
  }
  return { kind: 'collected', total: how.linear.fromRing(total), from: request.summed, refused }
}

/** Takes a node's self mask off. False if this is not the seed that it announced. */
const takeSelfMask = async (total: RingVector, seed: Uint8Array, group: Group, owner: NodeId): Promise<boolean> => {
  if (!equalBytes(sha256(seed), group.roster.get(owner)!.selfDigest)) return false
  await addMask(total, seed, -1)
  return true
}

/** Takes off what the lost node's neighbours added for it. False if this is not the key that it announced. */
const takePairMasks = async (
  total: RingVector,
  scalar: Uint8Array,
  group: Group,
  owner: NodeId,
  neighbours: readonly NodeId[],
): Promise<boolean> => {
  const { secret, open } = await restoredPair(scalar)
  if (!equalBytes(open, group.roster.get(owner)!.masking)) return false
  for (const node of neighbours) {
    const seed = await pairSecret('mask', secret, { node, open: group.roster.get(node)!.masking }, owner)
    await addMask(total, seed, signOf(owner, node))
  }
  return true
}
