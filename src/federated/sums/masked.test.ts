import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { type RingVector, ring64 } from '../../algebra/index.ts'
import { YimengError } from '../../base/index.ts'
import { weightedMean } from '../folds/weighted-mean.ts'
import type { NodeId } from '../placement.ts'
import type { SumProtocol } from '../sum-protocol.ts'
import type { Update } from '../update.ts'
import { masked } from './masked.ts'
import { type Identity, knownKeys } from './masked/keys.ts'
import { addMask } from './masked/mask.ts'
import { advertCodec, dealtCodec, deliveryCodec, revealedCodec, rosterCodec, unmaskCodec } from './masked/messages.ts'
import { sharesNeeded } from './masked/neighbours.ts'
import { ALARM, chiSquare, type Passing, playSum } from './masked.test-support.ts'
import { sumProtocolSuite } from './sum-protocol.suite.ts'

sumProtocolSuite('masked', () => masked())

const meanOf = (length: number) => weightedMean({ length, maxAbs: 8, maxWeight: 10_000 })
const zeros = (nodes: number, length = 4): Readonly<Record<NodeId, Update>> =>
  Object.fromEntries(Array.from({ length: nodes }, (_, k) => [`n${k}`, { values: new Float32Array(length), weight: 1 }]))
const plainSum = (how: ReturnType<typeof meanOf>, inputs: Readonly<Record<NodeId, Update>>, nodes: readonly NodeId[]): RingVector =>
  nodes.reduce((total, node) => how.sum.add(total, how.lift(inputs[node]!, node)), how.sum.zero())

/** Cuts each node's line when it would send the frame of its phase; 0: never. */
const lostIn =
  (phases: Readonly<Record<NodeId, number>>) =>
  ({ node, way, phase, frame }: Passing) =>
    way === 'up' && phases[node] === phase ? 'cut' : frame

/** Nodes that sent the frames of phases 1 … `phase`. */
const after = (phases: Readonly<Record<NodeId, number>>, phase: number): readonly NodeId[] =>
  Object.keys(phases)
    .filter((node) => phases[node] === 0 || phases[node]! > phase)
    .sort()

const cohorts = fc
  .tuple(fc.integer({ min: 2, max: 50 }), fc.integer({ min: 1, max: 40 }), fc.double({ min: 0, max: 0.2, noNaN: true }))
  .chain(([nodes, length, share]) =>
    fc.record({
      length: fc.constant(length),
      updates: fc.array(
        fc.record({
          values: fc.float32Array({ minLength: length, maxLength: length, min: -8, max: 8, noNaN: true }),
          weight: fc.integer({ min: 1, max: 100 }),
        }),
        { minLength: nodes, maxLength: nodes },
      ),
      phases: fc.array(
        fc.double({ min: 0, max: 1, noNaN: true }).map((u) => (u < share ? 1 + Math.floor((4 * u) / share) : 0)),
        { minLength: nodes, maxLength: nodes },
      ),
    }),
  )

test('equals the plain sum bit for bit over cohorts of 2 … 50 with nodes lost in every phase; below the threshold nothing comes out', {
  timeout: 60_000,
}, async () => {
  const outcomes = { collected: 0, lostQuorum: 0 }
  await fc.assert(
    fc.asyncProperty(cohorts, async ({ length, updates, phases: list }) => {
      const how = meanOf(length)
      const inputs = Object.fromEntries(updates.map((update, k) => [`n${k}`, update]))
      const phases = Object.fromEntries(list.map((phase, k) => [`n${k}`, Math.min(phase, 4)]))
      const { collected } = await playSum({ how, inputs, protocol: () => masked({ smallestCohort: 2 }), quorum: 2, line: lostIn(phases) })
      outcomes[collected.kind] += 1
      const summed = after(phases, 3)
      const opens = summed.length >= 2 && after(phases, 4).length >= sharesNeeded(after(phases, 1).length, 2 / 3)
      expect(collected.kind).toBe(opens ? 'collected' : 'lostQuorum')
      if (collected.kind !== 'collected') {
        expect(collected).not.toHaveProperty('total')
        return
      }
      expect(collected.total).toEqual(plainSum(how, inputs, summed))
      expect(collected.from).toEqual(summed)
    }),
    {
      numRuns: 20,
      seed: 5,
      examples: [[{ length: 2, updates: [1, 2].map((weight) => ({ values: Float32Array.of(1, -1), weight })), phases: [0, 0] }]],
    },
  )
  expect(outcomes.collected).toBeGreaterThan(5)
})

test.each([1, 2, 3, 4])('goes on without nodes lost in phase %i', async (phase) => {
  const how = meanOf(3)
  const inputs = Object.fromEntries(Array.from('abcdefg').map((node, k) => [node, { values: Float32Array.of(k, -k, 0.5), weight: k + 1 }]))
  const phases = { a: 0, b: phase, c: 0, d: 0, e: 0, f: phase, g: 0 }
  const { collected } = await playSum({ how, inputs, protocol: () => masked(), quorum: 5, line: lostIn(phases) })
  const summed = after(phases, 3)
  expect(collected).toMatchObject({ kind: 'collected', from: summed, total: plainSum(how, inputs, summed) })
})

test.each([
  [3, 'fewer vectors than the quorum'],
  [4, 'fewer shares than the threshold'],
])('lost quorum in phase %i, %s: the server keeps vectors that look uniform', async (phase) => {
  const lost = { n0: phase, n1: phase, n2: phase, n3: 0, n4: 0 }
  const { collected, seen } = await playSum({
    how: meanOf(20_000),
    inputs: zeros(5, 20_000),
    protocol: () => masked(),
    quorum: 3,
    line: lostIn(lost),
  })
  expect(collected.kind).toBe('lostQuorum')
  expect(collected).not.toHaveProperty('total')
  for (const { frame } of seen.filter((each) => each.way === 'up' && each.phase === 3)) expect(chiSquare(frame)).toBeLessThan(ALARM)
})

// false alarm in each draw: 1e-9
test('what the server sees of a node is uniform, alone and against every other frame; twins without masks and with one used twice are caught', async () => {
  const length = 20_000
  const vectorsOf = async (): Promise<readonly BigUint64Array[]> => {
    const { seen } = await playSum({ how: meanOf(length), inputs: zeros(3, length), protocol: () => masked() })
    return seen.filter(({ way, phase }) => way === 'up' && phase === 3).map(({ frame }) => ring64.codec.decode(frame))
  }
  const bytes = (vector: BigUint64Array): Uint8Array => new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength)
  const vectors = [...(await vectorsOf()), ...(await vectorsOf())]
  for (const [k, vector] of vectors.entries()) {
    expect(chiSquare(bytes(vector))).toBeLessThan(ALARM)
    // a mask that was used before would cancel here and leave the difference of two updates
    for (const other of vectors.slice(k + 1)) expect(chiSquare(bytes(ring64.subtract(vector.slice(), other)))).toBeLessThan(ALARM)
  }
  const bare = meanOf(length).lift(zeros(1, length)['n0']!, 'n0') as BigUint64Array
  expect(chiSquare(bytes(bare))).toBeGreaterThan(ALARM)
  const seed = new Uint8Array(32).fill(3)
  const [first, second] = [bare.slice(), ring64.scale(bare.slice(), 3n)]
  await addMask(first, seed, 1)
  await addMask(second, seed, 1)
  expect(chiSquare(bytes(first))).toBeLessThan(ALARM)
  expect(chiSquare(bytes(ring64.subtract(first, second)))).toBeGreaterThan(ALARM)
})

const flipped = (bytes: Uint8Array): Uint8Array => bytes.map((byte, i) => (i === 5 ? byte ^ 1 : byte))
const codeOf = (error: unknown): string => (error instanceof YimengError ? `${error.code} of ${error.where['node']}` : String(error))

test('a tampered key is caught by name at every node: signed, by its signature; else by the shares that it cannot open', async () => {
  const line = ({ node, way, phase, frame }: Passing): Uint8Array =>
    way === 'down' && phase === 1 && node === 'n0'
      ? rosterCodec.encode(
          rosterCodec.decode(frame).map((each) => (each.node === 'n2' ? { ...each, encryption: flipped(each.encryption) } : each)),
        )
      : frame
  const unsigned = await playSum({ how: meanOf(4), inputs: zeros(4), protocol: () => masked(), quorum: 4, line })
  expect(unsigned.collected.kind).toBe('lostQuorum')
  // n0 sees another roster than the rest: whichever of its peers comes first, none of them sealed for that roster
  expect(codeOf(unsigned.failures.get('n0'))).toMatch(/^masked-share of n[123]$/)
  expect(codeOf(unsigned.failures.get('n2'))).toBe('masked-share of n0')

  const identities = await identitiesOf(Object.keys(zeros(4)))
  const signed = await playSum({
    how: meanOf(4),
    inputs: zeros(4),
    protocol: (who) => masked({ identity: identities(who) }),
    quorum: 4,
    line,
  })
  expect(codeOf(signed.failures.get('n0'))).toBe('masked-key of n2')
})

/** Signing keys of nodes; the server has the public ones. */
const identitiesOf = async (nodes: readonly NodeId[]): Promise<(who: NodeId) => Identity> => {
  const pairs = await Promise.all(
    nodes.map(async (node) => {
      const { privateKey, publicKey } = await crypto.subtle.generateKey('Ed25519', false, ['sign', 'verify'])
      return [node, privateKey, new Uint8Array(await crypto.subtle.exportKey('raw', publicKey))] as const
    }),
  )
  const trusted = new Map(pairs.map(([node, , open]) => [node, open]))
  return (who) => {
    const sign = pairs.find(([node]) => node === who)?.[1]
    return knownKeys(sign === undefined ? { trusted } : { sign, trusted })
  }
}

test('with identities, keys of a stranger and unsigned keys are refused at the server, by name, and the rest goes on', async () => {
  const identities = await identitiesOf(['n0', 'n1', 'n2', 'n3'])
  const others = await identitiesOf(['n4'])
  const protocol = (who: NodeId) =>
    who === 'n4' ? masked({ identity: others(who) }) : who === 'n3' ? masked() : masked({ identity: identities(who) })
  const { collected } = await playSum({ how: meanOf(4), inputs: zeros(5), protocol, quorum: 3 })
  expect(collected).toMatchObject({ kind: 'collected', from: ['n0', 'n1', 'n2'] })
  expect(collected.refused.get('n3')).toContain('a signature that is not its own (node n3)')
  expect(collected.refused.get('n4')).toContain('a node without a trusted identity (node n4)')
})

test('keys of another round are refused by name, signed or not: nobody can seal shares under them', async () => {
  const identities = await identitiesOf(Object.keys(zeros(4)))
  const protocol = (who: NodeId) => masked({ identity: identities(who) })
  const before = await playSum({ how: meanOf(4), inputs: zeros(4), protocol })
  const old = before.seen.find(({ node, way, phase }) => node === 'n3' && way === 'up' && phase === 1)!.frame
  const line = ({ node, way, phase, frame }: Passing): Uint8Array => (node === 'n3' && way === 'up' && phase === 1 ? old : frame)
  const { collected, failures } = await playSum({ how: meanOf(4), inputs: zeros(4), protocol, quorum: 3, line })
  // n3 sees that the keys in its name are not those of this round, and leaves; the others go on without it
  expect(codeOf(failures.get('n3'))).toBe('masked-frame of n3')
  expect(collected).toMatchObject({ kind: 'collected', from: ['n0', 'n1', 'n2'] })
  // a server that plays n3 itself from old frames gets no further
  const oldShares = before.seen.find(({ node, way, phase }) => node === 'n3' && way === 'up' && phase === 2)!.frame
  const playsOld: SumProtocol<'linear'>['contribute'] = async (_how, _input, _me, to) => {
    await to.send(old)
    await to.receive()
    await to.send(oldShares)
    await to.receive()
    await to.close()
  }
  const played = await playSum({
    how: meanOf(4),
    inputs: zeros(4),
    protocol: (who) => (who === 'n3' ? { ...protocol(who), contribute: playsOld } : protocol(who)),
    quorum: 3,
  })
  for (const node of ['n0', 'n1', 'n2']) expect(codeOf(played.failures.get(node))).toBe('masked-share of n3')
  expect(played.collected.kind).toBe('lostQuorum')
})

test('a tampered share is caught by name: sealed, at its recipient', async () => {
  const line = ({ node, way, phase, frame }: Passing): Uint8Array =>
    way === 'up' && phase === 2 && node === 'n1'
      ? dealtCodec.encode(dealtCodec.decode(frame).map((each) => (each.node === 'n2' ? { ...each, sealed: flipped(each.sealed) } : each)))
      : frame
  const { collected, failures } = await playSum({ how: meanOf(4), inputs: zeros(5), protocol: () => masked(), quorum: 4, line })
  expect(codeOf(failures.get('n2'))).toBe('masked-share of n1')
  // only the node that cannot trust its share stops
  expect(collected).toMatchObject({ kind: 'collected', from: ['n0', 'n1', 'n3', 'n4'] })
})

test('a tampered share is caught by name: revealed, at the server, which goes on with the others’', async () => {
  const line = ({ node, way, phase, frame }: Passing): Uint8Array =>
    way === 'up' && phase === 4 && node === 'n1'
      ? revealedCodec.encode(revealedCodec.decode(frame).map((each) => ({ ...each, share: flipped(each.share) })))
      : frame
  const { collected } = await playSum({ how: meanOf(4), inputs: zeros(5), protocol: () => masked(), quorum: 5, line })
  expect(collected).toMatchObject({ kind: 'collected', from: ['n0', 'n1', 'n2', 'n3', 'n4'] })
  expect(collected.refused.get('n1')).toContain('got a tampered one (node n1)')
})

test('a node that finds other keys than its own under its name leaves', async () => {
  const line = ({ node, way, phase, frame }: Passing): Uint8Array =>
    way === 'up' && phase === 1 && node === 'n1'
      ? advertCodec.encode({ ...advertCodec.decode(frame), selfDigest: new Uint8Array(32) })
      : frame
  const { collected, failures } = await playSum({ how: meanOf(4), inputs: zeros(4), protocol: () => masked(), quorum: 3, line })
  expect(codeOf(failures.get('n1'))).toBe('masked-frame of n1')
  expect(collected).toMatchObject({ kind: 'collected', from: ['n0', 'n2', 'n3'] })
})

test('a site asked for both secrets of a node refuses, and answers one request only', async () => {
  const both = ({ node, way, phase, frame }: Passing): Uint8Array => {
    if (node !== 'n0' || way !== 'down' || phase !== 3) return frame
    const { summed, lost } = unmaskCodec.decode(frame)
    return unmaskCodec.encode({ summed, lost: [...lost, 'n1'] })
  }
  const asked = await playSum({ how: meanOf(4), inputs: zeros(4), protocol: () => masked(), line: both })
  expect(codeOf(asked.failures.get('n0'))).toBe('masked-unmask of n0')
  expect(asked.seen.filter(({ node, way }) => node === 'n0' && way === 'up')).toHaveLength(3)
  expect(asked.collected.kind).toBe('collected')

  const again = ({ node, way, phase, frame }: Passing): Uint8Array | readonly Uint8Array[] => {
    if (node !== 'n0' || way !== 'down' || phase !== 3) return frame
    return [frame, unmaskCodec.encode({ summed: ['n0', 'n2', 'n3'], lost: ['n1'] })]
  }
  const twice = await playSum({ how: meanOf(4), inputs: zeros(4), protocol: () => masked(), line: again })
  expect(twice.seen.filter(({ node, way }) => node === 'n0' && way === 'up')).toHaveLength(4)
})

test.each<[string, (frame: Uint8Array) => Uint8Array, number, string]>([
  [
    'a request that leaves a node out',
    (frame) => unmaskCodec.encode({ ...unmaskCodec.decode(frame), summed: ['n0', 'n1', 'n2'] }),
    3,
    'masked-frame',
  ],
  [
    'a request for too small a sum',
    (frame) => unmaskCodec.encode({ ...unmaskCodec.decode(frame), summed: ['n0'], lost: ['n1', 'n2', 'n3'] }),
    3,
    'masked-cohort',
  ],
  [
    'a delivery to too small a cohort',
    (frame) => deliveryCodec.encode({ present: ['n0'], dealt: deliveryCodec.decode(frame).dealt.slice(0, 0) }),
    2,
    'masked-cohort',
  ],
  ['a roster of one', (frame) => rosterCodec.encode(rosterCodec.decode(frame).slice(0, 1)), 1, 'masked-cohort'],
])('a node refuses %s', async (_, change, phase, code) => {
  const line = (passing: Passing): Uint8Array =>
    passing.node === 'n0' && passing.way === 'down' && passing.phase === phase ? change(passing.frame) : passing.frame
  const { failures } = await playSum({ how: meanOf(4), inputs: zeros(4), protocol: () => masked(), line })
  expect(codeOf(failures.get('n0'))).toBe(`${code} of n0`)
})

test('a node that sends twice is named and left out', async () => {
  for (const phase of [1, 2]) {
    const line = (passing: Passing): Uint8Array | readonly Uint8Array[] =>
      passing.node === 'n1' && passing.way === 'up' && passing.phase === phase ? [passing.frame, passing.frame] : passing.frame
    const { collected } = await playSum({ how: meanOf(4), inputs: zeros(5), protocol: () => masked(), quorum: 3, line })
    expect(collected).toMatchObject({ kind: 'collected', from: ['n0', 'n2', 'n3', 'n4'] })
    expect(collected.refused.has('n1')).toBe(true)
  }
})

test('a large cohort shares with neighbours only, and still equals the plain sum with nodes lost in every phase', async () => {
  const how = meanOf(5)
  const inputs = Object.fromEntries(
    Array.from({ length: 70 }, (_, k) => [
      `n${k}`,
      { values: Float32Array.from({ length: 5 }, (__, i) => Math.sin(k + i)), weight: 1 + k },
    ]),
  )
  const phases = Object.fromEntries(Object.keys(inputs).map((node, k) => [node, k % 17 === 3 ? 1 + ((k / 17) & 3) : 0]))
  const protocol = () => masked({ neighbours: { corrupt: 0.1, dropouts: 0.1 } })
  const { collected, seen } = await playSum({ how, inputs, protocol, quorum: 50, line: lostIn(phases) })
  const summed = after(phases, 3)
  expect(collected).toMatchObject({ kind: 'collected', from: summed, total: plainSum(how, inputs, summed) })
  const dealt = seen.find(({ way, phase }) => way === 'up' && phase === 2)!
  expect(dealtCodec.decode(dealt.frame).length).toBeLessThan(40)
})

test('names with commas and quotes are names', async () => {
  const how = meanOf(2)
  const inputs = { 'a,b': zeros(1, 2)['n0']!, a: zeros(1, 2)['n0']!, 'b","c': zeros(1, 2)['n0']! }
  expect((await playSum({ how, inputs, protocol: () => masked() })).collected.kind).toBe('collected')
})

test('no masked sum below the smallest cohort, nor with options that cannot be', async () => {
  const { collected } = await playSum({ how: meanOf(4), inputs: zeros(2), protocol: () => masked() })
  expect(collected).toMatchObject({ kind: 'lostQuorum', from: ['n0', 'n1'] })
  expect(() => masked({ smallestCohort: 1 })).toThrow(expect.objectContaining({ code: 'masked-cohort' }))
  for (const threshold of [0.4, 1, Number.NaN])
    expect(() => masked({ threshold })).toThrow(expect.objectContaining({ code: 'masked-threshold' }))
})

test('frames of noise, in any phase, from any node, end nothing but that node, and never reject the round', async () => {
  const how = meanOf(3)
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 4 }), fc.uint8Array({ maxLength: 300 }), fc.boolean(), async (phase, noise, appended) => {
      const line = (passing: Passing): Uint8Array =>
        passing.node === 'n1' && passing.way === 'up' && passing.phase === phase
          ? appended
            ? Uint8Array.of(...passing.frame, ...noise, 0)
            : noise
          : passing.frame
      const { collected } = await playSum({ how, inputs: zeros(4, 3), protocol: () => masked(), quorum: 3, line })
      if (collected.kind === 'collected') expect(collected.total).toEqual(plainSum(how, zeros(4, 3), collected.from))
      if (collected.kind === 'collected' && phase < 4) expect(collected.from).not.toContain('n1')
    }),
    // noise that happens to be a vector of the right length would be counted: it cannot be told from a masked one
    { numRuns: 40, seed: 11 },
  )
})
