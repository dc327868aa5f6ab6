import { expect, test } from 'vitest'
import type { Channel, StoredBytes } from '../../base/index.ts'
import { weightedMean } from '../folds/weighted-mean.ts'
import { play } from '../play.test-support.ts'
import type { RoundProgram } from '../round.ts'
import { plain } from './plain.ts'
import { sumProtocolSuite } from './sum-protocol.suite.ts'

sumProtocolSuite('plain', plain)

test('where the first answers are enough, those that come last are not waited for, and change nothing', async () => {
  const program = (): RoundProgram<number, number, number> => async (round) => {
    const update = await round.atClients(({ site }) => ({ values: Float32Array.of(site), weight: 1 }))
    const mean = await round.aggregate(weightedMean({ length: 1 }), plain(), update)
    return { server: await round.atServer(({ values }) => values[0]!, mean), clients: await round.atClients((_, n) => n + 1, round.local) }
  }
  // two of five send when it is too late
  const late = async (channel: Channel, frame: Uint8Array): Promise<void> => {
    await new Promise((resolve) => setTimeout(resolve, 200))
    await channel.send(frame)
  }
  const between = (node: string, channel: Channel): Channel =>
    node < 'd' ? channel : { ...channel, send: (frame) => late(channel, frame) }
  const sites = { a: 1, b: 2, c: 6, d: 100, e: 100 }
  const locals = { a: 0, b: 0, c: 0, d: 0, e: 0 }
  const { outcome, nodes } = await play({ program, state: 0, sites, locals, quorum: 2, enough: 3, between })
  if (outcome.kind !== 'committed') throw outcome.error
  expect(outcome.state).toBeCloseTo(3, 6)
  expect(outcome.counted).toEqual(['a', 'b', 'c'])
  expect(Object.fromEntries(outcome.refused)).toEqual({ d: 'not needed', e: 'not needed' })
  expect([...nodes].filter(([, { kind }]) => kind === 'pending').map(([id]) => id)).toEqual(['a', 'b', 'c'])
})

/** A channel that leaves frames beyond `bytes` where they are. */
const keeping =
  (bytes: number, kept: StoredBytes[]) =>
  (channel: Channel): Channel => ({
    ...channel,
    receiveStored: async (signal) => {
      const frame = await channel.receive(signal)
      if (frame.length <= bytes) return frame
      const read = async (into: Uint8Array, at: number): Promise<void> => into.set(frame.subarray(at, at + into.length))
      kept.push({ length: frame.length, read })
      return kept.at(-1)
    },
  })

test('contributions that lie elsewhere come to the same bits and the same refusals as those in memory, also side by side', async () => {
  const length = 1000
  const program = (): RoundProgram<Float32Array, void, number> => async (round) => {
    const update = await round.atClients(({ site }) => ({
      values: Float32Array.from({ length }, (_, i) => (site === 9 && i === 700 ? Number.NaN : Math.sin(site * i))),
      weight: site,
      // longer by 8 bytes
      ...(site === 2 ? {} : { loss: site }),
    }))
    const mean = await round.aggregate(weightedMean({ length, rounded: true }), plain(), update)
    return { server: await round.atServer(({ values }) => Float32Array.from(values), mean), clients: round.local }
  }
  const it = { program, state: new Float32Array(), sites: { a: 1, b: 2, c: 3, liar: 9 }, quorum: 2 }
  const { outcome: inMemory } = await play(it)
  expect(inMemory).toMatchObject({ kind: 'committed', counted: ['a', 'b', 'c'] })
  expect(inMemory.refused.get('liar')).toContain('700')
  // 32 bytes of frame and lengths, a weight, for most a loss
  for (const [most, count] of [
    [0, 4],
    [4 * length + 40, 3],
  ] as const) {
    const kept: StoredBytes[] = []
    expect((await play({ ...it, serverEnd: keeping(most, kept) })).outcome).toEqual(inMemory)
    expect(kept).toHaveLength(count)
  }
  // a frame of another step is refused where it lies, too
  const stray = (node: string, channel: Channel): Channel =>
    node === 'b' ? { close: channel.close, receive: channel.receive, send: (frame) => channel.send(frame.with(2, 9)) } : channel
  const { outcome } = await play({ ...it, between: stray, serverEnd: keeping(0, []) })
  expect(outcome).toMatchObject({ kind: 'committed', counted: ['a', 'c'] })
  expect(outcome.refused.get('b')).toContain('step')
})
