import { expect, test } from 'vitest'
import { csprng, seed } from '../../base/index.ts'
import { play } from '../play.test-support.ts'
import type { RoundProgram } from '../round.ts'
import { masked } from '../sums/masked.ts'
import { type PrivateMomentsOptions, privateMoments } from './private-moments.ts'
import { type Statistics, statisticsCodec } from './statistics.ts'

type Site = readonly Float64Array[]
const columns = [
  { name: 'age', range: [0, 100] },
  { name: 'score', range: [-4, 4] },
] as const
const rng = csprng()

/** Two columns of normal numbers around 60 and 1. */
const siteOf = (rows: number, name: string): Site => {
  const random = seed(name).random()
  return [
    Float64Array.from({ length: rows }, () => 60 + 10 * random.normal()),
    Float64Array.from({ length: rows }, () => 1 + random.normal()),
  ]
}
const sites = { a: siteOf(3000, 'a'), b: siteOf(2000, 'b'), c: siteOf(1000, 'c') }

const found = async (more: Partial<PrivateMomentsOptions<Site>>, of: Readonly<Record<string, Site>> = sites): Promise<Statistics> => {
  const moments = privateMoments<Site>({
    columns,
    values: (site) => site.map((values) => ({ values })),
    unit: 'record',
    by: 'site',
    noiseMultiplier: 1e-9,
    maxRecords: 2 ** 20,
    rng,
    ...more,
  })
  const program = (): RoundProgram<Statistics, void, Site> => async (round) => ({ server: await moments(round), clients: round.local })
  const { outcome } = await play({ program, state: [], sites: of })
  if (outcome.kind !== 'committed') throw outcome.error
  return statisticsCodec.decode(statisticsCodec.encode(outcome.state))
}
const numbers = (statistics: Statistics) =>
  statistics.map(({ summary }) => (summary.kind === 'numeric' ? { ...summary, stddev: Math.sqrt(summary.variance) } : undefined))

test('without noise to speak of: the moments of all rows; the range is the public one, and values beyond it count as its ends', async () => {
  const all = [0, 1].map((i) => Object.values(sites).flatMap((site) => [...(site[i] ?? [])]))
  const [age] = numbers(await found({}))
  const mean = all[0]!.reduce((sum, x) => sum + x, 0) / 6000
  expect(age).toMatchObject({ count: 6000, min: 0, max: 100 })
  expect(age?.mean).toBeCloseTo(mean, 5)
  expect(age?.stddev).toBeCloseTo(Math.sqrt(all[0]!.reduce((sum, x) => sum + (x - mean) ** 2, 0) / 6000), 4)
  const outlier = {
    a: [Float64Array.of(1e9), Float64Array.of(0)],
    b: [Float64Array.of(0), Float64Array.of(0)],
    c: [Float64Array.of(50), Float64Array.of(0)],
  }
  expect(numbers(await found({}, outlier))[0]?.mean).toBeCloseTo(50, 5)
})

test('masks do not change it, and every site counts alike where the unit is a site', async () => {
  expect(numbers(await found({ sums: masked() }))[0]?.mean).toBeCloseTo(numbers(await found({}))[0]?.mean ?? Number.NaN, 5)
  const unlike = { a: [new Float64Array(900).fill(20), new Float64Array(900)], b: [Float64Array.of(80), Float64Array.of(0)] }
  expect(numbers(await found({ unit: 'site', by: 'coordinator' }, unlike))[0]?.mean).toBeCloseTo(50, 5)
})

test.each([
  ['of each site for its records', { by: 'site', unit: 'record' }, 1, 3],
  ['of the coordinator', { by: 'coordinator', unit: 'site' }, 1, 1],
  ['of each site for itself, twice as large', { by: 'site', unit: 'site' }, 2, 3],
] as const)('noise %s is in proportion to √(3 k)', async (_, how, factor, sources) => {
  // an empty site releases noise alone: count and sums are seen through mean · count
  const empty: Site = [new Float64Array(0), new Float64Array(0)]
  const stddev = 1000 * Math.sqrt(6) * factor * Math.sqrt(sources)
  const draws: number[] = []
  for (let k = 0; k < 60; k += 1) {
    const counts = numbers(await found({ ...how, noiseMultiplier: 1000 }, { a: empty, b: empty, c: empty })).map((each) => each?.count ?? 0)
    draws.push(...counts)
  }
  // counts below 1 are told as 1: half of the draws; the others are half-normal, of mean square stddev². False alarm below 1e-5
  const above = draws.filter((count) => count > 1)
  const square = above.reduce((sum, count) => sum + count * count, 0) / above.length
  expect(Math.sqrt(square) / stddev).toBeGreaterThan(0.65)
  expect(Math.sqrt(square) / stddev).toBeLessThan(1.4)
})

test('refuses a range that is none', () => {
  expect(() =>
    privateMoments<Site>({
      columns: [{ name: 'age', range: [5, 5] }],
      values: () => [],
      unit: 'record',
      by: 'site',
      noiseMultiplier: 1,
      maxRecords: 10,
      rng,
    }),
  ).toThrow(expect.objectContaining({ code: 'moments-range' }))
})
