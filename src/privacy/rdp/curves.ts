// Rényi divergence of single releases as a function of its order α > 1, in nats: the curves that add up under composition (Mironov 2017, "Rényi differential
// privacy"). Each is an upper bound over all neighbouring data sets; those of Gaussian and Laplace noise are tight.
import type { DpEventOf } from '../events.ts'
import { logAdd } from '../special.ts'

/** Rényi divergence at an order above 1. */
export type Curve = (order: number) => number

/** Normal noise: α / (2 z²) (Mironov 2017, proposition 7). */
export const gaussianCurve =
  (noiseMultiplier: number): Curve =>
  (order) =>
    order / (2 * noiseMultiplier ** 2)

/** Laplace noise with ε = 1 / z (Mironov 2017, proposition 6). */
export const laplaceCurve =
  (noiseMultiplier: number): Curve =>
  (order) => {
    const epsilon = 1 / noiseMultiplier
    // the proposition's logarithm with e^((α−1)ε) taken out, so that nothing overflows
    return epsilon + Math.log1p(((order - 1) * Math.expm1((1 - 2 * order) * epsilon)) / (2 * order - 1)) / (order - 1)
  }

/** A sum of discrete Gaussians (Kairouz, Liu, Steinke 2021, proposition 14); with one party it is the curve of Canonne, Kamath, Steinke 2020, theorem 4: the normal one. */
export const discreteGaussianCurve = (event: DpEventOf<'discreteGaussian' | 'distributedDiscreteGaussian'>): Curve => {
  const parties = event.kind === 'discreteGaussian' ? 1 : event.parties
  const z = event.noiseMultiplier
  const stddev = (z * event.sensitivity) / Math.sqrt(parties) // of one party, in steps
  let tau = 0
  for (let k = 1; k < parties; k++) {
    const term = Math.exp((-2 * (Math.PI * stddev) ** 2 * k) / (k + 1))
    tau += term
    // the exponent tends to −2 (π σ)²: once it is there, the rest is a multiple
    if (k > 10_000) {
      tau += (parties - 1 - k) * Math.exp((-2 * (Math.PI * stddev) ** 2 * k) / (k + 1))
      break
    }
  }
  tau *= 10
  const d = event.dimension
  return (order) => Math.min(order / (2 * z * z) + tau * d, (order / 2) * (1 / z + tau * Math.sqrt(d)) ** 2)
}

/** Discrete Laplace noise: the divergence between the mass functions at distance `sensitivity`, summed in closed form. */
export const discreteLaplaceCurve = ({ noiseMultiplier, sensitivity }: DpEventOf<'discreteLaplace'>): Curve => {
  const a = 1 / (noiseMultiplier * sensitivity) // mass ∝ e^(−a|x|)
  const logSide = -Math.log1p(Math.exp(-a)) // ln of the mass of {x ≤ 0}
  return (order) => {
    // P is centred at the sensitivity Δ, Q at 0. E_Q (P/Q)^α over x ≤ 0, x ≥ Δ, and between, where it is a geometric series in x
    const left = logSide - order * a * sensitivity
    const right = logSide - a * sensitivity + order * a * sensitivity
    let total = logAdd(left, right)
    if (sensitivity > 1) {
      const step = a * (2 * order - 1)
      const logScale = Math.log(Math.tanh(a / 2)) - order * a * sensitivity
      // Σ_{x=1}^{Δ−1} e^(step x), with its largest term taken out
      const logSum = step * (sensitivity - 1) + Math.log(Math.expm1(-step * (sensitivity - 1)) / Math.expm1(-step))
      total = logAdd(total, logScale + logSum)
    }
    return total / (order - 1)
  }
}

/**
 * Exponential mechanism: its loss has range ε, hence ε²/8 of concentrated privacy (Cesar and Rogers 2021, "Bounding, concentrating, and truncating", lemma 3.3);
 * never more than that of pure ε-privacy, which is that of randomised response.
 */
export const exponentialCurve =
  (epsilon: number): Curve =>
  (order) => {
    const response = logAdd(order * epsilon, (1 - order) * epsilon) - logAdd(0, epsilon)
    return Math.min((order * epsilon ** 2) / 8, response / (order - 1))
  }
