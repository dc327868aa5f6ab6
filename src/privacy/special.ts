// Special functions in the log domain, where privacy losses live: values from e^-1000 to e^1000 are common.
import erfc from '@stdlib/math-base-special-erfc'
import gammaln from '@stdlib/math-base-special-gammaln'

/** ln(eᵃ + eᵇ), without overflow. */
export const logAdd = (a: number, b: number): number => {
  const high = Math.max(a, b)
  if (!Number.isFinite(high)) return high
  return high + Math.log1p(Math.exp(Math.min(a, b) - high))
}

/** ln of the binomial coefficient's magnitude; `n` may be a fraction (generalised binomial), `k` is a whole number. */
export const logBinomial = (n: number, k: number): number => gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1)

/** ln erfc(x), also where erfc underflows. */
export const logErfc = (x: number): number => {
  if (x < 20) return Math.log(erfc(x))
  // asymptotic series (Abramowitz and Stegun 7.1.23); at x ≥ 20 the first omitted term is below 105/16 · 20^-8 = 3e-10 of a value that is ≥ 400
  const s = 1 / (x * x)
  return -x * x - Math.log(x * Math.sqrt(Math.PI)) + Math.log1p(-0.5 * s + 0.75 * s * s - 1.875 * s * s * s)
}

/** Mass of the standard normal distribution beyond x, on the side away from 0: P(X ≤ x) for x ≤ 0, P(X > x) for x > 0. To full relative precision. */
export const normalTail = (x: number): number => erfc(Math.abs(x) * Math.SQRT1_2) / 2

/** Mass between two points, from the tails beyond them: never a difference of two numbers near 1. */
export const massBetween = (a: number, tailA: number, b: number, tailB: number): number => {
  if (!(b > a)) return 0
  if (a > 0) return tailA - tailB
  return b <= 0 ? tailB - tailA : 1 - tailA - tailB
}
