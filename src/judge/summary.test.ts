import { expect, test } from 'vitest'
import { calibrationBins, predictedClasses } from './calibration.ts'
import { evaluationOf, exampleComparison, siteNames } from './example-outcomes.suite.ts'
import { testsOf } from './paired-tests.ts'
import { bandOf } from './summary.ts'

const comparison = exampleComparison()
const cell = (site: string | null, method: string, measure: string) =>
  comparison.scopes.find((one) => one.site === site)?.cells[method]?.[measure]

test('scopes: all test rows, then each site in order', () => {
  expect(comparison.scopes.map(({ site }) => site)).toEqual([null, ...siteNames])
  expect(comparison.scopes.map(({ testRows }) => testRows)).toEqual([150, 20, 50, 80])
  expect(comparison.primary).toBe('accuracy')
  expect(comparison.measures).toEqual(['accuracy', 'auc', 'loss'])
})

test('accuracy gets a Wilson interval from the rows of one seed, other measures a t interval over seeds', () => {
  const accuracy = cell('Cleveland', 'federated', 'accuracy')
  expect(accuracy?.values).toHaveLength(5)
  expect(accuracy?.interval?.how).toBe('wilson')
  // a Wilson interval of n = 50 is at least as wide as 2·1.96·√(p(1−p)/(n+3.84)), far wider than that of 250 rows
  const p = accuracy?.mean ?? 0
  expect((accuracy?.interval?.high ?? 0) - (accuracy?.interval?.low ?? 0)).toBeGreaterThan(3.9 * Math.sqrt((p * (1 - p)) / 54))
  expect(cell(null, 'federated', 'loss')?.interval?.how).toBe('t')
})

test('a measure that is not defined stays empty and does not poison the rest', () => {
  expect(cell(siteNames[0], 'federated', 'auc')).toMatchObject({
    mean: null,
    sd: null,
    interval: null,
    values: [null, null, null, null, null],
  })
  expect(cell(null, 'federated', 'auc')?.mean).toBeGreaterThan(0.8)
})

test('with one seed there is no spread, no t test, and McNemar is what is adjusted', () => {
  const single = exampleComparison(1)
  expect(single.scopes[0]?.cells['federated']?.['loss']).toMatchObject({ sd: null, interval: null })
  const against = single.tests.find(({ site, against: other }) => site === 'Cleveland' && other === 'alone')
  expect(against?.t).toBeNull()
  expect(against?.adjusted).toBeGreaterThanOrEqual(against?.mcnemar[0]?.midP ?? 2)
})

test('McNemar is taken where both methods have one model for the same rows', () => {
  const pooled = comparison.tests.filter(({ site }) => site === null)
  expect(pooled.find(({ against }) => against === 'centralised')?.mcnemar).toHaveLength(5)
  expect(pooled.find(({ against }) => against === 'alone')?.mcnemar).toHaveLength(0)
  for (const { mcnemar } of pooled) for (const { rows } of mcnemar) expect(rows).toBe(150)
})

test('a difference that is large is found, one that is small is not', () => {
  const [centralised, alone] = comparison.tests
  expect(alone?.adjusted).toBeLessThan(0.01)
  expect(centralised?.adjusted).toBeGreaterThan(0.05)
})

test('methods that saw different rows are not compared row by row', () => {
  const outcome = (labels: number[]) => ({
    seed: 1,
    pooled: [evaluationOf(labels, [0.2, 0.8])],
    bySite: {},
    curve: [],
    steps: 1,
    seconds: 1,
    bytesUp: 0,
    bytesDown: 0,
    modelHashes: [],
  })
  const methods = [
    { name: 'federated', kind: 'federated', outcomes: [outcome([0, 1])] },
    { name: 'centralised', kind: 'centralised', outcomes: [outcome([1, 0])] },
  ] as const
  expect(() => testsOf(methods, [{ site: null, testRows: 2, cells: {} }], 'accuracy', 0)).toThrow('expected the same test rows')
})

test('confusion adds up over seeds and, alone, over models', () => {
  const total = (name: string) =>
    comparison.methods
      .find((method) => method.name === name)
      ?.confusion?.flat()
      .reduce((sum, count) => sum + count, 0)
  expect(total('federated')).toBe(5 * 150)
  expect(total('alone')).toBe(5 * 3 * 150)
})

test('calibration: bins hold every row once, and know stated from observed', () => {
  const labels = [0, 0, 0, 1, 1, 1, 1, 1]
  const bins = calibrationBins([evaluationOf(labels, [0.05, 0.05, 0.62, 0.05, 0.62, 0.62, 0.62, 1])])
  expect(bins.map(({ rows }) => rows)).toEqual([3, 4, 1])
  expect(bins.map(({ observed }) => observed)).toEqual([1 / 3, 0.75, 1])
  expect(bins[1]?.stated).toBeCloseTo(0.62, 6)
})

test('the class called is the one with the largest output, the first of equals', () => {
  const evaluation = { ...evaluationOf([0, 0], [0.5, 0.9]), width: 2 }
  expect([...predictedClasses(evaluation)]).toEqual([0, 1])
})

test('a band leaves out rounds that some seed lacks', () => {
  const outcome = (rounds: number[]) => ({
    seed: 1,
    pooled: [],
    bySite: {},
    curve: rounds.map((round) => ({ round, measures: { accuracy: round / 10 } })),
    steps: 0,
    seconds: 0,
    bytesUp: 0,
    bytesDown: 0,
    modelHashes: [],
  })
  expect(bandOf([outcome([1, 2, 3]), outcome([1, 2])], 'accuracy').map(({ round }) => round)).toEqual([1, 2])
})
