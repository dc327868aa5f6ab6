// Rényi divergence of releases on a secret random sample.
// Poisson: exact for Gaussian noise (Mironov, Talwar, Zhang 2019, "Rényi differential privacy of the sampled Gaussian mechanism", sections 3.2 and 3.3), and
// bounds for other noise (Zhu, Wang 2019, "Poisson subsampled Rényi differential privacy", theorem 5). For adding or removing a unit.
// Fixed size without replacement: Wang, Balle, Kasiviswanathan 2019, "Subsampled Rényi differential privacy and analytical moments accountant", theorem 9, and
// theorem 27 for Gaussian noise. For replacing a unit. All need whole orders but the exact one; between them (α − 1) · divergence is convex in α, so a straight line bounds it (ibid., corollary 10).
import { logAdd, logBinomial, logErfc } from '../special.ts'
import type { Curve } from './curves.ts'

/** Normal noise on a Poisson sample: exact. `probability` in (0, 1). */
export const poissonGaussianCurve =
  (probability: number, noiseMultiplier: number): Curve =>
  (order) =>
    (Number.isInteger(order) ? wholeMoment : fractionalMoment)(probability, noiseMultiplier, order) / (order - 1)

/** ln E_Q (P/Q)^α for whole α: a binomial sum. */
const wholeMoment = (q: number, z: number, order: number): number => {
  let total = Number.NEGATIVE_INFINITY
  for (let k = 0; k <= order; k++) {
    total = logAdd(total, logBinomial(order, k) + k * Math.log(q) + (order - k) * Math.log1p(-q) + (k * k - k) / (2 * z * z))
  }
  return total
}

/** Terms before giving up: an order that did not converge does not take part. */
const MOST_TERMS = 1000

/** The same for fractional α: two series, split where the two parts of the mixture are equal. */
const fractionalMoment = (q: number, z: number, order: number): number => {
  const split = z * z * Math.log(1 / q - 1) + 0.5
  const tail = (x: number): number => logErfc(x / (Math.SQRT2 * z)) - Math.LN2
  let below = Number.NEGATIVE_INFINITY
  let above = Number.NEGATIVE_INFINITY
  let lastBelow = below
  let lastAbove = above
  for (let k = 0; k < MOST_TERMS; k++) {
    // from k = ⌈α⌉ + 1 on the coefficients alternate in sign; their magnitudes are summed, an upper bound that costs less than their size
    const coefficient = logBinomial(order, k)
    const j = order - k
    const termBelow = coefficient + k * Math.log(q) + j * Math.log1p(-q) + (k * k - k) / (2 * z * z) + tail(k - split)
    const termAbove = coefficient + j * Math.log(q) + k * Math.log1p(-q) + (j * j - j) / (2 * z * z) + tail(split - j)
    below = logAdd(below, termBelow)
    above = logAdd(above, termAbove)
    const total = logAdd(below, above)
    if (termBelow < lastBelow && termAbove < lastAbove && Math.max(termBelow, termAbove) < total - 30) return total
    lastBelow = termBelow
    lastAbove = termAbove
  }
  return Number.POSITIVE_INFINITY
}

/**
 * Any noise with curve `inside` on a Poisson sample. `symmetric` is noise added to a value, alike on both sides of 0: a reflection then swaps the two neighbours, so
 * removing a unit is the worse direction (Mironov, Talwar, Zhang 2019, theorem 5), and its moments at whole orders are a binomial sum of those of `inside`.
 */
export const poissonCurve = (probability: number, inside: Curve, symmetric: boolean): Curve => {
  const known = remembered(inside)
  const moment = (order: number): number => {
    const q = probability
    const rest = Math.log1p(-q)
    let total = (order - 1) * rest + Math.log(order * q - q + 1)
    for (let k = 2; k <= order; k++) {
      // the factor 3 is the price of not knowing the noise; the second moment needs none
      const factor = symmetric || k === 2 ? 0 : Math.log(3)
      total = logAdd(total, factor + logBinomial(order, k) + (order - k) * rest + k * Math.log(q) + (k - 1) * known(k))
    }
    return total
  }
  // a sample never tells more than the whole
  return bounded(between(moment), inside)
}

/** Any noise with curve `inside` on a sample of fixed size; sharper where it is normal with multiplier `gaussian`. `fraction` = sample / population in (0, 1). */
export const fixedSizeCurve = (fraction: number, inside: Curve, gaussian?: number): Curve => {
  const known = remembered(inside)
  const centred = gaussian === undefined ? () => Number.POSITIVE_INFINITY : remembered((power) => logCentredMoment(gaussian, power))
  const moment = (order: number): number => {
    let total = 0
    for (let k = 2; k <= order; k++) {
      const plain = Math.LN2 + (k - 1) * known(k)
      let term = plain
      if (k === 2) term = Math.min(plain, Math.log(4) + Math.log(Math.expm1(known(2))))
      // moments of high order are costly and no longer smaller than the plain bound
      else if (order <= MOST_CENTRED)
        term = Math.min(plain, Math.log(4) + (centred(2 * Math.floor(k / 2)) + centred(2 * Math.ceil(k / 2))) / 2)
      total = logAdd(total, k * Math.log(fraction) + logBinomial(order, k) + term)
    }
    return total
  }
  return bounded(between(moment), inside)
}

const MOST_CENTRED = 256

/**
 * ln E_Q (P/Q − 1)^l for even l and P, Q normal at distance 1/z. The literature's alternating sum cancels beyond recovery for large z; the integrand is positive,
 * and the trapezoid rule converges exponentially on it: each of its peaks is about as wide as the normal density.
 */
const logCentredMoment = (z: number, power: number): number => {
  const step = 1 / 16
  const left = -Math.sqrt(power) - 12
  const right = Math.max(Math.sqrt(power), power / z) + 12
  let total = Number.NEGATIVE_INFINITY
  for (let t = left; t <= right; t += step) {
    const loss = t / z - 1 / (2 * z * z)
    // ln |e^loss − 1|, without overflow
    const magnitude = loss > 0 ? loss + Math.log(-Math.expm1(-loss)) : Math.log(-Math.expm1(loss))
    total = logAdd(total, (-t * t) / 2 + power * magnitude)
  }
  return total + Math.log(step) - Math.log(2 * Math.PI) / 2
}

const remembered = (f: Curve): Curve => {
  const known = new Map<number, number>()
  return (x) => {
    const before = known.get(x)
    if (before !== undefined) return before
    const value = f(x)
    known.set(x, value)
    return value
  }
}

const bounded =
  (curve: Curve, most: Curve): Curve =>
  (order) =>
    Math.min(curve(order), most(order))

/** A curve from the logarithms of its moments at whole orders. At order 1 the moment is 1. */
const between =
  (moment: (order: number) => number): Curve =>
  (order) => {
    const low = Math.floor(order)
    const part = order - low
    const at = (whole: number): number => (whole === 1 ? 0 : moment(whole))
    return (part === 0 ? at(low) : (1 - part) * at(low) + part * at(low + 1)) / (order - 1)
  }
