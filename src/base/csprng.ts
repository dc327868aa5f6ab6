// Secret randomness: keys, masks, noise. From the platform's generator (Web Crypto), and a type of its own, so that reproducible numbers never pass for it.
import { YimengError } from './errors.ts'
import { integerFrom, uniformFrom } from './seed.ts'

declare const secret: unique symbol

/** A cryptographically secure source of randomness. Only {@link csprng} makes one; a `Random` is not one, nor the reverse. */
export interface Csprng {
  readonly [secret]: true
  /** Overwrites `bytes`, of any length. */
  readonly fill: (bytes: Uint8Array) => void
  /** Uniform in [0, 2^32). */
  readonly uint32: () => number
  /** Uniform in [0, 1), 53 bits. */
  readonly uniform: () => number
  /** Uniform integer in [0, below), without modulo bias. `below` is an integer from 1 to 2^53. */
  readonly integer: (below: number) => number
}

/** Words drawn at once: small draws then cost a few nanoseconds instead of a call into the platform. */
const POOL_WORDS = 1024
/** The most that Web Crypto gives in one call (W3C Web Cryptography API, getRandomValues). */
const QUOTA_BYTES = 65_536

/**
 * A source on `crypto.getRandomValues`, in browsers and Node alike. Numbers handed out are wiped from its buffer.
 *
 * @throws YimengError `csprng-missing` where the platform has no Web Crypto.
 *
 * @example
 * ```ts
 * const key = new Uint8Array(32)
 * csprng().fill(key)
 * assert.ok(key.some((byte) => byte !== 0))
 * ```
 */
export const csprng = (): Csprng => {
  if (typeof globalThis.crypto?.getRandomValues !== 'function')
    throw new YimengError({ code: 'csprng-missing', cannot: 'draw secret numbers', expected: 'a platform with Web Crypto', got: 'none' })
  const pool = new Uint32Array(POOL_WORDS)
  let next = POOL_WORDS
  const uint32 = (): number => {
    if (next === POOL_WORDS) {
      crypto.getRandomValues(pool)
      next = 0
    }
    const word = pool[next] ?? 0
    pool[next] = 0
    next += 1
    return word
  }
  const fill = (bytes: Uint8Array): void => {
    // Web Crypto refuses views on shared memory, which worker threads use: those take a detour
    const shared = typeof SharedArrayBuffer !== 'undefined' && bytes.buffer instanceof SharedArrayBuffer
    for (let start = 0; start < bytes.length; start += QUOTA_BYTES) {
      const part = bytes.subarray(start, start + QUOTA_BYTES)
      if (shared) part.set(crypto.getRandomValues(new Uint8Array(part.length)))
      else crypto.getRandomValues(part as Uint8Array<ArrayBuffer>)
    }
  }
  const source: Omit<Csprng, typeof secret> = {
    fill,
    uint32,
    uniform: () => uniformFrom(uint32),
    integer: (below) => integerFrom(uint32, below),
  }
  return source as Csprng
}
