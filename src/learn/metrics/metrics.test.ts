import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { seed } from '../../base/index.ts'
import golden from '../../../tools/golden/learn-metrics.json' with { type: 'json' }
import { brierScore, calibrationBins, expectedCalibrationError, logLoss } from './calibration.ts'
import { accuracy, confusionMatrix, decisions, f1, sensitivity, specificity } from './confusion.ts'
import { areaUnderCurve, macroAreaUnderCurve } from './ranking.ts'
import { meanAbsolute, rootMeanSquare } from './regression.ts'

// origin: scikit-learn, see tools/golden/learn-metrics.py
test.each(golden.cases)('scikit-learn gives the same: $name', ({ labels, probabilities, classes, expected }) => {
  const matrix = confusionMatrix(labels, decisions(probabilities, classes), Math.max(2, classes))
  expect(matrix).toEqual(expected.confusion)
  const close = (value: number, wanted: number): void => expect(value).toBeCloseTo(wanted, 12)
  close(accuracy(matrix), expected.accuracy)
  close(sensitivity(matrix), expected.sensitivity)
  close(specificity(matrix), expected.specificity)
  close(f1(matrix), expected.f1)
  close(macroAreaUnderCurve(labels, probabilities, classes), expected.auc)
  close(logLoss(labels, probabilities, classes), expected.logLoss)
  close(brierScore(labels, probabilities, classes), expected.brier)
})

test('AUC is the share of pairs that are in order, ties counting half', () => {
  const rows = fc.array(fc.record({ label: fc.constantFrom(0, 1), score: fc.integer({ min: 0, max: 6 }) }), { minLength: 1, maxLength: 40 })
  fc.assert(
    fc.property(rows, (drawn) => {
      const [ill, healthy] = [drawn.filter(({ label }) => label === 1), drawn.filter(({ label }) => label === 0)]
      const pairs = ill.flatMap((a) => healthy.map((b) => (a.score > b.score ? 1 : a.score === b.score ? 0.5 : 0)))
      const expected = pairs.reduce<number>((sum, x) => sum + x, 0) / pairs.length
      const found = areaUnderCurve(
        drawn.map(({ label }) => label),
        drawn.map(({ score }) => score),
      )
      if (pairs.length === 0) expect(found).toBeNaN()
      else expect(found).toBeCloseTo(expected, 12)
    }),
  )
})

test('AUC of scores that are not numbers is not a number', () => {
  expect(areaUnderCurve([0, 1, 1], [0.2, Number.NaN, 0.7])).toBeNaN()
})

test('calibration: sure and right is 0, sure and wrong is 1, honest doubt is about 0', () => {
  expect(expectedCalibrationError([0, 1], [0, 1], 1)).toBe(0)
  expect(expectedCalibrationError([1, 0], [0, 1], 1)).toBe(1)
  const random = seed('calibration').random()
  const probabilities = Array.from({ length: 20_000 }, random.uniform)
  const labels = probabilities.map((p) => (random.uniform() < p ? 1 : 0))
  // each bin's frequency has a deviation below 0.5/√2000 = 0.011, so the mean gap stays below 0.02 but for a chance of less than 1e-9
  expect(expectedCalibrationError(labels, probabilities, 1)).toBeLessThan(0.02)
  // the broken twin: overconfident by a squeeze towards 0 and 1
  expect(
    expectedCalibrationError(
      labels,
      probabilities.map((p) => (p > 0.5 ? Math.sqrt(p) : p * p)),
      1,
    ),
  ).toBeGreaterThan(0.05)
  const bins = calibrationBins(labels, probabilities, 1)
  expect(bins.reduce((sum, { count }) => sum + count, 0)).toBe(20_000)
})

test('two classes as one column or two score the same', () => {
  const labels = [0, 1, 1, 0, 1]
  const one = [0.2, 0.7, 0.4, 0.6, 0.9]
  const two = one.flatMap((p) => [1 - p, p])
  for (const metric of [logLoss, brierScore, expectedCalibrationError, macroAreaUnderCurve])
    expect(metric(labels, two, 2)).toBeCloseTo(metric(labels, one, 1), 12)
})

test('distances, and inputs that cannot be scored', () => {
  expect(rootMeanSquare([0, 0], [3, 4])).toBeCloseTo(Math.sqrt(12.5), 12)
  expect(meanAbsolute([0, 0], [3, -4])).toBe(3.5)
  expect(() => confusionMatrix([0], [0, 1], 2)).toThrow('as many predictions as labels')
  expect(() => confusionMatrix([0, 3], [0, 1], 2)).toThrow('row 1')
  expect(() => decisions([0.1, 0.2, 0.7], 2)).toThrow('rows of 2')
  expect(sensitivity(confusionMatrix([0, 0], [0, 1], 2))).toBeNaN()
})
