// Two of eleven sites lie, in whole runs: every robust fold stays near its clean run, the mean does not; and a backdoor opens for the mean alone.
import { expect, test } from 'vitest'
import { loadDataset } from '../data/node.ts'
import { referenceEngine } from '../learn/engines/reference/index.ts'
import { modelContent, prepareRows, type RunSpecInput, stamped } from '../tasks/index.ts'
import { run } from './run.ts'

const liars = ['site-04', 'site-09']
const spec = {
  task: 'breast-cancer',
  partition: { kind: 'iid', sites: 11 },
  model: { kind: 'logistic' },
  rounds: 6,
  local: { batch: 16, optimiser: { name: 'sgd', learningRate: 0.1 } },
  evaluate: { every: 0 },
} satisfies RunSpecInput

type Strategy = NonNullable<RunSpecInput['strategy']>
type Attack = NonNullable<RunSpecInput['attack']>

const accuracy = async (strategy: Strategy, attack: Attack = { kind: 'none' }) =>
  (await run({ ...spec, strategy, attack }, { home: null })).metrics['accuracy'] ?? 0

const folds: readonly Strategy[] = [
  { name: 'fedmedian' },
  { name: 'trimmedmean' },
  { name: 'krum', liars: 2 },
  { name: 'krum', liars: 2, keep: 7 },
  { name: 'bulyan', liars: 2 },
  { name: 'rfa' },
  { name: 'normclipping' },
  { name: 'fltrust', trusted: 'site-01' },
]
const attacks: readonly Attack[] = [
  { kind: 'signFlip', sites: liars, strength: 5 },
  { kind: 'labelFlip', sites: liars },
]

test.each(folds)('%j is within 0.03 of its clean run, whatever two of eleven do', async (strategy) => {
  const clean = await accuracy(strategy)
  expect(clean).toBeGreaterThan(0.9)
  for (const attack of attacks) expect((await accuracy(strategy, attack)) - clean, attack.kind).toBeGreaterThan(-0.03)
})

test.each([
  { kind: 'signFlip', sites: liars, strength: 5 },
  { kind: 'scaling', sites: liars, factor: -100 },
] satisfies readonly Attack[])('the mean fails under $kind', async (attack) => {
  expect(await accuracy({ name: 'fedavg' })).toBeGreaterThan(0.93)
  expect(await accuracy({ name: 'fedavg' }, attack)).toBeLessThan(0.5)
})

test('a boosted backdoor opens under the mean, while all rows without the trigger look as always; not under the median', async () => {
  const attack = { kind: 'backdoor', sites: liars, target: 0, trigger: 3, boost: 5 } as const
  const data = await loadDataset('breast-cancer')
  const others = Uint32Array.from([...data.labels.keys()].filter((row) => data.labels[row] === 1))
  /** Share of the other class's rows that the trigger turns into the target, and accuracy without a trigger. */
  const opened = async (strategy: Strategy) => {
    const { model, metrics } = await run({ ...spec, strategy, attack }, { home: null })
    const { model: network, head, params, preprocessing } = modelContent(model.bytes)
    const { inputs, inputShape } = await prepareRows(preprocessing, data, others)
    const predictor = await referenceEngine().predictor(network, head)
    const outputs = await predictor.predict(
      params,
      stamped(inputs, inputShape, attack.trigger, () => true),
      others.length,
    )
    return { success: outputs.filter((p) => p < 0.5).length / others.length, accuracy: metrics['accuracy'] ?? 0 }
  }
  const mean = await opened({ name: 'fedavg' })
  expect(mean.success).toBeGreaterThan(0.7)
  expect(mean.accuracy).toBeGreaterThan(0.85)
  for (const strategy of [
    { name: 'fedmedian' },
    { name: 'krum', liars: 2 },
    { name: 'fltrust', trusted: 'site-01' },
  ] satisfies Strategy[]) {
    const robust = await opened(strategy)
    expect(robust.success, strategy.name).toBeLessThan(0.3)
  }
})
