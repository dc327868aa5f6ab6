// From Rényi divergences to (ε, δ): the tight conversion of Canonne, Kamath, Steinke 2020, "The discrete Gaussian for differential privacy", proposition 12, and,
// where the divergence is tiny, total variation by the Bretagnolle–Huber inequality: δ² ≤ 1 − e^−D.

/** Orders below this make the conversion lose its digits, and are never best. */
const LEAST_ORDER = 1.01

/** Smallest ε ≥ 0 over all orders. `divergences[i]` is that of order `orders[i]`; an infinite one does not take part. */
export const epsilonOf = (orders: readonly number[], divergences: readonly number[], delta: number): number => {
  let best = Number.POSITIVE_INFINITY
  if (divergences.every((d) => d === 0)) return 0
  if (delta === 0) return best
  for (const [i, order] of orders.entries()) {
    const divergence = divergences[i]!
    if (delta ** 2 + Math.expm1(-divergence) > 0) return 0
    if (order > LEAST_ORDER) best = Math.min(best, divergence + Math.log1p(-1 / order) - Math.log(delta * order) / (order - 1))
  }
  return Math.max(0, best)
}

/** Smallest δ in [0, 1] over all orders. */
export const deltaOf = (orders: readonly number[], divergences: readonly number[], epsilon: number): number => {
  let best = 0 // ln δ
  for (const [i, order] of orders.entries()) {
    const divergence = divergences[i]!
    if (divergence === 0) return 0
    best = Math.min(best, Math.log(-Math.expm1(-divergence)) / 2)
    if (order > LEAST_ORDER) best = Math.min(best, (order - 1) * (divergence - epsilon + Math.log1p(-1 / order)) - Math.log(order))
  }
  return Math.exp(best)
}
