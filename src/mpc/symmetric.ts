// AES from node:crypto as generator and as hash. Generator: AES-128-CTR. Hash: H(x, t) = p(x ^ t) ^ x ^ t, p AES-128 under a fresh public key per batch (correlation robust in
// the ideal-cipher model: Guo, Katz, Wang and Yu 2020, section 7). Node's AES is fastest on 16 KB to 64 KB at a time.
import { type Cipheriv, createCipheriv, createHash } from 'node:crypto'
import type { Kernels } from './kernels/kernels.ts'

const ZERO_IV = new Uint8Array(16)
let zeros = new Uint8Array(1 << 16)

/** A secret stream of bytes from a 16-byte seed. */
export interface Keystream {
  /** The next `length` bytes: a fresh array, nothing else refers to it. */
  readonly next: (length: number) => Uint8Array
}

/** AES-128-CTR under `seed`. */
export const keystream = (seed: Uint8Array): Keystream => {
  const cipher = createCipheriv('aes-128-ctr', seed, ZERO_IV)
  return {
    next: (length) => {
      if (length > zeros.length) zeros = new Uint8Array(length)
      return cipher.update(zeros.subarray(0, length))
    },
  }
}

/** The AES-128 permutation under `key`. */
export const permutation = (key: Uint8Array): Cipheriv => createCipheriv('aes-128-ecb', key, null).setAutoPadding(false)

/** A public key for batch (`domain`, `a`, `b`) of a session: the first half of SHA-256(nonce, domain, a, b). */
export const batchKey = (nonce: Uint8Array, domain: number, a: number, b: number): Uint8Array => {
  const counters = new Float64Array([domain, a, b])
  return createHash('sha256').update(nonce).update(new Uint8Array(counters.buffer)).digest().subarray(0, 16)
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
      k.bytes(to + done * 16, n * 16).set(cipher.update(k.bytes(masked, n * 16)))
      k.xorInto(to + done * 16, masked, n * 16)
    }
  })
