// How alike the sites fare, when a target is reached, and whose model serves whom. Pure.
// Sources: Jain, Chiu and Hawe (1984) for the index; Li et al. (2020), q-FFL, for the spread over sites as a measure of fairness.
import { type Fairness, lessIsBetter, type MethodSummary, type Outcome, type Reached, type Target } from './comparison.ts'
import { mean, standardDeviation } from './statistics/index.ts'

const known = (values: readonly (number | null | undefined)[]): readonly number[] =>
  values.filter((value): value is number => typeof value === 'number' && !Number.isNaN(value))

const sitesOf = (outcomes: readonly Outcome[]): readonly string[] => [...new Set(outcomes.flatMap(({ bySite }) => Object.keys(bySite)))]

/**
 * Jain's index of fairness (Σx)² / (n Σx²) of values that are not negative; 1 where all are 0.
 *
 * @example
 * ```ts
 * assert.equal(jainIndex([0.5, 0.5]), 1)
 * assert.equal(jainIndex([1, 0, 0, 0]), 0.25)
 * ```
 */
export const jainIndex = (values: readonly number[]): number => {
  const sum = values.reduce((total, value) => total + value, 0)
  const squares = values.reduce((total, value) => total + value * value, 0)
  return squares === 0 ? 1 : (sum * sum) / (values.length * squares)
}

/** Worst site, spread and Jain's index of one method by a measure; null where fewer than two sites have it. Spread and index are taken in each seed, then averaged. */
export const fairnessOf = (outcomes: readonly Outcome[], measure: string): Fairness | null => {
  const sites = sitesOf(outcomes).flatMap((site) => {
    const values = known(outcomes.map(({ bySite }) => bySite[site]?.metrics[measure]))
    return values.length === 0 ? [] : [{ site, value: mean(values) }]
  })
  const bySeed = outcomes
    .map(({ bySite }) => known(Object.values(bySite).map(({ metrics }) => metrics[measure])))
    .filter(({ length }) => length > 1)
  const [first, ...rest] = sites
  if (first === undefined || bySeed.length === 0 || rest.length === 0) return null
  const less = lessIsBetter.has(measure)
  const worst = rest.reduce((found, one) => ((less ? one.value > found.value : one.value < found.value) ? one : found), first)
  return {
    worst,
    spread: mean(bySeed.map(standardDeviation)),
    // the index is of shares of a good: a loss is none, and R² may be negative
    jain: less || bySeed.flat().some((value) => value < 0) ? null : mean(bySeed.map(jainIndex)),
  }
}

/** The first measured round of each seed's curve at which the target was reached, and the bytes by then. */
export const reachedBy = (outcomes: readonly Outcome[], { measure, value }: Target): Reached => {
  const points = outcomes.map(({ curve }) =>
    curve.find(({ measures }) => {
      const now = measures[measure]
      return typeof now === 'number' && (lessIsBetter.has(measure) ? now <= value : now >= value)
    }),
  )
  return { rounds: points.map((point) => point?.round ?? null), bytes: points.map((point) => point?.bytes ?? null) }
}

/** The cross-site matrix of one method by a measure: mean over the seeds. Nothing where sites have no models of their own. */
export const crossSiteOf = (outcomes: readonly Outcome[], measure: string): Pick<MethodSummary, 'crossSite'> => {
  if (outcomes.every(({ crossSite }) => crossSite === undefined)) return {}
  const sites = sitesOf(outcomes)
  const values = sites.map((site) =>
    sites.map((where) => {
      const found = known(outcomes.map(({ crossSite }) => crossSite?.[site]?.[where]?.[measure]))
      return found.length === 0 ? null : mean(found)
    }),
  )
  return { crossSite: { sites, values } }
}
