import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { clip, l2Norm } from './clip.ts'

const vectors = fc.float32Array({ minLength: 1, maxLength: 50, noNaN: true, noDefaultInfinity: true, min: -(2 ** 60), max: 2 ** 60 })
const bounds = fc.double({ min: 1e-6, max: 1e6, noNaN: true })

test('never longer than the bound, same direction, untouched when short enough', () => {
  fc.assert(
    fc.property(vectors, bounds, (values, l2) => {
      const before = values.slice()
      const { value, l2: bound } = clip(l2)({ values })
      expect(bound).toBe(l2)
      expect(l2Norm(value.values)).toBeLessThanOrEqual(l2)
      expect(values).toEqual(before)
      const norm = l2Norm(values)
      if (norm <= l2) expect(value.values).toEqual(values)
      else {
        expect(l2Norm(value.values)).toBeGreaterThan(l2 * (1 - 1e-5))
        for (const [i, x] of values.entries()) expect(Math.abs(value.values[i]! - (x * l2) / norm)).toBeLessThanOrEqual(1e-5 * l2)
      }
    }),
  )
})

test('keeps what else a record holds', () => {
  expect(clip(1)({ values: Float32Array.of(0, 2), weight: 7 }).value).toEqual({ values: Float32Array.of(0, 1), weight: 7 })
})

test('verifies what should have been clipped', () => {
  expect(clip(5).verify({ values: Float32Array.of(3, 4) }).l2).toBe(5)
  expect(() => clip(4.999).verify({ values: Float32Array.of(3, 4) })).toThrow(expect.objectContaining({ code: 'clip-exceeded' }))
})

test.each([Number.NaN, Number.POSITIVE_INFINITY])('refuses a vector with %f', (bad) => {
  expect(() => clip(1)({ values: Float32Array.of(0, bad) })).toThrow(expect.objectContaining({ code: 'clip-finite' }))
  expect(() => clip(1).verify({ values: Float32Array.of(0, bad) })).toThrow(expect.objectContaining({ code: 'clip-finite' }))
})

test.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])('refuses the bound %f', (l2) => {
  expect(() => clip(l2)).toThrow(expect.objectContaining({ code: 'clip-bound' }))
})
