import { expect, test } from 'vitest'
import { csprng } from '../base/index.ts'
import { clip } from './clip.ts'
import { gaussian } from './gaussian.ts'

const DRAWS = 200_000
/** Shares of a standard normal below these points (scipy.stats.norm.cdf). */
const quantiles = [
  [-3, 0.0013498980316300933],
  [-1, 0.15865525393145707],
  [-0.5, 0.3085375387259869],
  [0, 0.5],
  [1, 0.8413447460685429],
  [2, 0.9772498680518208],
] as const

/** How far the counts below the quantiles are from their expectation, at worst, in standard deviations. */
const worst = (values: Float32Array, stddev: number): number =>
  Math.max(
    ...quantiles.map(([point, share]) => {
      const below = values.reduce((count, value) => count + (value < point * stddev ? 1 : 0), 0)
      return Math.abs(below - DRAWS * share) / Math.sqrt(DRAWS * share * (1 - share))
    }),
  )

// beyond 6.5 standard deviations at one of six points: false alarm in 2e9 runs
const ALARM = 6.5

test('the noise is normal with stddev = multiplier · bound, and a twin with 3 % less noise is caught', () => {
  const noised = gaussian(1.5).perturb(clip(2)({ values: new Float32Array(DRAWS) }), csprng()).values
  expect(worst(noised, 3)).toBeLessThan(ALARM)
  const twin = gaussian(1.5 * 0.97).perturb(clip(2)({ values: new Float32Array(DRAWS) }), csprng()).values
  expect(worst(twin, 3)).toBeGreaterThan(ALARM)
})

test('draws of neighbours do not go together (Box–Muller pairs)', () => {
  const { values } = gaussian(1).perturb(clip(1)({ values: new Float32Array(DRAWS) }), csprng())
  let sum = 0
  for (let i = 0; i + 1 < DRAWS; i += 1) sum += values[i]! * values[i + 1]!
  expect(Math.abs(sum) / Math.sqrt(DRAWS - 1)).toBeLessThan(ALARM)
})

test('keeps what else a record holds and leaves the bounded value as it was', () => {
  const bounded = clip(1)({ values: Float32Array.of(0, 1), weight: 7 })
  expect(gaussian<typeof bounded.value>(1).perturb(bounded, csprng()).weight).toBe(7)
  expect(bounded.value.values).toEqual(Float32Array.of(0, 1))
})

test.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])('refuses the noise multiplier %f', (noise) => {
  expect(() => gaussian(noise)).toThrow(expect.objectContaining({ code: 'gaussian-noise' }))
})
