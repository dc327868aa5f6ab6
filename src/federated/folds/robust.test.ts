// Robust folds against an independent implementation, under attack, and where their theory ends.
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { seed } from '../../base/index.ts'
import { alie, alieDeviations } from '../transforms/attacks.ts'
import { flTrust } from './fl-trust.ts'
import { geometricMedian } from './geometric-median.ts'
import { bulyan, krum, multiKrum } from './krum.ts'
import { median } from './median.ts'
import type { Reals } from '../../algebra/index.ts'
import { normClippedMean } from './norm-clipped-mean.ts'
import golden from './robust.golden.json' with { type: 'json' }
import type { RobustFold } from './single-updates.ts'
import { trimmedMean } from './trimmed-mean.ts'
import { weightedMean } from './weighted-mean.ts'

const name = (k: number): string => `site${String(k).padStart(2, '0')}`
const of = (fold: RobustFold, updates: readonly ArrayLike<number>[]): Reals =>
  fold.finish(
    updates.map((values, k) => fold.lift({ values: Float32Array.from(values), weight: 1 + k, loss: k }, name(k))).reduce(fold.sum.add),
  ).values

const shape = { length: 6 }
const folds: Readonly<Record<keyof typeof golden.results, RobustFold>> = {
  median: median(shape),
  'trimmed 0': trimmedMean(shape, 0),
  'trimmed 0.2': trimmedMean(shape, 0.2),
  'trimmed 0.4': trimmedMean(shape, 0.4),
  krum: krum(shape, golden.liars),
  'multi-krum 5': multiKrum(shape, golden.liars, 5),
  bulyan: bulyan(shape, golden.liars),
  'geometric median': geometricMedian({ ...shape, steps: 1000 }),
  'norm 1.5': normClippedMean(shape, 1.5),
  'norm median': normClippedMean(shape, 'median'),
  fltrust: flTrust(shape, name(0)),
}

test.each(Object.entries(folds))('%s: as an independent implementation', (key, fold) => {
  const result = of(fold, golden.updates)
  // a search without gradients ends some way before the minimum
  const digits = key === 'geometric median' ? 1e-4 : 1e-6
  for (const [i, value] of result.entries())
    expect(Math.abs(value - golden.results[key as keyof typeof golden.results][i]!)).toBeLessThan(digits)
})

const rows = fc.array(fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 6, maxLength: 6 }), { minLength: 11, maxLength: 11 })

test('trimmed mean with share 0 is the mean', () => {
  const mean = weightedMean(shape)
  fc.assert(
    fc.property(rows, (updates) => {
      const lifted = updates.map((values, k) => mean.lift({ values: Float32Array.from(values), weight: 1 }, name(k))).reduce(mean.sum.add)
      for (const [i, value] of of(trimmedMean(shape, 0), updates).entries()) expect(value).toBeCloseTo(mean.finish(lifted).values[i]!, 9)
    }),
  )
})

test('trimmed as far as it goes is the median; one honest value of all is that value', () => {
  fc.assert(
    fc.property(rows, (updates) => {
      expect(of(trimmedMean(shape, 0.49), updates)).toEqual(of(median(shape), updates))
    }),
  )
  const same = golden.updates.map(() => golden.updates[0]!)
  for (const [key, fold] of Object.entries(folds))
    if (!key.startsWith('norm')) for (const [i, value] of of(fold, same).entries()) expect(value).toBeCloseTo(same[0]![i]!, 5)
})

// eleven sites near 1 in each coordinate, two of them liars
const random = seed('robust').random()
const honest = Array.from({ length: 9 }, () => Float32Array.from({ length: 6 }, () => 1 + 0.1 * random.normal()))
const attacks: Readonly<Record<string, () => Float32Array>> = {
  'sign flip': () => honest[0]!.map((value) => -value),
  'sign flip × 10': () => honest[0]!.map((value) => -10 * value),
  scaling: () => honest[0]!.map((value) => 1e6 * value),
  'a little is enough': () => alie(honest, alieDeviations(11, 2)),
}
// a median moves by what two liars shift it, a few tenths of the spread of 0.1; norm clipping leaves 2/11 of a clipped vector in
const bears: Readonly<Record<string, { readonly fold: RobustFold; readonly off: number }>> = {
  median: { fold: median(shape), off: 0.12 },
  'trimmed mean': { fold: trimmedMean(shape, 0.2), off: 0.12 },
  krum: { fold: krum(shape, 2), off: 0.35 },
  'multi-krum': { fold: multiKrum(shape, 2, 7), off: 0.12 },
  bulyan: { fold: bulyan(shape, 2), off: 0.15 },
  'geometric median': { fold: geometricMedian(shape), off: 0.12 },
  'norm clipping': { fold: normClippedMean(shape, 'median'), off: 0.45 },
  FLTrust: { fold: flTrust(shape, name(0)), off: 0.15 },
}
test.each(Object.keys(attacks).flatMap((attack) => Object.keys(bears).map((fold) => [fold, attack] as const)))(
  '%s bears %s by two of eleven',
  (key, attack) => {
    const bad = attacks[attack]!()
    const { fold, off } = bears[key]!
    for (const value of of(fold, [...honest, bad, bad])) expect(Math.abs(value - 1)).toBeLessThan(off)
  },
)

test.each(['sign flip × 10', 'scaling'])('the mean does not bear %s', (attack) => {
  const bad = attacks[attack]!()
  for (const value of of(trimmedMean(shape, 0), [...honest, bad, bad])) expect(Math.abs(value - 1)).toBeGreaterThan(1)
})

test('the deviations of ALIE: the paper’s 24 corrupt of 50 need 2 supporters of 26', () => {
  // share (26 − 2) / 26: z = 1.42608, by scipy.stats.norm.ppf
  expect(alieDeviations(50, 24)).toBeCloseTo(1.42608, 4)
  expect(alieDeviations(3, 2)).toBe(0)
})

test('folds say when there are too few updates, or none to trust', () => {
  expect(() => of(krum(shape, 5), golden.updates)).toThrow(expect.objectContaining({ code: 'fold-updates' }))
  expect(() => of(bulyan(shape, 3), golden.updates)).toThrow(expect.objectContaining({ code: 'fold-updates' }))
  expect(() => of(flTrust(shape, 'nobody'), golden.updates)).toThrow(expect.objectContaining({ code: 'fold-trusted' }))
  for (const make of [
    () => trimmedMean(shape, 0.5),
    () => krum(shape, -1),
    () => normClippedMean(shape, 0),
    () => geometricMedian({ ...shape, steps: 0 }),
  ])
    expect(make).toThrow(expect.objectContaining({ code: 'fold-option' }))
})
