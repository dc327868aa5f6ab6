// FedCon beside FedAvg on the split of its original (FATE_JzLab 1.0.7, test/FedCon): Wisconsin breast cancer, guest 118 rows, host 228, logistic regression, 20 rounds of one epoch, batch 128.
// The original judged by its training rows (346); the 223 rows of the 569 that it left out are the honest test. Its tables come standardised over all 569 rows; --standardise refits on the 346. --drawn
// starts from weights that PyTorch would draw, as the original did (once, with seed 100), instead of 0.
// Run: YIMENG_DATA=… node bench/fedcon.ts [--seeds 10] [--first 0] [--rate 0.1] [--batch 128] [--standardise] [--drawn]
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { mean, standardDeviation } from '../src/judge/index.ts'
import { type Dataset, run, type RunResult, type Task } from '../src/index.ts'

const { values: options } = parseArgs({
  options: {
    seeds: { type: 'string', default: '10' },
    first: { type: 'string', default: '0' },
    rate: { type: 'string', default: '0.1' },
    batch: { type: 'string', default: '128' },
    standardise: { type: 'boolean', default: false },
    drawn: { type: 'boolean', default: false },
  },
})
const folder = join(process.env['YIMENG_DATA'] ?? '.', 'wdbc')

const cells = async (path: string): Promise<readonly (readonly string[])[]> =>
  (await readFile(join(folder, path), 'utf8'))
    .trim()
    .split(/\r?\n/)
    .slice(1)
    .map((line) => line.split(','))

/** A row: which of the 569 it is, its class and 30 measurements. */
interface Row {
  readonly id: number
  readonly label: number
  readonly values: readonly number[]
}

const seedRows = async (path: string): Promise<readonly Row[]> =>
  (await cells(path)).map(([id, label, ...values]) => ({ id: Number(id), label: Number(label), values: values.map(Number) }))

/** All 569 as the original's tables have them: population standard deviation, the worst values first. */
const allRows = async (): Promise<readonly Row[]> => {
  const raw = (await cells('breast_cancer.csv')).map((row) => row.map(Number))
  const column = (j: number) => raw.map((row) => row[j] ?? Number.NaN)
  const standardised = Array.from({ length: 30 }, (_, i) => {
    const values = column(i < 10 ? 20 + i : i - 10)
    const centre = mean(values)
    const scale = Math.sqrt(mean(values.map((value) => (value - centre) ** 2)))
    return values.map((value) => (value - centre) / scale)
  })
  return raw.map((row, id) => ({ id, label: row[30] ?? Number.NaN, values: standardised.map((values) => values[id] ?? Number.NaN) }))
}

const [guest, host, all] = await Promise.all([seedRows('seed/breast_guest.csv'), seedRows('seed/breast_host.csv'), allRows()])
const trained = new Set([...guest, ...host].map(({ id }) => id))
const heldOut = all.filter(({ id }) => !trained.has(id))
// the test rows of a site named after what they are: the two sites' are the training rows and the others
const parts: readonly { readonly site: string; readonly rows: readonly Row[]; readonly test: boolean }[] = [
  { site: 'guest', rows: guest, test: false },
  { site: 'host', rows: host, test: false },
  { site: 'guest', rows: [...guest, ...host], test: true },
  { site: 'host', rows: heldOut, test: true },
]
const rows = parts.flatMap((part) => part.rows.map((row) => ({ ...row, site: part.site, test: part.test })))
const placesOf = (test: boolean) => Uint32Array.from(rows.flatMap((row, i) => (row.test === test ? [i] : [])))
const dataset: Dataset = {
  name: 'breast cancer, as FedCon had it',
  schema: {
    features: Array.from({ length: 30 }, (_, i) => ({ kind: 'numeric', name: `x${i}` })),
    label: { kind: 'categorical', name: 'y', levels: ['malignant', 'benign'] },
  },
  rows: rows.length,
  values: Array.from({ length: 30 }, (_, i) => Float64Array.from(rows, ({ values }) => values[i] ?? Number.NaN)),
  labels: Float64Array.from(rows, ({ label }) => label),
  sites: rows.map(({ site }) => site),
  split: { train: placesOf(false), validation: new Uint32Array(0), test: placesOf(true) },
}
const task: Task = {
  name: 'fedcon-original',
  title: { en: '', 'zh-CN': '', 'zh-TW': '' },
  about: { en: '', 'zh-CN': '', 'zh-TW': '' },
  defaults: {},
  load: async () => dataset,
}

const seeds = Array.from({ length: Number(options.seeds) }, (_, i) => Number(options.first) + i)
for (const name of ['fedavg', 'fedcon'] as const) {
  const results: RunResult[] = []
  for (const seed of seeds)
    results.push(
      await run(
        {
          task: task.name,
          seed,
          strategy: { name },
          partition: { kind: 'natural' },
          split: { kind: 'given' },
          preprocessing: { numeric: options.standardise ? 'standardise' : 'none' },
          // logistic starts at 0; one layer of an MLP as PyTorch draws it
          model: options.drawn ? { kind: 'mlp', hidden: [] } : { kind: 'logistic' },
          local: { epochs: 1, batch: Number(options.batch), optimiser: { name: 'sgd', learningRate: Number(options.rate) } },
          rounds: 20,
          evaluate: { every: 0 },
        },
        { home: null, task },
      ),
    )
  for (const [site, what] of [
    ['guest', `${trained.size} training rows`],
    ['host', `${heldOut.length} held-out rows`],
  ] as const) {
    const of = (measure: string) => results.map(({ bySite }) => bySite[site]?.metrics[measure] ?? Number.NaN)
    const [accuracy, loss] = [of('accuracy'), of('loss')]
    console.log(
      `${name.padEnd(7)} ${what.padEnd(18)} accuracy ${mean(accuracy).toFixed(4)} ± ${standardDeviation(accuracy).toFixed(4)}  loss ${mean(loss).toFixed(4)}`,
    )
  }
}
