import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { YimengError } from '../base/index.ts'
import { causeOf, refusal, stamp, unstamp } from './frame.ts'

const at = { run: '联盟-7', round: 3, attempt: 2 }
const attempts = fc.record({
  run: fc.string({ unit: 'grapheme', maxLength: 20 }),
  round: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  attempt: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
})

test('what is stamped comes back, and only there', () => {
  fc.assert(
    fc.property(attempts, fc.integer({ min: 0, max: 65535 }), fc.uint8Array(), (attempt, step, payload) => {
      const frame = stamp(attempt, step, 'broadcast', payload)
      expect(unstamp(frame, attempt, step, 'broadcast', 'a')).toEqual(payload)
      expect(() => unstamp(frame, attempt, step + 1, 'broadcast', 'a')).toThrow(expect.objectContaining({ code: 'frame-step' }))
      expect(() => unstamp(frame, { ...attempt, run: `${attempt.run}x` }, step, 'broadcast', 'a')).toThrow(/another run/)
    }),
  )
})

test('any bytes are a frame of this step or an error with a code, never anything else', () => {
  const good = stamp(at, 1, 'contribution', Uint8Array.of(1, 2, 3))
  const refusing = stamp(at, 1, 'refusal', refusal(new Error('x')))
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 80 }),
    fc
      .tuple(fc.constantFrom(good, refusing), fc.array(fc.tuple(fc.nat(80), fc.nat(255)), { maxLength: 3 }), fc.nat(80))
      .map(([frame, changes, length]) => {
        const changed = frame.slice(0, length)
        for (const [index, byte] of changes) if (index < changed.length) changed[index] = byte
        return changed
      }),
  )
  fc.assert(
    fc.property(bytes, (frame) => {
      try {
        unstamp(frame, at, 1, 'contribution', 'a')
      } catch (error) {
        expect(error).toBeInstanceOf(YimengError)
      }
    }),
    { numRuns: 2000 },
  )
})

test('a refusal is heard at any step of its attempt, in its own words, and not in another attempt', () => {
  const fault = new YimengError({ code: 'disk', cannot: 'store model', expected: 'space', got: 'none' })
  const frame = stamp(at, 9, 'refusal', refusal(fault))
  const heard = (attempt: number): unknown => {
    try {
      return unstamp(frame, { ...at, attempt }, 1, 'contribution', 'a')
    } catch (error) {
      return error
    }
  }
  expect(heard(2)).toMatchObject({ code: 'refused', where: { refusal: 'disk', node: 'a' } })
  expect(causeOf(heard(2))).toBe(fault.message)
  expect(heard(3)).toMatchObject({ code: 'frame-step' })
})

test('unexpected errors tell their kind, not their words', () => {
  expect(causeOf(new TypeError('patient Li'))).toBe('unexpected TypeError')
  expect(causeOf('patient Li')).toBe('unexpected string')
})
