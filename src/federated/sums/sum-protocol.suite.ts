// What every sum protocol must do: the plain sum, bit for bit, of exactly the nodes it names; nothing else.
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { layout, type RingBits, type RingVector } from '../../algebra/index.ts'
import type { Channel } from '../../base/index.ts'
import { weightedMean } from '../folds/weighted-mean.ts'
import type { NodeId } from '../placement.ts'
import { type Played, play } from '../play.test-support.ts'
import type { RoundProgram } from '../round.ts'
import type { SumProtocol } from '../sum-protocol.ts'
import type { Update } from '../update.ts'

const LENGTH = 4
const tensors = layout([
  { name: 'a', shape: [1] },
  { name: 'b', shape: [3] },
])

type Updates = Readonly<Record<NodeId, Update>>

const fold = (bits: RingBits) => ({
  ...weightedMean({ layout: tensors, maxAbs: 8, maxWeight: 1000, bits }),
  finish: (total: RingVector) => total,
})

const addUp = (how: ReturnType<typeof fold>, updates: Updates): RingVector =>
  Object.entries(updates).reduce((total, [node, update]) => how.sum.add(total, how.lift(update, node)), how.sum.zero())

/** A channel that waits a little before each frame it sends. */
const slow = (channel: Channel, ms: number): Channel => ({
  ...channel,
  send: async (frame) => {
    await new Promise((resolve) => setTimeout(resolve, ms))
    await channel.send(frame)
  },
})

/** Registers the suite. `make` gives a protocol for cohorts of three and more. */
export const sumProtocolSuite = (name: string, make: () => SumProtocol<'linear'> | SumProtocol<'any'>): void => {
  type Options = Omit<Parameters<typeof play<RingVector | undefined, void, Update>>[0], 'program' | 'state' | 'sites'>
  const sum = (updates: Updates, options: Options = {}, bits: RingBits = 64): Promise<Played<RingVector | undefined, void>> => {
    const program = (): RoundProgram<RingVector | undefined, void, Update> => async (round) => {
      const update = await round.atClients(({ site }) => site)
      return { server: await round.aggregate(fold(bits), make(), update), clients: round.local }
    }
    return play<RingVector | undefined, void, Update>({ program, state: undefined, sites: updates, ...options })
  }
  const committed = ({ outcome }: Played<RingVector | undefined, void>) => {
    if (outcome.kind !== 'committed') throw outcome.error
    return outcome
  }
  const values = (...numbers: readonly number[]): Update => ({
    values: Float32Array.from({ length: LENGTH }, (_, i) => numbers[i] ?? 0),
    weight: 1,
  })
  const good: Updates = {
    a: { ...values(1, 2, 3, 4), weight: 3, loss: 0.5 },
    b: values(-1, 0.25),
    c: values(8, -8),
    d: { ...values(0.1), weight: 7 },
  }

  const update = fc.record(
    {
      values: fc.float32Array({ minLength: LENGTH, maxLength: LENGTH, min: -8, max: 8, noNaN: true }),
      weight: fc.integer({ min: 1, max: 100 }),
      loss: fc.double({ min: -8, max: 8, noNaN: true }),
    },
    { requiredKeys: ['values', 'weight'] },
  )
  const cohort = fc
    .uniqueArray(fc.string({ unit: 'binary', minLength: 1, maxLength: 8 }), { minLength: 3, maxLength: 7 })
    .chain((nodes) =>
      fc.tuple(...nodes.map(() => update)).map((updates): Updates => Object.fromEntries(nodes.map((node, k) => [node, updates[k]!]))),
    )

  describe(`sum protocol ${name}`, () => {
    test.each([64, 32] as const)('equals the plain sum in a ring of %i bits, over random cohorts', async (bits) => {
      await fc.assert(
        fc.asyncProperty(cohort, async (updates) => {
          const { state, counted, refused } = committed(await sum(updates, {}, bits))
          expect(state).toEqual(addUp(fold(bits), updates))
          expect(counted).toEqual(Object.keys(updates).sort())
          expect(refused.size).toBe(0)
        }),
        { numRuns: 25 },
      )
    })

    test.each([['abcd'], ['dcba'], ['bdac']])('does not depend on the order of arrival: %s', async (order) => {
      const delays = (node: NodeId, channel: Channel): Channel => slow(channel, 4 * order.indexOf(node))
      expect(committed(await sum(good, { between: delays })).state).toEqual(addUp(fold(64), good))
    })

    test('leaves the input as it was', async () => {
      const own = values(1, 2, 3, 4)
      await sum({ ...good, a: own })
      expect(own).toEqual(values(1, 2, 3, 4))
    })

    test.each([
      ['NaN', values(0, Number.NaN), 'tensor b, index 0'],
      ['Inf', values(Number.POSITIVE_INFINITY), 'tensor a, index 0'],
      ['a value beyond its bound', values(0, 0, 0, -8.001), 'tensor b, index 2'],
      ['a weight of 0', { ...values(), weight: 0 }, 'weight'],
      ['half a row', { ...values(), weight: 0.5 }, 'weight'],
      ['a loss of NaN', { ...values(), loss: Number.NaN }, 'loss'],
      ['another length', { values: new Float32Array(LENGTH + 1), weight: 1 }, `${LENGTH} values`],
    ])('refuses an update with %s, by name, and goes on with a quorum', async (_, bad, named) => {
      const { a, b, c } = good
      const played = await sum({ a: a!, b: b!, bad, c: c! }, { quorum: 3 })
      const { state, counted, refused } = committed(played)
      expect(state).toEqual(addUp(fold(64), { a: a!, b: b!, c: c! }))
      expect(counted).toEqual(['a', 'b', 'c'])
      expect([...refused.keys()]).toEqual(['bad'])
      expect(refused.get('bad')).toContain(named)
      expect(refused.get('bad')).toContain('node bad')
    })

    test('aborts below quorum', async () => {
      const { outcome } = await sum({ ...good, d: values(Number.NaN) })
      expect(outcome).toMatchObject({ kind: 'aborted', cause: 'lostQuorum' })
      expect([...outcome.refused.keys()]).toContain('d')
    })

    test('goes on without a node whose channel breaks before it contributes', async () => {
      const breaks = (node: NodeId, channel: Channel): Channel =>
        node === 'd' ? { ...channel, send: () => channel.close().then(() => Promise.reject(new Error('cable cut'))) } : channel
      const { state, counted } = committed(await sum(good, { quorum: 3, between: breaks }))
      const { d, ...rest } = good
      expect(d).toBeDefined()
      expect(state).toEqual(addUp(fold(64), rest))
      expect(counted).toEqual(['a', 'b', 'c'])
    })

    test('goes on at the deadline without a node that says nothing', async () => {
      const mute = (node: NodeId, channel: Channel): Channel => (node === 'd' ? { ...channel, send: async () => undefined } : channel)
      const played = sum(good, { quorum: 3, between: mute, deadline: () => AbortSignal.timeout(150) })
      const { counted, refused } = committed(await played)
      expect(counted).toEqual(['a', 'b', 'c'])
      expect(refused.get('d')).toBe('not in time')
    })

    test('stops when the round is cancelled', async () => {
      const mute = (node: NodeId, channel: Channel): Channel => (node === 'd' ? { ...channel, send: async () => undefined } : channel)
      const { outcome } = await sum(good, { quorum: 3, between: mute, signal: AbortSignal.timeout(50) })
      expect(outcome).toMatchObject({ kind: 'aborted', cause: 'cancelled' })
    })
  })
}
