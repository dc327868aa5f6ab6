import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { seed, YimengError } from '../base/index.ts'
import { csvText, readTable, takeRows } from '../data/index.ts'
import { loadDataset } from '../data/node.ts'
import { fedAvg } from '../federated/index.ts'
import type { RunEvent } from '../federated/spec/index.ts'
import { dealSites, resolveSpec, type RunSpecInput, type Task } from '../tasks/index.ts'
import { evaluate, listRuns, loadModel, modelOf, predict, resume, run, saveModel, showRun, trainAlone, trainCentralised } from './index.ts'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'yimeng-simulation-'))
})
afterAll(() => rm(folder, { recursive: true }))

const quiet = { home: null } as const
/** Small and with server state, so that a lost moment would show. */
const small: RunSpecInput = { task: 'iris', rounds: 6, strategy: { name: 'fedadam', learningRate: 0.05 }, cohort: { size: 4 } }

const faultOf = async (work: Promise<unknown>): Promise<YimengError> => {
  try {
    await work
  } catch (error) {
    if (error instanceof YimengError) return error
    throw error
  }
  throw new Error('no fault')
}

describe('the same spec gives the same model', () => {
  test('twice in a row, and with one worker and with two', async () => {
    const [one, again, two] = [await run(small, quiet), await run(small, quiet), await run(small, { ...quiet, workers: 2 })]
    expect(again.modelHash).toBe(one.modelHash)
    expect(two.modelHash).toBe(one.modelHash)
    expect(Buffer.from(two.model.bytes).equals(Buffer.from(one.model.bytes))).toBe(true)
    expect((await run({ ...small, seed: 2 }, quiet)).modelHash).not.toBe(one.modelHash)
  })

  test('FedProx without a pull is FedAvg', async () => {
    const average = await run({ ...small, strategy: { name: 'fedavg' } }, quiet)
    const proximal = await run({ ...small, strategy: { name: 'fedprox', mu: 0 } }, quiet)
    expect(proximal.modelHash).toBe(average.modelHash)
    expect((await run({ ...small, strategy: { name: 'fedprox', mu: 1 } }, quiet)).modelHash).not.toBe(average.modelHash)
  })

  test('the reference engine gives nearly the same model: it counts in float64', async () => {
    const { metrics: fast } = await run({ ...small, rounds: 3 }, quiet)
    const { metrics: slow } = await run({ ...small, rounds: 3, engine: { kind: 'reference' } }, quiet)
    expect(slow['loss']).toBeCloseTo(fast['loss'] ?? 0, 5)
  })

  test.each([
    // the round is open at coordinator and nodes
    ['roundStarted', 3],
    // committed by the coordinator, but no node has been told
    ['roundCommitted', 4],
    // analytics are half done: nothing is committed
    ['roundStarted', 0],
  ])('after kill -9 at %s of round %i, and resume', async (kind, round) => {
    const home = join(folder, `${kind}-${round}`)
    const child = spawn(
      process.execPath,
      [fileURLToPath(new URL('./killed-run.test-support.ts', import.meta.url)), home, JSON.stringify(small), kind, String(round)],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    )
    const ended = await new Promise<unknown>((resolve) => child.on('close', (_, signal) => resolve(signal)))
    expect(ended).toBe('SIGKILL')
    const [killed] = await listRuns({ home })
    expect(killed).toMatchObject({ status: 'interrupted', round: kind === 'roundCommitted' ? round : Math.max(0, round - 1) })
    const events: RunEvent[] = []
    const finished = await resume(killed?.runId ?? '', { home, onEvent: (event) => events.push(event) })
    const whole = await run(small, quiet)
    expect(finished.modelHash).toBe(whole.modelHash)
    expect(finished.history.map(({ round: each }) => each)).toEqual([1, 2, 3, 4, 5, 6])
    expect(finished.history.map(({ test: measures }) => measures)).toEqual(whole.history.map(({ test: measures }) => measures))
    // a new attempt has a new number
    const again = events.find((event) => event.kind === 'roundStarted')
    expect(again).toMatchObject(kind === 'roundStarted' ? { round, attempt: 2 } : { round: round + 1, attempt: 1 })
  })
})

test.each([
  { name: 'fedavg' },
  { name: 'fedprox', mu: 0.1 },
  { name: 'fedavgm', learningRate: 1, momentum: 0.5 },
  { name: 'fedadagrad', learningRate: 0.2 },
  { name: 'fedadam', learningRate: 0.1 },
  { name: 'fedyogi', learningRate: 0.1 },
] as const)('$name learns', async (strategy) => {
  const { history } = await run({ task: 'iris', rounds: 12, strategy }, quiet)
  const losses = history.map(({ trainLoss }) => trainLoss ?? Number.NaN)
  expect(losses).toHaveLength(12)
  expect(losses.at(-1)).toBeLessThan(0.8 * (losses[0] ?? 0))
})

test('a stopped run says so, is resumed, and gives the same model', async () => {
  const home = join(folder, 'stopped')
  const stop = new AbortController()
  const reason = new Error('enough')
  const onEvent = (event: RunEvent) => {
    if (event.kind === 'roundStarted' && event.round === 3) stop.abort(reason)
  }
  await expect(run(small, { home, signal: stop.signal, onEvent })).rejects.toBe(reason)
  const [stopped] = await listRuns({ home })
  expect(stopped).toMatchObject({ status: 'cancelled', round: 2, rounds: 6 })
  const { modelHash, runId } = await resume(stopped?.runId ?? '', { home })
  expect(modelHash).toBe((await run(small, quiet)).modelHash)
  expect(runId).toBe(stopped?.runId)
  expect(await listRuns({ home })).toMatchObject([{ status: 'finished', round: 6, modelHash }])
})

test('a run can be listed, shown and its model used', async () => {
  const home = join(folder, 'kept')
  const events: RunEvent[] = []
  const result = await run(small, { home, onEvent: (event) => events.push(event) })
  const shown = await showRun(result.runId.slice(0, 7), { home })
  expect(shown.events).toEqual(events)
  expect(shown).toMatchObject({
    runId: result.runId,
    status: 'finished',
    modelHash: result.modelHash,
    metrics: result.metrics,
    specHash: result.specHash,
  })
  expect(events.map(({ kind }) => kind)).toEqual([
    'runStarted',
    ...Array.from({ length: 10 }, () => 'siteReady'),
    'roundStarted',
    'roundCommitted',
    'analysed',
    ...Array.from({ length: 6 }, () => ['roundStarted', 'roundCommitted', 'evaluated']).flat(),
    'runFinished',
  ])
  expect((await modelOf(result.runId, { home })).hash).toBe(result.modelHash)
  expect(await faultOf(showRun('zzz', { home }))).toMatchObject({ code: 'run-unknown' })
  expect(await listRuns({ home: join(folder, 'nowhere') })).toEqual([])
  expect(existsSync(join(folder, 'nowhere'))).toBe(false)
})

test('runs side by side share a journal; a finished one is finished again without training; nobody resumes one that is worked on', async () => {
  const home = join(folder, 'side-by-side')
  const tried: Promise<YimengError>[] = []
  const onEvent = (event: RunEvent) => {
    if (event.kind === 'roundStarted' && event.round === 3) tried.push(faultOf(resume(event.run, { home })))
  }
  const [one, two] = await Promise.all([run({ ...small, rounds: 60 }, { home, onEvent }), run(small, { home })])
  expect((await Promise.all(tried)).map(({ code }) => code)).toEqual(['run-busy'])
  expect(new Set((await listRuns({ home })).map(({ modelHash }) => modelHash))).toEqual(new Set([one.modelHash, two.modelHash]))
  const events: RunEvent[] = []
  const again = await resume(one.runId, { home, onEvent: (event) => events.push(event) })
  expect(again).toMatchObject({ modelHash: one.modelHash, metrics: one.metrics, steps: one.steps })
  expect(again.history).toEqual(one.history)
  expect(events.some(({ kind }) => kind === 'roundStarted')).toBe(false)
})

test('a run is not resumed on other data', async () => {
  const home = join(folder, 'other-data')
  const path = join(folder, 'changing.csv')
  const text = `x,y\n${Array.from({ length: 30 }, (_, i) => `${i},${i % 2 === 0 ? 'a' : 'b'}`).join('\n')}\n`
  await writeFile(path, text)
  const table = {
    files: [path],
    features: [{ kind: 'numeric' as const, name: 'x' }],
    label: { kind: 'categorical' as const, name: 'y', levels: ['a', 'b'] },
  }
  const { runId } = await run({ task: { table }, rounds: 1 }, { home })
  await writeFile(path, text.replace('3,b', '4,b'))
  expect(await faultOf(resume(runId, { home }))).toMatchObject({ code: 'run-changed' })
})

test('bytes are those of the channels: four parameters’ worth down and up for each site and round, and little more', async () => {
  const { bytesUp, bytesDown, model } = await run({ ...small, evaluate: { every: 0 } }, quiet)
  const parameters = 4 * (4 * 3 + 3 + 3 * 3 + 3)
  const least = 6 * 4 * parameters
  expect(model.bytes.length).toBeGreaterThan(parameters)
  expect(bytesUp).toBeGreaterThan(least)
  expect(bytesDown).toBeGreaterThan(least)
  // greetings, orders, stamps and analytics: under 700 bytes a site and round
  expect(bytesUp + bytesDown).toBeLessThan(2 * least + 7 * 10 * 700 + 10 * 6000)
})

test('a model evaluates and predicts from raw rows, also after a round trip through a file', async () => {
  const result = await run({ task: 'iris', rounds: 30 }, quiet)
  expect(result.metrics['accuracy']).toBeGreaterThan(0.85)
  const path = join(folder, 'model.safetensors')
  await saveModel(result.model, path)
  const model = await loadModel(path)
  expect(model).toEqual(result.model)
  const dataset = await loadDataset('iris')
  const spec = resolveSpec({ task: 'iris' })
  const test0 = Uint32Array.from(dealSites(dataset, spec, seed(spec.seed)).flatMap(({ test: rows }) => Array.from(rows)))
  const evaluation = await evaluate(model, takeRows(dataset, test0))
  expect(evaluation.metrics).toEqual(result.metrics)
  const names = dataset.schema.features.map(({ name }) => name)
  const csv = join(folder, 'flowers.csv')
  await writeFile(csv, `${['id', ...names].join(',')}\n1,5.1,3.5,1.4,0.2\n2,6.7,3.0,5.2,2.3\n`)
  const predictions = await predict(model, csv)
  expect(predictions.map((each) => 'label' in each && each.label)).toEqual(['setosa', 'virginica'])
  await writeFile(csv, 'nothing\n1\n')
  expect(await faultOf(predict(model, csv))).toMatchObject({ code: 'csv-column' })
  await writeFile(path, model.bytes.subarray(0, 100))
  expect((await faultOf(loadModel(path))).code).toBe('safetensors')
  expect((await faultOf(loadModel(join(folder, 'none')))).code).toBe('model-missing')
  expect((await faultOf(saveModel(model, join(folder, 'no', 'such', 'folder')))).code).toBe('model-unwritable')
})

test('baselines take the same numbers of steps', async () => {
  const spec: RunSpecInput = { task: 'iris', rounds: 5 }
  const federated = await run(spec, quiet)
  const centralised = await trainCentralised(spec)
  const alone = Object.values(await trainAlone(spec))
  expect(centralised.steps).toBe(federated.steps)
  expect(alone.reduce((sum, { steps }) => sum + steps, 0)).toBe(federated.steps)
  expect(centralised.pooled.labels).toEqual(federated.pooled.labels)
  expect(centralised.history.map(({ round }) => round)).toEqual([1, 2, 3, 4, 5])
})

describe('what is yours', () => {
  const table = csvText(
    'own.csv',
    `x,y,hospital\n${Array.from({ length: 60 }, (_, i) => `${i},${i < 30 ? 'low' : 'high'},${'abc'[i % 3]}`).join('\n')}\n`,
  )
  const own: Task = {
    name: 'own',
    title: { en: 'Own', 'zh-CN': 'Own', 'zh-TW': 'Own' },
    about: { en: 'Own', 'zh-CN': 'Own', 'zh-TW': 'Own' },
    defaults: { rounds: 10, model: { kind: 'logistic' } },
    load: () =>
      readTable(table, {
        features: [{ kind: 'numeric', name: 'x' }],
        label: { kind: 'categorical', name: 'y', levels: ['low', 'high'] },
        site: 'hospital',
      }),
  }

  test('a task runs at its natural sites', async () => {
    const { metrics, sites, model } = await run({ task: 'own' }, { ...quiet, task: own })
    expect(metrics['accuracy']).toBeGreaterThan(0.9)
    expect(sites.map(({ site }) => site)).toEqual(['a', 'b', 'c'])
    expect(model.classes).toEqual(['low', 'high'])
  })

  test('a strategy takes the place of the spec’s', async () => {
    const spec: RunSpecInput = { task: 'iris', rounds: 2 }
    const named = await run(spec, { ...quiet, strategy: (layout) => ({ ...fedAvg({ layout }), name: 'mine' }) })
    const plain = await run(spec, quiet)
    expect(named.modelHash).toBe(plain.modelHash)
    expect(named.specHash).not.toBe(plain.specHash)
  })

  test('a table in several files is a site a file; a category or value that one site has never seen does no harm', async () => {
    const rows = (n: number, kind: (i: number) => string) =>
      Array.from({ length: n }, (_, i) => `${i % 7 === 0 ? '' : i},${kind(i)},${i < n / 2 ? 'no' : 'yes'}`).join('\n')
    const files = await Promise.all(
      Object.entries({ north: () => 'a', south: (i: number) => 'bc'[i % 2] ?? 'b' }).map(async ([name, kind]) => {
        await writeFile(join(folder, `${name}.csv`), `age,kind,ill\n${rows(40, kind)}\n`)
        return join(folder, `${name}.csv`)
      }),
    )
    const inFiles = {
      files,
      features: [
        { kind: 'numeric' as const, name: 'age' },
        { kind: 'categorical' as const, name: 'kind', levels: ['a', 'b', 'c'] },
      ],
      label: { kind: 'categorical' as const, name: 'ill', levels: ['no', 'yes'] },
    }
    const { sites, metrics } = await run({ task: { table: inFiles } }, quiet)
    expect(sites).toMatchObject([
      { site: 'north', trainRows: 32, testRows: 8 },
      { site: 'south', trainRows: 32, testRows: 8 },
    ])
    expect(metrics['accuracy']).toBeGreaterThan(0.7)
  })

  test('a number can be predicted', async () => {
    const { metrics } = await run(
      { task: 'diabetes' },
      {
        ...quiet,
        task: {
          ...own,
          name: 'diabetes',
          defaults: { rounds: 15, model: { kind: 'logistic' }, partition: { kind: 'iid', sites: 3 } },
          load: () => loadDataset('diabetes'),
        },
      },
    )
    // least squares explain about half of the variance (Efron et al. 2004: R² of .52 on all rows)
    expect(metrics['r2']).toBeGreaterThan(0.3)
  })
})
