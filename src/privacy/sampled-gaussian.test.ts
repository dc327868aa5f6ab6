import { expect, test } from 'vitest'
import { csprng, seed } from '../base/index.ts'
import { rdp } from './rdp/rdp.ts'
import { sampledGaussian } from './sampled-gaussian.ts'

const rng = csprng()
const [units, draws, probability] = [2000, 600, 0.05] as const
const step = sampledGaussian({ noiseMultiplier: 0.7, probability })

/** How far samples are from independent ones, in standard deviations: by the spread of their sizes, by that of how often each unit was taken, and by their mean size. */
const oddities = (samples: readonly Uint32Array[]): readonly number[] => {
  const often = new Float64Array(units)
  for (const sample of samples) for (const unit of sample) often[unit]! += 1
  // Σ (count − mean)² / variance is χ² of as many degrees of freedom as there are counts, nearly normal
  const spread = (counts: ArrayLike<number>, of: number): number => {
    const [mean, variance] = [of * probability, of * probability * (1 - probability)]
    const chi = Array.from(counts).reduce((sum, count) => sum + (count - mean) ** 2 / variance, 0)
    return (chi - counts.length) / Math.sqrt(2 * counts.length)
  }
  const sizes = samples.map(({ length }) => length)
  const mean = sizes.reduce((sum, size) => sum + size, 0) / draws
  const bias = (mean - units * probability) / Math.sqrt((units * probability * (1 - probability)) / draws)
  return [spread(sizes, units), spread(often, draws), bias]
}

// beyond 6.5 standard deviations in one of three figures: false alarm in 4e9 runs
const ALARM = 6.5
const alarming = (samples: readonly Uint32Array[]): boolean => oddities(samples).some((figure) => Math.abs(figure) > ALARM)

test('a step takes each unit independently with its probability; twins that shuffle epochs, take fixed sizes, or take 6 % more are caught', () => {
  expect(alarming(Array.from({ length: draws }, () => step.sample(units, rng)))).toBe(false)

  const size = units * probability
  const perEpoch = units / size
  const shuffled = Array.from({ length: draws }, (_, k) => {
    const order = seed(Math.floor(k / perEpoch))
      .random()
      .permutation(units)
    return Uint32Array.from(order.subarray((k % perEpoch) * size, ((k % perEpoch) + 1) * size))
  })
  expect(alarming(shuffled)).toBe(true)
  const fixed = Array.from({ length: draws }, (_, k) => Uint32Array.from(seed(k).random().permutation(units).subarray(0, size)))
  expect(alarming(fixed)).toBe(true)
  // 15 standard deviations of the mean size: missed less than once in 1e16 runs
  const more = sampledGaussian({ noiseMultiplier: 0.7, probability: probability * 1.06 })
  expect(alarming(Array.from({ length: draws }, () => more.sample(units, rng)))).toBe(true)
})

test('samples are ascending and different; everybody with probability 1, and of nobody nobody', () => {
  const sample = step.sample(units, rng)
  expect(Array.from(sample)).toEqual([...new Set(sample)].sort((a, b) => a - b))
  expect(sampledGaussian({ noiseMultiplier: 1, probability: 1 }).sample(5, rng)).toEqual(Uint32Array.of(0, 1, 2, 3, 4))
  expect(step.sample(0, rng)).toHaveLength(0)
})

test('noise of a step has the standard deviation that its event says', () => {
  const noise = step.noise({ steps: 100, length: 1000, clip: 3 }, rng)
  expect(noise).toHaveLength(100_000)
  const variance = noise.reduce((sum, value) => sum + value * value, 0) / noise.length
  // 6.5 standard deviations of a variance of 100,000 normals
  expect(Math.abs(variance / (0.7 * 3) ** 2 - 1)).toBeLessThan(6.5 * Math.sqrt(2 / noise.length))
})

test('the reference: 1,645 steps of 256 in 60,000 at noise 0.7 cost ε = 3.46 ± 0.05 by Rényi divergences of whole orders, 3.27 of all', () => {
  const { event } = sampledGaussian({ noiseMultiplier: 0.7, probability: 256 / 60_000 })
  const run = { kind: 'repeated', event, count: 1645 } as const
  const whole = rdp({ orders: Array.from({ length: 254 }, (_, i) => i + 2) })
  expect(Math.abs(whole.epsilon(run, 1e-5) - 3.46)).toBeLessThan(0.05)
  expect(rdp().epsilon(run, 1e-5)).toBeCloseTo(3.272, 3)
})

test.each([
  [{ noiseMultiplier: 0, probability: 0.1 }],
  [{ noiseMultiplier: Number.NaN, probability: 0.1 }],
  [{ noiseMultiplier: 1, probability: 0 }],
  [{ noiseMultiplier: 1, probability: 1.5 }],
])('refuses %o', (options) => {
  expect(() => sampledGaussian(options)).toThrow(expect.objectContaining({ code: 'sampled-gaussian' }))
})
