import { expect, test } from 'vitest'
import { csprng } from '../base/index.ts'
import { clip, provenBound, type Vector } from './clip.ts'
import { discreteGaussian } from './discrete-gaussian.ts'
import { distributedGaussian, quantiser } from './distributed-gaussian.ts'
import { exponential } from './exponential.ts'
import { laplace } from './laplace.ts'
import { pld } from './pld/pld.ts'
import { rdp } from './rdp/rdp.ts'

const rng = csprng()
const vector = (...values: readonly number[]): Vector => ({ values: Float32Array.from(values) })

/** Mean and variance of numbers. */
const moments = (numbers: ArrayLike<number>): { readonly mean: number; readonly variance: number } => {
  const list = Array.from(numbers)
  const mean = list.reduce((sum, x) => sum + x, 0) / list.length
  return { mean, variance: list.reduce((sum, x) => sum + (x - mean) ** 2, 0) / list.length }
}

// Bounds on means and variances of n = 200 000 numbers are 6.5 of their standard deviations wide or more: a false alarm has probability below 1e-10.
test('discrete Gaussian: its noise has the stddev that its event says, around the value, on the grid', () => {
  const dimension = 200_000
  const { perturb, event } = discreteGaussian<Vector>({ noiseMultiplier: 0.5, dimension, stepsPerBound: 2 ** 12 })
  const value = { values: new Float32Array(dimension).fill(3), name: 'kept' }
  const noised = perturb(provenBound(value, 2), rng)
  expect(noised).toMatchObject({ name: 'kept' })
  expect(value.values[0]).toBe(3)
  const step = 2 / 2 ** 12
  const stddev = (event.kind === 'discreteGaussian' ? event.noiseMultiplier * event.sensitivity : Number.NaN) * step
  const { mean, variance } = moments(noised.values)
  expect(Math.abs(mean - 3)).toBeLessThan((6.5 * stddev) / Math.sqrt(dimension))
  expect(Math.abs(variance / stddev ** 2 - 1)).toBeLessThan(6.5 * Math.sqrt(2 / dimension))
  // 0.5 · 2, and what rounding 200 000 coordinates costs
  expect(stddev).toBeCloseTo(1 + (0.5 * 2 * Math.sqrt(dimension) * (1 + 2 ** -10)) / 2 ** 12, 6)
  expect(noised.values.every((x) => Number.isInteger(Math.fround(x / step)))).toBe(true)
})

test('what is released depends on the rounded value only: neighbours on one grid point are one', () => {
  const { perturb } = discreteGaussian<Vector>({ noiseMultiplier: 1, dimension: 1, stepsPerBound: 16 })
  const zeroes = { ...rng, fill: (bytes: Uint8Array) => bytes.forEach((_, i) => (bytes[i] = (i * 37) % 251)) }
  const release = (x: number): number => perturb(provenBound(vector(x), 1), zeroes).values[0]!
  expect(release(0.26)).toBe(release(0.25))
  expect(release(0.28)).toBe(release(0.25))
  expect(release(0.3)).not.toBe(release(0.25))
})

test('Laplace: pure privacy of 1 / noiseMultiplier, and noise of that scale', () => {
  const dimension = 200_000
  const single = laplace<Vector>({ noiseMultiplier: 0.8, dimension: 1 })
  for (const accountant of [pld(), rdp()]) expect(Math.abs(accountant.epsilon(single.event, 1e-9) - 1.25)).toBeLessThan(0.03)
  expect(pld().epsilon(single.event, 0)).toBeLessThan(1.2502)
  const { perturb, event } = laplace<Vector>({ noiseMultiplier: 1e-3, dimension, stepsPerBound: 2 ** 8 })
  const scale = (event.kind === 'discreteLaplace' ? event.noiseMultiplier * event.sensitivity : Number.NaN) / 2 ** 8
  const { mean, variance } = moments(perturb(provenBound({ values: new Float32Array(dimension) }, 1), rng).values)
  expect(Math.abs(mean)).toBeLessThan((6.5 * scale * Math.SQRT2) / Math.sqrt(dimension))
  expect(Math.abs(variance / (2 * scale ** 2) - 1)).toBeLessThan(6.5 * Math.sqrt(5 / dimension))
})

test('random rounding keeps means and its bound; shares of noise add up to what the sum needs', () => {
  const dimension = 50_000
  const parties = 8
  const grid = quantiser({ l2: 1, dimension, stepsPerBound: 4000 })
  // nearest rounding would need 4000 + √50 000 / 2
  expect(grid.sensitivity).toBeLessThan(4003)
  const share = distributedGaussian({ noiseMultiplier: 0.3, quantiser: grid, parties })
  const x = clip(1)({ values: new Float32Array(dimension).fill(0.5 / Math.sqrt(dimension)) })
  const sum = new Float64Array(dimension)
  const rounded = new Float64Array(dimension)
  for (let party = 0; party < parties; party++) {
    const whole = grid.quantise(x, rng)
    expect(Math.sqrt(whole.value.values.reduce((square, v) => square + v * v, 0))).toBeLessThanOrEqual(grid.sensitivity)
    const noised = share.perturb(whole, rng)
    for (let i = 0; i < dimension; i++) {
      rounded[i]! += whole.value.values[i]!
      sum[i]! += noised.values[i]!
    }
  }
  const noise = sum.map((v, i) => v - rounded[i]!)
  const stddev = 0.3 * grid.sensitivity
  expect(Math.abs(moments(noise).variance / stddev ** 2 - 1)).toBeLessThan(6.5 * Math.sqrt(2 / dimension))
  // each rounding has variance at most 1/4
  const expected = (parties * 0.5 * 4000) / Math.sqrt(dimension)
  expect(Math.abs(moments(rounded).mean - expected)).toBeLessThan(6.5 * Math.sqrt(parties / 4 / dimension))
  expect(grid.restore([4000, -2000])).toEqual(Float32Array.of(1, -0.5))
  expect(rdp().epsilon(share.event, 1e-5)).toBeCloseTo(rdp().epsilon({ kind: 'gaussian', noiseMultiplier: 0.3 }, 1e-5), 9)
})

test('the exponential mechanism: 100 000 choices pass χ² against the formula; another ε does not', () => {
  const scores = [-3, 0, 1.5, 2, 2, -40]
  const [epsilon, sensitivity, count] = [1.3, 0.5, 100_000]
  const chi = (used: number): number => {
    const { choose } = exponential(used)
    const counts = scores.map(() => 0)
    for (let i = 0; i < count; i++) counts[choose(provenBound(scores, sensitivity), rng)]! += 1
    const weights = scores.map((score) => Math.exp((epsilon * score) / (2 * sensitivity)))
    const total = weights.reduce((a, b) => a + b)
    return scores.reduce((sum, _, i) => {
      const expected = (count * weights[i]!) / total
      // the last score is never chosen: 1e-24 expected
      return expected < 1 ? sum + counts[i]! * 1e9 : sum + (counts[i]! - expected) ** 2 / expected
    }, 0)
  }
  // 5 cells: above 4 + 2 √(4 x) + 2 x, x = ln 10^9, with probability below 1e-9
  const limit = 4 + 2 * Math.sqrt(4 * Math.log(1e9)) + 2 * Math.log(1e9)
  expect(chi(epsilon)).toBeLessThan(limit)
  expect(chi(epsilon * 1.1)).toBeGreaterThan(limit)
})

test('choices among huge, equal and many scores', () => {
  const pick = (scores: readonly number[], epsilon = 1): number => exponential(epsilon).choose(provenBound(scores, 1), rng)
  expect(pick([1e300, -1e300])).toBe(0)
  expect(pick([-1.7e308, 1.7e308])).toBe(1)
  expect([0, 1, 2]).toContain(pick([5, 5, 5]))
  expect(pick(Array.from({ length: 300 }, (_, i) => (i === 123 ? 1e6 : 0)))).toBe(123)
})

test('misuse is refused by name', () => {
  const mechanism = discreteGaussian<Vector>({ noiseMultiplier: 1, dimension: 2 })
  expect(() => mechanism.perturb(provenBound(vector(1, 2, 3), 1), rng)).toThrow(/expected 2 values, got 3/)
  expect(() => mechanism.perturb(provenBound(vector(1, 3e38), 1), rng)).toThrow(expect.objectContaining({ code: 'noise-range' }))
  expect(() => mechanism.perturb(provenBound(vector(1, Number.NaN), 1), rng)).toThrow(expect.objectContaining({ code: 'noise-range' }))
  for (const bad of [{ noiseMultiplier: 0 }, { dimension: 1.5 }, { stepsPerBound: 0 }]) {
    expect(() => discreteGaussian({ noiseMultiplier: 1, dimension: 2, ...bad })).toThrow(expect.objectContaining({ code: 'noise-options' }))
    expect(() => laplace({ noiseMultiplier: 1, dimension: 2, ...bad })).toThrow(expect.objectContaining({ code: 'noise-options' }))
  }
  const grid = quantiser({ l2: 1, dimension: 2, stepsPerBound: 100 })
  expect(() => grid.quantise(clip(2)(vector(2, 0)), rng)).toThrow(expect.objectContaining({ code: 'quantise-bound' }))
  const share = distributedGaussian({ noiseMultiplier: 1, quantiser: grid, parties: 2 })
  expect(() => share.perturb(quantiser({ l2: 1, dimension: 2, stepsPerBound: 200 }).quantise(clip(1)(vector(1, 0)), rng), rng)).toThrow(
    /bound/,
  )
  expect(() => exponential(0)).toThrow(/finite ε above 0/)
  expect(() => exponential(1).choose(provenBound([], 1), rng)).toThrow(/at least one score/)
  expect(() => exponential(1).choose(provenBound([1, Number.NaN], 1), rng)).toThrow(/finite scores/)
})
