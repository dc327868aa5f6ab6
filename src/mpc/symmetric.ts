// AES from node:crypto as generator and as hash. Generator: AES-128-CTR. Hash: H(x, t) = p(x ^ t) ^ x ^ t, p AES-128 under a fresh public key per batch (correlation robust in
// the ideal-cipher model: Guo, Katz, Wang and Yu 2020, section 7). Node's AES is fastest on 16 KB to 64 KB at a time.
import { type Cipheriv, createCipheriv, createSecretKey, hash } from 'node:crypto'
import { concatBytes } from '../base/index.ts'
import type { Kernels } from './kernels/kernels.ts'
import { discard } from './memory.ts'

const ZERO_IV = new Uint8Array(16)
/** Bytes per call into AES: much more leaves the second-level cache. */
const CALL_BYTES = 1 << 16
const zeros = new Uint8Array(CALL_BYTES)

/**
 * Writes what `cipher` makes of `from` over `to`, which may be the same memory. Node's ciphers have no such call: each result is a fresh buffer, which here is given back at once, so that all
 * calls share memory that stays in the cache: 2 to 3 times as fast as leaving it to the collector.
 */
export const encryptInto = (cipher: Cipheriv, from: Uint8Array, to: Uint8Array): void => {
  const out = cipher.update(from)
  to.set(out)
  discard(out)
}

/** A secret stream of bytes from a 16-byte seed. */
export interface Keystream {
  /** Overwrites `to` with the next bytes. */
  readonly fill: (to: Uint8Array) => void
  /** The next `length` bytes: a fresh array, nothing else refers to it. */
  readonly next: (length: number) => Uint8Array
}

/** AES-128-CTR under `seed`. */
export const keystream = (seed: Uint8Array): Keystream => {
  const cipher = createCipheriv('aes-128-ctr', createSecretKey(seed), ZERO_IV)
  const fill = (to: Uint8Array): void => {
    for (let at = 0; at < to.length; at += CALL_BYTES) {
      const part = to.subarray(at, at + CALL_BYTES)
      encryptInto(cipher, zeros.subarray(0, part.length), part)
    }
  }
  return {
    fill,
    next: (length) => {
      const bytes = new Uint8Array(length)
      fill(bytes)
      return bytes
    },
  }
}

/** The AES-128 permutation under `key`. With the key as bytes Node 24 first throws and catches two errors inside, which takes four times as long. */
export const permutation = (key: Uint8Array): Cipheriv => createCipheriv('aes-128-ecb', createSecretKey(key), null).setAutoPadding(false)

/** A public key for batch (`domain`, `a`, `b`) of a session: the first half of SHA-256(nonce, domain, a, b). */
export const batchKey = (nonce: Uint8Array, domain: number, a: number, b: number): Uint8Array => {
  const counters = new Uint8Array(Float64Array.of(domain, a, b).buffer)
  return hash('sha256', concatBytes(nonce, counters), 'buffer').subarray(0, 16)
}

/** Blocks per call into AES. */
const BATCH = 4096
/** Calls under one key: setting up a cipher costs as much as a thousand blocks. */
const CALLS_PER_KEY = 4

/** Hashes rows of an oblivious transfer: `to`[i] = H(`from`[i] ^ `offset`, (`first` + i, `use`)). Both sides name the same domain, first and use. */
export const hashRows = (
  k: Kernels,
  nonce: Uint8Array,
  domain: number,
  from: number,
  offset: number,
  to: number,
  count: number,
  first: number,
  use: number,
): void =>
  k.work(() => {
    const masked = k.take(BATCH * 16)
    let cipher = permutation(batchKey(nonce, domain, use, first))
    for (let done = 0; done < count; done += BATCH) {
      const n = Math.min(BATCH, count - done)
      if (done > 0 && done % (BATCH * CALLS_PER_KEY) === 0) cipher = permutation(batchKey(nonce, domain, use, first + done))
      k.tweak(from + done * 16, offset, masked, n, BigInt(first + done), BigInt(use))
      encryptInto(cipher, k.bytes(masked, n * 16), k.bytes(to + done * 16, n * 16))
      k.xorInto(to + done * 16, masked, n * 16)
    }
  })
