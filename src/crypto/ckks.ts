// CKKS for sums: every contributor encrypts once under a secret key of its own; ciphertexts add up, keys add up, and the sum of the keys opens the sum of the ciphertexts and no one of them.
// Cheon, Kim, Kim, Song 2017, "Homomorphic encryption for arithmetic of approximate numbers", ASIACRYPT: c = a·s + e + Δ·m in Z_q[X]/(X^N + 1), the message above the noise at a scale Δ.
// Of that scheme only what sums need: one level, numbers in the coefficients (no canonical embedding: N of them in a polynomial instead of N/2), a secret key instead of a public one (one
// polynomial instead of two), a from a public seed. Δ is above the noise of the largest sum, so the opened sum is rounded and exact.
//   N = 4096, e and s centred binomial of variance 24, Δ = 2^16, q = the product of two primes of 30 bits for elements of 32 bits, of three for 64 (q < 2^90; 128 bits of security for N = 4096
//   allow 2^109: Albrecht et al. 2018, "Homomorphic encryption security standard", table 1, for σ = 3.2). 512 contributions: |Σe| ≤ 48·512 < Δ/2 always, and 2^(64+9+16) < q.
// Keys are shared out by Shamir's scheme over the first prime, coefficient by coefficient (as Mouchet, Bertrand, Hubaux 2023, "An efficient threshold access-structure for RLWE-based multiparty
// homomorphic encryption", J. Cryptology 36:10): shares add up too, so that holders give away shares of the sum of keys only.
// What the sum of keys tells: whoever opens learns Σs and Σe. Given these, s and e of one of two honest contributors still have variance 12 > 3.2² in each coefficient: learning with errors with
// hints (Kim, Lee, Seo, Song 2023, "Toward practical lattice-based proof of knowledge from hint-MLWE", CRYPTO; used so by Bell et al. 2023, "ACORN", USENIX Security, appendix).
// Adversary: whoever sees all ciphertexts, the sum of the keys, and all keys but those of two honest contributors. Not protected: a key used for two vectors, and changes of a ciphertext.
import { type RingBits, type RingVector, ring } from '../algebra/index.ts'
import { type Csprng, YimengError } from '../base/index.ts'
import { type CkksKernel, COEFFICIENTS, ckksKernel, inverseOf, PRIMES, powerOf, UNIFORM_WORDS } from './kernels/ckks.ts'

declare const kind: unique symbol

/** The key of one contribution: it opens that contribution, and serves once. Never leaves its node but in shares. */
export interface CkksKey {
  readonly [kind]: 'one'
  readonly values: Int32Array
}

/** The sum of several keys, which opens the sum of their ciphertexts. Only {@link combineKeyShares} makes one. */
export interface CkksSumKey {
  readonly [kind]: 'sum'
  readonly values: Int32Array
  /** Keys in it. */
  readonly contributions: number
}

/** A share of a key, or the sum of shares of several at one point. */
export interface CkksKeyShare {
  /** 1 … holders. */
  readonly point: number
  readonly words: Uint32Array
}

/** Most ciphertexts in a sum: what the room above the noise and above the elements allows. */
export const MOST_CONTRIBUTIONS = 512
/** Words of 32 bits in a share of a key. */
export const KEY_WORDS = COEFFICIENTS

const SHIFT = 16
const LARGEST_NOISE = 48

const fault = (cannot: string, expected: string, got: string): YimengError => new YimengError({ code: 'ckks', cannot, expected, got })

/** A fresh key. */
export const ckksKey = (rng: Csprng): CkksKey => {
  const kernel = ckksKernel()
  smallNumbers(kernel, rng, kernel.room[0].at)
  const values = new Int32Array(kernel.room[0].words)
  wipe(kernel)
  return { values } as CkksKey
}

const smallNumbers = ({ random, noise }: CkksKernel, rng: Csprng, to: number): void => {
  rng.fill(random.bytes)
  noise(random.at, to, COEFFICIENTS)
}

/** Leaves no secret in the kernel's memory. */
const wipe = ({ room, random, elements }: CkksKernel): void => {
  for (const { words } of room) words.fill(0)
  random.words.fill(0)
  elements.uint64.fill(0n)
}

/** A key as the factor that polynomials are multiplied by: transformed, with quotients, for each prime. */
interface Factor {
  readonly values: Uint32Array
  readonly quotients: Uint32Array
}

const factors = (values: Int32Array, primes: number): readonly Factor[] => {
  const kernel = ckksKernel()
  const [small, transformed, quotients] = kernel.room
  small.words.set(values)
  const made = kernel.of.slice(0, primes).map(({ p, table }): Factor => {
    kernel.residues(small.at, transformed.at, COEFFICIENTS, p)
    kernel.forward(transformed.at, COEFFICIENTS, table, p)
    kernel.quotients(transformed.at, quotients.at, COEFFICIENTS, p)
    return { values: transformed.words.slice(), quotients: quotients.words.slice() }
  })
  wipe(kernel)
  return made
}

/** The public polynomials of block after block, as words of randomness that all parties make from the seed: AES-256-CTR (NIST SP 800-38A). */
const publicWords = async (seed: Uint8Array, primes: number): Promise<(block: number) => Promise<Uint32Array>> => {
  const key = await crypto.subtle.importKey('raw', new Uint8Array(seed), 'AES-CTR', false, ['encrypt'])
  const bytes = primes * UNIFORM_WORDS * 4
  const zeros = new Uint8Array(bytes)
  return async (block) => {
    const counter = new Uint8Array(16)
    new DataView(counter.buffer).setBigUint64(8, BigInt(block) * BigInt(bytes / 16))
    return new Uint32Array(await crypto.subtle.encrypt({ name: 'AES-CTR', counter, length: 64 }, key, zeros))
  }
}

/** a·s for the prime of index `k`, in room 0. */
const publicTimesKey = (kernel: CkksKernel, words: Uint32Array, k: number, { values, quotients }: Factor): void => {
  const [product, w, q] = kernel.room
  const { p, inverseTable, scale } = kernel.of[k]!
  kernel.random.words.set(words.subarray(k * UNIFORM_WORDS, (k + 1) * UNIFORM_WORDS))
  if (kernel.uniform(kernel.random.at, UNIFORM_WORDS, product.at, COEFFICIENTS, p) !== COEFFICIENTS)
    throw fault('draw polynomial', 'enough words below the prime', 'fewer')
  w.words.set(values)
  q.words.set(quotients)
  kernel.multiply(product.at, w.at, q.at, COEFFICIENTS, p)
  kernel.inverse(product.at, COEFFICIENTS, inverseTable, p, scale)
}

/** Encryption of ring vectors. A ciphertext: for each prime, as many words as the vector has elements. */
export interface Ckks {
  /** Words of a ciphertext. */
  readonly words: (length: number) => number
  /** `seed` (32 bytes) is the same for all contributors of a sum and for opening it, and chosen by none of them alone. Use a key once. */
  readonly encrypt: (key: CkksKey, vector: RingVector, seed: Uint8Array, rng: Csprng) => Promise<Uint32Array>
  /** The ciphertext, of a vector of this length. @throws YimengError `ckks` for words that are none. */
  readonly checked: (cipher: Uint32Array, length: number) => Uint32Array
  /** Adds a ciphertext that was checked, in place. */
  readonly add: (total: Uint32Array, cipher: Uint32Array) => void
  /** The sum of what was encrypted, modulo 2^bits, exactly. @throws YimengError `ckks` for a key that is not that of all the ciphertexts in `total`, or a changed ciphertext, but for a chance of (96·contributions + 1) / 2^16 for each element. */
  readonly open: (key: CkksSumKey, total: Uint32Array, seed: Uint8Array) => Promise<RingVector>
}

/** `ckks(bits)`: for vectors over Z/2^32 or Z/2^64. 8 or 12 bytes an element. */
export const ckks = (bits: RingBits): Ckks => {
  const primes = bits === 32 ? 2 : 3
  const wide = bits === 64 ? 1 : 0
  const blocks = (length: number): readonly { readonly block: number; readonly start: number; readonly count: number }[] =>
    Array.from({ length: Math.ceil(length / COEFFICIENTS) }, (_, block) => {
      const start = block * COEFFICIENTS
      return { block, start, count: Math.min(COEFFICIENTS, length - start) }
    })
  const lengthOf = (cipher: Uint32Array): number => cipher.length / primes
  /** Where the residues of each block lie in a ciphertext. */
  const parts = (length: number): readonly { readonly at: number; readonly count: number; readonly p: number }[] =>
    PRIMES.slice(0, primes).flatMap((p, k) => blocks(length).map(({ start, count }) => ({ at: k * length + start, count, p })))
  return {
    words: (length) => primes * length,
    encrypt: async (key, vector, seed, rng) => {
      const factor = factors(key.values, primes)
      const words = await publicWords(seed, primes)
      const cipher = new Uint32Array(primes * vector.length)
      for (const { block, start, count } of blocks(vector.length)) {
        const open = await words(block)
        const kernel = ckksKernel()
        const { room, elements, of } = kernel
        smallNumbers(kernel, rng, room[3].at)
        const part = vector.subarray(start, start + count)
        if (part instanceof BigUint64Array) elements.uint64.set(part)
        else elements.uint32.set(part)
        for (let k = 0; k < primes; k += 1) {
          const { p } = of[k]!
          publicTimesKey(kernel, open, k, factor[k]!)
          kernel.encode(elements.at, wide, room[3].at, room[0].at, count, p, 2 ** SHIFT, powerOf(2, 32 + SHIFT, p))
          cipher.set(room[0].words.subarray(0, count), k * vector.length + start)
        }
        wipe(kernel)
      }
      return cipher
    },
    checked: (cipher, length) => {
      const { room, sound } = ckksKernel()
      if (cipher.length !== primes * length) throw fault('use ciphertext', `${primes * length} words`, String(cipher.length))
      for (const { at, count, p } of parts(length)) {
        room[1].words.set(cipher.subarray(at, at + count))
        if (sound(room[1].at, count, p) === 0) throw fault('use ciphertext', 'residues of its prime', 'other words')
      }
      return cipher
    },
    add: (total, cipher) => {
      const kernel = ckksKernel()
      const [sum, one] = kernel.room
      for (const { at, count, p } of parts(lengthOf(total))) {
        sum.words.set(total.subarray(at, at + count))
        one.words.set(cipher.subarray(at, at + count))
        kernel.add(sum.at, one.at, count, p)
        total.set(sum.words.subarray(0, count), at)
      }
    },
    open: async (key, total, seed) => {
      const factor = factors(key.values, primes)
      const words = await publicWords(seed, primes)
      const length = lengthOf(total)
      const vector = ring(bits).zero(length)
      const [p0, p1, p2] = PRIMES
      const inverses = [inverseOf(p0, p1), inverseOf(Number((BigInt(p0) * BigInt(p1)) % BigInt(p2)), p2)] as const
      for (const { block, start, count } of blocks(length)) {
        const open = await words(block)
        const kernel = ckksKernel()
        const { room, elements, of } = kernel
        const [, , , r0, r1, r2] = room
        for (const [k, sum] of [r0, r1, r2].slice(0, primes).entries()) {
          publicTimesKey(kernel, open, k, factor[k]!)
          sum.words.set(total.subarray(k * length + start, k * length + start + count))
          kernel.subtract(sum.at, room[0].at, count, of[k]!.p, 2 ** (SHIFT - 1))
        }
        const most = kernel.decode(r0.at, r1.at, r2.at, wide, elements.at, count, SHIFT, p0, p1, p2, ...inverses)
        if (most > LARGEST_NOISE * key.contributions) throw fault('open sum', 'the key of all its ciphertexts', 'another')
        if (vector instanceof BigUint64Array) vector.set(elements.uint64.subarray(0, count), start)
        else vector.set(elements.uint32.subarray(0, count), start)
        wipe(kernel)
      }
      return vector
    },
  }
}

const P = PRIMES[0]

/** Uniform residues of the first prime. */
const uniformResidues = (kernel: CkksKernel, rng: Csprng): Uint32Array => {
  const words = kernel.random.bytes.subarray(0, UNIFORM_WORDS * 4)
  rng.fill(words)
  if (kernel.uniform(kernel.random.at, UNIFORM_WORDS, kernel.room[0].at, COEFFICIENTS, P) !== COEFFICIENTS)
    throw fault('draw polynomial', 'enough words below the prime', 'fewer')
  return kernel.room[0].words.slice()
}

/**
 * Shares of a key for the points 1 … `holders`: any `threshold` of them give it, fewer tell nothing.
 *
 * @throws YimengError `ckks` unless 1 ≤ threshold ≤ holders ≤ 512.
 */
export const dealKeyShares = (
  key: CkksKey,
  { threshold, holders }: { readonly threshold: number; readonly holders: number },
  rng: Csprng,
): readonly CkksKeyShare[] => {
  if (
    !(Number.isInteger(threshold) && Number.isInteger(holders) && threshold >= 1 && threshold <= holders && holders <= MOST_CONTRIBUTIONS)
  )
    throw fault('share key', `1 ≤ threshold ≤ holders ≤ ${MOST_CONTRIBUTIONS}`, `${threshold} of ${holders}`)
  const kernel = ckksKernel()
  const [sum, next] = kernel.room
  const coefficients = Array.from({ length: threshold - 1 }, () => uniformResidues(kernel, rng))
  next.words.set(key.values)
  kernel.residues(next.at, sum.at, COEFFICIENTS, P)
  // the key is the constant
  coefficients.unshift(sum.words.slice())
  const shares = Array.from({ length: holders }, (_, k): CkksKeyShare => {
    sum.words.fill(0)
    for (const coefficient of coefficients.toReversed()) {
      next.words.set(coefficient)
      kernel.scaleAdd(sum.at, next.at, COEFFICIENTS, P, k + 1)
    }
    return { point: k + 1, words: sum.words.slice() }
  })
  wipe(kernel)
  return shares
}

/** The sum of shares of different keys at one point: a share of the sum of the keys. @throws YimengError `ckks` for other words, or none. */
export const addKeyShares = (shares: readonly Uint32Array[]): Uint32Array => {
  const kernel = ckksKernel()
  const [sum, one] = kernel.room
  sum.words.fill(0)
  for (const words of shares) {
    checkShare(kernel, words)
    one.words.set(words)
    kernel.add(sum.at, one.at, COEFFICIENTS, P)
  }
  const total = sum.words.slice()
  wipe(kernel)
  return total
}

const checkShare = ({ room: [, , , scratch], sound }: CkksKernel, words: Uint32Array): void => {
  if (words.length !== COEFFICIENTS) throw fault('use key share', `${COEFFICIENTS} words`, String(words.length))
  scratch.words.set(words)
  if (sound(scratch.at, COEFFICIENTS, P) === 0) throw fault('use key share', 'residues of the prime', 'other words')
}

/**
 * The sum of `contributions` keys from shares of it at different points, as many as the keys' threshold; undefined for shares that fit no such sum.
 *
 * @throws YimengError `ckks` for other words, or points that are none or the same.
 */
export const combineKeyShares = (shares: readonly CkksKeyShare[], contributions: number): CkksSumKey | undefined => {
  const points = shares.map(({ point }) => point)
  if (shares.length === 0 || new Set(points).size !== points.length || !points.every((point) => Number.isInteger(point) && point >= 1))
    throw fault('combine key shares', 'shares at different points', `${shares.length}`)
  const kernel = ckksKernel()
  const [total, one] = kernel.room
  total.words.fill(0)
  for (const { point, words } of shares) {
    checkShare(kernel, words)
    // Lagrange at 0
    let weight = 1n
    for (const other of points)
      if (other !== point) weight = (weight * BigInt(other) * BigInt(inverseOf((((other - point) % P) + P) % P, P))) % BigInt(P)
    one.words.set(words)
    kernel.scaleAdd(one.at, total.at, COEFFICIENTS, P, Number(weight))
    total.words.set(one.words)
  }
  const values = Int32Array.from(total.words, (residue) => (residue > P / 2 ? residue - P : residue))
  wipe(kernel)
  const small = values.every((value) => Math.abs(value) <= LARGEST_NOISE * contributions)
  return small ? ({ values, contributions } as CkksSumKey) : undefined
}
