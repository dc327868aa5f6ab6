import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Outcome } from './comparison.ts'
import { evaluationOf } from './example-outcomes.suite.ts'
import { jainIndex } from './index.ts'
import { fairnessOf, reachedBy } from './sites-and-targets.ts'

const outcome = (accuracies: Readonly<Record<string, number>>, curve: Outcome['curve'] = []): Outcome => ({
  seed: 1,
  pooled: [],
  bySite: Object.fromEntries(
    Object.entries(accuracies).map(([site, accuracy]) => [site, { ...evaluationOf([0, 1], [0.2, 0.8]), metrics: { accuracy } }]),
  ),
  curve,
  steps: 1,
  seconds: 1,
  bytesUp: 0,
  bytesDown: 0,
  modelHashes: [],
})

test('Jain’s index lies between 1/n and 1, is 1 for equals and does not change with the unit', () =>
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0.01, max: 1, noNaN: true }), { minLength: 1, maxLength: 20 }), (values) => {
      const index = jainIndex(values)
      expect(index).toBeLessThanOrEqual(1 + 1e-12)
      expect(index).toBeGreaterThanOrEqual(1 / values.length - 1e-12)
      expect(jainIndex(values.map((value) => 7 * value))).toBeCloseTo(index, 12)
      expect(jainIndex(values.map(() => values[0] ?? 1))).toBeCloseTo(1, 12)
    }),
  ))

test('worst site over the seeds, spread within each', () => {
  const found = fairnessOf([outcome({ a: 0.5, b: 1 }), outcome({ a: 0.7, b: 0.9 })], 'accuracy')
  expect(found?.worst).toEqual({ site: 'a', value: 0.6 })
  expect(found?.spread).toBeCloseTo((Math.SQRT1_2 * 0.5 + Math.SQRT1_2 * 0.2) / 2, 12)
  expect(found?.jain).toBeCloseTo((1.5 ** 2 / (2 * 1.25) + 1.6 ** 2 / (2 * 1.3)) / 2, 12)
  expect(fairnessOf([outcome({ a: 0.5 })], 'accuracy')).toBeNull()
  // of a loss the largest is the worst, and no index is told
  expect(fairnessOf([outcome({ a: 0.5, b: 1 })], 'accuracy')?.worst.site).toBe('a')
  const losses = [{ ...outcome({ a: 1, b: 1 }), bySite: { a: { ...evaluationOf([0], [0.1]) }, b: evaluationOf([0], [0.9]) } }]
  expect(fairnessOf(losses, 'loss')).toMatchObject({ worst: { site: 'b' }, jain: null })
})

test('a target is reached at the first measured round from its good side', () => {
  const curve = [0.4, 0.8, 0.7].map((accuracy, i) => ({ round: i + 1, measures: { accuracy, loss: 1 - accuracy }, bytes: 100 * (i + 1) }))
  const outcomes = [outcome({}, curve), outcome({}, curve.slice(0, 1))]
  expect(reachedBy(outcomes, { measure: 'accuracy', value: 0.7 })).toEqual({ rounds: [2, null], bytes: [200, null] })
  expect(reachedBy(outcomes, { measure: 'loss', value: 0.65 })).toEqual({ rounds: [1, 1], bytes: [100, 100] })
  expect(reachedBy(outcomes, { measure: 'auc', value: 0.5 })).toEqual({ rounds: [null, null], bytes: [null, null] })
})
