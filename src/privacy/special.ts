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

/** Mass of the standard normal distribution in (a, b], to full relative precision in both tails. */
export const normalMass = (a: number, b: number): number => {
  if (!(b > a)) return 0
  // the difference of upper tails right of 0, of lower tails left of it: never of two numbers near 1
  return a > 0 ? 0.5 * (erfc(a * Math.SQRT1_2) - erfc(b * Math.SQRT1_2)) : 0.5 * (erfc(-b * Math.SQRT1_2) - erfc(-a * Math.SQRT1_2))
}

/** Mass of the Laplace distribution with scale 1 in (a, b]. */
export const laplaceMass = (a: number, b: number): number => {
  if (!(b > a)) return 0
  if (a >= 0) return 0.5 * Math.exp(-a) * -Math.expm1(a - b)
  if (b <= 0) return 0.5 * Math.exp(b) * -Math.expm1(a - b)
  return 1 - 0.5 * Math.exp(a) - 0.5 * Math.exp(-b)
}
