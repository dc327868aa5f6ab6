import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { seed } from '../base/index.ts'
import { partition, siteNames } from './partition.ts'
import type { Partition, Partitioner } from './types.ts'

const labelsOf = fc.array(fc.nat({ max: 4 }), { minLength: 12, maxLength: 200 })
const alpha = fc.constantFrom(0.001, 0.1, 1, 100)

/** Any partitioner with arguments that it can satisfy on 12 rows or more of at most 5 classes, for at most 6 sites. */
const anyPartitioner: fc.Arbitrary<Partitioner> = fc.oneof(
  fc.constant(partition.iid),
  alpha.map(partition.dirichlet),
  fc.tuple(alpha, fc.integer({ min: 1, max: 2 })).map(([a, least]) => partition.classDirichlet(a, least)),
  fc.integer({ min: 1, max: 2 }).map(partition.labelShards),
  fc.tuple(alpha, fc.integer({ min: 1, max: 2 })).map(([a, least]) => partition.quantitySkew(a, least)),
)

const isWhole = (parts: Partition, rows: number): boolean => {
  const all = parts.flatMap((part) => Array.from(part))
  return all.length === rows && new Set(all).size === rows && all.every((row) => row >= 0 && row < rows)
}

test('every partition is disjoint, complete, ascending, without empty sites, and the same for the same seed', () => {
  fc.assert(
    fc.property(anyPartitioner, labelsOf, fc.integer({ min: 1, max: 6 }), fc.nat(), (deal, labels, sites, root) => {
      const parts = deal(labels, sites, seed(root))
      expect(parts.length).toBe(sites)
      expect(isWhole(parts, labels.length)).toBe(true)
      expect(parts.every((part) => part.length > 0)).toBe(true)
      expect(parts.every((part) => part.every((row, at) => at === 0 || row > (part[at - 1] ?? 0)))).toBe(true)
      expect(deal(labels, sites, seed(root))).toEqual(parts)
    }),
    { numRuns: 300, seed: 1 },
  )
})

test('another seed deals otherwise', () => {
  const labels = Array.from({ length: 60 }, (_, row) => row % 3)
  for (const deal of [
    partition.iid,
    partition.dirichlet(1),
    partition.classDirichlet(1),
    partition.labelShards(2),
    partition.quantitySkew(1),
  ])
    expect(deal(labels, 3, seed(1))).not.toEqual(deal(labels, 3, seed(2)))
})

test('sizes: IID and Dirichlet as equal as can be, shards equal, minimum rows kept', () => {
  const labels = Array.from({ length: 103 }, (_, row) => row % 3)
  const sizes = (deal: Partitioner, sites: number) => deal(labels, sites, seed(5)).map((part) => part.length)
  expect(sizes(partition.iid, 5).toSorted((a, b) => a - b)).toEqual([20, 20, 21, 21, 21])
  expect(sizes(partition.dirichlet(0.1), 5)).toEqual([21, 21, 21, 20, 20])
  for (const size of sizes(partition.labelShards(2), 5)) expect(Math.abs(size - 20.6)).toBeLessThanOrEqual(1.5)
  for (let root = 0; root < 30; root += 1) {
    for (const part of partition.classDirichlet(0.01, 8)(labels, 10, seed(root))) expect(part.length).toBeGreaterThanOrEqual(8)
    for (const part of partition.quantitySkew(0.01, 8)(labels, 10, seed(root))) expect(part.length).toBeGreaterThanOrEqual(8)
  }
})

test('label shards: a site sees at most one class more than shards for each boundary it holds', () => {
  const labels = Array.from({ length: 600 }, (_, row) => row % 10)
  for (const part of partition.labelShards(2)(labels, 30, seed(3))) {
    expect(new Set(Array.from(part, (row) => labels[row])).size).toBeLessThanOrEqual(2)
  }
})

test('missing classes: each site sees only what it may, each class is dealt evenly', () => {
  const labels = Array.from({ length: 90 }, (_, row) => row % 3)
  const parts = partition.missingClasses([[1], [2], []])(labels, 3, seed(1))
  const counts = parts.map((part) => [0, 1, 2].map((label) => part.filter((row) => labels[row] === label).length))
  expect(counts).toEqual([
    [10, 0, 15],
    [10, 15, 0],
    [10, 15, 15],
  ])
  expect(isWhole(parts, 90)).toBe(true)
})

test('by column: natural sites by name, whatever the order of rows', () => {
  const column = ['va', 'bern', 'va', 'bern', 'zug']
  expect(siteNames(column)).toEqual(['bern', 'va', 'zug'])
  expect(
    partition
      .byColumn(column)([0, 0, 0, 0, 0], 3, seed(1))
      .map((part) => [...part]),
  ).toEqual([[1, 3], [0, 2], [4]])
})

test.each([
  ['too few rows', () => partition.iid([0, 1], 3, seed(1))],
  ['no site', () => partition.iid([0, 1], 0, seed(1))],
  ['alpha 0', () => partition.dirichlet(0)([0, 1], 2, seed(1))],
  ['minimum too large', () => partition.quantitySkew(1, 2)([0, 1, 1], 2, seed(1))],
  ['labels that are no classes', () => partition.dirichlet(1)([0.5, 1], 2, seed(1))],
  ['a class missing everywhere', () => partition.missingClasses([[1], [1]])([0, 1], 2, seed(1))],
  ['a site that may see nothing', () => partition.missingClasses([[0], []])([0, 0], 2, seed(1))],
  ['another number of sites than names', () => partition.byColumn(['a', 'b'])([0, 1], 3, seed(1))],
])('refuses %s', (_, act) => {
  expect(act).toThrow(/cannot deal rows over sites/)
})

/** Largest |z| of how often each row goes to each site, each count Binomial(trials, 1/sites). */
const worstZ = (deal: Partitioner, rows: number, sites: number, trials: number): number => {
  const counts = Array.from({ length: sites }, () => new Float64Array(rows))
  for (let root = 0; root < trials; root += 1)
    for (const [site, part] of deal(new Uint8Array(rows), sites, seed(root)).entries()) for (const row of part) counts[site]![row]! += 1
  const [mean, stddev] = [trials / sites, Math.sqrt((trials / sites) * (1 - 1 / sites))]
  return Math.max(...counts.flatMap((row) => Array.from(row, (count) => Math.abs(count - mean) / stddev)))
}

// two-sided normal tail at 6.5 is 8e-11; 80 cells: a false alarm in 6e-9 of all choices of seeds
test('IID sends every row to every site equally often; a deal without shuffling would not', () => {
  expect(worstZ(partition.iid, 20, 4, 2000)).toBeLessThan(6.5)
  const unshuffled: Partitioner = (labels, sites) =>
    Array.from({ length: sites }, (_, site) => Uint32Array.from({ length: labels.length / sites }, (__, at) => site + at * sites))
  expect(worstZ(unshuffled, 20, 4, 2000)).toBeGreaterThan(6.5)
})

/** Variance of the share of one class that goes to the first of two sites. */
const shareVariance = (deal: Partitioner, trials: number): number => {
  const rows = 400
  const shares = Array.from({ length: trials }, (_, root) => (deal(new Uint8Array(rows), 2, seed(root))[0]?.length ?? 0) / rows)
  const mean = shares.reduce((sum, share) => sum + share, 0) / trials
  return shares.reduce((sum, share) => sum + (share - mean) ** 2, 0) / trials
}

// the share is Beta(1, 1): variance 1/12, fourth central moment 1/80, so the estimate's stddev at 3000 trials is .00136; 6.5 of them: 8e-11
test('class-wise Dirichlet(1) over two sites has the variance of a uniform share; Dirichlet(2) has not', () => {
  const slack = 6.5 * Math.sqrt((1 / 80 - 1 / 144) / 3000) + 1e-4
  expect(Math.abs(shareVariance(partition.classDirichlet(1), 3000) - 1 / 12)).toBeLessThan(slack)
  expect(Math.abs(shareVariance(partition.classDirichlet(2), 3000) - 1 / 12)).toBeGreaterThan(slack)
})

test('Dirichlet: a large alpha gives every site the mix of the whole, a tiny one gives few classes', () => {
  const labels = Array.from({ length: 3000 }, (_, row) => (row % 10 < 7 ? 0 : 1))
  const ones = (deal: Partitioner) => deal(labels, 10, seed(4)).map((part) => part.filter((row) => labels[row] === 1).length / part.length)
  // share .3 of 300 rows: stddev .0265
  for (const share of ones(partition.dirichlet(1e6))) expect(Math.abs(share - 0.3)).toBeLessThan(6.5 * 0.0265)
  expect(ones(partition.dirichlet(0.01)).filter((share) => share > 0.02 && share < 0.98).length).toBeLessThanOrEqual(3)
})
