import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { seed } from '../base/index.ts'
import { partition } from './partition.ts'
import { foldRows, givenSplit, splitRows, splitSites } from './split.ts'
import { strataOf } from './strata.ts'
import { csvText } from './table.ts'
import type { Dataset } from './types.ts'

const datasetOf = (labels: readonly number[], patients?: readonly string[]): Dataset => ({
  name: 'made',
  schema: { features: [], label: { kind: 'categorical', name: 'y', levels: ['0', '1', '2'] } },
  rows: labels.length,
  values: [],
  labels: Float64Array.from(labels),
  ...(patients === undefined ? {} : { patients }),
})

/** Labels and patients: 10 to 120 rows, patients with one to several rows, some unknown. */
const grouped = fc
  .array(fc.tuple(fc.nat({ max: 2 }), fc.option(fc.nat({ max: 60 }), { nil: undefined })), { minLength: 10, maxLength: 120 })
  .map((rows) =>
    datasetOf(
      rows.map(([label]) => label),
      rows.map(([, patient]) => (patient === undefined ? '' : `p${patient}`)),
    ),
  )

const patientsOf = (dataset: Dataset, rows: Uint32Array): ReadonlySet<string> =>
  new Set(Array.from(rows, (row) => dataset.patients?.[row] ?? '').filter((patient) => patient !== ''))

const disjoint = (a: ReadonlySet<string>, b: ReadonlySet<string>): boolean => a.isDisjointFrom(b)

const covers = (parts: readonly Uint32Array[], rows: number): boolean => {
  const all = parts.flatMap((part) => Array.from(part)).sort((a, b) => a - b)
  return all.length === rows && all.every((row, at) => row === at)
}

test('a patient never stands on two sides; nothing is lost; the same seed splits the same', () => {
  fc.assert(
    fc.property(grouped, fc.nat(), (dataset, root) => {
      const split = splitRows({ dataset, testShare: 0.3, validationShare: 0.2, seed: seed(root) })
      expect(covers([split.train, split.validation, split.test], dataset.rows)).toBe(true)
      const [a, b, c] = [split.train, split.validation, split.test].map((rows) => patientsOf(dataset, rows))
      expect(disjoint(a!, b!) && disjoint(a!, c!) && disjoint(b!, c!)).toBe(true)
      expect(splitRows({ dataset, testShare: 0.3, validationShare: 0.2, seed: seed(root) })).toEqual(split)
    }),
    { numRuns: 200, seed: 1, examples: [] },
  )
})

test('k folds: test rows are disjoint and complete, patients stay whole, sizes are near', () => {
  fc.assert(
    fc.property(grouped, fc.integer({ min: 2, max: 5 }), fc.nat(), (dataset, k, root) => {
      const patients = new Set(dataset.patients?.map((patient, row) => (patient === '' ? String(row) : patient))).size
      fc.pre(patients >= k)
      const folds = foldRows({ dataset, k, seed: seed(root) })
      expect(
        covers(
          folds.map((fold) => fold.test),
          dataset.rows,
        ),
      ).toBe(true)
      for (const { train, test: held } of folds) {
        expect(covers([train, held], dataset.rows)).toBe(true)
        expect(disjoint(patientsOf(dataset, train), patientsOf(dataset, held))).toBe(true)
      }
    }),
    { numRuns: 150, seed: 1 },
  )
})

test('one row a patient: shares are exact, in all and to one row in each class and site', () => {
  const labels = Array.from({ length: 203 }, (_, row) => (row % 10 === 0 ? 1 : 0))
  const dataset = datasetOf(labels)
  const { test: held, train } = splitRows({ dataset, testShare: 0.2, seed: seed(2) })
  expect([held.length, train.length]).toEqual([41, 162])
  expect([4, 5]).toContain(held.filter((row) => labels[row] === 1).length)
  const sites = partition.iid(labels, 4, seed(3))
  const splits = splitSites({ dataset, sites, testShare: 0.2, seed: seed(2) })
  for (const [site, split] of splits.entries()) {
    expect(split.train.length + split.test.length).toBe(sites[site]?.length)
    expect(Math.abs(split.test.length - 0.2 * (sites[site]?.length ?? 0))).toBeLessThanOrEqual(2)
  }
  expect(splits.reduce((sum, split) => sum + split.test.length, 0)).toBe(41)
})

test('a patient of two sites stands on one side at both', () => {
  const patients = Array.from({ length: 80 }, (_, row) => `p${row % 40}`)
  const dataset = datasetOf(
    Array.from({ length: 80 }, (_, row) => row % 2),
    patients,
  )
  const sites = [Uint32Array.from({ length: 40 }, (_, row) => row), Uint32Array.from({ length: 40 }, (_, row) => 40 + row)]
  const [north, south] = splitSites({ dataset, sites, testShare: 0.25, seed: seed(1) })
  expect(disjoint(patientsOf(dataset, north!.test), patientsOf(dataset, south!.train))).toBe(true)
  expect(disjoint(patientsOf(dataset, north!.train), patientsOf(dataset, south!.test))).toBe(true)
  expect(north!.test.length).toBe(10)
})

test('only the given rows are split, and their order does not matter', () => {
  const dataset = datasetOf(Array.from({ length: 50 }, (_, row) => row % 3))
  const rows = [40, 3, 7, 9, 21, 22, 23, 5, 6, 11]
  const split = splitRows({ dataset, rows, testShare: 0.3, seed: seed(1) })
  expect([...split.train, ...split.test].sort((a, b) => a - b)).toEqual(rows.toSorted((a, b) => a - b))
  expect(splitRows({ dataset, rows: rows.toReversed(), testShare: 0.3, seed: seed(1) })).toEqual(split)
})

test('a numeric label is stratified by its quantiles', () => {
  const dataset: Dataset = {
    ...datasetOf(Array.from({ length: 100 }, (_, row) => row)),
    schema: { features: [], label: { kind: 'numeric', name: 'y' } },
  }
  expect([0, 1, 2, 3, 4].map((bin) => strataOf(dataset).filter((value) => value === bin).length)).toEqual([20, 20, 20, 20, 20])
  const { test: held } = splitRows({ dataset, testShare: 0.2, seed: seed(1) })
  expect([0, 1, 2, 3, 4].map((bin) => held.filter((row) => Math.floor(row / 20) === bin).length)).toEqual([4, 4, 4, 4, 4])
})

test('refuses shares out of range, empty sides, too many folds, rows that are not there or twice', () => {
  const dataset = datasetOf([0, 1, 0, 1])
  const split = (options: object) => () => splitRows({ dataset, seed: seed(1), ...options })
  expect(split({ testShare: 1 })).toThrow(/testShare from 0 to below 1/)
  expect(split({ testShare: 0.6, validationShare: 0.6 })).toThrow(/together/)
  expect(split({ testShare: 0.01 })).toThrow(/rows to judge by/)
  expect(split({ rows: [4] })).toThrow(/rows below 4/)
  expect(split({ rows: [1, 1, 2] })).toThrow(/row 1 twice/)
  expect(() => foldRows({ dataset, k: 5, seed: seed(1) })).toThrow(/at least 5 patients/)
  expect(() => foldRows({ dataset, k: 1, seed: seed(1) })).toThrow(/at least 2 folds/)
})

test('a given split is read by site and line; other words leave a row out', async () => {
  const dataset: Dataset = { ...datasetOf([0, 1, 0, 1]), sites: ['a', 'a', 'b', 'b'], lines: Uint32Array.of(1, 2, 1, 2) }
  const columns = { site: 'site', line: 'line', set: 'set' }
  const split = await givenSplit(dataset, csvText('s.csv', 'site,line,set\nb,2,train\na,1,test\na,2,\nb,1,train\na,7,\n'), columns)
  expect([[...split.train], [...split.test], [...split.validation]]).toEqual([[2, 3], [0], []])
  await expect(givenSplit(dataset, csvText('s.csv', 'site,line,set\nb,9,train\n'), columns)).rejects.toThrow(/line 9 of b/)
  await expect(givenSplit(dataset, csvText('s.csv', 'hospital,line,set\nb,9,train\n'), columns)).rejects.toThrow(/cannot find column site/)
})
