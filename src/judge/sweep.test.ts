import { expect, test } from 'vitest'
import { taskOf } from '../tasks/index.ts'
import { methodNamed, rungsOf, sweep, variedOf } from './index.ts'
import { tuningTask } from './tuning-rows.ts'

const iris = { task: 'iris', rounds: 9 } as const
const rates = variedOf('local.optimiser.learningRate=0.0001,0.05,0.2')

test('rungs halve the trials, end with all rounds, and cost each method the same', () => {
  expect(rungsOf(9, 90, 3)).toEqual([
    { trials: 9, rounds: 10 },
    { trials: 3, rounds: 30 },
    { trials: 1, rounds: 90 },
  ])
  expect(rungsOf(4, 20, 1)).toEqual([{ trials: 4, rounds: 20 }])
  expect(rungsOf(2, 20, 3)).toEqual([{ trials: 2, rounds: 20 }])
  expect(rungsOf(30, 2, 3)).toEqual([{ trials: 30, rounds: 2 }])
})

test('the grid: what does not learn is dropped first, every method takes as many rounds, and threads change nothing', async () => {
  const options = { methods: ['fedavg', 'fedprox'].map(methodNamed), vary: [rates, variedOf('fedprox:mu=0.01,1')] }
  const [one, two] = [await sweep(iris, { ...options, workers: 1 }), await sweep(iris, { ...options, workers: 2 })]
  expect(two).toEqual(one)
  expect(one.seeds).toEqual([1001])
  // 3 trials of 3 rounds, 1 of 9: fedprox's six settings are sampled down to three
  expect(one.budget).toBe(18)
  for (const name of ['fedavg', 'fedprox']) {
    const own = one.trials.filter(({ method }) => method === name)
    expect(own).toHaveLength(3)
    expect(own.flatMap(({ rungs }) => rungs.map(({ rounds }) => rounds)).reduce((sum, rounds) => sum + rounds, 0)).toBe(18)
  }
  const [fedavg] = one.best
  expect(fedavg?.sets[0]).toBe('strategy.name=fedavg')
  expect(fedavg?.text).toMatch(/^fedavg:local\.optimiser\.learningRate=0\.(05|2)$/)
  // the text is a method of its own, the same spec as the sets
  expect(methodNamed(fedavg?.text ?? '').change(iris)).toMatchObject({ strategy: { name: 'fedavg' }, local: { optimiser: {} } })
  expect(one.trials.filter(({ method }) => method === 'fedavg').at(-1)?.rungs).toHaveLength(1)
})

test('several seeds: what counts is the mean over them, and the budget is of all', async () => {
  const options = { methods: [methodNamed('fedavg')], vary: [rates], eta: 1, workers: 1 }
  const short = { ...iris, rounds: 2 }
  const [both, first, second] = [
    await sweep(short, { ...options, seeds: 2 }),
    await sweep(short, options),
    await sweep(short, { ...options, seed: 1002 }),
  ]
  expect(both.seeds).toEqual([1001, 1002])
  expect(both.budget).toBe(2 * first.budget)
  for (const { settings, rungs } of both.trials) {
    const alone = [first, second].map(({ trials }) =>
      trials.find((trial) => trial.settings['local.optimiser.learningRate'] === settings['local.optimiser.learningRate']),
    )
    const values = alone.map((trial) => trial?.rungs[0]?.value ?? Number.NaN)
    expect(rungs[0]?.value).toBeCloseTo(values.reduce((sum, value) => sum + value, 0) / 2, 12)
  }
  await expect(sweep(short, { ...options, seeds: 0 })).rejects.toMatchObject({ code: 'sweep-vary' })
})

test('random search draws within ranges, differently for each trial, the same way each time', async () => {
  const options = {
    methods: [methodNamed('fedavg')],
    vary: [variedOf('local.optimiser.learningRate=0.01..0.5')],
    trials: 4,
    eta: 1,
    workers: 2,
  }
  const found = await sweep({ ...iris, rounds: 1 }, options)
  const drawn = found.trials.map(({ settings }) => Number(settings['local.optimiser.learningRate']))
  expect(new Set(drawn).size).toBe(4)
  for (const rate of drawn) expect(rate >= 0.01 && rate <= 0.5).toBe(true)
  expect(await sweep({ ...iris, rounds: 1 }, options)).toEqual(found)
})

test('a split that comes with the data keeps its test rows out of tuning', async () => {
  const plain = taskOf('iris')
  const split = {
    train: Uint32Array.from({ length: 100 }, (_, i) => i),
    validation: new Uint32Array(0),
    test: Uint32Array.from({ length: 50 }, (_, i) => 100 + i),
  }
  const given = { ...plain, load: async () => ({ ...(await plain.load()), split }) }
  const { task, split: asked } = tuningTask(given, { kind: 'given' }, 7)
  const tuned = (await task.load()).split
  expect(asked).toEqual({ kind: 'given' })
  expect([...(tuned?.train ?? []), ...(tuned?.test ?? [])].sort((a, b) => a - b)).toEqual([...split.train])
  expect(tuned?.test).toHaveLength(20)
  // a random split is drawn anew from the tuning seed, even where the spec had pinned it
  expect(tuningTask(plain, { kind: 'random', testShare: 0.3, seed: 5 }, 7)).toEqual({
    task: plain,
    split: { kind: 'random', testShare: 0.3 },
  })
})

test.each([
  ['no values', 'local.batch'],
  ['a range that runs backwards', 'local.optimiser.learningRate=1..0.1'],
])('refuses %s', (_, text) => expect(() => variedOf(text)).toThrow(/cannot vary/))

test('a range needs a number of trials, and a path must be in the spec', async () => {
  const methods = [methodNamed('fedavg')]
  await expect(sweep(iris, { methods, vary: [variedOf('local.optimiser.learningRate=0.1..1')] })).rejects.toMatchObject({
    code: 'sweep-vary',
  })
  await expect(sweep(iris, { methods, vary: [variedOf('local.bach=1,2')] })).rejects.toMatchObject({ code: 'spec-unknown-key' })
})

test('a trial that fails is the worst of its method, with its cause, and the others go on', async () => {
  const found = await sweep(
    { ...iris, rounds: 2 },
    { methods: [methodNamed('fedavg')], vary: [variedOf('local.optimiser.learningRate=0.1,1e+30')], eta: 1, workers: 1 },
  )
  expect(found.trials.map(({ rungs }) => rungs[0]?.failure?.code)).toEqual([undefined, 'diverged'])
  expect(found.trials[1]?.rungs[0]?.value).toBeNull()
  expect(found.best[0]?.text).toBe('fedavg:local.optimiser.learningRate=0.1')
})
