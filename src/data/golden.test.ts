// Preprocessing against scikit-learn, and the FLamby preprocessing of heart disease.
import { expect, test } from 'vitest'
import { dataSets, loadDataset } from './data-sets.node.ts'
import { fitPreprocessing, inputNames } from './preprocessing.ts'
import golden from './preprocessing.golden.json' with { type: 'json' }
import { summarise } from './summarise.ts'
import { transform } from './transform.ts'
import { dropColumns } from './views.ts'

interface Digest {
  readonly shape: readonly number[]
  readonly first: readonly number[]
  readonly last: readonly number[]
  readonly sums: readonly number[]
}

/** Inputs are float32: 1e-6 for a cell, and for a sum as many roundings as rows. */
const expectDigest = (inputs: Float32Array, width: number, digest: Digest): void => {
  const rows = inputs.length / width
  expect([rows, width]).toEqual(digest.shape)
  for (let k = 0; k < width; k += 1) {
    expect(inputs[k]).toBeCloseTo(digest.first[k] ?? Number.NaN, 5)
    expect(inputs[(rows - 1) * width + k]).toBeCloseTo(digest.last[k] ?? Number.NaN, 5)
    let sum = 0
    for (let row = 0; row < rows; row += 1) sum += (1 + (row % 7)) * (inputs[row * width + k] ?? Number.NaN)
    expect(Math.abs(sum - (digest.sums[k] ?? Number.NaN))).toBeLessThan(1e-3)
  }
}

test('breast cancer standardised is scikit-learn’s StandardScaler', async () => {
  const dataset = await loadDataset('breast-cancer')
  const preprocessing = fitPreprocessing(dataset.schema, summarise(dataset))
  expectDigest(transform(preprocessing, dataset).inputs, 30, golden.breastCancer)
})

test('diabetes one-hot with the first level dropped and standardised is scikit-learn’s ColumnTransformer', async () => {
  const dataset = await loadDataset('diabetes')
  const preprocessing = fitPreprocessing(dataset.schema, summarise(dataset), { dropFirst: true })
  expectDigest(transform(preprocessing, dataset).inputs, 10, golden.diabetes)
})

test('missing values: mean and deviation of the values present, holes filled with the mean', async () => {
  const whole = await loadDataset('breast-cancer')
  const names = whole.schema.features.slice(3).map((column) => column.name)
  const dataset = dropColumns(whole, names)
  const holes = dataset.values.map((values, j) =>
    values.map((value, row) => ((j === 0 && row % 5 === 0) || (j === 2 && row % 3 === 0) ? Number.NaN : value)),
  )
  const holed = { ...dataset, values: holes }
  expectDigest(transform(fitPreprocessing(dataset.schema, summarise(holed)), holed).inputs, 3, golden.holes)
})

const here = dataSets.list().some(({ name, state }) => name === 'heart-disease' && state === 'found')
const why = here ? '' : ' — SKIPPED: set YIMENG_DATA to a folder with heart-disease/processed.*.data'
if (!here) console.warn(`heart disease data are not on this machine: 1 test${why}`)

test.skipIf(!here)(`heart disease: FLamby’s 13 inputs, standardised on all train rows${why}`, async () => {
  const dataset = await loadDataset('heart-disease', { download: false })
  const train = dataset.split?.train ?? new Uint32Array(0)
  const preprocessing = fitPreprocessing(dataset.schema, summarise(dataset, train), { dropFirst: true, oneHot: 'standardise' })
  expect(inputNames(preprocessing)).toEqual([
    'age',
    'sex=male',
    'chest pain=atypical angina',
    'chest pain=non-anginal pain',
    'chest pain=asymptomatic',
    'resting blood pressure',
    'cholesterol',
    'fasting blood sugar=above 120 mg/dl',
    'resting ECG=ST-T wave abnormality',
    'resting ECG=left ventricular hypertrophy',
    'maximum heart rate',
    'exercise angina=yes',
    'ST depression',
  ])
  const { inputs, rows, targets } = transform(preprocessing, dataset, train)
  expect([rows, targets.reduce((sum, value) => sum + value, 0)]).toEqual([486, 252])
  // on the rows it was fitted on, every input has mean 0 and standard deviation 1
  for (let k = 0; k < 13; k += 1) {
    const column = Float64Array.from({ length: rows }, (_, row) => inputs[row * 13 + k] ?? Number.NaN)
    const mean = column.reduce((sum, value) => sum + value, 0) / rows
    expect(Math.abs(mean)).toBeLessThan(1e-6)
    expect(column.reduce((sum, value) => sum + (value - mean) ** 2, 0) / rows).toBeCloseTo(1, 5)
  }
})
