// Vectors over Z/2^64 as BigUint64Array, and the integers and fixed-point numbers that they carry.
import { YimengError } from '../../base/index.ts'

/** A vector over Z/2^64. */
export type Words = BigUint64Array

/** a + b. V8 keeps these loops free of BigInt objects only in this simple form. */
export const addWords = (a: Words, b: Words): Words => {
  const out = new BigUint64Array(a.length)
  for (let i = 0; i < out.length; i++) out[i] = (a[i] as bigint) + (b[i] as bigint)
  return out
}

/** a - b. */
export const subtractWords = (a: Words, b: Words): Words => {
  const out = new BigUint64Array(a.length)
  for (let i = 0; i < out.length; i++) out[i] = (a[i] as bigint) - (b[i] as bigint)
  return out
}

/** a * b, element by element. */
export const multiplyWords = (a: Words, b: Words): Words => {
  const out = new BigUint64Array(a.length)
  for (let i = 0; i < out.length; i++) out[i] = (a[i] as bigint) * (b[i] as bigint)
  return out
}

/** a * factor. */
export const scaleWords = (a: Words, factor: bigint): Words => {
  const by = BigInt.asUintN(64, factor)
  const out = new BigUint64Array(a.length)
  for (let i = 0; i < out.length; i++) out[i] = (a[i] as bigint) * by
  return out
}

/** Sum of all, as a vector of one. */
export const sumWords = (a: Words): Words => {
  const out = new BigUint64Array(1)
  for (let i = 0; i < a.length; i++) out[0] = (out[0] as bigint) + (a[i] as bigint)
  return out
}

/** One after the other. */
export const concatWords = (parts: readonly Words[]): Words => {
  const out = new BigUint64Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    out.set(part, at)
    at += part.length
  }
  return out
}

/** The words at `places`, counted through all parts. */
export const gatherWords = (parts: readonly Words[], places: readonly number[]): Words => {
  const all = concatWords(parts)
  return BigUint64Array.from(places, (place) => all[place] ?? 0n)
}

/** The memory of `words` as bytes; not a copy. */
export const bytesOfWords = (words: Words): Uint8Array => new Uint8Array(words.buffer, words.byteOffset, words.byteLength)

/** Words from little-endian bytes; a copy. */
export const wordsOfBytes = (bytes: Uint8Array): Words => new BigUint64Array(bytes.slice().buffer)

/**
 * Integers as words, negative ones in two's complement.
 *
 * @throws YimengError `mpc-range` outside [-2^63, 2^64).
 *
 * @example
 * ```ts
 * assert.deepEqual(integers(words([-1n, 7n])), [-1n, 7n])
 * ```
 */
export const words = (values: readonly (bigint | number)[]): Words =>
  BigUint64Array.from(values, (value, index) => {
    const n = BigInt(value)
    if (n < -(2n ** 63n) || n >= 2n ** 64n)
      throw new YimengError({ code: 'mpc-range', cannot: 'share integer', expected: 'at most 64 bits', got: 'more', where: { index } })
    return BigInt.asUintN(64, n)
  })

/** Words read as signed integers. */
export const integers = (values: Words): bigint[] => Array.from(values, (value) => BigInt.asIntN(64, value))

/** Real numbers rounded to multiples of 2^-fraction. @throws YimengError `mpc-range` where |x| ≥ 2^(62 - fraction) or x is not finite. */
export const fixedPoint = (values: ArrayLike<number>, fraction: number): Words => {
  const scale = 2 ** fraction
  const out = new BigUint64Array(values.length)
  for (let i = 0; i < values.length; i++) {
    const x = Math.round((values[i] ?? 0) * scale)
    if (!(Math.abs(x) < 2 ** 62))
      throw new YimengError({
        code: 'mpc-range',
        cannot: 'encode number',
        expected: `|x| < 2^${62 - fraction}`,
        got: 'more',
        where: { index: i },
      })
    out[i] = BigInt(x)
  }
  return out
}

/** The real numbers that fixed-point words stand for. */
export const realNumbers = (values: Words, fraction: number): Float64Array => {
  const signed = new BigInt64Array(values.buffer, values.byteOffset, values.length)
  return Float64Array.from(signed, (value) => Number(value) / 2 ** fraction)
}
