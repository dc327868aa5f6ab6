// The laws of a linear fold, for whoever lets a total be masked, encrypted or shared: `linearLaws('mean', mean.linear, mean.sum, arbitraryTotal, mean.total)`.
import * as fc from 'fast-check'
import { expect } from 'vitest'
import { type Codec, equalBytes } from '../../base/index.ts'
import { type Law, registerLaws } from '../../base/law.suite.ts'
import type { Monoid } from '../monoid.ts'
import { ring, type RingBits, type RingVector } from '../ring.ts'

/** Totals as ring vectors, and back. `federated` has the same type; it is spelt again here because arrows point downwards. */
export interface LinearMap<Acc> {
  readonly bits: RingBits
  readonly length: number
  readonly toRing: (acc: Acc) => RingVector
  readonly fromRing: (vector: RingVector) => Acc
}

/**
 * The laws of a linear fold: `toRing` is a homomorphism (a sum of totals is the sum of their vectors, zero is zeros), `fromRing` its inverse; a sum hidden under
 * masks that cancel comes back bit for bit. `codec` says what the bits of a total are.
 */
export const lawsOfLinear = <A>(
  linear: LinearMap<A>,
  monoid: Monoid<A>,
  values: fc.Arbitrary<A>,
  codec: Pick<Codec<A>, 'encode' | 'decode'>,
): readonly Law[] => {
  const laws: Law[] = []
  const law = (name: string, check: () => void): void => void laws.push({ name, check })
  const vectors = ring(linear.bits)
  const copy = (value: A): A => codec.decode(codec.encode(value))
  // toRing may share memory with its total: the copies keep runs apart
  const toRing = (value: A): RingVector => linear.toRing(copy(value))
  const same = (a: A, b: A): void => {
    expect(equalBytes(codec.encode(a), codec.encode(b))).toBe(true)
  }

  law('vectors have the ring and the length that were announced', () => {
    fc.assert(
      fc.property(values, (a) => {
        const vector = toRing(a)
        expect(vector.length).toBe(linear.length)
        expect(vector).toBeInstanceOf(linear.bits === 32 ? Uint32Array : BigUint64Array)
      }),
    )
  })

  law('sums go to sums, zero to zeros', () => {
    fc.assert(
      fc.property(values, values, (a, b) => {
        expect(vectors.equal(toRing(monoid.add(copy(a), b)), vectors.add(toRing(a), toRing(b)))).toBe(true)
      }),
    )
    expect(vectors.equal(linear.toRing(monoid.zero()), vectors.zero(linear.length))).toBe(true)
  })

  law('the way back is the inverse', () => {
    fc.assert(fc.property(values, (a) => same(linear.fromRing(toRing(a)), a)))
  })

  law('a sum survives masks that cancel', () => {
    const word = linear.bits === 32 ? fc.integer({ min: 0, max: 2 ** 32 - 1 }).map(BigInt) : fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })
    fc.assert(
      fc.property(values, values, fc.array(word, { minLength: 1, maxLength: 8 }), (a, b, words) => {
        const mask = vectors.zero(linear.length)
        for (let i = 0; i < mask.length; i += 1) setElement(mask, i, words[i % words.length] ?? 0n)
        const total = vectors.add(vectors.add(toRing(a), mask), vectors.subtract(toRing(b), mask))
        same(linear.fromRing(total), monoid.add(copy(a), b))
      }),
    )
  })
  return laws
}

/** Registers {@link lawsOfLinear} as tests. */
export const linearLaws = <A>(
  name: string,
  linear: LinearMap<A>,
  monoid: Monoid<A>,
  values: fc.Arbitrary<A>,
  codec: Pick<Codec<A>, 'encode' | 'decode'>,
): void => registerLaws(`linear laws: ${name}`, lawsOfLinear(linear, monoid, values, codec))

const setElement = (vector: RingVector, index: number, word: bigint): void => {
  if (vector instanceof BigUint64Array) vector[index] = word
  else vector[index] = Number(word)
}
