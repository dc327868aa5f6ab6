import { expect, test } from 'vitest'
import { bytesCodec, type Channel, listCodec, memoryChannels, structCodec, textCodec, uint64Codec } from '../../base/index.ts'
import { weightedMean } from '../folds/weighted-mean.ts'
import { masked } from './masked.ts'
import { sumProtocolSuite } from './sum-protocol.suite.ts'

sumProtocolSuite('masked', () => masked())

const signal = new AbortController().signal

/** Runs the protocol over updates of `length` zeros and gives what the server received: all frames, node by node. */
const serversView = async (nodes: number, length: number) => {
  const how = weightedMean({ length })
  const seen: Uint8Array[][] = []
  const links = new Map<string, Channel>()
  const parts: Promise<void>[] = []
  for (let k = 0; k < nodes; k += 1) {
    const [here, there] = memoryChannels()
    const frames: Uint8Array[] = []
    seen.push(frames)
    const spy = async (until?: AbortSignal): Promise<Uint8Array> => {
      const frame = await here.receive(until)
      frames.push(frame)
      return frame
    }
    links.set(`n${k}`, { ...here, receive: spy })
    parts.push(masked().contribute(how, { values: new Float32Array(length), weight: 1 }, `n${k}`, there, signal))
  }
  const collected = await masked().collect(how, { links, quorum: nodes, signal })
  await Promise.all(parts)
  return { collected, seen }
}

/** χ² of the 256 byte values. */
const chiSquare = (bytes: Uint8Array): number => {
  const counts = new Float64Array(256)
  for (const byte of bytes) counts[byte]! += 1
  const expected = bytes.length / 256
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0)
}
// upper 1e-9 quantile of χ² with 255 degrees of freedom (scipy.stats.chi2.isf(1e-9, 255)): with 3 draws, a false alarm in 3e8 runs
const ALARM = 414.5

test('what the server sees of one node looks uniform, and the unmasked twin does not', async () => {
  const { seen } = await serversView(3, 20_000)
  for (const [key, contribution] of seen) {
    expect(key).toHaveLength(32)
    expect(chiSquare(contribution!)).toBeLessThan(ALARM)
  }
  // broken twin: the same updates without masks
  const how = weightedMean({ length: 20_000 })
  const bare = uint64Codec.encode(how.lift({ values: new Float32Array(20_000), weight: 1 }, 'n0') as BigUint64Array)
  expect(chiSquare(bare)).toBeGreaterThan(ALARM)
})

test('a mask is never used twice: two runs over the same updates share no frame', async () => {
  const [first, second] = [await serversView(3, 8), await serversView(3, 8)]
  expect(first.seen[0]![1]).not.toEqual(second.seen[0]![1])
  expect(first.collected).toEqual(second.collected)
})

test('a node gives nothing to a cohort that is too small, whatever the server says', async () => {
  const [here, there] = memoryChannels()
  const part = masked().contribute(weightedMean({ length: 4 }), { values: new Float32Array(4), weight: 1 }, 'a', there, signal)
  const key = await here.receive()
  const roster = listCodec(structCodec({ node: textCodec, key: bytesCodec }))
  await here.send(
    roster.encode([
      { node: 'a', key },
      { node: 'b', key },
    ]),
  )
  await expect(part).rejects.toThrow(expect.objectContaining({ code: 'masked-cohort' }))
  expect(() => masked({ smallestCohort: 1 })).toThrow(expect.objectContaining({ code: 'masked-cohort' }))
})

test('the server starts no masked sum below the smallest cohort', async () => {
  const links = new Map(['a', 'b'].map((node) => [node, memoryChannels()] as const))
  for (const [, there] of links.values()) await there.send(new Uint8Array(32))
  const cohort = { links: new Map([...links].map(([node, [here]]) => [node, here])), quorum: 2, signal }
  expect(await masked().collect(weightedMean({ length: 4 }), cohort)).toMatchObject({ kind: 'lostQuorum', from: ['a', 'b'] })
})

test('one node that goes silent after the keys takes the sum with it, and nothing is learnt', async () => {
  const how = weightedMean({ length: 4 })
  const links = new Map<string, Channel>()
  const parts: Promise<unknown>[] = []
  for (const node of ['a', 'b', 'c', 'd']) {
    const [here, there] = memoryChannels()
    links.set(node, here)
    let sent = 0
    const dies = { ...there, send: async (frame: Uint8Array) => (node === 'd' && ++sent === 2 ? there.close() : there.send(frame)) }
    parts.push(
      masked()
        .contribute(how, { values: new Float32Array(4), weight: 1 }, node, dies, signal)
        .catch(() => undefined),
    )
  }
  const collected = await masked().collect(how, { links, quorum: 3, signal })
  await Promise.all(parts)
  expect(collected).toMatchObject({ kind: 'lostQuorum', from: ['a', 'b', 'c'] })
  expect(collected).not.toHaveProperty('total')
})
