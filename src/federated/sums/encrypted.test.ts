import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { listCodec, textCodec, uint32Codec, YimengError } from '../../base/index.ts'
import { addKeyShares, ckks, combineKeyShares } from '../../crypto/index.ts'
import { weightedMean } from '../folds/weighted-mean.ts'
import type { NodeId } from '../placement.ts'
import type { Update } from '../update.ts'
import { deliveredCodec, listedCodec, listedDigest, publicSeed, sealingKeyCodec, sharesCodec } from './encrypted/messages.ts'
import { encrypted } from './encrypted.ts'
import { type Identity, knownKeys } from './masked/keys.ts'
import { sharesNeeded } from './masked/neighbours.ts'
import { ALARM, chiSquare, type Passing, playSum } from './masked.test-support.ts'
import { sumProtocolSuite } from './sum-protocol.suite.ts'

sumProtocolSuite('encrypted', () => encrypted())

const meanOf = (length: number) => weightedMean({ length, maxAbs: 8, maxWeight: 10_000 })
const zeros = (nodes: number, length = 4): Readonly<Record<NodeId, Update>> =>
  Object.fromEntries(Array.from({ length: nodes }, (_, k) => [`n${k}`, { values: new Float32Array(length), weight: 1 }]))
const plainSum = (how: ReturnType<typeof meanOf>, inputs: Readonly<Record<NodeId, Update>>, nodes: readonly NodeId[]) =>
  nodes.reduce((total, node) => how.sum.add(total, how.lift(inputs[node]!, node)), how.sum.zero())
const lostIn =
  (phases: Readonly<Record<NodeId, number>>) =>
  ({ node, way, phase, frame }: Passing) =>
    way === 'up' && phases[node] === phase ? 'cut' : frame
const after = (phases: Readonly<Record<NodeId, number>>, phase: number): readonly NodeId[] =>
  Object.keys(phases)
    .filter((node) => phases[node] === 0 || phases[node]! > phase)
    .sort()
const codeOf = (error: unknown): string => (error instanceof YimengError ? `${error.code} of ${error.where['node']}` : String(error))

const cohorts = fc.tuple(fc.integer({ min: 2, max: 20 }), fc.integer({ min: 1, max: 40 })).chain(([nodes, length]) =>
  fc.record({
    length: fc.constant(length),
    updates: fc.array(
      fc.record({
        values: fc.float32Array({ minLength: length, maxLength: length, min: -8, max: 8, noNaN: true }),
        weight: fc.integer({ min: 1, max: 100 }),
      }),
      { minLength: nodes, maxLength: nodes },
    ),
    phases: fc.array(fc.constantFrom(...Array<number>(24).fill(0), 1, 2, 3, 4), { minLength: nodes, maxLength: nodes }),
  }),
)

test('equals the plain sum bit for bit over random cohorts with nodes lost in every phase; below the threshold nothing comes out', async () => {
  const outcomes = { collected: 0, lostQuorum: 0 }
  await fc.assert(
    fc.asyncProperty(cohorts, async ({ length, updates, phases: list }) => {
      const how = meanOf(length)
      const inputs = Object.fromEntries(updates.map((update, k) => [`n${k}`, update]))
      const phases = Object.fromEntries(list.map((phase, k) => [`n${k}`, phase]))
      const { collected } = await playSum({
        how,
        inputs,
        protocol: () => encrypted({ smallestCohort: 2 }),
        quorum: 2,
        line: lostIn(phases),
      })
      outcomes[collected.kind] += 1
      const needed = Math.max(2, sharesNeeded(after(phases, 1).length, 2 / 3))
      expect(collected.kind).toBe(after(phases, 4).length >= needed ? 'collected' : 'lostQuorum')
      if (collected.kind !== 'collected') {
        expect(collected).not.toHaveProperty('total')
        return
      }
      const summed = after(phases, 3)
      expect(collected.total).toEqual(plainSum(how, inputs, summed))
      expect(collected.from).toEqual(summed)
    }),
    { numRuns: 15, seed: 3 },
  )
  expect(outcomes.collected).toBeGreaterThan(5)
})

test.each([1, 2, 3, 4])('goes on without nodes lost in phase %i', async (phase) => {
  const how = meanOf(3)
  const inputs = Object.fromEntries(Array.from('abcdefg').map((node, k) => [node, { values: Float32Array.of(k, -k, 0.5), weight: k + 1 }]))
  const phases = { a: 0, b: phase, c: 0, d: 0, e: 0, f: phase, g: 0 }
  const { collected } = await playSum({ how, inputs, protocol: () => encrypted(), quorum: 5, line: lostIn(phases) })
  const summed = after(phases, 3)
  expect(collected).toMatchObject({ kind: 'collected', from: summed, total: plainSum(how, inputs, summed) })
})

// The transcript: all that the server got of two rounds. False alarm in each draw: 1e-9
test('what the server holds opens the sum and no update of one site; its view of a site is uniform, and a twin without encryption is caught', async () => {
  const length = 20_000
  const how = meanOf(length)
  const inputs = Object.fromEntries(Array.from({ length: 4 }, (_, k) => [`n${k}`, { values: new Float32Array(length).fill(k), weight: 1 }]))
  const { seen, collected } = await playSum({ how, inputs, protocol: () => encrypted() })
  const up = (phase: number) => seen.filter((each) => each.way === 'up' && each.phase === phase)
  const ciphers = up(3).map(({ node, frame }) => ({ node, words: uint32Codec.decode(frame) }))
  // lower bytes of residues are uniform but for 2^−14; the highest of four has 6 bits
  const bytes = (words: Uint32Array): Uint8Array => Uint8Array.from(words, (word) => word & 255)
  for (const [k, { words }] of ciphers.entries()) {
    expect(chiSquare(bytes(words))).toBeLessThan(ALARM)
    // a key that was used twice would cancel here and leave the difference of two updates
    for (const other of ciphers.slice(k + 1)) expect(chiSquare(bytes(words.map((word, i) => word - other.words[i]!)))).toBeLessThan(ALARM)
  }
  expect(chiSquare(bytes(new Uint32Array(how.lift(inputs['n1']!, 'n1').buffer)))).toBeGreaterThan(ALARM)
  // the key that it got …
  const roster = listedCodec.decode(seen.find(({ way }) => way === 'down')!.frame)
  const shares = up(4).map(({ node, frame }) => ({
    point: roster.findIndex((each) => each.node === node) + 1,
    words: addKeyShares([uint32Codec.decode(frame)]),
  }))
  const key = combineKeyShares(shares.slice(0, 3), 4)!
  const seed = publicSeed(listedDigest(roster))
  const sum = new Uint32Array(ckks(64).words(how.linear.length))
  for (const { words } of ciphers) ckks(64).add(sum, words)
  expect(collected.kind === 'collected' && collected.total).toEqual(await ckks(64).open(key, sum, seed))
  // … opens no ciphertext of one site, nor the sum of some of them
  for (const some of [[0], [1], [2], [3], [0, 1], [1, 2, 3]]) {
    const part = new Uint32Array(sum.length)
    for (const k of some) ckks(64).add(part, ciphers[k]!.words)
    await expect(ckks(64).open(key, part, seed)).rejects.toThrow(expect.objectContaining({ code: 'ckks' }))
  }
  // shares of single keys passed it sealed: nothing else of a site went up
  expect(new Set(seen.filter(({ way }) => way === 'up').map(({ phase }) => phase))).toEqual(new Set([1, 2, 3, 4]))
  for (const { frame } of up(2)) for (const { sealed } of sharesCodec.decode(frame)) expect(chiSquare(sealed)).toBeLessThan(ALARM)
})

test('a site answers one request, only with itself in it, of enough nodes that dealt shares', async () => {
  const requests = listCodec(textCodec)
  const asked = async (summed: readonly NodeId[]) => {
    const line = ({ node, way, phase, frame }: Passing): Uint8Array =>
      node === 'n0' && way === 'down' && phase === 3 ? requests.encode(summed) : frame
    const { failures, seen } = await playSum({ how: meanOf(4), inputs: zeros(5), protocol: () => encrypted(), line })
    expect(seen.filter(({ node, way }) => node === 'n0' && way === 'up')).toHaveLength(3)
    return codeOf(failures.get('n0'))
  }
  expect(await asked(['n1', 'n2', 'n3', 'n4'])).toBe('encrypted-frame of n0')
  expect(await asked(['n0', 'n1', 'n2', 'n9'])).toBe('encrypted-frame of n0')
  expect(await asked(['n0', 'n0', 'n1', 'n2'])).toBe('encrypted-frame of n0')
  expect(await asked(['n0'])).toBe('encrypted-cohort of n0')
  // three of five are no two thirds: two such sums could both be opened
  expect(await asked(['n0', 'n1', 'n2'])).toBe('encrypted-cohort of n0')

  const twice = ({ node, way, phase, frame }: Passing): Uint8Array | readonly Uint8Array[] =>
    node === 'n0' && way === 'down' && phase === 3 ? [frame, requests.encode(['n0', 'n1', 'n2', 'n3'])] : frame
  const { seen } = await playSum({ how: meanOf(4), inputs: zeros(5), protocol: () => encrypted(), line: twice })
  expect(seen.filter(({ node, way }) => node === 'n0' && way === 'up')).toHaveLength(4)
})

test('a node that sends twice is named and left out', async () => {
  for (const phase of [1, 2]) {
    const line = (passing: Passing): Uint8Array | readonly Uint8Array[] =>
      passing.node === 'n1' && passing.way === 'up' && passing.phase === phase ? [passing.frame, passing.frame] : passing.frame
    const { collected } = await playSum({ how: meanOf(4), inputs: zeros(5), protocol: () => encrypted(), quorum: 3, line })
    expect(collected).toMatchObject({ kind: 'collected', from: ['n0', 'n2', 'n3', 'n4'] })
    expect(collected.refused.has('n1')).toBe(true)
  }
})

test('keys and shares of another round are refused by name', async () => {
  const before = await playSum({ how: meanOf(4), inputs: zeros(4), protocol: () => encrypted() })
  const old = (phase: number) => before.seen.find((each) => each.node === 'n3' && each.way === 'up' && each.phase === phase)!.frame
  const replayed = (phase: number) =>
    playSum({
      how: meanOf(4),
      inputs: zeros(4),
      protocol: () => encrypted(),
      quorum: 3,
      line: (passing) => (passing.node === 'n3' && passing.way === 'up' && passing.phase === phase ? old(phase) : passing.frame),
    })
  const keys = await replayed(1)
  expect(codeOf(keys.failures.get('n3'))).toBe('encrypted-frame of n3')
  expect(keys.collected).toMatchObject({ kind: 'collected', from: ['n0', 'n1', 'n2'] })
  const shares = await replayed(2)
  for (const node of ['n0', 'n1', 'n2']) expect(codeOf(shares.failures.get(node))).toBe('masked-share of n3')
  expect(shares.collected.kind).toBe('lostQuorum')
  // a ciphertext under a key of another round spoils the sum, and nothing comes out
  const cipher = await replayed(3)
  expect(cipher.collected.kind).toBe('lostQuorum')
  expect(cipher.collected).not.toHaveProperty('total')
})

test('with identities, a changed key is refused by name; a signature of another protocol is none', async () => {
  const names = Object.keys(zeros(4))
  const pairs = await Promise.all(
    names.map(async () => {
      const { privateKey, publicKey } = await crypto.subtle.generateKey('Ed25519', false, ['sign', 'verify'])
      return { sign: privateKey, open: new Uint8Array(await crypto.subtle.exportKey('raw', publicKey)) }
    }),
  )
  const trusted = new Map(pairs.map(({ open }, k) => [names[k]!, open]))
  const identity = (who: NodeId): Identity => {
    const pair = pairs[names.indexOf(who)]
    return knownKeys(pair === undefined ? { trusted } : { sign: pair.sign, trusted })
  }
  const protocol = (who: NodeId) => encrypted({ identity: identity(who) })
  const changed = await playSum({
    how: meanOf(4),
    inputs: zeros(4),
    protocol,
    quorum: 4,
    line: ({ node, way, phase, frame }) =>
      node === 'n0' && way === 'down' && phase === 1
        ? listedCodec.encode(
            listedCodec
              .decode(frame)
              .map((each) => (each.node === 'n2' ? { ...each, encryption: each.encryption.map((byte) => byte ^ 1) } : each)),
          )
        : frame,
  })
  expect(codeOf(changed.failures.get('n0'))).toBe('masked-key of n2')
  const stranger = await playSum({
    how: meanOf(4),
    inputs: zeros(5),
    protocol: (who) => (who === 'n4' ? encrypted() : protocol(who)),
    quorum: 4,
  })
  expect(stranger.collected).toMatchObject({ kind: 'collected', from: names })
  expect(stranger.collected.refused.get('n4')).toContain('a node without a trusted identity (node n4)')
})

test('a wrong share of the sum of the keys is named where more than the threshold answer', async () => {
  const line = ({ node, way, phase, frame }: Passing): Uint8Array =>
    node === 'n1' && way === 'up' && phase === 4 ? uint32Codec.encode(uint32Codec.decode(frame).map((word) => word >>> 1)) : frame
  const how = meanOf(4)
  const five = await playSum({ how, inputs: zeros(5), protocol: () => encrypted(), line })
  expect(five.collected).toMatchObject({ kind: 'collected', total: plainSum(how, zeros(5), Object.keys(zeros(5))) })
  expect(five.collected.refused.get('n1')).toContain('its share of the sum of the keys')
  const four = await playSum({ how, inputs: zeros(4), protocol: () => encrypted({ threshold: 0.9 }), line })
  expect(four.collected.kind).toBe('lostQuorum')
})

test.each<[string, (frame: Uint8Array) => Uint8Array, number, string]>([
  ['a roster of one', (frame) => listedCodec.encode(listedCodec.decode(frame).slice(0, 1)), 1, 'encrypted-cohort of n0'],
  ['a roster without itself', (frame) => listedCodec.encode(listedCodec.decode(frame).slice(1)), 1, 'encrypted-frame of n0'],
  ['a delivery to too few', () => deliveredCodec.encode({ present: ['n0'], dealt: [] }), 2, 'encrypted-cohort of n0'],
  [
    'a delivery of shares that are missing',
    (frame) => deliveredCodec.encode({ ...deliveredCodec.decode(frame), dealt: [] }),
    2,
    'encrypted-frame of n0',
  ],
])('a node refuses %s', async (_, change, phase, code) => {
  const line = (passing: Passing): Uint8Array =>
    passing.node === 'n0' && passing.way === 'down' && passing.phase === phase ? change(passing.frame) : passing.frame
  const { failures } = await playSum({ how: meanOf(4), inputs: zeros(4), protocol: () => encrypted(), line })
  expect(codeOf(failures.get('n0'))).toBe(code)
})

test('the server refuses keys, shares and ciphertexts of other sizes by name, and goes on', async () => {
  for (const [phase, frame] of [
    [1, sealingKeyCodec.encode({ encryption: new Uint8Array(3), signature: new Uint8Array(0) })],
    [2, sharesCodec.encode([])],
    [3, uint32Codec.encode(new Uint32Array(2))],
    [3, uint32Codec.encode(new Uint32Array(3 * 8).fill(2 ** 31))],
  ] as const) {
    const line = (passing: Passing): Uint8Array =>
      passing.node === 'n4' && passing.way === 'up' && passing.phase === phase ? frame : passing.frame
    const { collected } = await playSum({ how: meanOf(4), inputs: zeros(5), protocol: () => encrypted(), quorum: 4, line })
    expect(collected).toMatchObject({ kind: 'collected', from: ['n0', 'n1', 'n2', 'n3'] })
    expect(collected.refused.has('n4')).toBe(true)
  }
})

test('no encrypted sum below the smallest cohort, nor with options that cannot be', async () => {
  const { collected } = await playSum({ how: meanOf(4), inputs: zeros(2), protocol: () => encrypted() })
  expect(collected).toMatchObject({ kind: 'lostQuorum', from: ['n0', 'n1'] })
  expect(() => encrypted({ smallestCohort: 1 })).toThrow(expect.objectContaining({ code: 'encrypted-cohort' }))
  for (const threshold of [0.4, 1, Number.NaN])
    expect(() => encrypted({ threshold })).toThrow(expect.objectContaining({ code: 'encrypted-threshold' }))
})

test('frames of noise, in any phase, from any node, never reject the round', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 4 }), fc.uint8Array({ maxLength: 200 }), async (phase, noise) => {
      const line = (passing: Passing): Uint8Array =>
        passing.node === 'n1' && passing.way === 'up' && passing.phase === phase ? noise : passing.frame
      const { collected } = await playSum({ how: meanOf(3), inputs: zeros(4, 3), protocol: () => encrypted(), quorum: 3, line })
      if (collected.kind === 'collected') expect(collected.total).toEqual(plainSum(meanOf(3), zeros(4, 3), collected.from))
    }),
    { numRuns: 20, seed: 11 },
  )
})
