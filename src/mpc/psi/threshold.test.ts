import { expect, test } from 'vitest'
import { csprng, memoryChannels, seed, utf8Bytes } from '../../base/index.ts'
import { runSecurely } from '../engines/aby.ts'
import { costOf } from '../engines/cost.ts'
import { binsFor, candidateBins, cuckooTable } from './cuckoo.ts'
import { type HintKey, hintOf, makeHints } from './hints.ts'
import { runThreshold, thresholdProgram } from './threshold.ts'

const named = (from: number, to: number): readonly string[] => Array.from({ length: to - from }, (_, i) => `patient ${from + i}`)

const ask = async (threshold: number, guest: readonly string[], host: readonly string[]): Promise<boolean> => {
  const [a, b] = memoryChannels()
  const [mine, theirs] = await Promise.all([
    runThreshold(a, 'guest', threshold, { items: guest }, 30_000),
    runThreshold(b, 'host', threshold, { items: host }, 30_000),
  ])
  expect(mine.result).toEqual({ reached: theirs.result.reached, peerItems: new Set(host).size })
  return mine.result.reached
}

test('both learn whether so many are common, on both sides of the edge', async () => {
  for (const [threshold, expected] of [
    [1, true],
    [100, true],
    [101, false],
    [5000, false],
  ] as const)
    expect(await ask(threshold, named(0, 300), named(200, 450)), `${threshold}`).toBe(expected)
  expect(await ask(1, named(0, 20), named(20, 40))).toBe(false)
  expect(await ask(1, [], named(0, 3))).toBe(false)
  expect(await ask(1, named(0, 3), [])).toBe(false)
  expect(await ask(2, ['a', 'a', 'a'], ['a', 'a'])).toBe(false)
})

test('only the answer is opened: views of lists with different intersections have the same messages', async () => {
  const shape = async (host: readonly string[]): Promise<readonly number[]> => {
    const [a, b] = memoryChannels()
    const sizes: number[] = []
    const watched = {
      ...a,
      receive: async (signal?: AbortSignal) => {
        const frame = await a.receive(signal)
        sizes.push(frame.length)
        return frame
      },
    }
    await Promise.all([runThreshold(watched, 'guest', 9, { items: named(0, 50) }), runThreshold(b, 'host', 9, { items: host })])
    return sizes
  }
  expect(await shape(named(30, 80))).toEqual(await shape(named(0, 50)))
})

test('a threshold that is none, too many items: refused', async () => {
  const [a] = memoryChannels()
  await expect(runThreshold(a, 'guest', 0, { items: [] })).rejects.toMatchObject({ code: 'psi-threshold' })
  const [c, d] = memoryChannels()
  const outcomes = await Promise.allSettled([
    runThreshold(c, 'guest', 1, { items: named(0, 5) }),
    runThreshold(d, 'host', 1, { items: ['x'], maxPeerItems: 4 }),
  ])
  expect(outcomes.map((one) => (one.status === 'rejected' ? (one.reason as { readonly code: string }).code : ''))).toEqual([
    'mpc-peer-stopped',
    'psi-limit',
  ])
})

test('the part on shares costs what the cost engine says', async () => {
  const program = thresholdProgram(70, 3)
  const [a, b] = memoryChannels()
  const words = BigUint64Array.from({ length: 70 }, (_, i) => BigInt(i))
  const [guest, host] = await Promise.all([
    runSecurely(a, 'guest', { program: 'threshold' }, program, { guest: words }),
    runSecurely(b, 'host', { program: 'threshold' }, program, { host: words.map((word, i) => (i < 4 ? word : word + 1n)) }),
  ])
  expect([guest.result, host.result]).toEqual([true, true])
  const cost = await costOf(program, {})
  expect({ guest: guest.traffic, host: host.traffic }).toEqual({ guest: cost.guest, host: cost.host })
})

test('every item lies in one of its bins, alone', () => {
  for (const count of [0, 1, 2, 10, 3000]) {
    const items = named(0, count).map(utf8Bytes)
    const salt = Uint8Array.of(count & 255)
    const { places, attempt } = cuckooTable(salt, items, binsFor(count))
    const where = new Map([...places].map((index, bin) => [index, bin] as const).filter(([index]) => index >= 0))
    expect(where.size).toBe(count)
    for (const [index, bin] of where) expect(candidateBins(salt, attempt, items[index] as Uint8Array, places.length)).toContain(bin)
  }
  // the same item twice fits nowhere
  expect(() =>
    cuckooTable(
      Uint8Array.of(1),
      Array.from({ length: 4 }, () => utf8Bytes('twice')),
      5,
    ),
  ).toThrow(/fit no table/)
})

test('hints give their words back, and others for other keys', () => {
  const random = seed(31).random()
  const word = (): number => Math.floor(random.uniform() * 2 ** 32)
  for (const count of [0, 1, 3, 500, 5000]) {
    const keys = Array.from({ length: count }, (): HintKey => [word(), word(), word()])
    const values = BigUint64Array.from({ length: count }, () => (BigInt(word()) << 32n) | BigInt(word()))
    const hints = makeHints(keys, values, csprng())
    expect(keys.map((key) => hintOf(hints, key))).toEqual([...values])
    const known = new Set(values)
    for (let i = 0; i < 50; i++) expect(known.has(hintOf(hints, [word(), word(), word()]))).toBe(false)
  }
})
