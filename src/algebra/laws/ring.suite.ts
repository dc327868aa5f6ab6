// The laws of a ring of vectors, for whoever writes a second implementation: `ringLaws('on the GPU', ring, arbitraryVectorPair)`.
import * as fc from 'fast-check'
import { expect } from 'vitest'
import { type Law, registerLaws } from '../../base/law.suite.ts'
import type { RingVector, VectorRing } from '../ring.ts'
import { lawsOfMonoid } from './monoid.suite.ts'

/**
 * The laws of a ring: a monoid under `add` (of one length), with `negate` as inverse, `subtract` as adding it, and `scale` by integers as repeated addition.
 * `values(length)` generates vectors of that length.
 */
export const lawsOfRing = <V extends RingVector>(ring: VectorRing<V>, values: (length: number) => fc.Arbitrary<V>): readonly Law[] => {
  const laws: Law[] = []
  const law = (name: string, check: () => void): void => void laws.push({ name, check })
  const copy = (x: V): V => ring.codec.decode(ring.codec.encode(x))
  const same = (a: V, b: V): void => {
    expect(ring.equal(a, b)).toBe(true)
    expect(ring.codec.encode(a)).toEqual(ring.codec.encode(b)) // `equal` is on trial too
  }
  const some = fc.nat(9).chain(values)
  const two = fc.nat(9).chain((length) => fc.tuple(values(length), values(length)))
  const integer = fc.oneof(fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }), fc.bigInt({ min: -3n, max: 3n }))

  for (const length of [0, 1, 7])
    for (const { name, check } of lawsOfMonoid({ zero: () => ring.zero(length), add: ring.add }, values(length), ring.codec))
      laws.push({ name: `${name} (length ${length})`, check })

  law('negation is the inverse; subtraction adds it', () => {
    fc.assert(
      fc.property(two, ([a, b]) => {
        same(ring.add(ring.negate(copy(a)), a), ring.zero(a.length))
        same(ring.subtract(copy(a), b), ring.add(copy(a), ring.negate(copy(b))))
        same(ring.add(ring.subtract(copy(a), b), b), a)
      }),
    )
  })

  law('scaling distributes, composes, and wraps at 2^bits', () => {
    fc.assert(
      fc.property(two, integer, integer, ([a, b], s, t) => {
        same(ring.scale(ring.add(copy(a), b), s), ring.add(ring.scale(copy(a), s), ring.scale(copy(b), s)))
        same(ring.scale(copy(a), s + t), ring.add(ring.scale(copy(a), s), ring.scale(copy(a), t)))
        same(ring.scale(ring.scale(copy(a), s), t), ring.scale(copy(a), s * t))
        same(ring.scale(copy(a), s + 2n ** BigInt(ring.bits)), ring.scale(copy(a), s))
      }),
    )
    fc.assert(
      fc.property(some, (a) => {
        same(ring.scale(copy(a), 1n), a)
        same(ring.scale(copy(a), 0n), ring.zero(a.length))
        same(ring.scale(copy(a), -1n), ring.negate(copy(a)))
      }),
    )
  })

  law('operations work in place and return what they were given', () => {
    fc.assert(
      fc.property(two, ([a, b]) => {
        for (const result of [ring.add(a, b), ring.subtract(a, b), ring.negate(a), ring.scale(a, 3n)]) expect(result).toBe(a)
      }),
    )
  })

  law('equal tells vectors apart by one bit, and by length', () => {
    fc.assert(
      fc.property(some, fc.nat(), (a, at) => {
        expect(ring.equal(a, copy(a))).toBe(true)
        expect(ring.equal(a, ring.zero(a.length + 1))).toBe(false)
        if (a.length === 0) return
        const bytes = ring.codec.encode(a)
        bytes[at % bytes.length] = (bytes[at % bytes.length] ?? 0) ^ (1 << (at % 8))
        expect(ring.equal(a, ring.codec.decode(bytes))).toBe(false)
      }),
    )
  })

  law('vectors of different lengths are not added', () => {
    expect(() => ring.add(ring.zero(2), ring.zero(3))).toThrow(/expected a vector of 2 elements, got one of 3/)
    expect(() => ring.subtract(ring.zero(3), ring.zero(2))).toThrow(/expected a vector of 3 elements, got one of 2/)
  })
  return laws
}

/** Registers {@link lawsOfRing} as tests. */
export const ringLaws = <V extends RingVector>(name: string, ring: VectorRing<V>, values: (length: number) => fc.Arbitrary<V>): void =>
  registerLaws(`ring laws: ${name}`, lawsOfRing(ring, values))
