// End to end: coordinator and nodes as real processes over mutual TLS commit the very models that one process does, and bear kills.
import { setTimeout as sleep } from 'node:timers/promises'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { RunEvent, RunEventOf } from '../src/federated/spec/index.ts'
import { type Practice, practice } from '../src/cli/alliance/practice.ts'
import { watch } from '../src/cli/alliance/person.ts'
import { approve, setPolicy } from '../src/node/index.ts'
import { plan } from '../src/privacy/index.ts'
import { run } from '../src/simulation/index.ts'
import { type RunSpecInput, trainedModelOf } from '../src/tasks/index.ts'

const spec = { task: 'breast-cancer', rounds: 6 } as const
let alliance: Practice

beforeAll(async () => {
  alliance = await practice(spec)
})
afterAll(() => alliance.close())

const finished = (event: RunEvent): RunEventOf<'runFinished'> => {
  if (event.kind !== 'runFinished') throw new Error(`the run ended otherwise: ${JSON.stringify(event)}`)
  return event
}
/** Of 279,000 parameters, 1.1 MB: its updates travel as blobs, and their mean is taken piece by piece across files. */
const large: Partial<RunSpecInput> = { rounds: 2, model: { kind: 'mlp', hidden: [512, 512] }, local: { steps: 2 } }
const commits = (events: readonly RunEvent[]) => events.filter((event) => event.kind === 'roundCommitted')

test.each([
  ['FedAvg', {}],
  ['SCAFFOLD, whose nodes have a state', { strategy: { name: 'scaffold' } }],
  ['a masked sum', { sum: 'masked' }],
  ['an encrypted sum', { sum: 'encrypted' }],
  ['FedAvg, a model that travels as blobs', large],
  ['a masked sum of blobs', { ...large, sum: 'masked' }],
] as const)('five nodes over HTTPS commit the model that memory does, bit for bit: %s', async (_, choice) => {
  const events: RunEvent[] = []
  const { modelHash, metrics } = finished(await alliance.run({ ...spec, ...choice }, (event) => events.push(event)))
  const memory = await run({ ...spec, ...choice }, { home: null })
  expect(modelHash).toBe(memory.modelHash)
  // analytics is round 0; nobody was left out
  expect(commits(events).map(({ round, counted }) => [round, counted.length])).toEqual(
    Array.from({ length: memory.rounds + 1 }, (__, round) => [round, 5]),
  )
  // every site has the model, and measured it on rows of its own
  const id = events[0]?.run ?? ''
  for (const site of alliance.sites) {
    const file = await readFile(join(alliance.folder, site, 'node', 'models', `${id}.safetensors`))
    expect(trainedModelOf(new Uint8Array(file)).hash).toBe(modelHash)
  }
  expect(metrics.accuracy).toBeCloseTo(memory.metrics.accuracy ?? Number.NaN, 12)
})

test('kill -9 of a node: the round ends by quorum, and the node is back', async () => {
  const events: RunEvent[] = []
  const long = { ...spec, rounds: 120, cohort: { quorum: 3, deadlineSeconds: 2 } }
  const [first = '', second = ''] = alliance.sites
  let killed: Promise<void> | undefined
  const { modelHash, metrics } = finished(
    await alliance.run(long, (event) => {
      events.push(event)
      if (event.kind === 'roundCommitted' && event.round === 3 && killed === undefined)
        killed = alliance
          .node(second)
          .kill()
          .then(() => alliance.restartNode(second))
    }),
  )
  await killed
  expect(modelHash).toHaveLength(64)
  const counted = commits(events).map((event) => event.counted)
  expect(counted.every((sites) => sites.includes(first))).toBe(true)
  expect(counted.some((sites) => !sites.includes(second))).toBe(true)
  expect(counted.at(-1)).toContain(second)
  // the journal says that it was lost, was told to reconnect, and did
  const since = events.findIndex(({ kind }) => kind === 'siteLost')
  expect(events.slice(since).flatMap((event) => ('site' in event && event.site === second ? [event.kind] : []))).toEqual(
    expect.arrayContaining(['siteLost', 'siteCalled', 'siteReady']),
  )
  const whole = await run(long, { home: null })
  expect(Math.abs((metrics.accuracy ?? 0) - (whole.metrics.accuracy ?? 1))).toBeLessThanOrEqual(0.01)
})

test('kill -9 of the coordinator: started again, it goes on after the last committed round to the same model', async () => {
  const long = { ...spec, rounds: 30 }
  const speaking = await alliance.operator()
  const { run: id } = await speaking.begin(long)
  const events: RunEvent[] = []
  let restarted: Promise<void> | undefined
  const end = await watch(speaking, id, (event) => {
    events.push(event)
    if (event.kind === 'roundCommitted' && event.round >= 4 && restarted === undefined)
      restarted = alliance
        .coordinator()
        .kill()
        .then(() => sleep(200))
        .then(() => alliance.restartCoordinator())
  })
  await restarted
  speaking.close()
  const starts = events.filter((event) => event.kind === 'runStarted')
  expect(starts.map((event) => event.resumedAfter !== undefined)).toEqual([false, true])
  // each round was committed once
  expect(commits(events).map(({ round }) => round)).toEqual(Array.from({ length: 31 }, (_, round) => round))
  expect(finished(end).modelHash).toBe((await run(long, { home: null })).modelHash)
})

test('more sites than needed are asked: over HTTPS a round takes those that answer first', async () => {
  const events: RunEvent[] = []
  const extra = { ...spec, cohort: { size: 3, extra: 2 } }
  const { metrics } = finished(await alliance.run(extra, (event) => events.push(event)))
  const asked = events.filter((event) => event.kind === 'roundStarted' && event.round > 0)
  expect(asked.map((event) => (event.kind === 'roundStarted' ? event.cohort.length : 0))).toEqual(
    Array.from({ length: spec.rounds }, () => 5),
  )
  const counted = commits(events).filter(({ round }) => round > 0)
  expect(counted.map((event) => event.counted.length)).toEqual(Array.from({ length: spec.rounds }, () => 3))
  expect(metrics.accuracy).toBeGreaterThan(0.9)
})

test.each([
  ['attack-alliance', { attack: { kind: 'signFlip', sites: ['none'] } }],
  ['contribution-alliance', { contribution: { kind: 'leaveOneOut' } }],
] as const)('an alliance refuses what is for one machine: %s', async (code, line) => {
  const more = 'attack' in line ? { attack: { ...line.attack, sites: [alliance.sites[0] ?? ''] } } : line
  const events: RunEvent[] = []
  expect(await alliance.run({ ...spec, ...more }, (event) => events.push(event))).toMatchObject({ kind: 'runFailed', code })
  // not a round has begun
  expect(events.filter(({ kind }) => kind === 'roundStarted')).toEqual([])
})

test('a spec that a site has not approved does not run; approved, it does', async () => {
  const [site = ''] = alliance.sites
  const own = join(alliance.folder, site, 'node')
  await setPolicy(own, { approval: 'each' })
  const speaking = await alliance.operator()
  const { run: id, specHash } = await speaking.begin({ ...spec, seed: 5 })
  const events: RunEvent[] = []
  const reasons: string[] = []
  const end = await watch(
    speaking,
    id,
    (event) => events.push(event),
    (who, reason) => {
      reasons.push(`${who}: ${reason}`)
      // nothing has begun without it
      expect(events.some((event) => event.kind === 'roundStarted')).toBe(false)
      void approve(own, specHash.slice(0, 12))
    },
  )
  speaking.close()
  expect(reasons).toEqual([`${site}: awaits approval of spec ${specHash.slice(0, 12)}`])
  expect(finished(end).rounds).toBe(spec.rounds)
  // the tests below ask nobody
  await setPolicy(own, { approval: 'all' })
})

test('a site whose own ledger is spent takes part no more: the run ends before the round, naming the site', async () => {
  const [, site = ''] = alliance.sites
  const noised = { ...spec, rounds: 4, privacy: { noise: 'dp-sgd', epsilon: 8, clip: 1, sampleRate: 0.1 } } as const
  // ten steps a round: room for 32 of the 40 that the run is planned for
  const { curve } = plan({ epsilon: 8, delta: 1e-5, rounds: 40, sampling: { kind: 'poisson', probability: 0.1 } })
  const epsilon = curve.find(({ round }) => round === 32)?.epsilon ?? Number.NaN
  const budget = { unit: 'record', epsilon, delta: 1e-5 } as const
  await setPolicy(join(alliance.folder, site, 'node'), { approval: 'all', budget })
  const events: RunEvent[] = []
  const end = await alliance.run(noised, (each) => events.push(each))
  expect(end).toMatchObject({ kind: 'runFailed', code: 'site-budget', site, round: 4 })
  expect(commits(events).map(({ round }) => round)).toEqual([0, 1, 2, 3])
})
