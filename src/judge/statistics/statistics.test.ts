import { readFileSync } from 'node:fs'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { holm, mcnemar, mcnemarOf, mean, pairedT, signedRank, standardDeviation, tInterval, wilsonInterval } from './index.ts'

// golden numbers of scipy and statsmodels; origin and versions are in the file
const golden = JSON.parse(readFileSync(new URL('./statistics.golden.json', import.meta.url), 'utf8')) as {
  readonly tInterval: readonly { values: number[]; level: number; mean: number; sd: number; low: number; high: number }[]
  readonly wilson: readonly { successes: number; trials: number; level: number; low: number; high: number }[]
  readonly pairedT: readonly { a: number[]; b: number[]; t: number; p: number; low: number; high: number }[]
  readonly corrected: readonly { a: number[]; b: number[]; overlap: number; t: number; p: number }[]
  readonly signedRank: readonly { a: number[]; b: number[]; p: number }[]
  readonly mcnemar: readonly { onlyFirst: number; onlySecond: number; exact: number; midP: number }[]
  readonly holm: readonly { p: number[]; adjusted: number[] }[]
}

test.each(golden.tInterval)('t interval at $level agrees with scipy', ({ values, level, ...expected }) => {
  const interval = tInterval(values, level)
  expect(mean(values)).toBeCloseTo(expected.mean, 14)
  expect(standardDeviation(values)).toBeCloseTo(expected.sd, 12)
  expect(interval?.low).toBeCloseTo(expected.low, 9)
  expect(interval?.high).toBeCloseTo(expected.high, 9)
})

test.each(golden.wilson)(
  'Wilson interval of $successes/$trials at $level agrees with statsmodels',
  ({ successes, trials, level, low, high }) => {
    const interval = wilsonInterval(successes, trials, level)
    expect(interval?.low).toBeCloseTo(low, 10)
    expect(interval?.high).toBeCloseTo(high, 10)
  },
)

test.each(golden.pairedT)('paired t agrees with scipy', ({ a, b, t, p, low, high }) => {
  const result = pairedT(a, b)
  expect(result?.t).toBeCloseTo(t, 8)
  expect(result?.p).toBeCloseTo(p, 8)
  expect(result?.interval.low).toBeCloseTo(low, 8)
  expect(result?.interval.high).toBeCloseTo(high, 8)
})

test.each(golden.corrected)('corrected resampled t agrees with its formula at overlap $overlap', ({ a, b, overlap, t, p }) => {
  const result = pairedT(a, b, overlap)
  expect(result?.t).toBeCloseTo(t, 8)
  expect(result?.p).toBeCloseTo(p, 8)
})

test.each(golden.signedRank)('signed rank agrees with the exact distribution', ({ a, b, p }) =>
  expect(signedRank(a, b).p).toBeCloseTo(p, 10),
)

test.each(golden.mcnemar)('McNemar of $onlyFirst and $onlySecond agrees with statsmodels', ({ onlyFirst, onlySecond, exact, midP }) => {
  const result = mcnemar(onlyFirst, onlySecond, 2000)
  expect(result.exact).toBeCloseTo(exact, 10)
  expect(result.midP).toBeCloseTo(midP, 10)
})

test.each(golden.holm)('Holm agrees with statsmodels', ({ p, adjusted }) => {
  holm(p).forEach((value, i) => expect(value).toBeCloseTo(adjusted[i] ?? Number.NaN, 12))
})

const probability = fc.double({ min: 0, max: 1, noNaN: true })

test('a Wilson interval holds its proportion and stays in [0, 1]', () =>
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5000 }), probability, (trials, share) => {
      const { low, high } = wilsonInterval(share * trials, trials) ?? { low: 2, high: -1 }
      expect(low).toBeGreaterThanOrEqual(0)
      expect(high).toBeLessThanOrEqual(1)
      expect(low).toBeLessThanOrEqual(share + 1e-12)
      expect(high).toBeGreaterThanOrEqual(share - 1e-12)
    }),
  ))

test('swapping the sides turns a test round and keeps its p-value', () =>
  fc.assert(
    fc.property(fc.array(fc.tuple(probability, probability), { minLength: 2, maxLength: 12 }), (pairs) => {
      const a = pairs.map(([x]) => x)
      const b = pairs.map(([, y]) => y)
      expect(pairedT(b, a)?.p).toBeCloseTo(pairedT(a, b)?.p ?? Number.NaN, 9)
      expect(signedRank(b, a).p).toBeCloseTo(signedRank(a, b).p, 12)
    }),
  ))

test('Holm never falls below the plain p-value, never exceeds Bonferroni, and keeps the order', () =>
  fc.assert(
    fc.property(fc.array(probability, { minLength: 1, maxLength: 10 }), (p) => {
      const adjusted = holm(p)
      p.forEach((value, i) => {
        expect(adjusted[i]).toBeGreaterThanOrEqual(value)
        expect(adjusted[i]).toBeLessThanOrEqual(Math.min(1, value * p.length))
        p.forEach((other, j) => value < other && expect(adjusted[i]).toBeLessThanOrEqual(adjusted[j] ?? Number.NaN))
      })
    }),
  ))

test('the exact signed-rank test keeps its level: all 2^10 sign patterns, exactly', () => {
  const sizes = Array.from({ length: 10 }, (_, i) => i + 1)
  let alarms = 0
  for (let pattern = 0; pattern < 1024; pattern++) {
    const d = sizes.map((size, i) => (pattern & (1 << i) ? size : -size))
    if (
      signedRank(
        d,
        sizes.map(() => 0),
      ).p <= 0.05
    )
      alarms++
  }
  // at most 5 %, and not idle: 2·P(T ≤ 8) = 50/1024 is the largest attainable level below it
  expect(alarms).toBe(50)
})

test('counts disagreements', () =>
  expect(mcnemarOf([0, 1, 1, 0, 2], [0, 1, 0, 1, 2], [1, 1, 1, 1, 0])).toMatchObject({ rows: 5, onlyFirst: 2, onlySecond: 1 }))

test('edges: no spread, no rows, too few values', () => {
  expect(pairedT([1, 1, 1], [1, 1, 1])).toMatchObject({ p: 1, t: 0, difference: 0 })
  expect(pairedT([0.5, 0.5], [0.25, 0.25])).toMatchObject({ p: 0, difference: 0.25 })
  expect(pairedT([1], [0])).toBeUndefined()
  expect(tInterval([1])).toBeUndefined()
  expect(wilsonInterval(0, 0)).toBeUndefined()
  expect(signedRank([1, 2], [1, 2])).toEqual({ pairs: 0, rankSum: 0, p: 1 })
})

test.each([
  ['more successes than trials', () => wilsonInterval(3, 2)],
  ['sides of different length', () => pairedT([1, 2], [1])],
  ['more disagreements than rows', () => mcnemar(3, 3, 5)],
])('refuses %s', (_, act) => expect(act).toThrow(/cannot .*: expected .*, got /))
