import { expect, test } from 'vitest'
import { rateLimit } from './rate-limits.ts'

test('a burst passes, then the rate; each asker for itself', () => {
  let nowMs = 0
  const { take } = rateLimit({ burst: 5, perSecond: 2 }, () => nowMs)
  const passed = (asker: string, asked: number): number => Array.from({ length: asked }, () => take(asker)).filter(Boolean).length
  expect(passed('a', 20)).toBe(5)
  expect(passed('b', 3)).toBe(3)
  nowMs = 1_000
  expect(passed('a', 20)).toBe(2)
  nowMs = 100_000
  expect(passed('a', 20)).toBe(5)
})

test('askers without number take no memory without number, and the busiest is not forgotten for them', () => {
  const { take } = rateLimit({ burst: 1, perSecond: 0 }, () => 0)
  expect(take('busy')).toBe(true)
  for (let i = 0; i < 50_000; i += 1) {
    take(`other ${i}`)
    if (i % 1_000 === 0) expect(take('busy')).toBe(false)
  }
})
