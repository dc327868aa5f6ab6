import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { csprng } from '../base/index.ts'
import { combineShares, dealShares, MOST_SHARES, type Share } from './shamir.ts'

const rng = csprng()

test('any threshold of shares, in any order, gives the secret', () => {
  fc.assert(
    fc.property(
      fc
        .tuple(fc.uint8Array({ minLength: 0, maxLength: 40 }), fc.integer({ min: 1, max: 40 }))
        .chain(([secret, count]) => fc.tuple(fc.constant(secret), fc.constant(count), fc.integer({ min: 1, max: count })))
        .chain(([secret, count, threshold]) =>
          fc.tuple(
            fc.constant({ secret, count, threshold }),
            fc.shuffledSubarray(
              Array.from({ length: count }, (_, k) => k),
              { minLength: threshold },
            ),
          ),
        ),
      ([{ secret, count, threshold }, chosen]) => {
        const shares = dealShares(secret, threshold, count, rng)
        expect(combineShares(chosen.map((k) => shares[k]!))).toEqual(secret)
      },
    ),
    { numRuns: 200 },
  )
})

test('all 255 points serve', () => {
  const secret = new Uint8Array(32).map((_, i) => 255 - i)
  const shares = dealShares(secret, 171, MOST_SHARES, rng)
  expect(combineShares(shares.slice(-171))).toEqual(secret)
  expect(combineShares(shares.slice(-170))).not.toEqual(secret)
})

// p(x) = 0x2a + 0x53·x + 0xca·x²: 0x53·0xca = 1 in this field (FIPS 197 example of an inverse), so p(0x53) = 0x2a + 0x53² + 0x53 and so on, worked out by hand-made
// carry-less multiplication below rather than by the tables under test
const slowProduct = (a: number, b: number): number => {
  let x = 0
  for (let bit = 7; bit >= 0; bit -= 1) {
    x = (x << 1) ^ (x & 0x80 ? 0x11b : 0)
    if ((b >> bit) & 1) x ^= a
  }
  return x
}
const at = (x: number): number => 0x2a ^ slowProduct(0x53, x) ^ slowProduct(0xca, slowProduct(x, x))

test('combines shares of a known polynomial, computed without the tables', () => {
  expect(slowProduct(0x53, 0xca)).toBe(1)
  expect(slowProduct(0x57, 0x83)).toBe(0xc1) // FIPS 197, section 4.2
  for (const points of [
    [1, 2, 3],
    [255, 7, 0x53],
    [4, 5, 6, 200],
  ])
    expect(combineShares(points.map((point): Share => ({ point, bytes: Uint8Array.of(at(point)) })))).toEqual(Uint8Array.of(0x2a))
})

test('one share fewer than the threshold says nothing: every secret stays as likely (χ², false alarm 1e-9)', () => {
  const draws = 64_000
  const counts = new Float64Array(256)
  const twin = new Float64Array(256)
  const secret = new Uint8Array(draws).fill(7)
  const [one, two] = dealShares(secret, 3, 3, rng)
  // what two of three shares combine to; the broken twin deals with threshold 2
  for (const byte of combineShares([one!, two!])) counts[byte]! += 1
  const [first, second] = dealShares(secret, 2, 3, rng)
  for (const byte of combineShares([first!, second!])) twin[byte]! += 1
  const chi = (of: Float64Array): number => of.reduce((sum, count) => sum + (count - draws / 256) ** 2 / (draws / 256), 0)
  // upper 1e-9 quantile of χ² with 255 degrees of freedom (scipy.stats.chi2.isf(1e-9, 255))
  expect(chi(counts)).toBeLessThan(414.5)
  expect(chi(twin)).toBeGreaterThan(414.5)
})

test.each([
  [0, 3],
  [4, 3],
  [1.5, 3],
  [2, 256],
])('does not deal with threshold %d of %d', (threshold, count) => {
  expect(() => dealShares(Uint8Array.of(1), threshold, count, rng)).toThrow(expect.objectContaining({ code: 'shamir' }))
})

test('does not combine nonsense', () => {
  const share = (point: number, ...bytes: readonly number[]): Share => ({ point, bytes: Uint8Array.from(bytes) })
  for (const shares of [[], [share(0, 1)], [share(256, 1)], [share(1, 1), share(1, 2)], [share(1, 1), share(2, 1, 2)]])
    expect(() => combineShares(shares)).toThrow(expect.objectContaining({ code: 'shamir' }))
})
