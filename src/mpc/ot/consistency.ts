// A check that the extension's receiver used one choice bit in all columns (Keller, Orsini and Scholl 2015): random combinations of its rows t and choices r must satisfy
// q = t + r * delta over GF(2^128). The combination is GHASH, which Node computes with the processor's carry-less products as the tag of AES-GCM over associated data.
// NOT REVIEWED. It makes one kind of cheating fail; it does not make the programs secure against cheating parties: base transfers, inputs, garbling and products are still trusted.
// Coefficients are powers of one element, drawn by hashing what the receiver sent (Fiat and Shamir 1986) instead of by a toss of coins. What leaks to a cheating receiver: a wrong bit in
// one column passes with probability 1/2, and tells it that bit of delta.
import { createCipheriv, createHash, createSecretKey } from 'node:crypto'
import { equalBytes, YimengError } from '../../base/index.ts'
import { discard } from '../memory.ts'

/** Transfers with random choices in each step, never used: they hide what the combination says about the others. A multiple of 128. */
export const SPARE_TRANSFERS = 256

/** Payload bytes of the receiver's combinations: of its choices, then of its rows. */
export const PROOF_BYTES = 32

const BLOCK = 16

const ghash = (key: Uint8Array, blocks: Uint8Array): Uint8Array => {
  // one key for one step: the constant nonce only adds a constant, which cancels
  const cipher = createCipheriv('aes-128-gcm', createSecretKey(key), new Uint8Array(12))
  cipher.setAAD(blocks)
  cipher.final()
  return cipher.getAuthTag()
}

const xor = (a: Uint8Array, b: Uint8Array): Uint8Array => Uint8Array.from(a, (byte, i) => byte ^ (b[i] as number))

/** The key of a step's combination, from all that the receiver has committed itself to. */
const challenge = (nonce: Uint8Array, first: number, columns: Uint8Array): Uint8Array =>
  createHash('sha256').update('yimeng transfer check').update(nonce).update(String(first)).update(columns).digest().subarray(0, BLOCK)

const R = 0xe1n << 120n
const integer = (bytes: Uint8Array): bigint => BigInt(`0x${Buffer.from(bytes).toString('hex')}`)

/** a * b in GF(2^128), in GCM's order of bits (NIST SP 800-38D, section 6.3). */
export const multiplyBlocks = (a: Uint8Array, b: Uint8Array): Uint8Array => {
  const x = integer(a)
  let v = integer(b)
  let z = 0n
  for (let i = 127n; i >= 0n; i--) {
    if ((x >> i) & 1n) z ^= v
    v = v & 1n ? (v >> 1n) ^ R : v >> 1n
  }
  return Uint8Array.from(Buffer.from(z.toString(16).padStart(32, '0'), 'hex'))
}

/** The receiver's proof for its `rows` [transfers, 16] and packed `choices`. */
export const prove = (nonce: Uint8Array, first: number, columns: Uint8Array, rows: Uint8Array, choices: Uint8Array): Uint8Array => {
  const key = challenge(nonce, first, columns)
  const blocks = new Uint8Array(rows.length)
  const constant = ghash(key, blocks)
  // the element 1 is the highest bit of the first byte
  for (let i = 0; i < rows.length / BLOCK; i++) blocks[i * BLOCK] = (((choices[i >> 3] as number) >> (i & 7)) & 1) << 7
  const proof = new Uint8Array(PROOF_BYTES)
  proof.set(xor(ghash(key, blocks), constant))
  discard(blocks)
  proof.set(ghash(key, rows), BLOCK)
  return proof
}

/** @throws YimengError `mpc-ot-check` unless the sender's rows q fit the proof. */
export const verify = (
  nonce: Uint8Array,
  first: number,
  columns: Uint8Array,
  rows: Uint8Array,
  delta: Uint8Array,
  proof: Uint8Array,
): void => {
  const difference = xor(ghash(challenge(nonce, first, columns), rows), proof.subarray(BLOCK))
  if (!equalBytes(difference, multiplyBlocks(proof.subarray(0, BLOCK), delta)))
    throw new YimengError({
      code: 'mpc-ot-check',
      cannot: 'accept transfers',
      expected: 'columns with one choice for each row',
      got: 'others',
    })
}
