import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { codecLaws } from '../base/codec.suite.ts'
import { seed } from '../base/index.ts'
import { BLOCK } from './kernels/ring.ts'
import { ringLaws } from './laws/ring.suite.ts'
import { type RingBits, type RingVector, ring, ring32, ring64, type VectorRing } from './ring.ts'

const word32 = fc.oneof(fc.integer({ min: 0, max: 2 ** 32 - 1 }), fc.constantFrom(0, 1, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1))
const word64 = fc.oneof(
  fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  fc.constantFrom(0n, 1n, 2n ** 32n - 1n, 2n ** 32n, 2n ** 63n - 1n, 2n ** 63n, 2n ** 64n - 1n),
)
const vector32 = (length: number): fc.Arbitrary<Uint32Array> =>
  fc.array(word32, { minLength: length, maxLength: length }).map((words) => Uint32Array.from(words))
const vector64 = (length: number): fc.Arbitrary<BigUint64Array> =>
  fc.array(word64, { minLength: length, maxLength: length }).map((words) => BigUint64Array.from(words))

ringLaws('ring32', ring32, vector32)
ringLaws('ring64', ring64, vector64)
codecLaws('ring32', ring32.codec, fc.nat(20).chain(vector32))
codecLaws('ring64', ring64.codec, fc.nat(20).chain(vector64))

// the same operations on one element at a time, in integers without bounds
const reference = (bits: number) => ({
  add: (a: bigint, b: bigint): bigint => BigInt.asUintN(bits, a + b),
  subtract: (a: bigint, b: bigint): bigint => BigInt.asUintN(bits, a - b),
  scale: (a: bigint, by: bigint): bigint => BigInt.asUintN(bits, a * by),
})

const randomVector = (bits: 32 | 64, length: number, label: string): RingVector => {
  const { uint32 } = seed('ring').split(bits, length, label).random()
  const words = Uint32Array.from({ length: (length * bits) / 32 }, uint32)
  return bits === 32 ? words : new BigUint64Array(words.buffer)
}
const integers = (vector: RingVector): bigint[] => Array.from(vector as ArrayLike<number | bigint>, BigInt)

// nothing, one register and its neighbours, the block and its neighbours, several blocks and a rest
const lengths = [0, 1, 2, 3, 4, 5, 7, 8, 255, BLOCK - 1, BLOCK, BLOCK + 1, 3 * BLOCK + 5]

test.each([32, 64] as const)('the kernels of Z/2^%i agree with integers without bounds, at lengths around registers and blocks', (bits) => {
  const vectors: VectorRing = ring(bits)
  const one = reference(bits)
  for (const length of lengths) {
    const a = randomVector(bits, length, 'a')
    const b = randomVector(bits, length, 'b')
    const [x, y] = [integers(a), integers(b)]
    const by = -0x1234_5678_9abc_def1n
    expect(integers(vectors.add(a.slice(), b))).toEqual(x.map((each, i) => one.add(each, y[i] ?? 0n)))
    expect(integers(vectors.subtract(a.slice(), b))).toEqual(x.map((each, i) => one.subtract(each, y[i] ?? 0n)))
    expect(integers(vectors.negate(a.slice()))).toEqual(x.map((each) => one.subtract(0n, each)))
    expect(integers(vectors.scale(a.slice(), by))).toEqual(x.map((each) => one.scale(each, by)))
    expect(integers(b)).toEqual(y)
  }
})

test.each([32, 64] as const)('a view of Z/2^%i vectors changes only where it looks, also where it adds itself', (bits) => {
  const vectors: VectorRing = ring(bits)
  const whole = randomVector(bits, BLOCK + 40, 'view')
  const before = integers(whole)
  const middle = whole.subarray(17, BLOCK + 20)
  vectors.add(middle, middle)
  expect(integers(whole)).toEqual(before.map((each, i) => (i >= 17 && i < BLOCK + 20 ? BigInt.asUintN(bits, 2n * each) : each)))
})

test('vectors of two rings are not added', () => {
  const unaware: VectorRing = ring(64 as RingBits)
  expect(() => unaware.add(BigUint64Array.of(1n), Uint32Array.of(1))).toThrow(
    'cannot add vectors: expected a vector over Z/2^64, got one over Z/2^32',
  )
  expect(() => unaware.add(Uint32Array.of(1), BigUint64Array.of(1n))).toThrow('over Z/2^32, got one over Z/2^64')
})

test('on the wire the lowest byte comes first', () => {
  expect(ring32.codec.encode(Uint32Array.of(0x0102_0304))).toEqual(Uint8Array.of(4, 3, 2, 1))
  expect(ring64.codec.encode(BigUint64Array.of(0x01_0203n))).toEqual(Uint8Array.of(3, 2, 1, 0, 0, 0, 0, 0))
})
