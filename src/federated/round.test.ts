// The projections: what a round does when all goes well, and what it does when not.
import { expect, test } from 'vitest'
import { type Channel, float64Codec, jsonCodec, memoryChannels, seed } from '../base/index.ts'
import type { Aggregation } from './aggregation.ts'
import { clientSide } from './client-side.ts'
import { type FrameKind, stamp, unstamp } from './frame.ts'
import { play } from './play.test-support.ts'
import type { AtClients, AtServer } from './placement.ts'
import { nodeSeed, type RoundProgram } from './round.ts'
import { serverSide } from './server-side.ts'
import { plain } from './sums/plain.ts'

/** Exact sum of whole numbers. */
const total: Aggregation<number, number, number> = {
  input: jsonCodec((value) => value as number),
  total: jsonCodec((value) => value as number),
  sum: { zero: () => 0, add: (a, b) => a + b },
  lift: (x) => x,
  finish: (x) => x,
}
const number = jsonCodec((value) => value as number)

/** state' = state + Σ (state · site); a node's own state counts the rounds it was in. */
const counting = (): RoundProgram<number, number, number> => async (round, state) => {
  const sent = await round.broadcast(number, state)
  const products = await round.atClients(({ site }, factor) => site * factor, sent)
  const sum = await round.aggregate(total, plain(), products)
  const local = await round.atClients((_, rounds) => rounds + 1, round.local)
  return { server: await round.atServer((a, b) => a + b, state, sum), clients: local }
}
const sites = { a: 1, b: 2, c: 3 }
const locals = { a: 0, b: 10, c: 20 }
const at = { run: 'test', round: 1, attempt: 1 }
const signal = new AbortController().signal

test('both sides of one program meet in the middle; states are pending at the nodes', async () => {
  const { outcome, nodes } = await play({ program: counting, state: 2, sites, locals })
  expect(outcome).toEqual({ kind: 'committed', state: 2 + 2 * 6, counted: ['a', 'b', 'c'], refused: new Map() })
  expect(nodes.get('b')).toEqual({ kind: 'pending', local: 11 })
})

test('one site is enough', async () => {
  expect((await play({ program: counting, state: 1, sites: { only: 5 }, locals: { only: 0 } })).outcome).toMatchObject({ state: 6 })
})

test('a node whose work fails tells the server without its data, and keeps its state', async () => {
  const program = (): RoundProgram<number, number, number> => async (round, state) => {
    const sum = await round.aggregate(
      total,
      plain(),
      await round.atClients(({ site }) => {
        if (site === 2) throw new RangeError('patient Li has −1 kidneys')
        return site
      }),
    )
    return { server: await round.atServer((_, b) => b, state, sum), clients: round.local }
  }
  const { outcome, nodes } = await play({ program, state: 0, sites, locals, quorum: 2 })
  expect(outcome).toMatchObject({ kind: 'committed', state: 4, counted: ['a', 'c'] })
  expect(outcome.refused.get('b')).toBe('unexpected RangeError')
  expect(nodes.get('b')).toMatchObject({ kind: 'failed', cause: 'unexpected RangeError' })
})

test('a node that drops out of one sum is in no later one, and is told so', async () => {
  const program = (): RoundProgram<number, number, number> => async (round, state) => {
    const refuseOne: typeof total = {
      ...total,
      lift: (x, from) => {
        if (from === 'b') throw new Error('no')
        return x
      },
    }
    const first = await round.aggregate(refuseOne, plain(), await round.atClients(({ site }) => site))
    const back = await round.broadcast(number, first)
    const second = await round.aggregate(total, plain(), await round.atClients((_, x) => x, back))
    return { server: await round.atServer((_, b) => b, state, second), clients: round.local }
  }
  const { outcome, nodes } = await play({ program, state: 0, sites, locals, quorum: 2 })
  expect(outcome).toMatchObject({ kind: 'committed', state: 8, counted: ['a', 'c'] })
  expect(nodes.get('b')).toMatchObject({
    kind: 'failed',
    cause: expect.stringContaining('expected its part in time and in bounds, got unexpected Error'),
  })
})

test('below quorum all nodes end, and nothing is pending', async () => {
  const failing = (): RoundProgram<number, number, number> => async (round, state) => {
    const mine = await round.atClients(({ id, site }) => {
      if (id === 'c') throw new Error('disk full')
      return site
    })
    const sum = await round.aggregate(total, plain(), mine)
    const back = await round.broadcast(number, sum)
    await round.atClients((_, x) => x, back)
    return { server: state, clients: round.local }
  }
  const { outcome, nodes } = await play({ program: failing, state: 0, sites, locals })
  expect(outcome).toMatchObject({ kind: 'aborted', cause: 'lostQuorum' })
  expect(outcome.refused.has('c')).toBe(true)
  for (const node of nodes.values()) expect(node.kind).toBe('failed')
})

test('a failure of the program at the server aborts the round and says why', async () => {
  const program = (): RoundProgram<number, number, number> => async (round, state) => ({
    server: await round.atServer((x) => {
      if (x === 0) throw new Error('diverged')
      return x
    }, state),
    clients: round.local,
  })
  const { outcome } = await play({ program, state: 0, sites, locals })
  expect(outcome).toMatchObject({ kind: 'aborted', cause: 'failed', error: new Error('diverged') })
})

test('each projection calls the factory afresh, so a closure carries nothing across', async () => {
  const seen: number[] = []
  const smuggling = (): RoundProgram<number, number, number> => {
    let leak = 0
    const keep = (value: number): number => (leak = value)
    return async (round, state) => {
      const mine = await round.atClients(({ site }) => keep(site))
      await round.aggregate(total, plain(), mine)
      return {
        server: await round.atServer((x) => {
          seen.push(leak)
          return x
        }, state),
        clients: round.local,
      }
    }
  }
  await play({ program: smuggling, state: 0, sites, locals })
  expect(seen).toEqual([0])
})

test.each<[string, Partial<typeof at>, number, FrameKind, string]>([
  ['of another run', { run: 'other' }, 1, 'contribution', 'a frame of another run'],
  ['of an earlier attempt', { attempt: 0 }, 1, 'contribution', 'attempt 0'],
  ['of the last round', { round: 0 }, 1, 'contribution', 'round 0'],
  ['of a step too far', {}, 2, 'contribution', 'step 2'],
  ['of another kind', {}, 1, 'broadcast', 'broadcast'],
])('a frame %s is refused, and the cause says where', async (_, other, step, kind, named) => {
  const program = (): RoundProgram<number, void, number> => async (round) => ({
    server: await round.aggregate(total, plain(), await round.atClients(({ site }) => site)),
    clients: round.local,
  })
  const [here, there] = memoryChannels()
  await there.send(stamp({ ...at, ...other }, step, kind, number.encode(1)))
  const outcome = await serverSide({ ...at, program, state: 0, cohort: { links: new Map([['a', here]]), quorum: 1, signal } })
  expect(outcome).toMatchObject({ kind: 'aborted', cause: 'lostQuorum' })
  expect(outcome.refused.get('a')).toContain(named)
  expect(outcome.refused.get('a')).toContain('node a, run test, round 1, attempt 1, step 1')
})

test('bytes that are no frame are refused, at both sides', async () => {
  expect(() => unstamp(Uint8Array.of(1, 2, 3), at, 1, 'broadcast', 'a')).toThrow(expect.objectContaining({ code: 'frame' }))
  expect(() => unstamp(new Uint8Array(40).fill(255), at, 1, 'broadcast', 'a')).toThrow(expect.objectContaining({ code: 'frame' }))
  const [here, there] = memoryChannels()
  await here.send(new Uint8Array(20))
  const node = { id: 'a', site: 1, seed: seed(1), basedOn: 1, signal }
  expect(await clientSide({ ...at, program: counting, node, local: 0, channel: there })).toMatchObject({
    kind: 'failed',
    error: { code: 'frame' },
  })
})

test('a node that is cancelled stops at once', async () => {
  const [, there] = memoryChannels()
  const node = { id: 'a', site: 1, seed: seed(1), basedOn: 1, signal: AbortSignal.timeout(20) }
  expect(await clientSide({ ...at, program: counting, node, local: 0, channel: there })).toMatchObject({ kind: 'failed' })
})

test('a node whose channel stalls misses the broadcast, and the round goes on', async () => {
  const pairs = Object.keys(sites).map((id) => [id, memoryChannels()] as const)
  const stalls: Channel = {
    send: () => new Promise(() => undefined),
    receive: () => new Promise(() => undefined),
    close: async () => undefined,
  }
  const links = new Map(pairs.map(([id, [here]]) => [id, id === 'c' ? stalls : here]))
  const cohort = { links, quorum: 2, signal, deadline: () => AbortSignal.timeout(50) }
  const node = (id: 'a' | 'b', channel: Channel) =>
    clientSide({ ...at, program: counting, node: { id, site: sites[id], seed: seed(1), basedOn: 1, signal }, local: 0, channel })
  const parts = [node('a', pairs[0]![1][1]), node('b', pairs[1]![1][1])]
  expect(await serverSide({ ...at, program: counting, state: 1, cohort })).toMatchObject({
    kind: 'committed',
    state: 4,
    counted: ['a', 'b'],
  })
  await Promise.all(parts)
})

test('values of another round, or of the other place, open nowhere', async () => {
  let stolen: AtServer<number> | undefined
  const steal = (): RoundProgram<number, number, number> => async (round, state) => {
    stolen ??= state
    return { server: state, clients: round.local }
  }
  await play({ program: steal, state: 0, sites, locals })
  const use = (): RoundProgram<number, number, number> => async (round) => ({
    server: await round.atServer((x) => x, stolen!),
    clients: round.local,
  })
  expect((await play({ program: use, state: 0, sites, locals })).outcome).toMatchObject({ error: { code: 'located' } })
  const swap = (): RoundProgram<number, number, number> => async (round, state) => {
    const mine: unknown = await round.atClients(({ site }) => site)
    return { server: await round.atServer((_, x) => x, state, mine as AtServer<number>), clients: round.local }
  }
  expect((await play({ program: swap, state: 0, sites, locals })).outcome).toMatchObject({ error: { code: 'located' } })
  const peek = (): RoundProgram<number, number, number> => async (round, state) => {
    const mine: unknown = await round.atClients((_, x) => x, state as unknown as AtClients<number>)
    return { server: mine as AtServer<number>, clients: round.local }
  }
  expect((await play({ program: peek, state: 0, sites, locals })).outcome).toMatchObject({ error: { code: 'located' } })
})

test('steps that start at once are taken in the order of their calls', async () => {
  const together = (): RoundProgram<number, number, number> => async (round, state) => {
    const twice = await round.atServer((x) => 2 * x, state)
    const [one, two] = await Promise.all([round.broadcast(number, state), round.broadcast(number, twice)])
    const mine = await round.atClients((_, x, y) => 100 * x + y, one, two)
    return { server: await round.aggregate(total, plain(), mine), clients: round.local }
  }
  expect((await play({ program: together, state: 3, sites, locals })).outcome).toMatchObject({ state: 3 * 306 })
})

test('a node’s seed depends on run, round and node alone', () => {
  expect(nodeSeed(seed(1), 2, 'a').id).toBe(nodeSeed(seed(1), 2, 'a').id)
  const ids = [nodeSeed(seed(1), 2, 'a'), nodeSeed(seed(2), 2, 'a'), nodeSeed(seed(1), 3, 'a'), nodeSeed(seed(1), 2, 'b')].map(
    ({ id }) => id,
  )
  expect(new Set(ids).size).toBe(4)
})

test('a cohort of many folds while results arrive: no more than one update is held', async () => {
  const many = Object.fromEntries(Array.from({ length: 200 }, (_, k) => [`n${String(k).padStart(3, '0')}`, 1]))
  let held = 0
  let most = 0
  const { addTo: _, ...rest } = total
  const counted: Aggregation<Float64Array, number, number> = {
    ...rest,
    input: {
      encode: float64Codec.encode,
      decode: (bytes) => {
        most = Math.max(most, ++held)
        return float64Codec.decode(bytes)
      },
    },
    lift: (x) => {
      held -= 1
      return x[0]!
    },
  }
  const program = (): RoundProgram<number, void, number> => async (round) => ({
    server: await round.aggregate(counted, plain(), await round.atClients(({ site }) => Float64Array.of(site))),
    clients: round.local,
  })
  expect((await play({ program, state: 0, sites: many })).outcome).toMatchObject({ state: 200 })
  expect(most).toBe(1)
})
