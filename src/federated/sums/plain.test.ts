import { expect, test } from 'vitest'
import type { Channel } from '../../base/index.ts'
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
