import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type Codec, float64Codec, memoryChannels, seed, YimengError } from '../base/index.ts'
import { masked, type OpenedSums, plain, type RoundProgram, weightedMean } from '../federated/index.ts'
import type { RunEvent } from '../federated/spec/index.ts'
import {
  admit,
  chooseCohort,
  memoryNodeStore,
  nodeLoop,
  type NodeStage,
  type NodeStore,
  openJournal,
  type RunContext,
  runStage,
} from './index.ts'

const oneNumber: Codec<number> = {
  encode: (x) => float64Codec.encode(Float64Array.of(x)),
  decode: (bytes) => float64Codec.decode(bytes)[0] ?? Number.NaN,
}

/** Each node adds its own number to the published one and counts its rounds; the server takes the mean. */
const program =
  (misbehave: (node: string, round: number) => void | Promise<void> = () => undefined) =>
  (): RoundProgram<number, number, number> =>
  async (round, state) => {
    const got = await round.broadcast(oneNumber, state)
    const sent = await round.atClients(async (node, x) => {
      await misbehave(node.id, node.basedOn)
      return { values: Float32Array.of(x + node.site), weight: 1 }
    }, got)
    const mean = await round.aggregate(weightedMean({ length: 1 }), plain(), sent)
    return {
      server: await round.atServer((m) => m.values[0] ?? Number.NaN, mean),
      clients: await round.atClients((_, n) => n + 1, round.local),
    }
  }

interface Setting {
  readonly path?: string
  readonly rounds?: number
  readonly size?: number
  readonly quorum?: number
  readonly deadlineMs?: number
  readonly misbehave?: (node: string, round: number) => void | Promise<void>
  readonly signal?: AbortSignal
  readonly stores?: ReadonlyMap<string, NodeStore>
  /** In place of the usual one: of a node, or of `server`. */
  readonly program?: (who: string) => () => RoundProgram<number, number, number>
  readonly onEvent?: (event: RunEvent) => void
}

const ids = ['a', 'b', 'c', 'd']

const play = async (setting: Setting) => {
  const journal = await openJournal(setting.path ?? ':memory:')
  if ((await journal.runs()).length === 0)
    await journal.start({ id: 'test', task: 'toy', spec: {}, specHash: 'h', dataHash: 'd', rounds: 3, startedAt: '2026-01-01T00:00:00Z' })
  const events: RunEvent[] = []
  const signal = setting.signal ?? new AbortController().signal
  const stores = setting.stores ?? new Map(ids.map((id) => [id, journal.nodeStore('test', id)]))
  const last = await journal.checkpoint('test', 'train')
  const joined = ids.map(async (id, i) => {
    const [here, there] = memoryChannels()
    const stage: NodeStage<number, number> = {
      program: (setting.program?.(id) ?? program(setting.misbehave)) as NodeStage<number, number>['program'],
      initial: () => 0,
      codec: oneNumber,
      site: () => i + 1,
    }
    const loop = nodeLoop({
      id,
      run: 'test',
      specHash: 'h',
      trainRows: 1,
      testRows: 0,
      seed: seed(1),
      channel: there,
      store: stores.get(id) ?? memoryNodeStore(),
      stage: (name) => (name === 'train' ? (stage as unknown as NodeStage) : undefined),
      signal: new AbortController().signal,
    })
    const member = await admit(
      here,
      {
        run: 'test',
        specHash: 'h',
        last: async (node) =>
          last === undefined ? [] : [{ stage: 'train', round: last.round, attempt: last.attempt, counted: last.counted.includes(node) }],
      },
      signal,
    )
    return { member, loop }
  })
  const nodes = await Promise.all(joined)
  const context: RunContext = {
    run: 'test',
    members: nodes.map(({ member }) => member),
    journal,
    seed: seed(1),
    ...(setting.size === undefined ? {} : { size: setting.size }),
    ...(setting.quorum === undefined ? {} : { quorum: setting.quorum }),
    deadlineMs: setting.deadlineMs ?? 10_000,
    onEvent: (event) => {
      events.push(event)
      setting.onEvent?.(event)
    },
    signal,
  }
  try {
    const state = await runStage(context, {
      name: 'train',
      firstRound: 1,
      lastRound: setting.rounds ?? 3,
      program: (setting.program?.('server') ?? program()) as never,
      initial: 0,
      codec: oneNumber,
      loss: () => 0,
    })
    return { kind: 'done' as const, state, events, stores }
  } catch (error) {
    return { kind: 'failed' as const, error, events, stores }
  } finally {
    for (const { member } of nodes) {
      await member.control.send({ kind: 'finish' }).catch(() => undefined)
    }
    await Promise.all(nodes.map(({ loop }) => loop))
    for (const { member } of nodes) await member.close()
    await journal.close()
  }
}

const rounds = async (stores: ReadonlyMap<string, NodeStore>) =>
  Promise.all(ids.map(async (id) => (await stores.get(id)?.committed('train'))?.round ?? 0))
const memories = () => new Map(ids.map((id) => [id, memoryNodeStore()]))

test('rounds commit at the server and at every counted node', async () => {
  const { kind, events, stores, ...rest } = await play({ stores: memories() })
  expect(kind).toBe('done')
  expect('state' in rest && rest.state).toBe(7.5)
  expect(await rounds(stores)).toEqual([3, 3, 3, 3])
  const committed = events.filter((event) => event.kind === 'roundCommitted')
  expect(committed.map(({ round, attempt, counted }) => [round, attempt, counted.length])).toEqual([
    [1, 1, 4],
    [2, 1, 4],
    [3, 1, 4],
  ])
  // bytes are counted at the channel, both ways, and the same each round
  for (const { bytesUp, bytesDown } of committed) expect([bytesUp, bytesDown]).toEqual([committed[1]?.bytesUp, committed[1]?.bytesDown])
  expect(committed[0]?.bytesUp).toBeGreaterThan(4 * 8)
})

test('a cohort is drawn from seed and round alone, uniformly', () => {
  expect(chooseCohort(['c', 'a', 'b'], 2, seed(1), 4)).toEqual(chooseCohort(['a', 'b', 'c'], 2, seed(1), 4))
  const seen = new Map<string, number>()
  for (let round = 0; round < 3000; round += 1) for (const id of chooseCohort(ids, 2, seed(1), round)) seen.set(id, (seen.get(id) ?? 0) + 1)
  // each is chosen with probability 1/2: 1500 ± 27 (one standard deviation); the seed is fixed, so this never flickers
  for (const id of ids) expect(Math.abs((seen.get(id) ?? 0) - 1500)).toBeLessThan(110)
})

test('nodes outside the cohort keep their state', async () => {
  const { stores } = await play({ stores: memories(), size: 1, rounds: 1 })
  expect((await rounds(stores)).toSorted((a, b) => a - b)).toEqual([0, 0, 0, 1])
})

test('a failing node is left out when a quorum stands, and keeps its old state', async () => {
  const misbehave = (node: string, round: number) => {
    if (node === 'b' && round === 2) throw new YimengError({ code: 'toy', cannot: 'work', expected: 'peace', got: 'trouble' })
  }
  const { kind, events, stores } = await play({ stores: memories(), quorum: 3, misbehave })
  expect(kind).toBe('done')
  expect(events.filter((e) => e.kind === 'roundCommitted').map(({ counted }) => counted.join(''))).toEqual(['abcd', 'acd', 'abcd'])
  expect(await rounds(stores)).toEqual([3, 3, 3, 3])
})

test('without a quorum the run ends with the node’s own error, naming round and site, and nothing moves', async () => {
  const misbehave = (node: string, round: number) => {
    if (node === 'b' && round === 2) throw new YimengError({ code: 'toy', cannot: 'work', expected: 'peace', got: 'trouble' })
  }
  const { kind, events, stores, ...rest } = await play({ stores: memories(), misbehave })
  expect(kind).toBe('failed')
  expect('error' in rest && (rest.error as Error).message).toBe('cannot work: expected peace, got trouble (round 2, site b)')
  expect(events.at(-1)).toMatchObject({ kind: 'roundAborted', round: 2, attempt: 1, site: 'b' })
  expect(await rounds(stores)).toEqual([1, 1, 1, 1])
})

test('a node that is late makes the round abort; the next attempt has a new number', async () => {
  let late = 0
  const slow = async (node: string, round: number) => {
    if (node !== 'c' || round !== 2 || late++ > 0) return
    await new Promise((resolve) => setTimeout(resolve, 400))
  }
  const { kind, events } = await play({ stores: memories(), deadlineMs: 150, misbehave: slow })
  expect(kind).toBe('done')
  const attempts = events.filter((e) => e.kind === 'roundStarted').map(({ round, attempt }) => `${round}.${attempt}`)
  expect(attempts).toEqual(['1.1', '2.1', '2.2', '3.1'])
})

test('a stopped run goes on where it stopped', async () => {
  const { mkdtemp, rm } = await import('node:fs/promises')
  const folder = await mkdtemp(join(tmpdir(), 'yimeng-run-loop-'))
  try {
    const path = `${folder}/journal.sqlite`
    const stop = new AbortController()
    const onEvent = (event: RunEvent) => {
      if (event.kind === 'roundStarted' && event.round === 2) stop.abort(new Error('enough'))
    }
    const first = await play({ path, signal: stop.signal, onEvent })
    expect(first.kind === 'failed' && first.error).toEqual(new Error('enough'))
    const second = await play({ path })
    expect(second.kind === 'done' && second.state).toBe(7.5)
    expect(second.events.filter((e) => e.kind === 'roundStarted').map(({ round, attempt }) => `${round}.${attempt}`)).toEqual([
      '2.2',
      '3.1',
    ])
  } finally {
    await rm(folder, { recursive: true })
  }
})

test('nodes that never heard of the last commit make it good when they come back; an attempt that did not commit leaves no trace', async () => {
  const { mkdtemp, rm } = await import('node:fs/promises')
  const folder = await mkdtemp(join(tmpdir(), 'yimeng-run-loop-'))
  try {
    const path = `${folder}/journal.sqlite`
    const journal = await openJournal(path)
    const real = new Map(ids.map((id) => [id, journal.nodeStore('test', id)]))
    const without = (deed: 'commit' | 'discard') =>
      new Map([...real].map(([id, store]) => [id, { ...store, [deed]: async () => undefined }]))
    // these nodes lose power before they hear how the round ended: that it was committed, and that it was aborted
    await play({ path, stores: without('commit'), rounds: 1 })
    expect(await rounds(real)).toEqual([0, 0, 0, 0])
    const misbehave = (node: string, round: number) => {
      if (node === 'b' && round === 2) throw new YimengError({ code: 'toy', cannot: 'work', expected: 'peace', got: 'trouble' })
    }
    await play({ path, stores: without('discard'), rounds: 2, misbehave })
    const { kind, stores } = await play({ path, stores: real, rounds: 2 })
    expect(kind).toBe('done')
    // each node counted its committed rounds: two, though attempt 2.1 had begun
    for (const id of ids) expect(oneNumber.decode((await stores.get(id)?.committed('train'))?.state ?? new Uint8Array(0))).toBe(2)
    await journal.close()
  } finally {
    await rm(folder, { recursive: true })
  }
})

test('a deadline beyond what timers can wait is no deadline of a moment', async () => {
  const slowly = () => new Promise<void>((resolve) => setTimeout(resolve, 50))
  expect(await play({ rounds: 1, deadlineMs: 1e12, misbehave: slowly })).toMatchObject({ kind: 'done' })
})

test('a node that a quorum went on without drops its old work, and is in time for the next round', async () => {
  const slow = async (node: string, round: number) => {
    if (node === 'c' && round === 2) await new Promise((resolve) => setTimeout(resolve, 1500))
  }
  const { kind, events } = await play({ stores: memories(), quorum: 3, deadlineMs: 500, misbehave: slow })
  expect(kind).toBe('done')
  const counted = events.flatMap((event) => (event.kind === 'roundCommitted' ? [event.counted.join('')] : []))
  expect(counted).toEqual(['abcd', 'abd', 'abcd'])
})

test('a round whose masked sum was opened commits with the same nodes only: without one of them an attempt fails and the next goes on', async () => {
  const books = new Map(
    ids.map((id) => {
      let first: string | undefined
      const opened: OpenedSums = { open: async (_, nodes) => (first ??= nodes.join()) === nodes.join() }
      return [id, opened] as const
    }),
  )
  const tries = { made: 0 }
  const another = (): number => (tries.made += 1)
  const hanging = (signal: AbortSignal) =>
    new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(new Error('stopped')), { once: true }))
  const masking = (who: string) => (): RoundProgram<number, number, number> => async (round) => {
    const sent = await round.atClients(async ({ id, site, signal }) => {
      if (id === 'd' && another() === 2) await hanging(signal)
      return { values: Float32Array.of(site), weight: 1 }
    })
    const opened = books.get(who)
    const mean = await round.aggregate(weightedMean({ length: 1 }), masked(opened === undefined ? {} : { opened }), sent)
    return {
      server: await round.atServer((m) => m.values[0] ?? Number.NaN, mean),
      clients: await round.atClients(async ({ id, signal }, n) => {
        // lost after its update is in the sum: nobody hears that its new state is in safety
        if (id === 'd' && tries.made === 1) await hanging(signal)
        return n + 1
      }, round.local),
    }
  }
  const { kind, state, events } = await play({ rounds: 1, quorum: 3, deadlineMs: 1500, program: masking })
  expect(kind).toBe('done')
  expect(state).toBe(2.5)
  const causes = events.flatMap((event) => (event.kind === 'roundAborted' ? [event.cause] : []))
  expect(causes).toHaveLength(2)
  expect(causes[1]).toContain('cannot open sum of a round tried again')
  expect(events.at(-1)).toMatchObject({ kind: 'roundCommitted', attempt: 3, counted: ids })
})
