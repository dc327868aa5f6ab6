import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Channel, seed } from '../../base/index.ts'
import type { SumProtocol } from '../sum-protocol.ts'
import type { NodeId } from '../placement.ts'
import { play } from '../play.test-support.ts'
import { masked } from '../sums/masked.ts'
import { plain } from '../sums/plain.ts'
import { type AnalyticsOptions, analytics } from './analytics.ts'
import { type Column, scaledMoments } from './column.ts'
import { type Statistics, statisticsCodec } from './statistics.ts'

type Site = readonly Column[]
const schema = [
  { kind: 'numeric', name: 'age' },
  { kind: 'categorical', name: 'sex' },
  { kind: 'numeric', name: 'chol' },
] as const

const site = (age: readonly number[], sex: readonly (string | undefined)[], chol: readonly number[]): Site => [
  { kind: 'numeric', name: 'age', values: Float64Array.from(age) },
  { kind: 'categorical', name: 'sex', values: sex },
  { kind: 'numeric', name: 'chol', values: Float64Array.from(chol) },
]

const analyse = async (
  sites: Readonly<Record<NodeId, Site>>,
  options: Partial<AnalyticsOptions<Site>> = {},
  between?: (node: NodeId, channel: Channel) => Channel,
): Promise<Statistics> => {
  const program = analytics<Site>({ schema, columns: (columns) => columns, ...options })
  const { outcome } = await play({ program, state: [], sites, ...(between && { between }) })
  if (outcome.kind !== 'committed') throw outcome.error
  return outcome.state
}

/** Pooled statistics, by a sum in 212 bits or so: every term as an exact integer multiple of 2^-1074 would do, a rational of BigInts at 2^-200 is enough here. */
const SCALE = 200n
const exact = (x: number): bigint => {
  let [mantissa, exponent] = [x, 0]
  while (!Number.isInteger(mantissa)) [mantissa, exponent] = [mantissa * 2, exponent + 1]
  return (BigInt(mantissa) << SCALE) >> BigInt(exponent)
}
const toNumber = (x: bigint): number => Number(x >> (SCALE - 120n)) / 2 ** 120
const pooled = (values: readonly number[]): { readonly mean: number; readonly variance: number } => {
  const n = BigInt(values.length)
  const mean = values.reduce((sum, x) => sum + exact(x), 0n) / n
  const variance = values.reduce((sum, x) => sum + (((exact(x) - mean) * (exact(x) - mean)) >> SCALE), 0n) / n
  return { mean: toNumber(mean), variance: toNumber(variance) }
}

const near = (got: number, wanted: number, size: number): void => expect(Math.abs(got - wanted)).toBeLessThanOrEqual(1e-12 * size)

const number = fc.double({ min: -1e6, max: 1e6, noNaN: true }).filter((x) => Math.abs(x) > 1e-6)
const cell = fc.option(number, { nil: Number.NaN, freq: 4 })
const table = fc.array(fc.tuple(cell, fc.constantFrom('female', 'male', undefined), cell), { maxLength: 12 }).map((rows) =>
  site(
    rows.map(([age]) => age),
    rows.map(([, sex]) => sex),
    rows.map(([, , chol]) => chol),
  ),
)

const protocols: readonly (readonly [string, () => SumProtocol<'linear'> | SumProtocol<'any'>])[] = [
  ['plain', plain],
  ['masked', () => masked()],
]

describe.each(protocols)('analytics over a %s sum', (_, sums) => {
  test('equals the pooled table to 1e-12', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(table, { minLength: 3, maxLength: 5 }), async (tables) => {
        const found = await analyse(Object.fromEntries(tables.map((each, k) => [`site${k}`, each])), { sums: sums() })
        for (const [at, { kind }] of schema.entries()) {
          const { summary } = found[at]!
          const all = tables.flatMap((each): readonly (number | string | undefined)[] => [...each[at]!.values])
          if (kind === 'categorical') {
            const levels = all.filter((value) => value !== undefined)
            const counts: Record<string, number> = {}
            for (const level of levels) counts[level] = (counts[level] ?? 0) + 1
            expect(summary).toEqual({ kind, counts, missing: all.length - levels.length })
            continue
          }
          const values = all.filter((value): value is number => !Number.isNaN(value))
          const [min, max] = [Math.min(...values), Math.max(...values)]
          expect(summary).toMatchObject({ kind, count: values.length, missing: all.length - values.length, min, max })
          if (summary.kind !== 'numeric' || values.length === 0) continue
          const { mean, variance } = pooled(values)
          near(summary.mean, mean, Math.max(Math.abs(mean), Math.sqrt(variance)))
          near(summary.variance, variance, variance)
        }
      }),
      { numRuns: 40 },
    )
  })
})

test('two outliers among many rows, a large mean, a constant: still 1e-12', async () => {
  const random = seed('analytics').random()
  const bell = Array.from({ length: 50_000 }, () => random.normal())
  const outliers = [...bell, 1e9, -1e9]
  const far = outliers.map((_, i) => 1e8 + (bell[i] ?? 0))
  const part = (start: number, end?: number) =>
    site(
      outliers.slice(start, end),
      outliers.slice(start, end).map(() => 'x'),
      far.slice(start, end),
    )
  const found = await analyse({ a: part(0, 3000), b: part(3000, 9000), c: part(9000) })
  for (const [at, values] of [
    [0, outliers],
    [2, far],
  ] as const) {
    const { summary } = found[at]!
    const { mean, variance } = pooled(values)
    if (summary.kind !== 'numeric') throw new Error('not numeric')
    near(summary.mean, mean, Math.max(Math.abs(mean), Math.sqrt(variance)))
    near(summary.variance, variance, variance)
  }
  const [constant] = await analyse({ a: site([0.1, 0.1], ['x', 'x'], [1, 1]), b: site([0.1], ['x'], [1]) })
  expect(constant!.summary).toMatchObject({ mean: 0.1, variance: 0, count: 3 })
})

test('a site’s own sums lose nothing', () => {
  expect(scaledMoments({ values: Float64Array.of(1, 1e100, 1, -1e100) }, 0, 1, 2)[0]).toBe(1)
})

test('values with counts are as good as the values one by one', async () => {
  const spelled = site([1, 1, 1, 4, Number.NaN], ['x', 'x', 'x', 'x', 'x'], [0, 0, 2, 2, 2])
  const counted: Site = [
    { kind: 'numeric', name: 'age', values: Float64Array.of(4, 9, 1, Number.NaN), counts: Float64Array.of(1, 0, 3, 1) },
    spelled[1]!,
    { kind: 'numeric', name: 'chol', values: Float64Array.of(0, 2), counts: Float64Array.of(2, 3) },
  ]
  const other = site([7], ['y'], [5])
  expect(await analyse({ a: counted, b: other }, { bins: 3 })).toEqual(await analyse({ a: spelled, b: other }, { bins: 3 }))
})

test('does not depend on the order of arrival, bit for bit', async () => {
  const random = seed('order').random()
  const sites = Object.fromEntries(
    ['a', 'b', 'c', 'd'].map((id) => {
      const column = Array.from({ length: 50 }, () => random.normal() * 10 ** random.integer(6))
      return [
        id,
        site(
          column,
          column.map(() => 'x'),
          column,
        ),
      ]
    }),
  )
  const arriving = (order: string) =>
    analyse(sites, { bins: 7 }, (node, channel) => ({
      ...channel,
      send: async (frame) => {
        await new Promise((resolve) => setTimeout(resolve, 3 * order.indexOf(node)))
        await channel.send(frame)
      },
    }))
  expect(await arriving('dcba')).toEqual(await arriving('abcd'))
})

test('histograms: bins between the extremes, the last one closed', async () => {
  const found = await analyse(
    { a: site([0, 0.1, 0.2, Number.NaN], ['f', 'm', 'm', undefined], [1, 1, 1, 1]), b: site([0.3, 0.9999, 1], ['f', 'f', 'f'], [2, 2, 2]) },
    { bins: 10 },
  )
  expect(found[0]!.histogram!.edges).toHaveLength(11)
  expect(found[0]!.histogram!.edges.at(-1)).toBe(1)
  // 0.3 lies in [0.3, 0.4) if the edge is at most 0.3, as edges are computed: 0 + 1 · 3/10
  expect(found[0]!.histogram!.counts).toEqual([1, 1, 1, 1, 0, 0, 0, 0, 0, 2])
  expect(found[2]!.histogram!.counts).toEqual([4, 0, 0, 0, 0, 0, 0, 0, 0, 3])
  expect(found[1]).not.toHaveProperty('histogram')
})

test('what is rarer than the smallest count stays at its site', async () => {
  const sites = {
    a: site([1, 1, 1, 5], ['female', 'female', 'male', 'intersex'], [0, 0, 0, 0]),
    b: site([1, 1, 9, 9], ['female', 'female', 'male', 'male'], [0, 0, 0, 0]),
  }
  const found = await analyse(sites, { smallestCount: 2, bins: 2 })
  expect(found[1]!.summary).toEqual({ kind: 'categorical', counts: { female: 4, male: 2, other: 2 }, missing: 0 })
  expect(found[0]!.histogram!.counts).toEqual([5, 2])
  expect((await analyse(sites))[1]!.summary).toMatchObject({ counts: { female: 4, male: 3, intersex: 1 } })
  // one patient of a rare level is not told as one of other levels either; a level of that name is one of them
  const rare = { a: site([1, 1, 1], ['female', 'female', 'intersex'], [0, 0, 0]), b: site([1, 1], ['other', 'intersex'], [0, 0]) }
  expect((await analyse(rare, { smallestCount: 2 }))[1]!.summary).toMatchObject({ counts: { female: 2, other: 2 } })
  expect((await analyse(rare, { smallestCount: 3 }))[1]!.summary).toMatchObject({ counts: { other: 3 } })
})

test('sites without rows, and columns without values, are nothing special', async () => {
  const nothing = Number.NaN
  const found = await analyse({ a: site([], [], []), b: site([1, 3], ['x', undefined], [nothing, nothing]) }, { bins: 2 })
  expect(found[0]!.summary).toEqual({ kind: 'numeric', count: 2, missing: 0, mean: 2, variance: 1, min: 1, max: 3 })
  expect(found[2]).toEqual({
    name: 'chol',
    summary: {
      kind: 'numeric',
      count: 0,
      missing: 2,
      mean: Number.NaN,
      variance: Number.NaN,
      min: Number.POSITIVE_INFINITY,
      max: Number.NEGATIVE_INFINITY,
    },
  })
  expect(statisticsCodec.decode(statisticsCodec.encode(found))).toEqual(found)
  for (const bad of ['{}', '[{}]', '[{"name":"a","summary":{"kind":"numeric"}}]', '[1]'])
    expect(() => statisticsCodec.decode(new TextEncoder().encode(bad))).toThrow()
})

test.each<[string, Site, string]>([
  ['without a column', site([1], ['x'], [1]).slice(0, 2), 'expected numeric column chol, got no column'],
  [
    'with a column of another kind',
    [...site([1], ['x'], [1]).slice(0, 2), { kind: 'categorical', name: 'chol', values: ['high'] }],
    'got categorical column chol',
  ],
  ['with one column too many', [...site([1], ['x'], [1]), { kind: 'categorical', name: 'name', values: ['Li'] }], 'expected 3, got 4'],
  ['with an infinite value', site([1], ['x'], [Number.NEGATIVE_INFINITY]), 'column chol, row 0'],
])('a site %s is refused by name', async (_, bad, cause) => {
  const program = analytics<Site>({ schema, columns: (columns) => columns })
  const good = site([1], ['x'], [2])
  const { outcome } = await play({ program, state: [], sites: { a: good, b: good, bad }, quorum: 2 })
  expect(outcome).toMatchObject({ kind: 'committed', counted: ['a', 'b'] })
  expect(outcome.refused.get('bad')).toContain(cause)
  expect(outcome.refused.get('bad')).toContain('node bad')
})

test('a site that is lost between two steps aborts the round: sums over different rows say nothing', async () => {
  const program = analytics<Site>({ schema, columns: (columns) => columns })
  const good = site([1], ['x'], [2])
  let sent = 0
  const dies = (node: NodeId, channel: Channel): Channel =>
    node === 'c' ? { ...channel, send: async (frame) => (++sent > 2 ? channel.close() : channel.send(frame)) } : channel
  const { outcome } = await play({ program, state: [], sites: { a: good, b: good, c: good }, quorum: 2, between: dies })
  expect(outcome).toMatchObject({ kind: 'aborted', error: { code: 'analytics-cohort' } })
})

test.each([{ bins: -1 }, { bins: 0.5 }, { smallestCount: Number.NaN }])('refuses the options %j', (options) => {
  expect(() => analytics<Site>({ schema, columns: (columns) => columns, ...options })).toThrow(
    expect.objectContaining({ code: 'analytics-options' }),
  )
})
