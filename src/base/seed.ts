// Reproducible randomness: a tree of seeds. Never for secrets: see `Csprng`, a different type on purpose.
// Splitting is SHA-256 (FIPS 180-4) over parent and label; the stream is xoshiro128** 1.1 (Blackman and Vigna, "Scrambled linear pseudorandom number generators",
// 2021), seeded with the 128 bits of the seed. Streams overlap with a chance of about (streams² × numbers) / 2^128, which is nil.
import { sha256 } from '@noble/hashes/sha2.js'
import { exp, ln } from './elementary.ts'
import { YimengError } from './errors.ts'

/** A node of the seed tree. The same path from the same root gives the same numbers, on every machine. */
export interface Seed {
  /**
   * Child seed: independent of its parent's and siblings' numbers. Labels are part of the public contract of a program.
   * Paths compose: `s.split(a, b)` is `s.split(a).split(b)`, and `s.split()` is `s`. The number 1 and the text '1' are different labels.
   */
  readonly split: (...labels: readonly (string | number)[]) => Seed
  /** A fresh stream from the start of this seed's numbers. */
  readonly random: () => Random
  /** 128 bits as hex: to journal and compare seeds. */
  readonly id: string
}

/** A stream of reproducible random numbers. */
export interface Random {
  /** Uniform in [0, 2^32). */
  readonly uint32: () => number
  /** Uniform in [0, 1), 53 bits. */
  readonly uniform: () => number
  /** Uniform integer in [0, below), without modulo bias. `below` is an integer from 1 to 2^53. */
  readonly integer: (below: number) => number
  /** Standard normal (Marsaglia's polar method, 1964). */
  readonly normal: () => number
  /** Gamma with the given shape and scale 1 (Marsaglia and Tsang 2000). `shape` is above 0. */
  readonly gamma: (shape: number) => number
  /** The numbers 0 … n−1 in random order (Fisher and Yates). `n` is an integer from 0 to 2^32 − 1. */
  readonly permutation: (n: number) => Uint32Array
}

/**
 * The root of a seed tree.
 *
 * @throws YimengError `seed-label` for a label that is not a finite number or a string.
 *
 * @example
 * ```ts
 * const run = seed(7)
 * assert.equal(run.split('round', 3).id, run.split('round').split(3).id)
 * assert.deepEqual(run.random().permutation(5), run.random().permutation(5))
 * ```
 */
export const seed = (root: number | string): Seed => seedFrom(child(new TextEncoder().encode('yimeng seed v1'), root))

const seedFrom = (bits: Uint8Array): Seed => ({
  split: (...labels) => seedFrom(labels.reduce<Uint8Array>(child, bits)),
  random: () => {
    const words = new DataView(bits.buffer, bits.byteOffset, 16)
    return random(xoshiro128([words.getUint32(0, true), words.getUint32(4, true), words.getUint32(8, true), words.getUint32(12, true)]))
  },
  id: Array.from(bits, (byte) => byte.toString(16).padStart(2, '0')).join(''),
})

/** 128 bits for a label below a parent. The parent's length is fixed per depth and the label's kind is tagged, so that no two paths hash the same bytes. */
const child = (parent: Uint8Array, label: string | number): Uint8Array => {
  const text = typeof label === 'string' ? new TextEncoder().encode(label) : undefined
  const input = new Uint8Array(parent.length + 1 + (text?.length ?? 8))
  input.set(parent)
  if (text !== undefined) {
    input[parent.length] = 1
    input.set(text, parent.length + 1)
  } else if (typeof label === 'number' && Number.isFinite(label)) {
    // label + 0 turns −0 into 0: they are the same number to everyone but the bits
    new DataView(input.buffer).setFloat64(parent.length + 1, label + 0, true)
  } else
    throw new YimengError({
      code: 'seed-label',
      cannot: 'split seed',
      expected: 'a string or a finite number as label',
      got: String(label),
    })
  return sha256(input).slice(0, 16)
}

/** xoshiro128** 1.1 from a state of four 32-bit words, not all 0. Uniform in [0, 2^32). */
export const xoshiro128 = (state: readonly [number, number, number, number]): (() => number) => {
  let [a, b, c, d] = state.map((word) => word | 0) as [number, number, number, number]
  return () => {
    const five = Math.imul(b, 5)
    const result = Math.imul((five << 7) | (five >>> 25), 9) >>> 0
    const shifted = b << 9
    c ^= a
    d ^= b
    b ^= c
    a ^= d
    c ^= shifted
    d = (d << 11) | (d >>> 21)
    return result
  }
}

/** Uniform in [0, 1) with 53 bits, from two 32-bit words. */
export const uniformFrom = (uint32: () => number): number => ((uint32() >>> 5) * 2 ** 26 + (uint32() >>> 6)) * 2 ** -53

/** Uniform in [0, below) by rejection, from 32-bit words. @throws YimengError `random-below` unless `below` is an integer from 1 to 2^53. */
export const integerFrom = (uint32: () => number, below: number): number => {
  if (!Number.isInteger(below) || below < 1 || below > 2 ** 53)
    throw new YimengError({ code: 'random-below', cannot: 'draw integer', expected: 'an integer bound from 1 to 2^53', got: String(below) })
  const small = below <= 2 ** 32
  const range = small ? 2 ** 32 : 2 ** 53
  const accepted = range - (range % below)
  for (;;) {
    const drawn = small ? uint32() : (uint32() >>> 11) * 2 ** 32 + uint32()
    if (drawn < accepted) return drawn % below
  }
}

const random = (uint32: () => number): Random => {
  const uniform = (): number => uniformFrom(uint32)
  const integer = (below: number): number => integerFrom(uint32, below)

  let spare: number | undefined
  const normal = (): number => {
    if (spare !== undefined) {
      const value = spare
      spare = undefined
      return value
    }
    for (;;) {
      const x = 2 * uniform() - 1
      const y = 2 * uniform() - 1
      const square = x * x + y * y
      if (square >= 1 || square === 0) continue
      const factor = Math.sqrt((-2 * ln(square)) / square)
      spare = y * factor
      return x * factor
    }
  }

  const gamma = (shape: number): number => {
    if (!(shape > 0) || shape === Number.POSITIVE_INFINITY)
      throw new YimengError({ code: 'random-shape', cannot: 'draw gamma', expected: 'a finite shape above 0', got: String(shape) })
    // G(a) = G(a + 1) · U^(1/a), since the squeeze below needs a shape of 1 or more. 1 − U is never 0
    if (shape < 1) return gamma(shape + 1) * exp(ln(1 - uniform()) / shape)
    const d = shape - 1 / 3
    const c = 1 / Math.sqrt(9 * d)
    for (;;) {
      const x = normal()
      const root = 1 + c * x
      if (root <= 0) continue
      const v = root * root * root
      const u = 1 - uniform()
      if (ln(u) < 0.5 * x * x + d - d * v + d * ln(v)) return d * v
    }
  }

  const permutation = (n: number): Uint32Array => {
    if (!Number.isInteger(n) || n < 0 || n >= 2 ** 32)
      throw new YimengError({ code: 'random-length', cannot: 'draw permutation', expected: 'a length from 0 to 2^32 − 1', got: String(n) })
    const order = new Uint32Array(n)
    for (let i = 0; i < n; i += 1) {
      const j = integer(i + 1)
      order[i] = order[j] ?? 0
      order[j] = i
    }
    return order
  }

  return { uint32, uniform, integer, normal, gamma, permutation }
}
