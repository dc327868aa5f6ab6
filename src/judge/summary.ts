// From outcomes (a method on a seed) to what is shown: cells with intervals, paired tests, bands, confusion and calibration. Pure.
import { YimengError } from '../base/index.ts'
import type { Evaluation } from '../simulation/index.ts'
import { calibrationBins, predictedClasses } from './calibration.ts'
import { crossSiteOf, fairnessOf, reachedBy } from './sites-and-targets.ts'
import {
  type BandPoint,
  type Cell,
  measureOrder,
  type MethodKind,
  type MethodSummary,
  type Outcome,
  type PairTest,
  rangeOf,
  type Scope,
  type Target,
  worstOf,
} from './comparison.ts'
import {
  holm,
  type McNemar,
  mcnemarOf,
  mean,
  pairedT,
  signedRank,
  standardDeviation,
  tInterval,
  wilsonInterval,
} from './statistics/index.ts'

/** A method with what it gave, seed by seed in the order of the seeds. */
export interface MethodOutcomes {
  readonly name: string
  readonly kind: MethodKind
  readonly outcomes: readonly Outcome[]
}

const isNumber = (value: number | null | undefined): value is number => typeof value === 'number' && !Number.isNaN(value)

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
const evaluationsAt = (outcome: Outcome, site: string | null): readonly Evaluation[] => {
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

const mcnemarBetween = (first: Evaluation, second: Evaluation): McNemar => {
  const same = first.labels.length === second.labels.length && first.labels.every((label, i) => label === second.labels[i])
  if (!same) {
    throw new YimengError({
      code: 'judge-rows',
      cannot: 'compare two methods row by row',
      expected: 'the same test rows in the same order',
      got: `${first.rows} and ${second.rows} rows with different labels`,
    })
  }
  return mcnemarOf(first.labels, predictedClasses(first), predictedClasses(second))
}

/**
 * Every federated method against every other kind and against the first federated one, on every set of test rows. `overlap` (test rows / train rows) corrects the t test where each seed draws its own split;
 * 0 with a fixed split.
 */
export const testsOf = (
  methods: readonly MethodOutcomes[],
  scopes: readonly Scope[],
  primary: string,
  overlap: number,
): readonly PairTest[] => {
  const federated = methods.filter(({ kind }) => kind === 'federated')
  const others = methods.filter(({ kind }) => kind !== 'federated')
  // the first federated method is the yardstick of the others
  const rivals = (method: MethodOutcomes) => [...others, ...federated.slice(0, 1).filter(({ name }) => name !== method.name)]
  const tests = scopes.flatMap(({ site, cells }) =>
    federated.flatMap((method) =>
      rivals(method).map((against): PairTest => {
        const values = (name: string) => cells[name]?.[primary]?.values ?? []
        // a seed counts where both are defined
        const pairs = values(method.name).flatMap((a, i) => {
          const b = values(against.name)[i]
          return isNumber(a) && isNumber(b) ? [[a, b] as const] : []
        })
        // a loss of a run that failed is infinite, and no difference then a number
        const finite = pairs.every((pair) => pair.every(Number.isFinite))
        const a = pairs.map(([x]) => x)
        const b = pairs.map(([, x]) => x)
        const mcnemar = method.outcomes.flatMap((outcome, i) => {
          const other = against.outcomes[i]
          const mine = evaluationsAt(outcome, site)
          const theirs = other === undefined ? [] : evaluationsAt(other, site)
          const [first, second] = [mine[0], theirs[0]]
          const comparable = mine.length === 1 && theirs.length === 1 && first?.confusion !== undefined
          return comparable && first !== undefined && second !== undefined ? [mcnemarBetween(first, second)] : []
        })
        const t = finite ? (pairedT(a, b, overlap) ?? null) : null
        return {
          site,
          method: method.name,
          against: against.name,
          t,
          rank: finite && a.length > 1 ? signedRank(a, b) : null,
          mcnemar,
          adjusted: null,
        }
      }),
    ),
  )
  const pOf = (one: PairTest) => one.t?.p ?? one.mcnemar[0]?.midP
  // four families: the question of the whole alliance must not pay for the questions of its many sites, nor a better method for the baselines beside it
  const families = new Map<string, PairTest[]>()
  for (const one of tests) {
    const family = `${one.site === null} ${federated.some(({ name }) => name === one.against)}`
    if (pOf(one) !== undefined) families.set(family, [...(families.get(family) ?? []), one])
  }
  const adjusted = new Map(
    [...families.values()].flatMap((family) => {
      const corrected = holm(family.map((one) => pOf(one) ?? 1))
      return family.map((one, i) => [one, corrected[i] ?? null] as const)
    }),
  )
  return tests.map((one) => ({ ...one, adjusted: adjusted.get(one) ?? null }))
}

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
  const runId = outcomes[0]?.runId
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
    modelHashes: outcomes.map(({ modelHashes }) => modelHashes),
    ...(runId === undefined ? {} : { runId }),
  }
}
