// Choices of sites, asynchronous schedules and early stopping in whole runs: the same for any number of workers, and after an interruption.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { RunEvent } from '../federated/spec/index.ts'
import type { RunSpecInput } from '../tasks/index.ts'
import { resume, run } from './run.ts'

const base = { task: 'iris', rounds: 12, evaluate: { every: 0 } } satisfies RunSpecInput

const watched = async (spec: RunSpecInput, workers = 1) => {
  const events: RunEvent[] = []
  const result = await run(spec, { home: null, workers, onEvent: (event) => events.push(event) })
  const cohorts = events.flatMap((event) => (event.kind === 'roundStarted' && event.round > 0 ? [event.cohort] : []))
  return { result, events, cohorts }
}

const specs: readonly RunSpecInput[] = [
  ...(
    [
      { kind: 'bySize' },
      { kind: 'powerOfChoice', candidates: 8 },
      { kind: 'utility', exploration: 0.3, seconds: 0.02 },
      { kind: 'withinTime', seconds: 0.012 },
    ] as const
  ).map((choose) => ({ ...base, cohort: { size: 4, choose } })),
  { ...base, cohort: { size: 3, extra: 2 } },
  { ...base, cohort: { size: 10 }, compression: { kind: 'powerSgd', rank: 1 } },
]
const asynchronous: readonly RunSpecInput[] = [
  { ...base, rounds: 40, strategy: { name: 'fedbuff' }, schedule: { kind: 'buffered', size: 3 } },
  { ...base, rounds: 60, strategy: { name: 'fedasync' }, schedule: { kind: 'buffered', size: 1 } },
]

test.each(specs)('%j: learns, and is the same whoever computes', async (spec) => {
  const { result, cohorts } = await watched(spec)
  expect(result.history.at(-1)?.trainLoss).toBeLessThan(0.9 * (result.history[0]?.trainLoss ?? 0))
  for (const cohort of cohorts) expect(cohort.length).toBe(spec.cohort?.size)
  expect((await watched(spec, 2)).result.modelHash).toBe(result.modelHash)
})

test.each(asynchronous)('%j: windows of the first sites, a model for each', async (spec) => {
  const { result, cohorts } = await watched(spec)
  expect(result.metrics['accuracy']).toBeGreaterThan(0.6)
  const size = typeof spec.schedule === 'object' ? spec.schedule.size : 0
  expect(cohorts.filter(({ length }) => length === size).length).toBeGreaterThan(0.8 * cohorts.length)
  const turns = new Map<string, number>()
  for (const cohort of cohorts) for (const site of cohort) turns.set(site, (turns.get(site) ?? 0) + 1)
  // fast sites hand in more often, and nobody is left out
  expect(turns.size).toBe(10)
  expect(Math.max(...turns.values())).toBeGreaterThan(1.5 * Math.min(...turns.values()))
  expect((await watched(spec, 2)).result.modelHash).toBe(result.modelHash)
})

test('with everybody in every window FedBuff commits the models of Reptile at rate 1', async () => {
  const all = { ...base, rounds: 4, cohort: { size: 10 } }
  const buffered = {
    ...base,
    rounds: 4,
    strategy: { name: 'fedbuff' },
    schedule: { kind: 'buffered', size: 10 },
    cohort: { size: undefined },
  } as const
  expect((await watched(buffered)).result.modelHash).toBe(
    (await watched({ ...all, strategy: { name: 'reptile', rate: 1 } })).result.modelHash,
  )
})

test.each([asynchronous[0]!, specs[1]!])('%j: a run that was stopped goes on with the same sites to the same model', async (spec) => {
  const home = await mkdtemp(join(tmpdir(), 'yimeng-cohort-'))
  const whole = await watched(spec)
  const stop = new AbortController()
  const cohorts: (readonly string[])[] = []
  let id = ''
  const onEvent = (event: RunEvent) => {
    id = event.run
    if (event.kind === 'roundStarted' && event.round > 0) cohorts.push(event.cohort)
    if (event.kind === 'roundCommitted' && event.round === 7) stop.abort(new Error('stop'))
  }
  await expect(run(spec, { home, signal: stop.signal, onEvent })).rejects.toThrow('stop')
  const { modelHash } = await resume(id, { home, onEvent })
  expect(cohorts).toEqual(whole.cohorts)
  expect(modelHash).toBe(whole.result.modelHash)
  await rm(home, { recursive: true })
})

test('a run stops when its training loss gets no lower, and keeps the best model', async () => {
  // so high a rate that the loss goes up and down
  const wild = { ...base, rounds: 40, local: { optimiser: { name: 'sgd', learningRate: 3 } }, cohort: { size: 10 } } satisfies RunSpecInput
  const { result, events } = await watched({ ...wild, stopping: { patience: 3, keep: 'best' } })
  const losses = result.history.map(({ trainLoss }) => trainLoss ?? Number.POSITIVE_INFINITY)
  const best = 1 + losses.indexOf(Math.min(...losses))
  expect(result.rounds).toBe(best + 3)
  expect(result.rounds).toBeLessThan(40)
  expect(events.find(({ kind }) => kind === 'stoppedEarly')).toMatchObject({ round: best + 3, best })
  // what it keeps is the model of a run that ends there
  expect(result.modelHash).toBe((await watched({ ...wild, rounds: best })).result.modelHash)
  expect((await watched({ ...wild, stopping: { patience: 3 } })).result.modelHash).toBe(
    (await watched({ ...wild, rounds: best + 3 })).result.modelHash,
  )
})
