import { expect, test } from 'vitest'
import { seed } from '../../base/index.ts'
import { areaUnderCurve } from '../../learn/index.ts'
import { aucInterval } from './auc-interval.ts'

test('the area is the Mann–Whitney statistic, ties counting half', () => {
  const random = seed('auc').random()
  const scores = Array.from({ length: 300 }, () => Math.floor(20 * random.uniform()))
  const labels = scores.map((score) => (random.uniform() < (score + 5) / 30 ? 1 : 0))
  const of = (label: number) => scores.filter((_, i) => labels[i] === label)
  expect(aucInterval(of(1), of(0)).area).toBeCloseTo(areaUnderCurve(labels, scores), 12)
})

test('the variance is DeLong’s by its definition, over all pairs', () => {
  const [positives, negatives] = [
    [0.9, 0.8, 0.4, 0.7, 0.55],
    [0.1, 0.4, 0.6, 0.35],
  ]
  const psi = (x: number, y: number) => (x > y ? 1 : x === y ? 0.5 : 0)
  const mean = (values: readonly number[]) => values.reduce((a, b) => a + b) / values.length
  const v10 = positives.map((x) => mean(negatives.map((y) => psi(x, y))))
  const v01 = negatives.map((y) => mean(positives.map((x) => psi(x, y))))
  const area = mean(v10)
  const spread = (values: readonly number[]) =>
    values.reduce((sum, value) => sum + (value - area) ** 2, 0) / (values.length - 1) / values.length
  const half = (1.959963984540054 * Math.sqrt(spread(v10) + spread(v01))) / (area * (1 - area))
  const { interval } = aucInterval(positives, negatives)
  const logit = Math.log(area / (1 - area))
  expect(interval!.low).toBeCloseTo(1 / (1 + Math.exp(half - logit)), 12)
  expect(interval!.high).toBeCloseTo(1 / (1 + Math.exp(-half - logit)), 12)
})

test('the interval covers the true area about as often as it says', () => {
  const random = seed('coverage').random()
  // normal scores a unit apart: the area is Φ(1/√2) = 0.760250
  let covered = 0
  for (let trial = 0; trial < 400; trial += 1) {
    const { interval } = aucInterval(
      Array.from({ length: 40 }, () => 1 + random.normal()),
      Array.from({ length: 60 }, () => random.normal()),
    )
    if (interval!.low <= 0.76025 && 0.76025 <= interval!.high) covered += 1
  }
  // of 400 at 95 %, fewer than 362 or more than 396 have a chance below 1e-3 each
  expect(covered).toBeGreaterThan(361)
  expect(covered).toBeLessThan(397)
})

test('too few rows have no interval, nor has a perfect ranking', () => {
  expect(aucInterval([1], [0, 0])).toEqual({ area: 1 })
  expect(aucInterval([2, 3], [0, 1])).toEqual({ area: 1 })
})
