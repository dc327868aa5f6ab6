import { expect, test } from 'vitest'
import { pauseMs } from './patience.ts'

const longest = (failures: number, silentMs?: number): number => Math.max(...Array.from({ length: 200 }, () => pauseMs(failures, silentMs)))

test('pauses double up to ten seconds, with half of each by chance', () => {
  for (const [failures, most] of [
    [1, 100],
    [3, 400],
    [7, 6_400],
    [8, 10_000],
    [50, 10_000],
  ] as const) {
    const pauses = Array.from({ length: 200 }, () => pauseMs(failures))
    expect(Math.min(...pauses)).toBeGreaterThanOrEqual(most / 2)
    expect(Math.max(...pauses)).toBeLessThanOrEqual(most)
    expect(Math.max(...pauses)).toBeGreaterThan(0.8 * most)
  }
})

test('a line that was heard a moment ago is tried again soon, one that has been silent is not', () => {
  expect(longest(9, 0)).toBeLessThanOrEqual(500)
  expect(longest(9, 4_000)).toBeLessThanOrEqual(1_500)
  expect(longest(9, 60_000)).toBeGreaterThan(5_000)
})
