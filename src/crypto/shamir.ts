// Shamir's secret sharing, byte by byte over GF(2^8): any `threshold` shares give the secret, fewer give nothing about it.
// Shamir 1979, "How to share a secret", CACM 22(11); the field is AES's, x⁸+x⁴+x³+x+1 (FIPS 197, section 4.2), with generator 3.
// A share is as long as the secret; its point (1 … 255) is agreed apart from it. Shares of high-entropy secrets (keys, seeds) look uniform, each alone.
// Adversary: holders of fewer than `threshold` shares. Not protected: a wrong share changes the secret unnoticed, so keep a digest of shares or secret beside it.
// Lookups depend on secret bytes: for use where the adversary shares no cache with the dealer.
import { type Csprng, YimengError } from '../base/index.ts'

/** Most shares of one secret: the points of GF(2^8) other than 0. */
export const MOST_SHARES = 255

/** One share with the point that it was taken at. */
export interface Share {
  /** 1 … 255. */
  readonly point: number
  readonly bytes: Uint8Array
}

// powers of the generator 3, twice over so that a sum of two logarithms needs no reduction, and their logarithms
const power = new Uint8Array(510)
const logarithm = new Uint8Array(256)
for (let exponent = 0, x = 1; exponent < 255; exponent += 1) {
  power[exponent] = power[exponent + 255] = x
  logarithm[x] = exponent
  // times 3 = times 2, plus itself
  x ^= (x << 1) ^ (x & 0x80 ? 0x11b : 0)
}

const product = (a: number, b: number): number => (a === 0 || b === 0 ? 0 : power[logarithm[a]! + logarithm[b]!]!)
const quotient = (a: number, b: number): number => (a === 0 ? 0 : power[logarithm[a]! + 255 - logarithm[b]!]!)

const refused = (cannot: string, expected: string, got: string): YimengError => new YimengError({ code: 'shamir', cannot, expected, got })

/**
 * Deals a secret to the points 1 … `count`.
 *
 * @throws YimengError `shamir` unless 1 ≤ threshold ≤ count ≤ 255.
 *
 * @example
 * ```ts
 * const secret = Uint8Array.of(1, 2, 3)
 * const shares = dealShares(secret, 2, 3, csprng())
 * assert.deepEqual(combineShares([shares[2], shares[0]]), secret)
 * ```
 */
export const dealShares = (secret: Uint8Array, threshold: number, count: number, rng: Csprng): readonly Share[] => {
  const sound = Number.isInteger(threshold) && Number.isInteger(count) && threshold >= 1 && threshold <= count && count <= MOST_SHARES
  if (!sound) throw refused('deal shares', `1 ≤ threshold ≤ shares ≤ ${MOST_SHARES}`, `threshold ${threshold} of ${count}`)
  // coefficient d of the polynomial of byte i at [(d − 1)·length + i]; the secret is the constant
  const { length } = secret
  const coefficients = new Uint8Array((threshold - 1) * length)
  rng.fill(coefficients)
  const shares = Array.from({ length: count }, (_, k): Share => {
    const point = k + 1
    const bytes = new Uint8Array(length)
    // Horner, from the highest degree down
    for (let degree = threshold - 1; degree >= 1; degree -= 1)
      for (let i = 0; i < length; i += 1) bytes[i] = product(bytes[i]! ^ coefficients[(degree - 1) * length + i]!, point)
    for (let i = 0; i < length; i += 1) bytes[i]! ^= secret[i]!
    return { point, bytes }
  })
  coefficients.fill(0)
  return shares
}

/**
 * The secret from `threshold` shares or more, in any order; from fewer, other bytes.
 *
 * @throws YimengError `shamir` for no shares, a point twice or out of range, or shares of different lengths.
 */
export const combineShares = (shares: readonly Share[]): Uint8Array => {
  const points = shares.map(({ point }) => point)
  const length = shares[0]?.bytes.length ?? 0
  const sound =
    shares.length > 0 &&
    new Set(points).size === points.length &&
    shares.every(({ point, bytes }) => Number.isInteger(point) && point >= 1 && point <= MOST_SHARES && bytes.length === length)
  if (!sound) throw refused('combine shares', 'shares of one length at different points', `${shares.length} others`)
  const secret = new Uint8Array(length)
  for (const { point, bytes } of shares) {
    // Lagrange at 0: Π xⱼ / (xⱼ − xₖ), and minus is plus
    let weight = 1
    for (const other of points) if (other !== point) weight = product(weight, quotient(other, other ^ point))
    for (let i = 0; i < length; i += 1) secret[i]! ^= product(weight, bytes[i]!)
  }
  return secret
}
