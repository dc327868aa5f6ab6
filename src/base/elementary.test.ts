import { expect, test } from 'vitest'
import { exp, ln } from './elementary.ts'
import { seed } from './seed.ts'

const ulps = (ours: number, theirs: number): number => Math.abs(ours / theirs - 1) / 2 ** -52

test('ln is within 2 ulp of the platform, near 1 and far from it', () => {
  const random = seed('ln').random()
  for (let i = 0; i < 20_000; i += 1) {
    const near = 1 + (random.uniform() - 0.5) * 2 ** -(i % 40)
    if (near !== 1) expect(ulps(ln(near), Math.log(near))).toBeLessThanOrEqual(2)
    const far = (1 + random.uniform()) * 2 ** (random.integer(2000) - 1000)
    expect(ulps(ln(far), Math.log(far))).toBeLessThanOrEqual(2)
  }
  expect(ln(1)).toBe(0)
  expect(ln(2 ** -1022)).toBe(Math.log(2 ** -1022))
})

test('exp is within 2 ulp of the platform, and ends in 0 below −708', () => {
  const random = seed('exp').random()
  for (let i = 0; i < 20_000; i += 1) {
    const x = random.uniform() * 1417 - 708
    expect(ulps(exp(x), Math.exp(x))).toBeLessThanOrEqual(2)
  }
  expect(exp(0)).toBe(1)
  expect(exp(-709)).toBe(0)
  expect(exp(Number.NEGATIVE_INFINITY)).toBe(0)
  expect(ulps(exp(709), Math.exp(709))).toBeLessThanOrEqual(2)
})
