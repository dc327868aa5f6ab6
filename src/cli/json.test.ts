import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { place, smallTable } from './command.suite.ts'

// the contract of --json: the last line of standard output is one object, everything for people is on standard error
const { folder, run, json, write, has } = place()
const hash = /^[0-9a-f]{64}$/
const quick = ['--set', 'rounds=3', '--quiet']

test('run: what a script needs, results on disk, then predict and evaluate from them', async () => {
  const { code, stdout } = await run('run', 'iris', ...quick, '--out', 'results', '--json')
  expect(code).toBe(0)
  expect(stdout.trimEnd().split('\n')).toHaveLength(1)
  const result = JSON.parse(stdout) as Record<string, unknown>
  expect(result).toMatchObject({ command: 'run', task: 'iris', rounds: 3 })
  expect(result['modelHash']).toMatch(hash)
  expect(result['metrics']).toMatchObject({ accuracy: expect.any(Number), auc: expect.any(Number), loss: expect.any(Number) })
  for (const key of ['seconds', 'bytesUp', 'bytesDown']) expect(result[key], key).toBeGreaterThan(0)
  expect(JSON.parse(readFileSync(join(folder, 'results/result.json'), 'utf8'))).toMatchObject({ modelHash: result['modelHash'] })
  expect(readFileSync(join(folder, 'results/history.csv'), 'utf8').trimEnd().split('\r\n')).toHaveLength(1 + 3)

  const flowers = 'sepal length,sepal width,petal length,petal width,species\n'
  const header = await json('data', 'describe', 'iris')
  const names = (header['schema'] as { features: { name: string }[]; label: { name: string; levels: string[] } }).features.map(
    ({ name }) => name,
  )
  const label = (header['schema'] as { label: { name: string; levels: string[] } }).label
  expect(flowers.split(',')).toHaveLength(names.length + 1)
  write('flowers.csv', `${[...names, label.name].join(',')}\n5.1,3.5,1.4,0.2,${label.levels[0]}\n6.3,3.3,6.0,2.5,${label.levels[2]}\n`)
  const predicted = await json('predict', 'results/model.safetensors', 'flowers.csv')
  expect(predicted).toMatchObject({ command: 'predict', rows: 2, modelHash: result['modelHash'], classes: label.levels })
  expect(predicted['predictions']).toHaveLength(2)
  const evaluated = await json('evaluate', 'last', '--data', 'flowers.csv')
  expect(evaluated).toMatchObject({ command: 'evaluate', rows: 2, modelHash: result['modelHash'], unknown: {} })

  // an existing file is not written over unless told
  expect((await run('predict', 'last', 'flowers.csv', '--out', 'p.csv')).code).toBe(0)
  expect(readFileSync(join(folder, 'p.csv'), 'utf8').split('\r\n')).toHaveLength(1 + 2 + 1)
  expect(await json('predict', 'last', 'flowers.csv', '--out', 'p.csv')).toMatchObject({ error: { code: 'out-exists' } })
  expect((await run('predict', 'last', 'flowers.csv', '--out', 'p.csv', '--force')).code).toBe(0)

  const runs = (await json('runs', 'list'))['runs'] as { runId: string }[]
  expect(runs.map(({ runId }) => runId)).toEqual([result['runId']])
  expect(await json('runs', 'show', String(result['runId']).slice(0, 4))).toMatchObject({
    status: 'finished',
    modelHash: result['modelHash'],
  })
})

test('the same spec and seed give the same model; another seed another', async () => {
  const hashOf = async (...args: readonly string[]) => (await json('run', 'iris', ...quick, ...args))['modelHash']
  const first = await hashOf()
  expect(await hashOf('--workers', '2')).toBe(first)
  expect(await hashOf('--seed', '2')).not.toBe(first)
})

test('compare: means of the federated method on top, all methods below, three files', async () => {
  const result = await json('compare', 'iris', ...quick, '--seeds', '2', '--out', 'report')
  expect(result).toMatchObject({
    command: 'compare',
    task: 'iris',
    seeds: [1, 2],
    rounds: 3,
    report: join('report', 'report.html'),
    testRows: 30,
  })
  expect(Object.keys(result['methods'] as object)).toEqual(['centralised', 'alone', 'federated'])
  expect(result['modelHash']).toMatch(hash)
  expect(result['metrics']).toMatchObject({
    accuracy: (result['methods'] as { federated: { accuracy: { mean: number } } }).federated.accuracy.mean,
  })
  for (const name of ['report.html', 'table.csv', 'report.json']) expect(has(join('report', name)), name).toBe(true)
  // the report of the run that was kept can be used at once
  expect(await json('runs', 'show', String(result['runId']))).toMatchObject({ modelHash: result['modelHash'] })
})

test('init: several tables, one a site, become a spec that runs', async () => {
  const [head = '', ...rows] = smallTable().trimEnd().split('\n')
  for (const site of ['North', 'South']) write(`${site}.csv`, `${[head, ...rows.filter((row) => row.startsWith(site))].join('\n')}\n`)
  const written = await json(
    'init',
    '--csv',
    'North.csv',
    '--csv',
    'South.csv',
    '--label',
    'Outcome',
    '--leave-out',
    'Hospital',
    '--out',
    'own.yaml',
  )
  expect(written).toMatchObject({ out: 'own.yaml', rows: 60 })
  const result = await json('run', 'own.yaml', ...quick)
  expect(Object.keys(result['sites'] as object)).toEqual(['North', 'South'])
})

test('a fault is an object too, and the exit code says so', async () => {
  const { code, stdout } = await run('run', 'iris', '--set', 'rounds=0', '--json')
  expect(code).toBe(1)
  expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'spec-value', got: '0', where: { field: 'rounds' } } })
  expect((await json('run', 'iris', '--sedd', '3'))['error']).toMatchObject({ code: 'usage' })
})

test('data and schema', async () => {
  const list = (await json('data', 'list'))['dataSets'] as { name: string }[]
  expect(list.map(({ name }) => name)).toContain('breast-cancer')
  const { files } = (await json('data', 'verify', 'iris')) as { files: { state: string }[] }
  expect(files.map(({ state }) => state)).toEqual(['ok'])
  const schema = JSON.parse((await run('schema')).stdout) as { properties: object; required: string[] }
  expect(schema.required).toEqual(['task'])
  expect(Object.keys(schema.properties)).toEqual(expect.arrayContaining(['rounds', 'strategy', 'sum', 'privacy']))
})

test('compare --methods: named methods on a partition in one word, with a target', async () => {
  const named = ['--methods', 'fedavg,fedprox:mu=0.1,alone', '--partition', 'dirichlet:0.5:5', '--target', 'loss=1.5']
  const result = await json('compare', 'iris', ...quick, '--seeds', '1', ...named, '--out', 'methods')
  expect(result).toMatchObject({ command: 'compare', target: { measure: 'loss', value: 1.5 } })
  expect(Object.keys(result['methods'] as object)).toEqual(['fedavg', 'fedprox:mu=0.1', 'alone'])
  expect(Object.keys(result['reached'] as object)).toHaveLength(3)
  const report = JSON.parse(readFileSync(join(folder, 'methods/report.json'), 'utf8')) as { sites: unknown[]; spec: { partition: unknown } }
  expect(report.sites).toHaveLength(5)
  expect(report.spec.partition).toEqual({ kind: 'dirichlet', alpha: 0.5, sites: 5 })
})

test.each([
  ['an unknown method', ['--methods', 'fedavg,fedprx'], /did you mean fedprox/],
  ['a bad option of a method', ['--methods', 'fedprox:mue=1'], /field strategy\.mue/],
  ['a partition of no kind', ['--partition', 'diriclet:0.1:10'], /--partition: expected one of/],
  ['a partition without its sites', ['--partition', 'dirichlet:0.1'], /--partition: expected one of/],
  ['a target of no measure', ['--target', 'acuracy=0.9'], /--target: expected measure=value/],
])('compare refuses %s before it trains', async (_, args, said) => {
  const { code, stderr } = await run('compare', 'iris', '--methods', 'fedavg', ...args)
  expect(code).not.toBe(0)
  expect(stderr).toMatch(said)
})

test('sweep: trials, the best of each method, and how to go on', async () => {
  const varied = ['--vary', 'local.optimiser.learningRate=0.001,0.2', '--vary', 'fedprox:mu=0.1']
  const result = await json('sweep', 'iris', ...quick, '--methods', 'fedavg,fedprox', ...varied)
  expect(result).toMatchObject({ command: 'sweep', task: 'iris', seeds: [1001], measure: 'accuracy' })
  expect(result['trials']).toHaveLength(4)
  const best = result['best'] as { method: string; text: string; sets: string[] }[]
  expect(best.map(({ method }) => method)).toEqual(['fedavg', 'fedprox'])
  expect(best[1]?.sets).toContain('strategy.mu=0.1')
  // what it prints is taken as it is
  const compared = await json(
    'compare',
    'iris',
    ...quick,
    '--seeds',
    '1',
    '--methods',
    best.map(({ text }) => text).join(','),
    '--out',
    'tuned',
  )
  expect(Object.keys(compared['methods'] as object)).toEqual(best.map(({ text }) => text))
})

test('doctor: figures, a finding and a method; --try shows what it brings', async () => {
  const healthy = await json('doctor', 'iris', '--partition', 'iid:5', '--quiet')
  expect(healthy).toMatchObject({ command: 'doctor', finding: 'none', method: 'fedavg', skew: { sites: 5, rows: 120 } })
  const tried = await json('doctor', 'iris-single-class', ...quick, '--try', '--seeds', '1', '--out', 'tried')
  expect(tried).toMatchObject({ command: 'compare', diagnosis: { finding: 'label', method: 'fedadam' } })
  expect(Object.keys(tried['methods'] as object)).toEqual(['fedavg', 'fedadam'])
})

test('cells whose category nobody knows are counted, never shown: in run and in predict', async () => {
  write('known.csv', smallTable())
  expect((await run('init', '--csv', 'known.csv', '--label', 'Outcome', '--site', 'Hospital', '--out', 'known.yaml')).code).toBe(0)
  // another hospital's table comes with a stage that the spec does not list
  write('known.csv', smallTable().replaceAll('rare', 'strange'))
  const trained = await run('run', 'known.yaml', ...quick, '--out', 'known')
  expect(trained).toMatchObject({ code: 0, stderr: expect.stringMatching(/column Stage: 6 cells/) as string })
  const predicted = await run('predict', 'known/model.safetensors', 'known.csv')
  expect(predicted.stderr).toMatch(/column Stage: 6 cells/)
  expect(trained.stderr + predicted.stderr).not.toContain('strange')
  expect(await json('predict', 'known/model.safetensors', 'known.csv')).toMatchObject({ unknown: { Stage: 6 } })
})
