// The laws of a monoid, for whoever defines a sum: `monoidLaws('totals', mean.sum, arbitraryTotal, mean.total)`.
import * as fc from 'fast-check'
import { expect } from 'vitest'
import { type Codec, equalBytes } from '../../base/index.ts'
import { type Law, registerLaws } from '../../base/law.suite.ts'
import type { Monoid } from '../monoid.ts'

/**
 * The laws of a monoid: zero is neutral, addition is associative and commutative *to the last bit*, and only consumes its first argument. `codec` says what
 * the bits are. `values` must give a fresh value for each run and give equal ones alike: totals are consumed.
 */
export const lawsOfMonoid = <A>(monoid: Monoid<A>, values: fc.Arbitrary<A>, codec: Pick<Codec<A>, 'encode' | 'decode'>): readonly Law[] => {
  const laws: Law[] = []
  const law = (name: string, check: () => void): void => void laws.push({ name, check })
  const { zero, add } = monoid
  const copy = (value: A): A => codec.decode(codec.encode(value))
  const same = (a: A, b: A): void => {
    expect(equalBytes(codec.encode(a), codec.encode(b))).toBe(true)
  }

  law('zero is neutral, and fresh each time', () => {
    fc.assert(
      fc.property(values, (a) => {
        same(add(zero(), copy(a)), a)
        same(add(copy(a), zero()), a)
        const first = add(zero(), a)
        same(zero(), add(zero(), zero()))
        same(first, a)
      }),
    )
  })

  law('addition commutes', () => {
    fc.assert(fc.property(values, values, (a, b) => same(add(copy(a), b), add(copy(b), a))))
  })

  law('addition associates', () => {
    fc.assert(fc.property(values, values, values, (a, b, c) => same(add(add(copy(a), b), c), add(copy(a), add(copy(b), c)))))
  })

  law('any order of arrival and any grouping give the same bits', () => {
    fc.assert(
      fc.property(fc.array(values, { minLength: 1, maxLength: 8 }), fc.infiniteStream(fc.nat()), (all, random) => {
        const inOrder = all.reduce((total, x) => add(total, x), zero())
        // random pairs are added until one total is left: a random tree over a random order
        const totals = all.map((x) => add(zero(), x))
        while (totals.length > 1) {
          const [a] = totals.splice((random.next().value as number) % totals.length, 1) as [A]
          const at = (random.next().value as number) % totals.length
          totals[at] = add(totals[at] as A, a)
        }
        same(totals[0] as A, inOrder)
      }),
    )
  })

  law('what is added is left as it was', () => {
    fc.assert(
      fc.property(values, values, (a, b) => {
        const before = codec.encode(b)
        const total = add(copy(a), b)
        add(total, b)
        expect(equalBytes(codec.encode(b), before)).toBe(true)
      }),
    )
  })
  return laws
}

/** Registers {@link lawsOfMonoid} as tests. */
export const monoidLaws = <A>(name: string, monoid: Monoid<A>, values: fc.Arbitrary<A>, codec: Pick<Codec<A>, 'encode' | 'decode'>): void =>
  registerLaws(`monoid laws: ${name}`, lawsOfMonoid(monoid, values, codec))
