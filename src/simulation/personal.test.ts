// Sites' own models in whole runs: measured beside the common one, each on its own rows, from states that commit with the round.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { RunSpecInput } from '../tasks/index.ts'
import { resume, run } from './run.ts'

const sites = {
  task: 'iris',
  partition: { kind: 'missingClasses', sites: 3, classesPerSite: 1 },
  split: { kind: 'random', testShare: 0.3 },
  cohort: { size: 3 },
  rounds: 8,
  evaluate: { every: 0 },
} as const

const accuracies = async (more: Partial<RunSpecInput>) => {
  const { metrics, personal } = await run({ ...sites, ...more }, { home: null })
  return { common: metrics['accuracy'] ?? 0, own: personal?.pooled.metrics['accuracy'] ?? Number.NaN, bySite: personal?.bySite }
}

test.each([
  { name: 'fedper' },
  { name: 'fedrep', headSteps: 20, bodySteps: 10 },
  { name: 'ditto', lambda: 0.1 },
  { name: 'ifca', clusters: 3 },
  { name: 'perfedavg', steps: 5 },
  { name: 'reptile' },
] as const)('where sites hold one of three classes, their own models by $name know these', async (strategy) => {
  const { own, common, bySite } = await accuracies({ strategy })
  expect(Object.keys(bySite ?? {}).length).toBe(3)
  expect(own).toBeGreaterThan(0.9)
  expect(common).toBeLessThan(0.9)
})

test('local fine tuning is measured as what it is: the common model does not change', async () => {
  const plain = await accuracies({})
  const tuned = await accuracies({ evaluate: { every: 0, fineTune: 10 } })
  expect(plain.own).toBeNaN()
  expect(tuned.common).toBe(plain.common)
  expect(tuned.own).toBeGreaterThan(plain.common + 0.1)
  const none = await accuracies({ strategy: { name: 'reptile', rate: 0.5 }, evaluate: { every: 0, fineTune: 0 } })
  expect(none.own).toBeNaN()
})

test('FedBN keeps normalisation at the sites; a network without any is told so', async () => {
  const model = { kind: 'convnet', channels: [8], norm: 'batch', hidden: 0 } satisfies RunSpecInput['model']
  const { own, common } = await accuracies({
    strategy: { name: 'fedbn' },
    model,
    rounds: 3,
    task: 'digits',
    partition: { kind: 'missingClasses', sites: 10, classesPerSite: 2 },
    cohort: { size: 10 },
  })
  expect(own).toBeGreaterThan(common)
  await expect(run({ ...sites, strategy: { name: 'fedbn' }, model: { kind: 'mlp' } }, { home: null })).rejects.toMatchObject({
    code: 'personal-layers',
  })
})

test('one cluster, or one region, is the common model: measured alike, row by row', async () => {
  for (const strategy of [
    { name: 'ifca', clusters: 1 },
    { name: 'hierarchical', every: 1, regions: Object.fromEntries(['1', '2', '3'].map((at) => [`site-${at}`, 0])) },
  ] as const) {
    const spec = { task: 'iris', partition: { kind: 'iid', sites: 3 }, cohort: { size: 3 }, rounds: 2 } as const
    const result = await run({ ...spec, strategy }, { home: null })
    expect(result.personal?.pooled).toEqual(result.pooled)
    expect(result.personal?.bySite).toEqual(result.bySite)
    expect(result.history.at(-1)?.personal?.pooled).toEqual(result.metrics)
  }
})

test('a stopped run goes on with the sites’ own states: the same personal measures', async () => {
  const home = await mkdtemp(join(tmpdir(), 'yimeng-personal-'))
  const spec = { task: 'iris', strategy: { name: 'fedper', layers: ['0'] }, rounds: 4 } satisfies RunSpecInput
  const whole = await run(spec, { home: null })
  const stop = new AbortController()
  let id = ''
  const onEvent = (event: { readonly kind: string; readonly run: string; readonly round?: number }) => {
    id = event.run
    if (event.kind === 'roundCommitted' && event.round === 2) stop.abort(new Error('stop'))
  }
  await expect(run(spec, { home, signal: stop.signal, onEvent })).rejects.toThrow('stop')
  const resumed = await resume(id, { home })
  expect(resumed.personal?.pooled.metrics).toEqual(whole.personal?.pooled.metrics)
  expect(resumed.modelHash).toBe(whole.modelHash)
  await rm(home, { recursive: true })
})
