// Remedies of label skew in whole runs: nothing changes where no class is missing, and sites that lack classes teach each other what plain averaging forgets.
import { expect, test } from 'vitest'
import type { RunSpecInput } from '../tasks/index.ts'
import { run } from './run.ts'

type Local = NonNullable<RunSpecInput['local']>

test('where every site has every class, a restricted loss is the plain one, bit for bit; a calibrated one is not', async () => {
  const alike = { task: 'iris', partition: { kind: 'iid', sites: 3 }, cohort: { size: 3 }, rounds: 3 } as const
  const values = async (local: Local) => (await run({ ...alike, local }, { home: null })).modelHash
  const plain = await values({})
  expect(await values({ loss: { kind: 'restricted' } })).toEqual(plain)
  expect(await values({ loss: { kind: 'calibrated' } })).not.toEqual(plain)
  expect(await values({ sampling: 'balanced' })).not.toEqual(plain)
})

test.each(['scaffold', 'fedadam', 'fedmedian'] as const)('with any strategy: %s', async (name) => {
  const unlike = {
    task: 'iris',
    partition: { kind: 'missingClasses', sites: 3, classesPerSite: 2 },
    cohort: { size: 3 },
    rounds: 20,
  } as const
  const local: Local = { loss: { kind: 'restricted', missing: 0.5 }, sampling: 'balanced' }
  const { history } = await run({ ...unlike, strategy: { name }, local }, { home: null })
  expect(history.at(-1)?.trainLoss).toBeLessThan(0.8 * (history[0]?.trainLoss ?? 0))
})

test('where each site lacks eight of ten classes, a restricted loss remembers what plain averaging forgets', async () => {
  const unlike = {
    task: 'digits',
    strategy: { name: 'fedavg' },
    partition: { kind: 'missingClasses', sites: 10, classesPerSite: 2 },
    cohort: { size: 10 },
    rounds: 6,
    seed: 21,
    evaluate: { every: 0 },
  } as const
  const accuracy = async (loss: Local['loss']) =>
    (await run({ ...unlike, local: { epochs: 5, optimiser: { name: 'sgd', learningRate: 0.1 }, loss } }, { home: null })).metrics[
      'accuracy'
    ] ?? 0
  expect(await accuracy({ kind: 'restricted' })).toBeGreaterThan((await accuracy({ kind: 'plain' })) + 0.1)
})
