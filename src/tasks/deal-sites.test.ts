import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { seed } from '../base/index.ts'
import type { Dataset } from '../data/index.ts'
import { loadDataset } from '../data/node.ts'
import { dealSites, type PartitionSpec, resolveSpec } from './index.ts'

const split = { kind: 'random', testShare: 0.25 } as const
const toy = (rows: number, sites?: readonly string[]): Dataset => ({
  name: 'toy',
  schema: { features: [{ kind: 'numeric', name: 'x' }], label: { kind: 'categorical', name: 'y', levels: ['a', 'b', 'c'] } },
  rows,
  values: [Float64Array.from({ length: rows }, (_, i) => i)],
  labels: Float64Array.from({ length: rows }, (_, i) => i % 3),
  ...(sites === undefined ? {} : { sites }),
})

const kinds: readonly PartitionSpec[] = [
  { kind: 'iid', sites: 4 },
  { kind: 'dirichlet', sites: 4, alpha: 1 },
  { kind: 'classDirichlet', sites: 4, alpha: 5, minimumRows: 5 },
  { kind: 'labelShards', sites: 4, shardsPerSite: 2 },
  { kind: 'missingClasses', sites: 3, classesPerSite: 2 },
  { kind: 'quantitySkew', sites: 4, alpha: 1, minimumRows: 5 },
]

test.each(kinds)('every row goes to one side of one site ($kind), the same for the same seed', (partition) => {
  fc.assert(
    fc.property(fc.integer({ min: 60, max: 200 }), fc.nat(1000), (rows, root) => {
      const sites = dealSites(toy(rows), { partition, split }, seed(root))
      const all = sites.flatMap(({ train, test: held }) => [...train, ...held])
      expect(all.toSorted((a, b) => a - b)).toEqual(Array.from({ length: rows }, (_, i) => i))
      expect(dealSites(toy(rows), { partition, split }, seed(root))).toEqual(sites)
      expect(sites.every(({ train }) => train.length > 0)).toBe(true)
    }),
    { numRuns: 20 },
  )
})

test('single-class sites hold one class each; with two of three classes, each class is at two sites', () => {
  const labelsAt = (classesPerSite: number) =>
    dealSites(toy(90), { partition: { kind: 'missingClasses', sites: 3, classesPerSite }, split }, seed(1)).map(({ train }) =>
      [...new Set(Array.from(train, (row) => row % 3))].toSorted((a, b) => a - b),
    )
  expect(labelsAt(1)).toEqual([[0], [1], [2]])
  expect(labelsAt(2)).toEqual([
    [0, 1],
    [1, 2],
    [0, 2],
  ])
})

test('natural sites keep their names; a split seed of its own holds whatever the run’s seed', () => {
  const names = Array.from({ length: 60 }, (_, i) => ['west', 'east'][i % 2] ?? '')
  const own = { kind: 'random', testShare: 0.25, seed: 7 } as const
  const one = dealSites(toy(60, names), { partition: { kind: 'natural' }, split: own }, seed(1))
  expect(one.map(({ name }) => name)).toEqual(['east', 'west'])
  expect(dealSites(toy(60, names), { partition: { kind: 'natural' }, split: own }, seed(2))).toEqual(one)
  expect(dealSites(toy(60, names), { partition: { kind: 'natural' }, split }, seed(2))).not.toEqual(one)
})

const heartDisease = await loadDataset('heart-disease', { download: false }).catch(() => undefined)
const why = heartDisease === undefined ? ' — SKIPPED: set YIMENG_DATA to a folder with heart-disease/processed.*.data' : ''
if (heartDisease === undefined) console.warn(`heart disease data are not on this machine: 1 test${why}`)

test.skipIf(heartDisease === undefined)(`heart disease comes in FLamby’s numbers${why}`, () => {
  // Ogier du Terrail et al. 2022, README of Fed-Heart-Disease
  const sites = dealSites(heartDisease!, resolveSpec({ task: 'heart-disease' }), seed(1))
  expect(sites.map(({ name, train, test: held }) => [name, train.length, held.length])).toEqual([
    ['cleveland', 199, 104],
    ['hungarian', 172, 89],
    ['switzerland', 30, 16],
    ['va', 85, 45],
  ])
})

test('fewer training rows of a given split: by class, the test rows untouched, no more than there are', () => {
  const rows = (from: number, to: number) => Uint32Array.from({ length: to - from }, (_, i) => from + i)
  const dataset = { ...toy(120), split: { train: rows(0, 90), validation: new Uint32Array(0), test: rows(90, 120) } }
  const deal = (trainRows: number) =>
    dealSites(dataset, { partition: { kind: 'iid', sites: 3 }, split: { kind: 'given', trainRows } }, seed(1))
  const train = deal(30).flatMap((site) => [...site.train])
  expect([0, 1, 2].map((label) => train.filter((row) => row % 3 === label).length)).toEqual([10, 10, 10])
  expect(Math.max(...train)).toBeLessThan(90)
  expect(
    deal(30)
      .flatMap((site) => [...site.test])
      .sort((a, b) => a - b),
  ).toEqual([...rows(90, 120)])
  expect(deal(90)).toEqual(dealSites(dataset, { partition: { kind: 'iid', sites: 3 }, split: { kind: 'given' } }, seed(1)))
  expect(() => deal(91)).toThrow('at most 90 training rows')
})
