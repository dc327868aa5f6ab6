import { expect, test } from 'vitest'
import { localSchema } from './run-spec.ts'
import { rateAt } from './schedule.ts'

const rates = (schedule: object, rounds: number): readonly number[] =>
  Array.from({ length: rounds }, (_, i) => rateAt(localSchema.parse({ schedule }).schedule, i + 1))

test('schedules go as they say, from the first round to the last', () => {
  expect(rateAt(undefined, 7)).toBe(1)
  expect(rates({ kind: 'constant', warmUp: 4 }, 6)).toEqual([0.25, 0.5, 0.75, 1, 1, 1])
  expect(rates({ kind: 'step', every: 2, factor: 0.5 }, 6)).toEqual([1, 1, 0.5, 0.5, 0.25, 0.25])
  expect(rates({ kind: 'step', every: 2, factor: 0.5, warmUp: 2 }, 6)).toEqual([0.5, 1, 1, 1, 0.5, 0.5])
  const falling = rates({ kind: 'cosine', rounds: 10 }, 11)
  expect(falling[0]).toBe(1)
  expect(falling[5]).toBeCloseTo(0.5, 12)
  expect(falling[10]).toBeCloseTo(0, 12)
  const warmed = rates({ kind: 'cosine', rounds: 10, warmUp: 2 }, 10)
  expect(warmed.slice(0, 3)).toEqual([0.5, 1, 1])
  expect(warmed.slice(3).every((rate, i) => rate < (warmed[i + 2] ?? 0) && rate > 0)).toBe(true)
})
