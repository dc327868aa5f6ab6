// Many tests at once: Holm's step-down correction. Source: Holm (1979), Scand. J. Statist. 6:65-70.

/**
 * Holm-adjusted p-values in the order given: comparing each with α keeps the chance of any false alarm among them below α.
 *
 * @example
 * ```ts
 * assert.deepEqual(holm([0.01, 0.04, 0.03]), [0.03, 0.06, 0.06])
 * ```
 */
export const holm = (pValues: readonly number[]): readonly number[] => {
  const order = pValues.map((p, i) => ({ p, i })).sort((x, y) => x.p - y.p)
  const adjusted = pValues.map(() => 1)
  let floor = 0
  order.forEach(({ p, i }, rank) => {
    floor = Math.max(floor, Math.min(1, p * (pValues.length - rank)))
    adjusted[i] = floor
  })
  return adjusted
}
