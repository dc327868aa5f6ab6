// Vectors over the rings Z/2^32 and Z/2^64: what sums, masks and shares are made of. Addition wraps, so it is associative and commutative to the last bit.
// Loops run in WASM SIMD (kernels/ring.ts); little-endian on the wire.
import { type Codec, uint32Codec, uint64Codec, YimengError } from '../base/index.ts'
import { FIRST, foldBlocks, kernels, mapBlocks, SECOND } from './kernels/ring.ts'

/** Bits of a ring Z/2^bits. */
export type RingBits = 32 | 64

/** A vector over Z/2^32 or Z/2^64. Signed numbers are two's complement. */
export type RingVector = Uint32Array | BigUint64Array

/**
 * Vectors over one ring. `add`, `subtract`, `negate` and `scale` change their first argument in place and return it; the other argument is left as it was.
 *
 * @throws YimengError `ring-length` for vectors of different lengths, `ring-bits` for vectors of different rings.
 */
export interface VectorRing<V extends RingVector = RingVector> {
  readonly bits: RingBits
  /** Zeros. */
  readonly zero: (length: number) => V
  readonly add: (total: V, x: V) => V
  readonly subtract: (total: V, x: V) => V
  readonly negate: (x: V) => V
  /** Multiplies by any integer, negative ones too. */
  readonly scale: (x: V, by: bigint) => V
  /** Same length and elements. Stops at the first difference: not for secrets. */
  readonly equal: (a: V, b: V) => boolean
  /** Elements one after the other, no length before them. */
  readonly codec: Codec<V>
}

// two vectors of one ring and one length. The types see to the ring, but for `ring(bits)` with bits known only at run time
const matching = (cannot: string, total: RingVector, x: RingVector): void => {
  if (total.BYTES_PER_ELEMENT !== x.BYTES_PER_ELEMENT)
    throw new YimengError({
      code: 'ring-bits',
      cannot,
      expected: `a vector over Z/2^${total.BYTES_PER_ELEMENT * 8}`,
      got: `one over Z/2^${x.BYTES_PER_ELEMENT * 8}`,
    })
  sameLength(cannot, total, x)
}

/** Throws `ring-length` for vectors of different lengths. */
export const sameLength = (cannot: string, total: { readonly length: number }, x: { readonly length: number }): void => {
  if (total.length !== x.length)
    throw new YimengError({ code: 'ring-length', cannot, expected: `a vector of ${total.length} elements`, got: `one of ${x.length}` })
}

/** Z/2^32: half the bytes of {@link ring64}, for quantised updates and small counts. */
export const ring32: VectorRing<Uint32Array> = {
  bits: 32,
  zero: (length) => new Uint32Array(length),
  add: (total, x) => {
    matching('add vectors', total, x)
    const { first, second, add32 } = kernels()
    return foldBlocks(total, first.uint32, x, second.uint32, (count) => add32(FIRST, SECOND, count))
  },
  subtract: (total, x) => {
    matching('subtract vectors', total, x)
    const { first, second, subtract32 } = kernels()
    return foldBlocks(total, first.uint32, x, second.uint32, (count) => subtract32(FIRST, SECOND, count))
  },
  negate: (x) => scale32(x, -1),
  scale: (x, by) => scale32(x, Number(BigInt.asIntN(32, by))),
  equal: (a, b) => a.length === b.length && sameWords(a, b),
  codec: uint32Codec,
}

/**
 * Z/2^64: the ring of model updates.
 *
 * @example
 * ```ts
 * const total = ring64.add(BigUint64Array.of(1n, 2n ** 64n - 1n), BigUint64Array.of(2n, 3n))
 * assert.deepEqual(total, BigUint64Array.of(3n, 2n))
 * ```
 */
export const ring64: VectorRing<BigUint64Array> = {
  bits: 64,
  zero: (length) => new BigUint64Array(length),
  add: (total, x) => {
    matching('add vectors', total, x)
    const { first, second, add64 } = kernels()
    return foldBlocks(total, first.uint64, x, second.uint64, (count) => add64(FIRST, SECOND, count))
  },
  subtract: (total, x) => {
    matching('subtract vectors', total, x)
    const { first, second, subtract64 } = kernels()
    return foldBlocks(total, first.uint64, x, second.uint64, (count) => subtract64(FIRST, SECOND, count))
  },
  negate: (x) => scale64(x, -1n),
  scale: (x, by) => scale64(x, BigInt.asIntN(64, by)),
  equal: (a, b) => a.length === b.length && sameWords(words(a), words(b)),
  codec: uint64Codec,
}

/** The ring of the given number of bits: {@link ring32} or {@link ring64}. */
export function ring(bits: 32): VectorRing<Uint32Array>
export function ring(bits: 64): VectorRing<BigUint64Array>
export function ring(bits: RingBits): VectorRing
export function ring(bits: RingBits): unknown {
  return bits === 32 ? ring32 : ring64
}

const scale32 = (x: Uint32Array, by: number): Uint32Array => {
  const { first, scale32: kernel } = kernels()
  mapBlocks(x, first.uint32, x, first.uint32, (count) => kernel(FIRST, count, by))
  return x
}

const scale64 = (x: BigUint64Array, by: bigint): BigUint64Array => {
  const { first, scale64: kernel } = kernels()
  mapBlocks(x, first.uint64, x, first.uint64, (count) => kernel(FIRST, count, by))
  return x
}

const words = (x: BigUint64Array): Uint32Array => new Uint32Array(x.buffer, x.byteOffset, x.length * 2)

const sameWords = (a: Uint32Array, b: Uint32Array): boolean => {
  for (let i = 0; i < a.length; i += 1) if (a[i] !== b[i]) return false
  return true
}
