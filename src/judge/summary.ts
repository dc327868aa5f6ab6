// From outcomes (a method on a seed) to what is shown: cells with intervals, bands, confusion and calibration. Pure.
import type { Evaluation } from '../simulation/index.ts'
import { calibrationBins } from './calibration.ts'
import { crossSiteOf, fairnessOf, reachedBy } from './sites-and-targets.ts'
import {
  type BandPoint,
  type Cell,
  measureOrder,
  type MethodKind,
  type MethodSummary,
  type Outcome,
  rangeOf,
  type Scope,
  type Target,
  worstOf,
} from './comparison.ts'
import { mean, standardDeviation, tInterval, wilsonInterval } from './statistics/index.ts'

/** A method with what it gave, seed by seed in the order of the seeds. */
export interface MethodOutcomes {
  readonly name: string
  readonly kind: MethodKind
  readonly outcomes: readonly Outcome[]
}

/** Whether a measure is defined. */
export const isNumber = (value: number | null | undefined): value is number => typeof value === 'number' && !Number.isNaN(value)

const meanOrNull = (values: readonly (number | null | undefined)[]): number | null => {
  const known = values.filter(isNumber)
  return known.length === 0 ? null : mean(known)
}

/** Names of the measures that any evaluation carries, in the order in which they are shown. */
export const measuresOf = (methods: readonly MethodOutcomes[]): readonly string[] => {
  const found = new Set(
    methods.flatMap(({ outcomes }) => outcomes.flatMap(({ pooled }) => pooled.flatMap((one) => Object.keys(one.metrics)))),
  )
  return measureOrder.filter((name) => found.has(name))
}

/** The evaluations of one outcome on a set of test rows. `site` null: all test rows. */
export const evaluationsAt = (outcome: Outcome, site: string | null): readonly Evaluation[] => {
  if (site === null) return outcome.pooled
  const own = outcome.bySite[site]
  return own === undefined ? [] : [own]
}

/** One measure of one outcome on a set of test rows; several models on the same rows count as their mean. */
const valueAt = (measure: string, outcome: Outcome, site: string | null): number | null =>
  outcome.failure === undefined
    ? meanOrNull(evaluationsAt(outcome, site).map(({ metrics }) => metrics[measure]))
    : // who fails must not gain by it
      worstOf(measure)

/** One measure over the seeds. */
const cell = (measure: string, outcomes: readonly Outcome[], site: string | null): Cell => {
  const values = outcomes.map((outcome) => valueAt(measure, outcome, site))
  const known = values.filter(isNumber)
  const centre = meanOrNull(values)
  if (centre === null || !Number.isFinite(centre)) return { values, mean: centre, sd: null, interval: null }
  const rows = Math.round(meanOrNull(outcomes.flatMap((outcome) => evaluationsAt(outcome, site).map((one) => one.rows))) ?? 0)
  // the test sets of several seeds share rows, so the rows of ONE seed are what the accuracy rests on
  const wilson = measure === 'accuracy' && rows > 0 ? wilsonInterval(centre * rows, rows) : undefined
  const t = wilson === undefined ? tInterval(known) : undefined
  const [least, most] = rangeOf(measure)
  const bound = (value: number) => Math.min(most, Math.max(least, value))
  return {
    values,
    mean: centre,
    sd: known.length < 2 ? null : standardDeviation(known),
    interval: wilson ? { ...wilson, how: 'wilson' } : t ? { low: bound(t.low), high: bound(t.high), how: 't' } : null,
  }
}

/** Sites in the order of the first seed. */
const sitesOf = (methods: readonly MethodOutcomes[]): readonly string[] => [
  ...new Set(methods.flatMap(({ outcomes }) => outcomes.flatMap(({ bySite }) => Object.keys(bySite)))),
]

/** Cells of every method and measure on all test rows, then on each site's. */
export const scopesOf = (methods: readonly MethodOutcomes[], measures: readonly string[]): readonly Scope[] =>
  [null, ...sitesOf(methods)].map((site) => ({
    site,
    testRows: Math.round(
      meanOrNull(
        // of the first method that has a model
        (methods.find(({ outcomes }) => outcomes.some(({ failure }) => failure === undefined))?.outcomes ?? []).flatMap((one) =>
          evaluationsAt(one, site)
            .slice(0, 1)
            .map(({ rows }) => rows),
        ),
      ) ?? 0,
    ),
    cells: Object.fromEntries(
      methods.map(({ name, outcomes }) => [name, Object.fromEntries(measures.map((measure) => [measure, cell(measure, outcomes, site)]))]),
    ),
  }))

/** Mean and one standard deviation of a measure over the seeds, round by round; rounds that not every seed has are left out. */
export const bandOf = (outcomes: readonly Outcome[], measure: string): readonly BandPoint[] => {
  const byRound = new Map<number, number[]>()
  const trained = outcomes.filter(({ failure }) => failure === undefined)
  for (const { curve } of trained) {
    for (const { round, measures } of curve) {
      const value = measures[measure]
      if (isNumber(value)) byRound.set(round, [...(byRound.get(round) ?? []), value])
    }
  }
  return [...byRound]
    .filter(([, values]) => values.length === trained.length)
    .sort(([a], [b]) => a - b)
    .map(([round, values]) => {
      const centre = mean(values)
      const spread = values.length < 2 ? 0 : standardDeviation(values)
      return { round, mean: centre, low: centre - spread, high: centre + spread }
    })
}

const confusionOf = (evaluations: readonly Evaluation[]): readonly (readonly number[])[] | null => {
  const first = evaluations[0]?.confusion
  if (first === undefined) return null
  return first.map((row, i) => row.map((_, j) => evaluations.reduce((sum, { confusion }) => sum + (confusion?.[i]?.[j] ?? 0), 0)))
}

/** A method over all its seeds. */
export const summaryOf = (
  { name, kind, outcomes }: MethodOutcomes,
  measures: readonly string[],
  primary: string,
  target?: Target,
): MethodSummary => {
  const evaluations = outcomes.flatMap(({ pooled }) => pooled)
  const average = (of: (outcome: Outcome) => number) => mean(outcomes.map(of))
  const { runId, contributions } = outcomes[0] ?? {}
  return {
    name,
    kind,
    failures: outcomes.flatMap(({ seed, failure }) => (failure === undefined ? [] : [{ seed, ...failure }])),
    curves: Object.fromEntries(measures.map((measure) => [measure, bandOf(outcomes, measure)])),
    confusion: confusionOf(evaluations),
    calibration: calibrationBins(evaluations),
    steps: average(({ steps }) => steps),
    seconds: average(({ seconds }) => seconds),
    bytesUp: average(({ bytesUp }) => bytesUp),
    bytesDown: average(({ bytesDown }) => bytesDown),
    fairness: fairnessOf(outcomes, primary),
    ...(target === undefined ? {} : { reached: reachedBy(outcomes, target) }),
    ...crossSiteOf(outcomes, primary),
    ...(contributions === undefined ? {} : { contributions }),
    modelHashes: outcomes.map(({ modelHashes }) => modelHashes),
    ...(runId === undefined ? {} : { runId }),
  }
}
