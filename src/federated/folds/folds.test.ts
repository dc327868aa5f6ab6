// The laws of every fold, and what each one refuses.
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { linearLaws } from '../../algebra/laws/linear.suite.ts'
import { monoidLaws } from '../../algebra/laws/monoid.suite.ts'
import { csprng, jsonCodec, seed } from '../../base/index.ts'
import { clip, gaussian } from '../../privacy/index.ts'
import { boundedMean } from './bounded-mean.ts'
import { byNode } from './by-node.ts'
import { countLevels } from './count-levels.ts'
import { maximum, minimum } from './extremes.ts'
import { median } from './median.ts'
import { pair } from './pair.ts'
import { countSum, realSum } from './sum.ts'
import { weightedMean } from './weighted-mean.ts'

const LENGTH = 3
const values = fc.float32Array({ minLength: LENGTH, maxLength: LENGTH, min: -8, max: 8, noNaN: true })
const update = fc.record(
  { values, weight: fc.integer({ min: 1, max: 50 }), loss: fc.double({ min: -8, max: 8, noNaN: true }) },
  { requiredKeys: ['values', 'weight'] },
)
const reals = fc.float64Array({ minLength: LENGTH, maxLength: LENGTH, min: -8, max: 8, noNaN: true })
const counts = fc.array(fc.integer({ min: 0, max: 1000 }), { minLength: LENGTH, maxLength: LENGTH }).map((each) => Float64Array.from(each))
const level = fc.constantFrom('male', 'female', 'other', '__proto__', 'constructor', '')
const levels = fc
  .array(fc.uniqueArray(fc.tuple(level, fc.integer({ min: 1, max: 9 })), { selector: ([name]) => name }), { minLength: 2, maxLength: 2 })
  .map((columns) =>
    columns.map((column) =>
      Object.assign(Object.create(null) as Record<string, number>, ...column.map(([name, count]) => ({ [name]: count }))),
    ),
  )

for (const bits of [32, 64] as const) {
  const fold = weightedMean({ length: LENGTH, maxAbs: 8, maxWeight: 1000, bits })
  const totals = update.map((each) => fold.lift(each, 'a'))
  monoidLaws(`weighted mean in ${bits} bits`, fold.sum, totals, fold.total)
  linearLaws(`weighted mean in ${bits} bits`, fold.linear, fold.sum, totals, fold.total)
}

test.each([32, 64] as const)(
  'an update added in pieces comes to what it would lifted, in %i bits; where one is refused the total is as it was',
  (bits) => {
    const length = 3 * 2 ** 15 + 7
    const fold = weightedMean({ length, maxAbs: 8, maxWeight: 1000, bits })
    const random = seed(bits).random()
    const one = (weight: number, loss?: number) => ({
      values: Float32Array.from({ length }, () => random.uniform() * 16 - 8),
      weight,
      ...(loss === undefined ? {} : { loss }),
    })
    const [a, b, c] = [one(3, 0.5), one(40), one(7, 2)]
    const lifted = fold.sum.add(fold.sum.add(fold.lift(a, 'a'), fold.lift(b, 'b')), fold.lift(c, 'c'))
    const added = [a, b, c].reduce((total, each) => fold.addTo!(total, each, 'x'), fold.sum.zero())
    expect(added).toEqual(lifted)
    const bad = one(5)
    bad.values[length - 1] = Number.NaN
    expect(() => fold.addTo!(added, bad, 'liar')).toThrow(
      expect.objectContaining({ code: 'update-values', where: { node: 'liar', index: length - 1 } }),
    )
    expect(() => fold.addTo!(added, { ...bad, weight: 0.5 }, 'liar')).toThrow(expect.objectContaining({ code: 'update-weight' }))
    expect(() => fold.addTo!(added, { ...one(1), loss: Number.NaN }, 'liar')).toThrow(expect.objectContaining({ code: 'update-loss' }))
    expect(added).toEqual(lifted)
  },
)
const bound = clip(4)
const bounded = boundedMean(bound, 10, { length: LENGTH, cohort: 20 })
const boundedTotals = update.map((each) => bounded.lift(bound(each), 'a'))
monoidLaws('bounded mean', bounded.sum, boundedTotals, bounded.total)
linearLaws('bounded mean', bounded.linear, bounded.sum, boundedTotals, bounded.total)

const real = realSum({ length: LENGTH, maxAbs: 8 })
monoidLaws(
  'sum of reals',
  real.sum,
  reals.map((x) => real.lift(x, 'a')),
  real.total,
)
const count = countSum(LENGTH)
monoidLaws(
  'sum of counts',
  count.sum,
  counts.map((x) => count.lift(x, 'a')),
  count.total,
)
const both = pair(real, count)
const bothTotals = fc.tuple(reals, counts).map((x) => both.lift(x, 'a'))
monoidLaws('pair of sums', both.sum, bothTotals, both.total)
linearLaws('pair of sums', both.linear, both.sum, bothTotals, both.total)

monoidLaws('minimum', minimum(LENGTH).sum, reals, minimum(LENGTH).total)
monoidLaws('maximum', maximum(LENGTH).sum, reals, maximum(LENGTH).total)
monoidLaws('levels', countLevels(2).sum, levels, countLevels(2).total)

describe('mean', () => {
  test('weights that add up to more than their bound are an error, never a wrong mean', () => {
    const fold = weightedMean({ length: 1, maxAbs: 8, maxWeight: 10 })
    const lift = (weight: number) => fold.lift({ values: Float32Array.of(8), weight }, 'a')
    expect(fold.finish(fold.sum.add(lift(4), lift(6))).values[0]).toBe(8)
    expect(() => fold.finish(fold.sum.add(lift(5), lift(6)))).toThrow(expect.objectContaining({ code: 'mean-weight' }))
    expect(() => fold.finish(fold.sum.zero())).toThrow(expect.objectContaining({ code: 'mean-weight' }))
  })

  test('counts the loss of those that have one', () => {
    const fold = weightedMean({ length: 0 })
    const lift = (weight: number, loss?: number) =>
      fold.lift({ values: new Float32Array(0), weight, ...(loss !== undefined && { loss }) }, 'a')
    expect(fold.finish([lift(1, 0.5), lift(3, 1.5), lift(100)].reduce(fold.sum.add))).toMatchObject({
      loss: 1.25,
      weight: 104,
      contributions: 3,
    })
    expect(fold.finish(lift(100)).loss).toBeNaN()
  })

  test.each([{}, { length: -1 }, { length: 2, layout: { entries: [], size: 0 } }])('needs to know its length: %j', (shape) => {
    expect(() => weightedMean(shape)).toThrow(expect.objectContaining({ code: 'fold-length' }))
  })
})

describe('bounded mean', () => {
  test('one contribution moves it by no more than its bound', () => {
    const small = boundedMean(bound, 2, { length: LENGTH, cohort: 6 })
    fc.assert(
      fc.property(fc.array(update, { minLength: 1, maxLength: 5 }), update, (rest, one) => {
        const lift = (each: typeof one) => small.lift(bound(each), 'a')
        const without = small.finish(rest.map(lift).reduce(small.sum.add, small.sum.zero()))
        const having = small.finish([...rest, one].map(lift).reduce(small.sum.add, small.sum.zero()))
        const distance = Math.hypot(...having.value.values.map((value, i) => value - without.value.values[i]!))
        expect(having.l2).toBe(without.l2)
        expect(distance).toBeLessThanOrEqual(having.l2)
      }),
    )
    expect(small.finish(small.lift(bound({ values: Float32Array.of(8, 0, 0), weight: 9 }), 'a')).value.values[0]).toBeCloseTo(4 / 6, 6)
  })

  test('refuses what a node did not clip, and more contributions than its public cohort', () => {
    const liar = bounded.input.encode(clip(100)({ values: Float32Array.of(0, 0, 5), weight: 1 }))
    expect(() => bounded.input.decode(liar)).toThrow(expect.objectContaining({ code: 'clip-exceeded' }))
    const narrow = boundedMean(bound, 1, { length: 1, cohort: 1 })
    const one = (): ReturnType<typeof narrow.lift> => narrow.lift(bound({ values: Float32Array.of(1), weight: 1 }), 'a')
    expect(() => narrow.finish(narrow.sum.add(one(), one()))).toThrow(expect.objectContaining({ code: 'mean-weight' }))
    expect(() => boundedMean(bound, 0.5, { length: 1, cohort: 1 })).toThrow(expect.objectContaining({ code: 'bounded-mean' }))
  })

  test('its result takes noise in proportion to its bound', () => {
    const result = bounded.finish(bounded.lift(bound({ values: Float32Array.of(1, 2, 3), weight: 1 }), 'a'))
    expect(gaussian(1).perturb(result, csprng()).values).toHaveLength(LENGTH)
  })

  test('neither weight nor loss leaves the node but as part of the sum', () => {
    const seen = bounded.input.decode(bounded.input.encode(bound({ values: Float32Array.of(1, 0, 0), weight: 3, loss: 0.5 }))).value
    expect(seen).not.toHaveProperty('loss')
  })
})

describe('median', () => {
  const fold = median({ length: 2 })
  const of = (...all: readonly (readonly [number, number, number?])[]) =>
    fold.finish(
      all
        .map(([a, b, loss], k) => fold.lift({ values: Float32Array.of(a, b), weight: k + 1, ...(loss !== undefined && { loss }) }, `n${k}`))
        .reduce(fold.sum.add),
    )

  test('takes the middle of each coordinate', () => {
    expect(of([1, -5, 0.1], [9e9, 0, 0.2], [2, -4, 9])).toMatchObject({ values: Float64Array.of(2, -4), loss: 0.2, contributions: 3 })
    expect(of([1, 10], [2, -20], [4, 0], [8, 6]).values).toEqual(Float64Array.of(3, 3))
    expect(of([1, 10], [2, 20]).loss).toBeNaN()
  })

  test.each([
    ['update-values', Float32Array.of(0, Number.NaN)],
    ['update-length', Float32Array.of(0)],
  ])('refuses with %s', (code, bad) => {
    expect(() => fold.lift({ values: bad, weight: 1 }, 'a')).toThrow(expect.objectContaining({ code }))
    expect(() => fold.finish(fold.sum.zero())).toThrow(expect.objectContaining({ code: 'fold-empty' }))
  })
})

describe('by node', () => {
  const fold = byNode(jsonCodec((value) => value as number))
  test('names every value, in the order of names, and takes each node once', () => {
    const total = fold.sum.add(fold.lift(2, 'b'), fold.lift(1, 'a'))
    expect([...fold.finish(total)]).toEqual([
      ['a', 1],
      ['b', 2],
    ])
    expect([...fold.total.decode(fold.total.encode(total))]).toEqual([
      ['a', 1],
      ['b', 2],
    ])
    expect(() => fold.sum.add(total, fold.lift(3, 'b'))).toThrow(expect.objectContaining({ code: 'by-node' }))
  })
})

describe('sums', () => {
  test('are exact whatever the order', () => {
    const lifted = [0.1, 0.2, -0.3].map((x) => real.lift(Float64Array.of(x, 0, 8), 'a'))
    expect(Math.abs(real.finish([...lifted].reduce(real.sum.add, real.sum.zero()))[0]!)).toBeLessThan(1e-14)
    expect(count.finish(count.lift(Float64Array.of(1, 0, 2 ** 43), 'a'))).toEqual(Float64Array.of(1, 0, 2 ** 43))
  })

  test('refuse what is beyond their bounds, by node and index', () => {
    expect(() => real.lift(Float64Array.of(0, 0, 8.01), 'a')).toThrow(/node a, index 2/)
    expect(() => real.lift(Float64Array.of(0), 'a')).toThrow(expect.objectContaining({ code: 'sum-length' }))
    for (const bad of [-1, 0.5, Number.NaN]) expect(() => count.lift(Float64Array.of(0, bad, 0), 'a')).toThrow(/node a, index 1/)
    expect(() => minimum(1).lift(Float64Array.of(Number.NaN), 'a')).toThrow(expect.objectContaining({ code: 'extreme' }))
    const few = realSum({ length: 1, maxAbs: 1, maxContributions: 1 })
    const one = (): ReturnType<typeof few.lift> => few.lift(Float64Array.of(1), 'a')
    expect(() => few.finish(few.sum.add(one(), one()))).toThrow(expect.objectContaining({ code: 'sum-contributions' }))
  })
})

describe('levels', () => {
  test('are counted under any name, in order', () => {
    const fold = countLevels(1)
    const of = (json: string) => fold.lift(fold.input.decode(new TextEncoder().encode(json)), 'a')
    const [total] = fold.finish(fold.sum.add(of('[{"__proto__":1,"b":2}]'), of('[{"__proto__":1,"a":1}]')))
    expect(Object.entries(total!)).toEqual([
      ['__proto__', 2],
      ['a', 1],
      ['b', 2],
    ])
    expect(() => fold.lift([], 'a')).toThrow(expect.objectContaining({ code: 'level-columns' }))
    for (const bad of ['[{"a":-1}]', '[{"a":"x"}]', '{}', '[null]']) expect(() => of(bad)).toThrow()
  })
})

test('the mean takes the narrow ring where it is fine enough, and refuses more contributions than it could count', () => {
  const narrow = weightedMean({ length: 2, maxAbs: 1, maxWeight: 100, within: 2 ** -20 })
  expect(narrow.linear.bits).toBe(32)
  expect(weightedMean({ length: 2, maxAbs: 1, maxWeight: 100, within: 2 ** -26 }).linear.bits).toBe(64)
  expect(weightedMean({ length: 2, within: 1 }).linear.bits).toBe(64)
  expect(weightedMean({ length: 2, maxAbs: 1, maxWeight: 100 }).linear.bits).toBe(64)
  const value = 0.123456789
  const mean = narrow.finish(narrow.lift({ values: Float32Array.of(value, -1), weight: 100 }, 'a'))
  expect(Math.abs(mean.values[0]! - value)).toBeLessThan(2 ** -20)
  // 2^32 / 2^20 contributions of the largest weight would add up to a weight of 0
  const few = weightedMean({ length: 1, maxAbs: 2 ** -6, maxWeight: 2 ** 20, bits: 32 })
  const total = few.lift({ values: Float32Array.of(0), weight: 1 }, 'a')
  total[total.length - 1] = 2 ** 12
  expect(() => few.finish(total)).toThrow(expect.objectContaining({ code: 'mean-weight' }))
})
