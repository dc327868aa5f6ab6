// Nodes that keep to the protocol but for the shares that they deal: what seals, digests and announced secrets catch, who is named, and what nobody can tell.
import { AsyncLocalStorage } from 'node:async_hooks'
import { expect, test, vi } from 'vitest'
import { type RingVector, ring64 } from '../../algebra/index.ts'
import { YimengError } from '../../base/index.ts'
import type * as Crypto from '../../crypto/index.ts'
import { combineShares } from '../../crypto/index.ts'
import { weightedMean } from '../folds/weighted-mean.ts'
import type { NodeId } from '../placement.ts'
import { play } from '../play.test-support.ts'
import type { RoundProgram } from '../round.ts'
import type { SumProtocol } from '../sum-protocol.ts'
import type { Update } from '../update.ts'
import { encrypted } from './encrypted.ts'
import { masked } from './masked.ts'
import { addMask } from './masked/mask.ts'
import { dealtCodec, revealedCodec } from './masked/messages.ts'
import { type Passing, playSum } from './masked.test-support.ts'

/** What a dealer deals in the place of `honest` shares; `other`: such shares of another secret. */
type Dealing = <S extends object>(honest: readonly S[], other: () => readonly S[]) => readonly S[]
const dealing = new AsyncLocalStorage<Dealing>()
const dealt: Dealing = (honest, other) => (dealing.getStore() ?? honestly)(honest, other)

// all else is the nodes' own code: digests, seals and masks
vi.mock('../../crypto/index.ts', async (original) => {
  const real = await original<typeof Crypto>()
  const dealShares: typeof real.dealShares = (secret, threshold, count, rng) =>
    dealt(real.dealShares(secret, threshold, count, rng), () =>
      real.dealShares(
        secret.map((byte) => byte ^ 1),
        threshold,
        count,
        rng,
      ),
    )
  const dealKeyShares: typeof real.dealKeyShares = (key, among, rng) =>
    dealt(real.dealKeyShares(key, among, rng), () => real.dealKeyShares(real.ckksKey(rng), among, rng))
  return { ...real, dealShares, dealKeyShares }
})

const honestly: Dealing = (honest) => honest
const ofAnotherSecret: Dealing = (_, other) => other()
/** These holders get shares of another secret. */
const wrongFor =
  (...holders: readonly number[]): Dealing =>
  (honest, other) => {
    const others = other()
    return honest.map((share, k) => (holders.includes(k) ? others[k]! : share))
  }

const how = weightedMean({ length: 8, maxAbs: 8, maxWeight: 10_000 })
const inputs: Readonly<Record<NodeId, Update>> = Object.fromEntries(
  Array.from({ length: 5 }, (_, k) => [`n${k}`, { values: Float32Array.from({ length: 8 }, (__, i) => k - i / 4), weight: k + 1 }]),
)
const nodes = Object.keys(inputs)
const plainSum = (of: readonly NodeId[]): RingVector =>
  of.reduce((total, node) => how.sum.add(total, how.lift(inputs[node]!, node)), how.sum.zero())

/** The protocol, where `n1` deals like this. */
const dealtBy = (deal: Dealing, protocol: SumProtocol<'linear'>): SumProtocol<'linear'> => ({
  ...protocol,
  contribute: (of, input, me, ...rest) => dealing.run(me === 'n1' ? deal : honestly, () => protocol.contribute(of, input, me, ...rest)),
})
const codeOf = (error: unknown): string => (error instanceof YimengError ? `${error.code} of ${error.where['node']}` : String(error))

const cut =
  (who: NodeId, at: number) =>
  ({ node, way, phase, frame }: Passing) =>
    node === who && way === 'up' && phase === at ? 'cut' : frame
// five holders, four shares open: where one is silent, every share counts
const SILENT = cut('n4', 4)
const LOST = cut('n1', 3)

test.each<[string, Dealing, typeof SILENT | undefined]>([
  ['shares of another seed', ofAnotherSecret, undefined],
  ['shares of another masking key, and is lost before the sum', ofAnotherSecret, LOST],
  ['one share that does not fit the others', wrongFor(0), SILENT],
  ['itself a share that does not fit the others', wrongFor(1), SILENT],
])('masked: a node that deals %s is named at the server, and nothing comes out', async (_, deal, line) => {
  const of = (dealer: Dealing) => playSum({ how, inputs, protocol: () => dealtBy(dealer, masked()), quorum: 3, ...(line && { line }) })
  const { collected, failures } = await of(deal)
  expect(collected.kind).toBe('lostQuorum')
  expect(collected).not.toHaveProperty('total')
  expect(collected.refused.get('n1')).toContain('shares of the secret that it announced, got others (node n1)')
  expect([...failures.keys()].filter((node) => !(line !== undefined && ['n1', 'n4'].includes(node)))).toEqual([])
  // the same play with an honest dealer ends well: it is the shares that are refused
  const control = await of(honestly)
  expect(control.collected).toMatchObject({ kind: 'collected', total: plainSum(nodes.filter((node) => line !== LOST || node !== 'n1')) })
})

test('masked: a share that does not fit the others does no harm where it is not needed', async () => {
  const { collected } = await playSum({ how, inputs, protocol: () => dealtBy(wrongFor(4), masked()), quorum: 3, line: SILENT })
  expect(collected).toMatchObject({ kind: 'collected', total: plainSum(nodes) })
})

/** A server that opens the sum of all nodes as the protocol has it, and believes every share. */
const openUnchecked = async (seen: readonly Passing[]): Promise<RingVector> => {
  const up = (phase: number) => seen.filter((passing) => passing.way === 'up' && passing.phase === phase)
  const total = ring64.zero(how.linear.length)
  for (const { frame } of up(3)) ring64.add(total, ring64.codec.decode(frame))
  const revealed = up(4).map(({ node, frame }) => ({ point: nodes.indexOf(node) + 1, shares: revealedCodec.decode(frame) }))
  for (const owner of nodes) {
    const shares = revealed.map(({ point, shares: all }) => ({ point, bytes: all.find(({ node }) => node === owner)!.share }))
    await addMask(total, combineShares(shares), -1)
  }
  return total
}

test('masked: a twin of the server that believes all shares opens honest ones to the plain sum, and wrong ones to nonsense', async () => {
  const opened = async (deal: Dealing) => {
    const { seen } = await playSum({ how, inputs, protocol: () => dealtBy(deal, masked()), quorum: 3 })
    return how.linear.fromRing(await openUnchecked(seen))
  }
  expect(await opened(honestly)).toEqual(plainSum(nodes))
  expect(await opened(ofAnotherSecret)).not.toEqual(plainSum(nodes))
  expect(await opened(wrongFor(3))).not.toEqual(plainSum(nodes))
})

/** `n1` announces to the server another digest than that of the share it seals to `n2`. */
const otherDigest = ({ node, way, phase, frame }: Passing): Uint8Array =>
  node === 'n1' && way === 'up' && phase === 2
    ? dealtCodec.encode(dealtCodec.decode(frame).map((each) => (each.node === 'n2' ? { ...each, seedDigest: new Uint8Array(32) } : each)))
    : frame

test('masked: a sealed share that is not the one announced is named by its holder, who leaves; the rest goes on', async () => {
  const { collected, failures } = await playSum({ how, inputs, protocol: () => masked(), quorum: 4, line: otherDigest })
  expect(codeOf(failures.get('n2'))).toBe('masked-share of n1')
  const others = nodes.filter((node) => node !== 'n2')
  expect(collected).toMatchObject({ kind: 'collected', from: others, total: plainSum(others) })
})

const tooShortFor =
  (holder: number): Dealing =>
  (honest) =>
    honest.map((share, k) =>
      k === holder && 'bytes' in share && share.bytes instanceof Uint8Array ? { ...share, bytes: share.bytes.slice(1) } : share,
    )

test('masked: in a round, the holder that leaves tells the server who dealt it a wrong share', async () => {
  const program = (): RoundProgram<RingVector | undefined, void, Update> => async (round) => {
    const update = await round.atClients(({ site }) => site)
    const fold = { ...how, finish: (total: RingVector) => total }
    return { server: await round.aggregate(fold, dealtBy(tooShortFor(2), masked()), update), clients: round.local }
  }
  const { outcome } = await play<RingVector | undefined, void, Update>({ program, state: undefined, sites: inputs, quorum: 4 })
  expect(outcome).toMatchObject({ kind: 'committed', state: plainSum(nodes.filter((node) => node !== 'n2')) })
  expect(outcome.refused.get('n2')).toContain('cannot keep share: expected one with the digest that its node gave, got another (node n1)')
})

// --- shares of keys: a holder tells the sum of its shares only, so that nobody can tell which of them was wrong ---

test('encrypted: with a wrong share to one holder the sum still opens where more answer than are needed; the holder is named, and may be innocent', async () => {
  const of = (dealer: Dealing, line?: typeof SILENT) =>
    playSum({ how, inputs, protocol: () => dealtBy(dealer, encrypted()), quorum: 3, ...(line && { line }) })
  const { collected } = await of(wrongFor(0))
  expect(collected).toMatchObject({ kind: 'collected', total: plainSum(nodes) })
  expect([...collected.refused]).toEqual([['n0', expect.stringContaining('of its own or from who dealt them (node n0)')]])
  expect((await of(honestly)).collected.refused.size).toBe(0)
  // with no share to spare
  expect((await of(wrongFor(0), SILENT)).collected.kind).toBe('lostQuorum')
  expect((await of(honestly, SILENT)).collected).toMatchObject({ kind: 'collected', total: plainSum(nodes) })
})

test('encrypted: shares of another key, or many wrong ones, open nothing', async () => {
  for (const deal of [ofAnotherSecret, wrongFor(0, 2), wrongFor(0, 1, 2, 3)]) {
    const { collected } = await playSum({ how, inputs, protocol: () => dealtBy(deal, encrypted()), quorum: 3 })
    expect(collected.kind).toBe('lostQuorum')
    expect(collected).not.toHaveProperty('total')
  }
})
