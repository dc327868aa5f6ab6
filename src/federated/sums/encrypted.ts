// An encrypted sum by CKKS: each site encrypts under a key of its own, made for this one sum; ciphertexts add up, keys add up; the sites give the server the sum of their keys, which opens
// the sum of the ciphertexts and no one of them. Nobody deals keys, and the result equals the plain one bit for bit. Scheme, parameters and sources: src/crypto/ckks.ts.
// Node i of n, t > ⅔ n of them needed:
//   1 keys     i → server: an X25519 key, signature                                  server → all: these of everybody, the roster; its hash seeds the public polynomials
//   2 shares   i: Shamir shares (t of n) of its key sᵢ, sealed to each j              server → j: those dealt to j by nodes still there, who they are
//   3 vectors  i → server: a·sᵢ + eᵢ + Δ·xᵢ                                           server: adds; → all: who is in the sum
//   4 shares   j → server: Σᵢ in the sum share of sᵢ at j                             server: t of these give Σsᵢ, and with it Σxᵢ
// Against masked sums: a site's work does not grow with the cohort but for its shares (16 KB a site), a lost site costs the server nothing, and half as many bytes again travel (12 an element
// of 64 bits instead of 8). A public key at the nodes, as textbooks have it, would double the bytes, and n-fold smudging noise triple them: docs/decisions/.
//
// Adversary: a server that follows the protocol and looks at all it gets, with any nodes, fewer than t and all but two, telling it all they know. One that tells nodes different stories about
// who is in the sum cannot have two sums opened while less than a third of the nodes are corrupt: a node answers once, and no two sets of t are without a common node.
// What leaks: the sum, who takes part, who is lost in which phase. The sum of the keys tells no more than that (ckks.ts says why two contributors must be honest).
// What it does not protect from: without `identity` (signed keys), a server that puts its own keys in the nodes' place; a small sum, which can tell much (add noise); nodes that contribute
// nonsense within the bounds (poisoning), or a ciphertext of nonsense, which spoils the sum unnamed. A node with a wrong share in phase 4 is named, if more than t answer;
// but who dealt it a wrong one remains untold, since it tells no more than the sum of its shares. Many wrong shares, or shares of another key, end the sum (wrong-shares.test.ts). Linear folds only.
// Fewer than t left in phase 4, or fewer than the quorum in any: `lostQuorum`, and nothing was learnt: the next attempt has new keys.
import { csprng, equalBytes, uint32Codec, YimengError } from '../../base/index.ts'
import {
  addKeyShares,
  type CkksKey,
  type CkksKeyShare,
  type CkksSumKey,
  ckks,
  ckksKey,
  combineKeyShares,
  dealKeyShares,
  KEY_WORDS,
  MOST_CONTRIBUTIONS,
} from '../../crypto/index.ts'
import type { LinearAggregation } from '../aggregation.ts'
import { causeOf } from '../frame.ts'
import type { NodeId } from '../placement.ts'
import type { Cohort, Collected, SumProtocol } from '../sum-protocol.ts'
import {
  deliveredCodec,
  type Listed,
  listedCodec,
  listedDigest,
  publicSeed,
  sealingKeyCodec,
  sharesCodec,
  summedCodec,
  unfit,
} from './encrypted/messages.ts'
import { type HidingOptions, openOnce, phasesOf, TWO_THIRDS } from './hidden.ts'
import { sameNodes } from './masked/group.ts'
import { agreementPair, checkSignature, type Identity, pairSecret, seal, signed, unseal } from './masked/keys.ts'
import { inOrder, KEY_BYTES } from './masked/messages.ts'
import { sharesNeeded } from './masked/neighbours.ts'

type Rules = HidingOptions & Required<Pick<HidingOptions, 'smallestCohort' | 'threshold'>>

const tooFew = (cannot: string, expected: string, got: number, node?: NodeId): YimengError =>
  new YimengError({ code: 'encrypted-cohort', cannot, expected, got: String(got), ...(node === undefined ? {} : { where: { node } }) })

/**
 * The encrypted sum.
 *
 * @throws YimengError `encrypted-cohort`, `encrypted-threshold` for options that cannot be. `contribute` rejects with `masked-key`, `masked-share` (naming the node whose key or share is
 *   wrong), `encrypted-cohort` (too few nodes, or more than 512), `sum-opened` ({@link OpenedSums}), `encrypted-frame`, and what `lift` refuses.
 */
export const encrypted = (options: HidingOptions = {}): SumProtocol<'linear'> => {
  const { smallestCohort = 3, threshold = TWO_THIRDS } = options
  if (!Number.isInteger(smallestCohort) || smallestCohort < 2)
    throw tooFew('encrypt sums', 'a smallest cohort of at least 2', smallestCohort)
  if (!(threshold >= 0.5 && threshold < 1))
    throw new YimengError({
      code: 'encrypted-threshold',
      cannot: 'encrypt sums',
      expected: 'a threshold from ½ to below 1',
      got: String(threshold),
    })
  const rules: Rules = { ...options, smallestCohort, threshold }
  return {
    name: 'encrypted',
    carries: 'linear',
    contribute: async (how, input, me, to, signal, step) => {
      // lifted first: a refused input must not cost the others their round
      const mine = how.linear.toRing(how.lift(input, me))
      const { secret, open } = await agreementPair()
      const hello = await signed('encrypted sum v1', { encryption: open }, me, rules.identity)
      await to.send(sealingKeyCodec.encode(hello))
      const roster = listedCodec.decode(await to.receive(signal))
      await checkRoster(roster, { node: me, ...hello }, rules)
      const digest = listedDigest(roster)
      const { key, sealed, secrets, own } = await dealKey(roster, me, secret, digest, rules)
      await to.send(sharesCodec.encode(sealed))
      const shares = await openDelivery(await to.receive(signal), roster, me, secrets, digest, rules)
      await to.send(uint32Codec.encode(await ckks(how.linear.bits).encrypt(key, mine, publicSeed(digest), csprng())))
      const summed = summedCodec.decode(await to.receive(signal))
      const present = (node: NodeId) => node === me || shares.has(node)
      if (!inOrder(summed) || !summed.includes(me) || !summed.every(present))
        throw unfit('nodes that dealt shares, this one among them', 'others', me)
      needEnough(summed.length, roster.length, me, rules)
      await openOnce(rules, step, summed)
      await to.send(uint32Codec.encode(addKeyShares(summed.map((node) => (node === me ? own : shares.get(node)!)))))
    },
    collect: (how, cohort) => collect(how, cohort, rules),
  }
}

// --- the node's side ---

const checkRoster = async (roster: readonly Listed[], mine: Listed, { identity, smallestCohort }: Rules): Promise<void> => {
  const me = mine.node
  const own = roster.filter(({ node }) => node === me)
  if (!inOrder(roster.map(({ node }) => node)) || own.length !== 1 || !equalBytes(listedCodec.encode(own), listedCodec.encode([mine])))
    throw unfit('the keys of different nodes, mine among them', 'others', me)
  if (roster.length < smallestCohort || roster.length > MOST_CONTRIBUTIONS)
    throw tooFew('give encrypted contribution', `a cohort of ${smallestCohort} … ${MOST_CONTRIBUTIONS}`, roster.length, me)
  await Promise.all(roster.map((each) => checkKey(each.node, each, identity)))
}

const checkKey = async (
  node: NodeId,
  { encryption, signature }: Pick<Listed, 'encryption' | 'signature'>,
  identity: Identity | undefined,
): Promise<void> => {
  if (encryption.length !== KEY_BYTES) throw unfit('a public key', 'other bytes', node)
  await checkSignature('encrypted sum v1', node, { encryption, signature }, identity)
}

const neededOf = (nodes: number, { threshold }: Rules): number => sharesNeeded(nodes, threshold)

/** Enough nodes that this one's contribution is hidden among others and the sum can be opened. */
const needEnough = (nodes: number, roster: number, me: NodeId, rules: Rules): void => {
  const least = Math.max(rules.smallestCohort, neededOf(roster, rules))
  if (nodes < least) throw tooFew('go on with encrypted sum', `at least ${least} nodes`, nodes, me)
}

const dealKey = async (roster: readonly Listed[], me: NodeId, secret: CryptoKey, digest: Uint8Array, rules: Rules) => {
  const key: CkksKey = ckksKey(csprng())
  const shares = dealKeyShares(key, { threshold: neededOf(roster.length, rules), holders: roster.length }, csprng())
  const secrets = new Map<NodeId, Uint8Array>()
  const others = [...roster.entries()].filter(([, { node }]) => node !== me)
  const sealed = await Promise.all(
    others.map(async ([k, { node, encryption }]) => {
      const pair = await pairSecret('seal', secret, { node, open: encryption }, me)
      secrets.set(node, pair)
      return { node, sealed: await seal(pair, me, node, digest, uint32Codec.encode(shares[k]!.words)) }
    }),
  )
  return { key, sealed, secrets, own: shares[roster.findIndex(({ node }) => node === me)]!.words }
}

const openDelivery = async (
  frame: Uint8Array,
  roster: readonly Listed[],
  me: NodeId,
  secrets: ReadonlyMap<NodeId, Uint8Array>,
  digest: Uint8Array,
  rules: Rules,
): Promise<ReadonlyMap<NodeId, Uint32Array>> => {
  const { present, dealt } = deliveredCodec.decode(frame)
  const known = new Set(roster.map(({ node }) => node))
  const sound = inOrder(present) && present.includes(me) && present.every((node) => known.has(node))
  if (
    !sound ||
    !sameNodes(
      dealt,
      present.filter((node) => node !== me),
    )
  )
    throw unfit('the shares of the nodes that are present', 'others', me)
  needEnough(present.length, roster.length, me, rules)
  const shares = await Promise.all(
    dealt.map(async ({ node, sealed }) => {
      const words = uint32Codec.decode(await unseal(secrets.get(node)!, node, me, digest, sealed))
      if (words.length !== KEY_WORDS) throw unfit('a share of a key', 'other words', node)
      return [node, words] as const
    }),
  )
  return new Map(shares)
}

// --- the server's side ---

const collect = async <I, A, O>(how: LinearAggregation<I, A, O>, cohort: Cohort, rules: Rules): Promise<Collected<A>> => {
  const { bits, length, fromRing } = how.linear
  const { refused, enough, lostQuorum, among, roster: shown } = phasesOf<A>(cohort, rules.smallestCohort)
  const roster: readonly Listed[] = await shown(async (frame, node) => {
    const hello = sealingKeyCodec.decode(frame)
    await checkKey(node, hello, rules.identity)
    return hello
  })
  const nodes = roster.map(({ node }) => node)
  const needed = Math.max(enough, neededOf(nodes.length, rules))
  if (nodes.length < needed || nodes.length > MOST_CONTRIBUTIONS) return lostQuorum(nodes)

  const dealt = new Map<NodeId, ReadonlyMap<NodeId, Uint8Array>>()
  const rosterFrame = listedCodec.encode(roster)
  await among(
    nodes,
    async (channel, waiting, node) => {
      await channel.send(rosterFrame)
      const shares = sharesCodec.decode(await channel.receive(waiting))
      if (
        !sameNodes(
          shares,
          nodes.filter((other) => other !== node),
        )
      )
        throw unfit('shares for all other nodes', 'others', node)
      return shares
    },
    (shares, node) => dealt.set(node, new Map(shares.map((share) => [share.node, share.sealed]))),
  )
  if (dealt.size < needed) return lostQuorum(dealt.keys())

  const scheme = ckks(bits)
  const total = new Uint32Array(scheme.words(length))
  const present = [...dealt.keys()].sort()
  const summed: NodeId[] = []
  await among(
    present,
    async (channel, waiting, node) => {
      const forNode = present.filter((other) => other !== node).map((dealer) => ({ node: dealer, sealed: dealt.get(dealer)!.get(node)! }))
      await channel.send(deliveredCodec.encode({ present, dealt: forNode }))
      return scheme.checked(uint32Codec.decode(await channel.receive(waiting)), length)
    },
    (cipher, node) => {
      scheme.add(total, cipher)
      summed.push(node)
    },
  )
  summed.sort()
  if (summed.length < needed) return lostQuorum(summed)

  const shares: (CkksKeyShare & { readonly node: NodeId })[] = []
  const request = summedCodec.encode(summed)
  await among(
    summed,
    async (channel, waiting) => {
      await channel.send(request)
      return addKeyShares([uint32Codec.decode(await channel.receive(waiting))])
    },
    (words, node) => shares.push({ node, point: nodes.indexOf(node) + 1, words }),
  )
  const opening = sumKey(shares, neededOf(nodes.length, rules), summed.length)
  if (opening === undefined) return lostQuorum(shares.map(({ node }) => node))
  if (opening.wrong !== undefined)
    refused.set(
      opening.wrong,
      unfit('its share of the sum of the keys', 'other words, of its own or from who dealt them', opening.wrong).message,
    )
  try {
    const vector = await scheme.open(opening.key, total, publicSeed(listedDigest(roster)))
    return { kind: 'collected', total: fromRing(vector), from: summed, refused }
  } catch (error) {
    // a ciphertext that is none: whose, cannot be told
    if (!(error instanceof YimengError)) throw error
    for (const node of summed) if (!refused.has(node)) refused.set(node, causeOf(error))
    return lostQuorum(summed)
  }
}

/** The sum of the keys, from any `threshold` shares that fit; with one wrong share among more than that, whose it is. */
const sumKey = (
  shares: readonly (CkksKeyShare & { readonly node: NodeId })[],
  threshold: number,
  contributions: number,
): { readonly key: CkksSumKey; readonly wrong?: NodeId } | undefined => {
  if (shares.length < threshold) return undefined
  const key = combineKeyShares(shares.slice(0, threshold), contributions)
  if (key !== undefined) return { key }
  if (shares.length === threshold) return undefined
  for (const { node } of shares.slice(0, threshold)) {
    const without = combineKeyShares(shares.filter((share) => share.node !== node).slice(0, threshold), contributions)
    if (without !== undefined) return { key: without, wrong: node }
  }
  return undefined
}
