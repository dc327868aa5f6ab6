import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { seed, YimengError } from '../base/index.ts'
import { type FixedPoint, fixedPoint } from './fixed-point.ts'
import { BLOCK } from './kernels/ring.ts'
import { linearLaws } from './laws/linear.suite.ts'
import { type RingBits, type RingVector, ring, ring32, ring64 } from './ring.ts'

// The plain reference: scale, round to nearest with ties to even, multiply and wrap in integers without bounds.
const nearestEven = (x: number): bigint => {
  const floor = Math.floor(x)
  const rest = x - floor
  const up = rest > 0.5 || (rest === 0.5 && floor % 2 !== 0)
  return BigInt(floor) + (up ? 1n : 0n)
}
const reference = (fixed: FixedPoint, values: Float32Array | Float64Array, weight: number): bigint[] =>
  Array.from(values, (x) => BigInt.asUintN(fixed.bits, nearestEven(x * 2 ** fixed.fractionBits) * BigInt(weight)))
const integers = (vector: RingVector): bigint[] => Array.from(vector as ArrayLike<number | bigint>, BigInt)

const boundsOf = fc.record({
  bits: fc.constantFrom<RingBits>(32, 64),
  maxAbs: fc.oneof(fc.constantFrom(1, 4, 1000, 0.1), fc.double({ min: 1e-6, max: 1e4, noNaN: true })),
  maxWeight: fc.integer({ min: 1, max: 1e5 }),
})

test('lifting equals the reference bit for bit, at any bounds that fit', () => {
  fc.assert(
    fc.property(
      boundsOf,
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { maxLength: 20 }),
      (bounds, share, shares) => {
        fc.pre(bounds.bits === 64 || bounds.maxAbs * bounds.maxWeight < 2 ** 30)
        const fixed = fixedPoint(bounds)
        const weight = Math.max(1, Math.floor(share * bounds.maxWeight))
        const wide = Float64Array.from([...shares.map((each) => each * bounds.maxAbs), bounds.maxAbs, -bounds.maxAbs])
        expect(integers(fixed.lift(wide, weight))).toEqual(reference(fixed, wide, weight))
        const narrow = Float32Array.from(wide).filter((x) => Math.abs(x) <= bounds.maxAbs)
        expect(integers(fixed.lift(narrow, weight))).toEqual(reference(fixed, narrow, weight))
      },
    ),
    { numRuns: 300 },
  )
})

test.each([32, 64] as const)('lifting and lowering in Z/2^%i agree with the reference at lengths around registers and blocks', (bits) => {
  const fixed = fixedPoint({ bits, maxAbs: 2, maxWeight: 1000 })
  for (const length of [0, 1, 2, 3, 4, 5, 6, 7, 9, BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK + 3]) {
    const { uniform } = seed('lift').split(bits, length).random()
    const wide = Float64Array.from({ length }, () => 4 * uniform() - 2)
    const narrow = Float32Array.from(wide)
    expect(integers(fixed.lift(wide, 7))).toEqual(reference(fixed, wide, 7))
    expect(integers(fixed.lift(narrow, 7))).toEqual(reference(fixed, narrow, 7))
    const total = fixed.lift(narrow, 1000)
    const lowered = integers(total).map((each) => (Number(BigInt.asIntN(bits, each)) * 2 ** -fixed.fractionBits) / 3)
    expect(fixed.lower(total, 3)).toEqual(Float64Array.from(lowered))
  }
})

test.each([32, 64] as const)(
  'in Z/2^%i, adding what is lifted comes to lifting and adding; what is refused leaves the total as it was',
  (bits) => {
    const fixed = fixedPoint({ bits, maxAbs: 2, maxWeight: 1000 })
    for (const length of [0, 1, 5, BLOCK - 1, BLOCK, 2 * BLOCK + 3]) {
      const { uniform } = seed('add lifted').split(bits, length).random()
      const [a, b] = [0, 1].map(() => Float64Array.from({ length }, () => 4 * uniform() - 2)) as [Float64Array, Float64Array]
      for (const x of [b, Float32Array.from(b)]) {
        const total = fixed.lift(a, 3)
        const summed = ring(bits).add(total.slice(), fixed.lift(x, 7))
        fixed.check(x)
        expect(fixed.addLifted(total, x, 7)).toEqual(summed)
        if (length === 0) continue
        const bad = x.slice()
        bad[length - 1] = Number.NaN
        const refused = expect.objectContaining({ code: 'fixed-point-value', where: { index: length - 1 } })
        expect(() => fixed.addLifted(total, bad, 7)).toThrow(refused)
        expect(() => fixed.check(bad)).toThrow(refused)
        expect(() => fixed.addLifted(total, x, 0)).toThrow(expect.objectContaining({ code: 'fixed-point-weight' }))
        expect(() => fixed.addLifted(total, x.subarray(1), 7)).toThrow(expect.objectContaining({ code: 'ring-length' }))
        expect(total).toEqual(summed)
      }
      const total = fixed.lift(a, 1000)
      expect(fixed.lowerTo(new Float32Array(length), total, 3)).toEqual(Float32Array.from(fixed.lower(total, 3)))
    }
  },
)

test('ties go to even', () => {
  const fixed = fixedPoint({ bits: 64, maxAbs: 100, maxWeight: 10, fractionBits: 0 })
  const halves = [0.5, 1.5, 2.5, -0.5, -1.5, -2.5, 0.49999999999999994, -0]
  expect(fixed.lower(fixed.lift(Float64Array.from(halves)))).toEqual(Float64Array.of(0, 2, 2, 0, -2, -2, 0, 0))
})

test('a number comes back within half a unit of the last place, and bounds come back exactly', () => {
  fc.assert(
    fc.property(fc.double({ min: -3, max: 3, noNaN: true }), (x) => {
      const fixed = fixedPoint({ bits: 64, maxAbs: 3, maxWeight: 1e6 })
      expect(Math.abs((fixed.lower(fixed.lift(Float64Array.of(x)))[0] ?? 0) - x)).toBeLessThanOrEqual(2 ** -(fixed.fractionBits + 1))
    }),
  )
  for (const bits of [32, 64] as const) {
    const fixed = fixedPoint({ bits, maxAbs: 4096, maxWeight: 1 })
    expect(fixed.lower(fixed.lift(Float32Array.of(4096, -4096)))).toEqual(Float64Array.of(4096, -4096))
  }
})

test('fraction bits are the most that cannot wrap: one more could', () => {
  fc.assert(
    fc.property(boundsOf, (bounds) => {
      fc.pre(bounds.bits === 64 || bounds.maxAbs * bounds.maxWeight < 2 ** 30)
      const { fractionBits } = fixedPoint(bounds)
      // the largest total there can be, from its definition
      const largest = (f: number): bigint => nearestEven(bounds.maxAbs * 2 ** f) * BigInt(bounds.maxWeight)
      expect(largest(fractionBits) < 2n ** BigInt(bounds.bits - 1)).toBe(true)
      expect(bounds.maxAbs * 2 ** fractionBits).toBeLessThanOrEqual(2 ** 51)
      expect(() => fixedPoint({ ...bounds, fractionBits: fractionBits + 1 })).toThrow(YimengError)
      expect(fixedPoint({ ...bounds, fractionBits: fractionBits - 1 }).fractionBits).toBe(fractionBits - 1)
    }),
  )
  expect(fixedPoint({ bits: 64, maxAbs: 4, maxWeight: 10 }).fractionBits).toBe(49)
  expect(fixedPoint({ bits: 64, maxAbs: 4096, maxWeight: 2 ** 20 }).fractionBits).toBe(30)
  expect(fixedPoint({ bits: 32, maxAbs: 1, maxWeight: 100 }).fractionBits).toBe(24)
})

test.each([32, 64] as const)('the fullest total of Z/2^%i does not wrap', (bits) => {
  const fixed = fixedPoint({ bits, maxAbs: 3, maxWeight: 1001 })
  const vectors = ring(bits)
  let total = vectors.zero(2)
  for (let site = 0; site < 13; site += 1) total = vectors.add(total, fixed.lift(Float32Array.of(3, -3), 77)) // 13 · 77 = 1001
  expect(fixed.lower(total, 1001)).toEqual(Float64Array.of(3, -3))
})

test.each([
  ['NaN', Number.NaN],
  ['Inf', Number.POSITIVE_INFINITY],
  ['−Inf', Number.NEGATIVE_INFINITY],
  ['a number just beyond the bound', 1.0000001],
  ['one just beyond below', -1.0000001],
])('%s is refused by its index, wherever it is, and its value is not shown', (_name, bad) => {
  for (const bits of [32, 64] as const)
    for (const [length, index] of [
      [1, 0],
      [5, 4],
      [6, 1],
      [BLOCK + 3, BLOCK - 1],
      [BLOCK + 3, BLOCK + 2],
    ] as const) {
      const fixed = fixedPoint({ bits, maxAbs: 1, maxWeight: 10 })
      for (const values of [new Float32Array(length), new Float64Array(length)]) {
        values[index] = bad
        expect(() => fixed.lift(values)).toThrow(
          `cannot lift values: expected finite numbers of at most ±1, got one that is not (index ${index})`,
        )
        // the refusal leaves nothing behind that the next lift could trip over
        values[index] = 1
        expect(fixed.lower(fixed.lift(values))[index]).toBe(1)
      }
    }
})

test('weights and bounds that are none are refused', () => {
  const fixed = fixedPoint({ bits: 64, maxAbs: 1, maxWeight: 10 })
  for (const weight of [0, -1, 1.5, 11, Number.NaN])
    expect(() => fixed.lift(Float32Array.of(1), weight)).toThrow(/expected an integer weight from 1 to 10/)
  for (const divisor of [0, Number.NaN, Number.POSITIVE_INFINITY]) expect(() => fixed.lower(ring64.zero(1), divisor)).toThrow(YimengError)
  for (const maxAbs of [0, -1, Number.NaN, Number.POSITIVE_INFINITY])
    expect(() => fixedPoint({ bits: 64, maxAbs, maxWeight: 1 })).toThrow(/maxAbs/)
  for (const maxWeight of [0, 0.5, -1, Number.NaN, 2 ** 53])
    expect(() => fixedPoint({ bits: 64, maxAbs: 1, maxWeight })).toThrow(/maxWeight/)
  // too much for the ring: nothing would be left below the point
  expect(() => fixedPoint({ bits: 32, maxAbs: 1e6, maxWeight: 1e6 })).toThrow(/below 2\^31/)
  expect(() => fixedPoint({ bits: 64, maxAbs: 1e16, maxWeight: 1 })).toThrow(YimengError)
  // 1.6 rounds to 2, and 2 · 2^30 is one too many
  expect(() => fixedPoint({ bits: 32, maxAbs: 1.6, maxWeight: 2 ** 30 })).toThrow(YimengError)
  expect(fixedPoint({ bits: 32, maxAbs: 1, maxWeight: 2 ** 30 }).fractionBits).toBe(0)
  // unless asked for: here units of 2^10
  const coarse = fixedPoint({ bits: 64, maxAbs: 1e16, maxWeight: 10, fractionBits: -10 })
  expect(coarse.lower(coarse.lift(Float64Array.of(1024e10)))).toEqual(Float64Array.of(1024e10))
  for (const fractionBits of [0.5, Number.NaN, 2000, -2000])
    expect(() => fixedPoint({ bits: 64, maxAbs: 1e-300, maxWeight: 1, fractionBits })).toThrow(YimengError)
})

test('tiny bounds keep their precision; subnormal numbers are numbers', () => {
  const fixed = fixedPoint({ bits: 64, maxAbs: 1e-30, maxWeight: 100 })
  expect(Math.abs((fixed.lower(fixed.lift(Float64Array.of(1e-31)))[0] ?? 0) / 1e-31 - 1)).toBeLessThan(1e-13)
  expect(fixedPoint({ bits: 64, maxAbs: 5e-324, maxWeight: 1 }).fractionBits).toBe(1000)
  expect(fixedPoint({ bits: 64, maxAbs: 1, maxWeight: 1 }).lift(Float64Array.of(5e-324, -5e-324))).toEqual(BigUint64Array.of(0n, 0n))
})

const weights = [1, 2, 7]
const permutations = (items: readonly number[]): number[][] =>
  items.length === 0 ? [[]] : items.flatMap((item, i) => permutations(items.toSpliced(i, 1)).map((rest) => [item, ...rest]))

test('the weighted mean for n = (1, 2, 7) is the formula to 1e-9, and the same bits in any order', () => {
  const fixed = fixedPoint({ bits: 64, maxAbs: 8, maxWeight: 1000 })
  const length = 2 * BLOCK + 1
  const sites = weights.map((_, site) => {
    const { normal } = seed('mean').split(site).random()
    return Float32Array.from({ length }, () => Math.max(-8, Math.min(8, normal())))
  })
  const sum = weights.reduce((total, n) => total + n, 0)
  const formula = Float64Array.from({ length }, (_, i) => weights.reduce((total, n, site) => total + n * (sites[site]?.[i] ?? 0), 0) / sum)
  const means = permutations([0, 1, 2]).map((order) => {
    const total = order.reduce((acc, site) => ring64.add(acc, fixed.lift(sites[site] as Float32Array, weights[site])), ring64.zero(length))
    return fixed.lower(total, sum)
  })
  for (const mean of means) expect(mean).toEqual(means[0])
  const worst = formula.reduce((most, x, i) => Math.max(most, Math.abs(x - (means[0]?.[i] ?? Number.NaN))), 0)
  expect(worst).toBeLessThan(1e-9)
})

// a fold as federated learning uses one: weighted values and their weight, in one vector
const fold = (bits: RingBits) => {
  const vectors = ring(bits)
  const fixed = fixedPoint({ bits, maxAbs: 4, maxWeight: 1000 })
  const total = fc
    .tuple(fc.array(fc.float({ min: -4, max: 4, noNaN: true }), { minLength: 5, maxLength: 5 }), fc.integer({ min: 1, max: 100 }))
    .map(([values, weight]) => fixed.lift(Float32Array.from(values), weight))
  const linear = { bits, length: 5, toRing: (acc: RingVector) => acc, fromRing: (vector: RingVector) => vector }
  return { vectors, total, linear }
}
for (const bits of [32, 64] as const) {
  const { vectors, total, linear } = fold(bits)
  linearLaws(`fixed point in Z/2^${bits}`, linear, { zero: () => vectors.zero(5), add: vectors.add }, total, vectors.codec)
}

test('the types know which ring they lift into', () => {
  const narrow: Uint32Array = fixedPoint({ bits: 32, maxAbs: 1, maxWeight: 1 }).lift(Float32Array.of(0.5))
  const wide: BigUint64Array = fixedPoint({ bits: 64, maxAbs: 1, maxWeight: 1 }).lift(Float32Array.of(0.5))
  expect([ring32.equal(narrow, narrow), ring64.equal(wide, wide)]).toEqual([true, true])
})
