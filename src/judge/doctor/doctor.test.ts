import { expect, test } from 'vitest'
import { seed } from '../../base/index.ts'
import { taskOf } from '../../tasks/index.ts'
import { strategyNames } from '../method-named.ts'
import { examine, findingOf, methodFor, type Skew } from './index.ts'
import { playOnce } from './play.ts'
import { type ExaminedSite, skewProgram } from './skew.ts'

const measured = (sites: readonly ExaminedSite[], classes: number): Promise<Skew | undefined> =>
  playOnce(
    skewProgram(classes, sites[0]?.width ?? 1),
    undefined,
    new Map(sites.map((site, i) => [`site-${i}`, site])),
    undefined,
    seed(1),
    new AbortController().signal,
  )

/** Rows of one input: class by class, its values. */
const site = (...values: readonly (readonly number[])[]): ExaminedSite => ({
  rows: values.flat().length,
  width: 1,
  inputs: Float32Array.from(values.flat()),
  classes: Float32Array.from(values.flatMap((own, label) => own.map(() => label))),
})

test('by hand: sites of one class each, and a site of both', async () => {
  // shares 1/2 and 1/2; total variation 1/2 at each site, less ½ · 2 · √(2 · ¼ / 4π) by chance
  const skew = await measured([site([0, 1, 0, 1]), site([], [4, 5, 4, 5])], 2)
  expect(skew?.label).toBeCloseTo(0.5 - Math.sqrt(0.5 / (Math.PI * 4)), 6)
  expect(skew).toMatchObject({ sites: 2, rows: 8, classes: 2, missingClasses: 0.5, feature: 0 })
  expect(skew?.quantity).toBeCloseTo(0, 6)
  // sizes 6 and 2: Jain's index 64 / (2 · 40)
  expect((await measured([site([0, 1, 2], [0, 1, 2]), site([1], [1])], 2))?.quantity).toBeCloseTo(0.2, 6)
})

test('by hand: a shift of inputs between sites within one class', async () => {
  // means 1 and 3 around 2, variance within sites 1: total 2, between 1, of which (2 − 1)/8 is chance
  const skew = await measured([site([0, 2, 0, 2]), site([2, 4, 2, 4])], 1)
  expect(skew?.feature).toBeCloseTo((0.5 - 1 / 8) / (1 - 1 / 8), 5)
  expect(skew?.label).toBe(0)
})

const random = seed(3).random()
const normals = (count: number, mean: number): readonly number[] => Array.from({ length: count }, () => mean + random.normal())

test('chance alone is not taken for skew: fifty small sites alike', async () => {
  const skew = await measured(
    Array.from({ length: 50 }, () => {
      const first = Array.from({ length: 20 }, () => random.uniform() < 0.3).filter(Boolean).length
      return site(normals(20 - first, 0), normals(first, 2))
    }),
    2,
  )
  expect(skew?.label).toBeLessThan(0.03)
  expect(skew?.feature).toBeLessThan(0.03)
})

test('unlike class mixes do not look like unlike inputs, nor the other way round', async () => {
  const mixes = await measured([site(normals(90, 0), normals(10, 3)), site(normals(10, 0), normals(90, 3))], 2)
  expect(mixes?.label).toBeGreaterThan(0.3)
  expect(mixes?.feature).toBeLessThan(0.02)
  const shifted = await measured([site(normals(50, 0), normals(50, 3)), site(normals(50, 2), normals(50, 5))], 2)
  expect(shifted?.label).toBe(0)
  expect(shifted?.feature).toBeGreaterThan(0.3)
})

test.each([
  ['iid:', { kind: 'iid', sites: 5 }, 'none'],
  ['sites of one class:', { kind: 'missingClasses', sites: 3, classesPerSite: 1 }, 'label'],
  ['unlike sizes:', { kind: 'quantitySkew', sites: 5, alpha: 0.3, minimumRows: 2 }, 'quantity'],
] as const)('finds what a partition was made for: %s', async (_, partition, finding) => {
  const diagnosis = await examine({ task: 'iris', partition, cohort: { size: 3 } })
  expect(diagnosis).toMatchObject({ finding, method: methodFor[finding], task: 'iris' })
  expect(diagnosis.skew.rows).toBe(120)
})

test('the rules in their order; every method they name is a strategy', () => {
  const none: Skew = { sites: 5, rows: 100, classes: 3, label: 0, missingClasses: 0, feature: 0, quantity: 0 }
  const epochs = { epochs: true }
  expect(findingOf(none, epochs)).toBe('none')
  expect(findingOf({ ...none, label: 0.2, feature: 0.5, quantity: 0.9 }, epochs)).toBe('label')
  expect(findingOf({ ...none, classes: 2, label: 0.2, feature: 0.5, quantity: 0.9 }, epochs)).toBe('labelOfTwo')
  expect(findingOf({ ...none, feature: 0.5, quantity: 0.9 }, epochs)).toBe('feature')
  expect(findingOf({ ...none, quantity: 0.9 }, epochs)).toBe('quantity')
  expect(findingOf({ ...none, quantity: 0.9 }, { epochs: false })).toBe('none')
  for (const method of Object.values(methodFor)) expect(strategyNames).toContain(method.split(':')[0])
})

test('a broken task of one’s own is refused as in a run', () =>
  expect(examine({ task: 'iris' }, { task: { ...taskOf('iris'), defaults: { partition: { kind: 'natural' } } } })).rejects.toMatchObject({
    code: 'partition-natural',
  }))
