// The suites of this folder can fail: each law is broken by an implementation that looks right.
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { float64Codec } from '../../base/index.ts'
import { brokenLaws } from '../../base/law.suite.ts'
import type { Monoid } from '../monoid.ts'
import { type RingVector, ring64, type VectorRing } from '../ring.ts'
import { lawsOfLinear } from './linear.suite.ts'
import { lawsOfMonoid } from './monoid.suite.ts'
import { lawsOfRing } from './ring.suite.ts'

const word = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })
const vector = (length: number): fc.Arbitrary<BigUint64Array> =>
  fc.array(word, { minLength: length, maxLength: length }).map((words) => BigUint64Array.from(words))
const sound: Monoid<BigUint64Array> = { zero: () => ring64.zero(3), add: ring64.add }

test('the sum of floats is no monoid: order changes its last bits', async () => {
  const floats = fc
    .array(fc.integer({ min: -1e6, max: 1e6 }), { minLength: 3, maxLength: 3 })
    .map((values) => Float64Array.from(values, (x) => x / 7))
  const sum: Monoid<Float64Array> = { zero: () => new Float64Array(3), add: (total, x) => total.map((each, i) => each + (x[i] ?? 0)) }
  expect(await brokenLaws(lawsOfMonoid(sum, floats, float64Codec))).toEqual([
    'addition associates',
    'any order of arrival and any grouping give the same bits',
  ])
})

test.each<readonly [string, Partial<Monoid<BigUint64Array>>, string]>([
  ['whose zero is not', { zero: () => BigUint64Array.of(0n, 1n, 0n) }, 'zero is neutral, and fresh each time'],
  [
    'that shares its zero',
    (() => {
      const shared = ring64.zero(3)
      return { zero: () => shared }
    })(),
    'zero is neutral, and fresh each time',
  ],
  ['that subtracts', { add: ring64.subtract }, 'addition commutes'],
  ['that takes the mean of two', { add: (total, x) => total.map((each, i) => (each + (x[i] ?? 0n)) / 2n) }, 'addition associates'],
  [
    'that consumes what it adds',
    {
      add: (total, x) => {
        ring64.add(x, total)
        return x
      },
    },
    'what is added is left as it was',
  ],
])('a monoid %s breaks the laws', async (_name, change, expected) => {
  expect(await brokenLaws(lawsOfMonoid({ ...sound, ...change }, vector(3), ring64.codec))).toContain(expected)
})

test.each<readonly [string, Partial<VectorRing<BigUint64Array>>, string]>([
  ['whose negation forgets to add 1', { negate: (x) => x.map((each) => ~each) }, 'negation is the inverse; subtraction adds it'],
  [
    'that scales by 53 bits only',
    { scale: (x, by) => x.map((each) => BigInt(Number(each)) * by) },
    'scaling distributes, composes, and wraps at 2^bits',
  ],
  ['that returns copies', { negate: (x) => ring64.negate(x.slice()) }, 'operations work in place and return what they were given'],
  [
    'that compares as floats',
    { equal: (a, b) => a.length === b.length && a.every((each, i) => Number(each) === Number(b[i])) },
    'equal tells vectors apart by one bit, and by length',
  ],
  [
    'that adds what fits',
    {
      add: (total, x) => {
        for (let i = 0; i < Math.min(total.length, x.length); i += 1) total[i] = (total[i] ?? 0n) + (x[i] ?? 0n)
        return total
      },
    },
    'vectors of different lengths are not added',
  ],
  [
    'whose add saturates',
    {
      add: (total, x) => {
        for (let i = 0; i < total.length; i += 1) {
          const sum = (total[i] ?? 0n) + (x[i] ?? 0n)
          total[i] = sum < 2n ** 64n ? sum : 2n ** 64n - 1n
        }
        return total
      },
    },
    'negation is the inverse; subtraction adds it',
  ],
])('a ring %s breaks the laws', async (_name, change, expected) => {
  expect(await brokenLaws(lawsOfRing({ ...ring64, ...change }, vector))).toContain(expected)
})

const identity = {
  bits: 64 as const,
  length: 3,
  toRing: (acc: BigUint64Array): RingVector => acc,
  fromRing: (x: RingVector) => x as BigUint64Array,
}
test.each<readonly [string, Partial<typeof identity>, string]>([
  ['that announces another length', { length: 4 }, 'vectors have the ring and the length that were announced'],
  ['that loses the last element', { toRing: (acc) => acc.map((each, i) => (i === 2 ? 0n : each)) }, 'the way back is the inverse'],
  ['that adds a constant', { toRing: (acc) => acc.map((each) => each + 1n) }, 'sums go to sums, zero to zeros'],
  ['that rounds', { fromRing: (x) => (x as BigUint64Array).map((each) => BigInt(Number(each))) }, 'a sum survives masks that cancel'],
])('a linear map %s breaks the laws', async (_name, change, expected) => {
  expect(await brokenLaws(lawsOfLinear({ ...identity, ...change }, sound, vector(3), ring64.codec))).toContain(expected)
})

test('the ring itself breaks none', async () => {
  expect(await brokenLaws(lawsOfMonoid(sound, vector(3), ring64.codec))).toEqual([])
  expect(await brokenLaws(lawsOfRing(ring64, vector))).toEqual([])
  expect(await brokenLaws(lawsOfLinear(identity, sound, vector(3), ring64.codec))).toEqual([])
})
