import { expect, test } from 'vitest'
import { bytesCodec, csprng, listCodec, structCodec, textCodec } from '../../base/index.ts'
import { dealPaillierKey } from '../../crypto/index.ts'
import { weightedMean } from '../folds/weighted-mean.ts'
import type { NodeId } from '../placement.ts'
import type { Update } from '../update.ts'
import { paillierEncrypted, paillierServer, type PaillierSite } from './paillier.ts'
import { type Passing, playSum } from './masked.test-support.ts'

// the safe primes of tools/golden/paillier.py: public, for tests only
const primes = [
  BigInt(
    '0x' +
      'f5c4fb9df43e08951ed71775e6c207be0a5d9d74fb020956e32b11445ad6570efa0255e5ac7647af4c111d2411222da20f03671918716fc42c3f9b7ecbbece28' +
      '14dcec3f013e87e0867426e6a44291fea23f782c8fb7015c589f1089b74394f8e141be3f1403e49ae1a7da239c21512bb579ad287a60359d89a500652e08624b',
  ),
  BigInt(
    '0x' +
      'e8ac354a0be39e544ff653939e867620980a1434c3b009bfba06a9aa53c847f2ffaec115d95e5b23eb4cc5b1b57add3b86e62ff928fb850fc3cab7fa62fa6a65' +
      '1a7e4380fa94e810a2fc7394f9b5768694994b5a1c9d921cec7a7af101c6696a92d1ba24c1b414b5274374d08c1c06844bbb20ad167248b67e59f9ca1b2878d7',
  ),
] as const
const { key, shares } = dealPaillierKey(primes, { holders: 5, threshold: 3 }, csprng())
const siteOf = (node: NodeId): PaillierSite => ({ key, share: shares[Number(node.slice(1))]! })
// each makes its table of powers once
const sites = new Map(Array.from({ length: 5 }, (_, k) => [`n${k}`, paillierEncrypted(siteOf(`n${k}`))]))
const protocol = (who: NodeId) =>
  who === 'server'
    ? { ...paillierServer(key), contribute: () => Promise.reject(new Error('a server has nothing to give')) }
    : sites.get(who)!

const inputs: Readonly<Record<NodeId, Update>> = Object.fromEntries(
  Array.from({ length: 5 }, (_, k) => [
    `n${k}`,
    { values: Float32Array.from({ length: 30 }, (__, i) => Math.sin(7 * k + i)), weight: k + 1 },
  ]),
)
const plainSum = (how: ReturnType<typeof weightedMean>, nodes: readonly NodeId[]) =>
  nodes.reduce((total, node) => how.sum.add(total, how.lift(inputs[node]!, node)), how.sum.zero())

test.each([64, 32] as const)(
  'equals the plain sum bit for bit in a ring of %i bits, negative numbers and carries included',
  async (bits) => {
    const how = weightedMean({ length: 30, maxAbs: 2, maxWeight: 100, bits })
    const { collected } = await playSum({ how, inputs, protocol, quorum: 5 })
    expect(collected).toMatchObject({ kind: 'collected', from: Object.keys(inputs), total: plainSum(how, Object.keys(inputs)) })
  },
)

test.each([
  [1, ['n0', 'n2', 'n4']],
  [2, ['n0', 'n1', 'n2', 'n3', 'n4']],
])('goes on without two nodes lost in phase %i', async (phase, summed) => {
  const how = weightedMean({ length: 30 })
  const line = ({ node, way, frame, ...at }: Passing) =>
    way === 'up' && at.phase === phase && (node === 'n1' || node === 'n3') ? 'cut' : frame
  const { collected } = await playSum({ how, inputs, protocol, quorum: 3, line })
  expect(collected).toMatchObject({ kind: 'collected', from: summed, total: plainSum(how, summed) })
})

test('below the threshold nothing comes out', async () => {
  const how = weightedMean({ length: 30 })
  const line = ({ node, way, frame, phase }: Passing) => (way === 'up' && phase === 2 && node !== 'n0' && node !== 'n4' ? 'cut' : frame)
  const { collected } = await playSum({ how, inputs, protocol, quorum: 3, line })
  expect(collected.kind).toBe('lostQuorum')
  expect(collected).not.toHaveProperty('total')
})

test('the transcript: what the server gets opens the sum, and no update of one site', async () => {
  const how = weightedMean({ length: 4 })
  const few = Object.fromEntries(Object.keys(inputs).map((node) => [node, { values: new Float32Array(4), weight: 1 }]))
  const { seen } = await playSum({ how, inputs: few, protocol })
  // two frames up a site: its ciphertext and its opening of the sum's; equal updates give unlike ciphertexts
  const up = seen.filter(({ way }) => way === 'up')
  expect(up).toHaveLength(10)
  const first = up.filter(({ phase }) => phase === 1).map(({ frame }) => frame.join())
  expect(new Set(first).size).toBe(5)
  // every site was asked to open one and the same ciphertext, which is none of those that came in
  const asked = new Set(seen.filter(({ way }) => way === 'down').map(({ frame }) => frame.join()))
  expect(asked.size).toBe(1)
  for (const own of first) expect([...asked][0]).not.toContain(own.slice(40, 400))
})

test('a site opens no sum without itself, nor a small one', async () => {
  for (const from of [
    ['n1', 'n2', 'n3'],
    ['n0', 'n1'],
  ]) {
    const how = weightedMean({ length: 4 })
    const few = { n0: { values: new Float32Array(4), weight: 1 } }
    const { failures } = await playSum({
      how,
      inputs: few,
      protocol: (who) =>
        who === 'server'
          ? {
              ...protocol('server'),
              collect: async (_, { links }) => {
                const channel = links.get('n0')!
                const mine = listCodec(bytesCodec).decode(await channel.receive())
                await channel.send(
                  structCodec({ from: listCodec(textCodec), ciphers: listCodec(bytesCodec) }).encode({ from, ciphers: mine }),
                )
                await channel.receive().catch(() => undefined)
                return { kind: 'lostQuorum', from: [], refused: new Map() }
              },
            }
          : protocol(who),
    })
    expect(failures.get('n0')).toMatchObject({ code: 'encrypted-frame' })
  }
})

test('refuses what is no ciphertext, by name', async () => {
  const how = weightedMean({ length: 4 })
  const few = Object.fromEntries(Object.keys(inputs).map((node) => [node, { values: new Float32Array(4), weight: 1 }]))
  const line = ({ node, way, phase, frame }: Passing) => (node === 'n2' && way === 'up' && phase === 1 ? frame.slice(0, -1) : frame)
  const { collected } = await playSum({ how, inputs: few, protocol, quorum: 4, line })
  expect(collected).toMatchObject({ kind: 'collected', from: ['n0', 'n1', 'n3', 'n4'] })
  expect(collected.refused.has('n2')).toBe(true)
})

test('a wrong opening spoils the sum and nothing else: the round ends below its quorum', async () => {
  const how = weightedMean({ length: 4 })
  const few = Object.fromEntries(Object.keys(inputs).map((node) => [node, { values: new Float32Array(4), weight: 1 }]))
  const line = ({ node, way, phase, frame }: Passing) =>
    node === 'n0' && way === 'up' && phase === 2 ? frame.map((byte, i) => (i === frame.length - 9 ? byte ^ 1 : byte)) : frame
  const { collected } = await playSum({ how, inputs: few, protocol, quorum: 3, line })
  // the first three openings that come are combined; where n0's is among them, they fit no message
  if (collected.kind === 'lostQuorum') expect(collected.refused.get('n0')).toContain('openings of one ciphertext')
  else
    expect(collected.total).toEqual(
      Object.keys(few).reduce((total, node) => how.sum.add(total, how.lift(few[node]!, node)), how.sum.zero()),
    )
})

test('updates with NaN and beyond the bound are refused at their sites, by name, and nothing of them leaves', async () => {
  const how = weightedMean({ length: 4, maxAbs: 2 })
  const bad: Readonly<Record<NodeId, number>> = { n1: Number.NaN, n3: 2.5 }
  const few: Record<NodeId, Update> = Object.fromEntries(
    Object.keys(inputs).map((node) => [node, { values: new Float32Array(4).fill(bad[node] ?? 1), weight: 1 }]),
  )
  const { collected, failures, seen } = await playSum({ how, inputs: few, protocol, quorum: 3 })
  for (const node of Object.keys(bad)) {
    expect(failures.get(node)).toMatchObject({ code: 'update-values', where: { node } })
    expect(seen.some((frame) => frame.node === node)).toBe(false)
  }
  expect(collected).toMatchObject({ kind: 'collected', from: ['n0', 'n2', 'n4'] })
})

test('a node that sends twice is left out; one that is asked twice answers once', async () => {
  const how = weightedMean({ length: 4 })
  const few = Object.fromEntries(Object.keys(inputs).map((node) => [node, { values: new Float32Array(4), weight: 1 }]))
  const line = ({ node, way, phase, frame }: Passing) =>
    (node === 'n1' && way === 'up' && phase === 1) || (node === 'n2' && way === 'down') ? [frame, frame] : frame
  const { collected, seen } = await playSum({ how, inputs: few, protocol, quorum: 3, line })
  expect(collected.kind).toBe('collected')
  expect(collected.refused.has('n1')).toBe(true)
  expect(seen.filter(({ node, way }) => node === 'n2' && way === 'up')).toHaveLength(2)
})

test('a site with a key of another round spoils the sum, and nothing comes out', async () => {
  const how = weightedMean({ length: 4 })
  const other = dealPaillierKey(primes, { holders: 5, threshold: 3 }, csprng())
  const few = Object.fromEntries(['n0', 'n1', 'n2'].map((node) => [node, { values: new Float32Array(4), weight: 1 }]))
  const stranger = paillierEncrypted({ key: other.key, share: other.shares[0]! })
  const { collected } = await playSum({ how, inputs: few, protocol: (who) => (who === 'n0' ? stranger : protocol(who)), quorum: 3 })
  expect(collected.kind).toBe('lostQuorum')
  expect(collected).not.toHaveProperty('total')
})
