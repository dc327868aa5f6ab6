import { expect, test } from 'vitest'
import { csprng } from './csprng.ts'
import { YimengError } from './errors.ts'

test('fill overwrites arrays of any size, beyond what the platform gives at once, and views only where they look', () => {
  const { fill } = csprng()
  for (const length of [0, 1, 65_536, 200_001]) {
    const bytes = new Uint8Array(length)
    fill(bytes)
    // all of the last 16 bytes are 0 once in 2^128
    if (length > 16) expect(bytes.subarray(-16).some((byte) => byte !== 0)).toBe(true)
  }
  const whole = new Uint8Array(96)
  fill(whole.subarray(32, 64))
  expect(whole.subarray(0, 32).every((byte) => byte === 0) && whole.subarray(64).every((byte) => byte === 0)).toBe(true)
  expect(whole.subarray(32, 64).some((byte) => byte !== 0)).toBe(true)
})

test('fill reaches memory that threads share', () => {
  const shared = new Uint8Array(new SharedArrayBuffer(32))
  const { fill } = csprng()
  fill(shared)
  expect(shared.some((byte) => byte !== 0)).toBe(true)
})

test('two sources never give the same numbers, nor does one give them twice', () => {
  const draw = (): string => {
    const secret = csprng()
    return Array.from({ length: 4 }, secret.uint32).join()
  }
  expect(new Set(Array.from({ length: 100 }, draw)).size).toBe(100) // a false alarm once in 2^115
  const secret = csprng()
  const words = new Set(Array.from({ length: 4096 }, () => `${secret.uint32()},${secret.uint32()}`)) // through several pools
  expect(words.size).toBe(4096) // a false alarm once in 2^41
})

test('bits, uniform numbers and integers are balanced', () => {
  // 100,000 draws each; 7 standard deviations: each bound alarms falsely once in 4·10^11
  const secret = csprng()
  const n = 100_000
  const ones = Array.from({ length: 32 }, () => 0)
  for (let i = 0; i < n; i += 1) {
    const word = secret.uint32()
    for (let bit = 0; bit < 32; bit += 1) ones[bit] = (ones[bit] ?? 0) + ((word >>> bit) & 1)
  }
  for (const count of ones) expect(Math.abs(count - n / 2)).toBeLessThan((7 * Math.sqrt(n)) / 2)
  let sum = 0
  let low = 0
  for (let i = 0; i < n; i += 1) {
    const u = secret.uniform()
    expect(u >= 0 && u < 1).toBe(true)
    sum += u
    if (secret.integer(3) === 0) low += 1
  }
  expect(Math.abs(sum - n / 2)).toBeLessThan(7 * Math.sqrt(n / 12))
  expect(Math.abs(low - n / 3)).toBeLessThan(7 * Math.sqrt((n * 2) / 9))
  expect(() => secret.integer(0)).toThrow(YimengError)
})
