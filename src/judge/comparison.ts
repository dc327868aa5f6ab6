// What a comparison holds: methods on the same splits and seeds, summarised with intervals and tests. Plain data: report.json is this, word for word.
import type { RunSpec } from '../tasks/index.ts'
import type { Evaluation, RoundShares, SiteRows } from '../simulation/index.ts'
import type { Failure } from './failure.ts'
import type { Interval, McNemar, PairedT, SignedRank } from './statistics/index.ts'

/** What a method trained on: `federated` methods are held against the others. `nearest` trains nothing: a yardstick of the data. */
export type MethodKind = 'centralised' | 'alone' | 'federated' | 'nearest'

/** A point of a training curve: a measure (by name) on all test rows after some rounds. */
export interface CurvePoint {
  readonly round: number
  readonly measures: Readonly<Record<string, number | null>>
  /** Bytes that had travelled by then, both ways; absent where nothing travels. */
  readonly bytes?: number
}

/** The primary measures of models on the test rows of every site: first key the site whose model it is, second the site whose rows they are. */
export type CrossSite = Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, number | null>>>>>>

/** What one method gave on one seed. */
export interface Outcome {
  readonly seed: number
  /** Training failed: there is no model, and in tables and tests the worst counts that a measure can be. */
  readonly failure?: Failure
  /** Each model on all sites' test rows: one model, or one a site where sites train alone. */
  readonly pooled: readonly Evaluation[]
  /** The model that a site would use, on its own test rows. */
  readonly bySite: Readonly<Record<string, Evaluation>>
  /** Mean over the models. */
  readonly curve: readonly CurvePoint[]
  /** Gradient steps of all models together. */
  readonly steps: number
  readonly seconds: number
  readonly bytesUp: number
  readonly bytesDown: number
  readonly modelHashes: readonly string[]
  readonly runId?: string
  /** Rows of each site, and names of the classes, where the method tells. */
  readonly sites?: readonly SiteRows[]
  readonly classes?: readonly string[]
  /** Measures of each site's model on every site's rows, where sites have models of their own. */
  readonly crossSite?: CrossSite
  /** What each site added in each round, where the spec asks for it. */
  readonly contributions?: readonly RoundShares[]
}

/** One measure of one method on one set of test rows, over the seeds. */
export interface Cell {
  /** By seed; null where the measure is not defined (AUC with one class). A run that failed has {@link worstOf the worst}. */
  readonly values: readonly (number | null)[]
  /** Infinite where a run failed and the measure knows no worst: null in JSON. */
  readonly mean: number | null
  /** Over seeds; null with fewer than two. */
  readonly sd: number | null
  /** 95 %. `wilson`: how far the finite test set leaves the accuracy open. `t`: of the mean over seeds. */
  readonly interval: (Interval & { readonly how: 'wilson' | 't' }) | null
}

/** A set of test rows. `site` null: all sites' test rows together. */
export interface Scope {
  readonly site: string | null
  /** Mean over the seeds, rounded: made-up sites differ from seed to seed. */
  readonly testRows: number
  /** By method, then by measure. */
  readonly cells: Readonly<Record<string, Readonly<Record<string, Cell>>>>
}

/** A federated method against another kind, or against the first federated one, on one set of test rows, by the primary measure. */
export interface PairTest {
  readonly site: string | null
  readonly method: string
  readonly against: string
  /** Over seeds; null with fewer than two. */
  readonly t: PairedT | null
  readonly rank: SignedRank | null
  /** On the same test rows, a test a seed; empty for numbers and where a method has several models for the same rows. */
  readonly mcnemar: readonly McNemar[]
  /** Holm-adjusted over the tests of its family (on all rows or by site, against other kinds or between federated methods): of the paired t test, or of McNemar's mid-p with a single seed; null where neither is defined. */
  readonly adjusted: number | null
}

/** A measure after some rounds: mean over seeds, and one standard deviation to both sides. */
export interface BandPoint {
  readonly round: number
  readonly mean: number
  readonly low: number
  readonly high: number
}

/** Reliability of stated probabilities: rows whose statement falls into a bin, what was stated and what came true, on average. */
export interface CalibrationBin {
  readonly rows: number
  readonly stated: number
  readonly observed: number
}

/** How alike the sites fare under one method: the primary measure on each site's own test rows, mean over the seeds. */
export interface Fairness {
  /** The site that fares worst, on average over the seeds, and how it fares. */
  readonly worst: { readonly site: string; readonly value: number }
  /** Standard deviation over the sites. */
  readonly spread: number
  /** Jain's index (Σx)² / (n Σx²): 1 where all fare alike, 1/n where one has everything. Null for measures of which less is better. */
  readonly jain: number | null
}

/** When a method first reached a target. By seed: null where it never did, or was not measured. */
export interface Reached {
  readonly rounds: readonly (number | null)[]
  /** Bytes that had travelled by then, both ways. */
  readonly bytes: readonly (number | null)[]
}

/** A value of a measure that is asked for. */
export interface Target {
  readonly measure: string
  readonly value: number
}

/** A method over all seeds. */
export interface MethodSummary {
  readonly name: string
  readonly kind: MethodKind
  /** The seeds on which training failed, and why. Curves, confusion, calibration and fairness are of the others. */
  readonly failures: readonly (Failure & { readonly seed: number })[]
  /** By measure. */
  readonly curves: Readonly<Record<string, readonly BandPoint[]>>
  /** Rows of true class i called class j, over all seeds and models; null for numbers. */
  readonly confusion: readonly (readonly number[])[] | null
  readonly calibration: readonly CalibrationBin[]
  /** Means over the seeds. */
  readonly steps: number
  readonly seconds: number
  readonly bytesUp: number
  readonly bytesDown: number
  /** Null with fewer than two sites that have test rows. */
  readonly fairness: Fairness | null
  /** Where a target was set. */
  readonly reached?: Reached
  /** The primary measure of each site's model (rows) on each site's test rows (columns, in the order of `sites`), mean over the seeds; where sites have models of their own. */
  readonly crossSite?: { readonly sites: readonly string[]; readonly values: readonly (readonly (number | null)[])[] }
  /** Who contributed how much in each round of the first seed, where the spec asks for it. */
  readonly contributions?: readonly RoundShares[]
  /** By seed. */
  readonly modelHashes: readonly (readonly string[])[]
  /** Run of the first seed, where it was kept. */
  readonly runId?: string
}

/** Programs that made the numbers. */
export interface Versions {
  readonly yimeng: string
  readonly node: string
  readonly engine: string
  readonly platform: string
}

/** The whole comparison. */
export interface Comparison {
  readonly format: 'yimeng-comparison/1'
  readonly task: string
  /** ISO 8601. */
  readonly at: string
  readonly spec: RunSpec
  readonly specHash: string
  readonly seeds: readonly number[]
  /** Whether each seed draws its own train/test split: then tests over seeds are corrected for the overlap. */
  readonly splitBySeed: boolean
  /** Of the first seed. */
  readonly sites: readonly SiteRows[]
  /** Class names; null for a number. */
  readonly classes: readonly string[] | null
  /** The measure that tests and bars show. */
  readonly primary: string
  readonly measures: readonly string[]
  /** A measure and value whose first reaching is told of each method. */
  readonly target?: Target
  readonly methods: readonly MethodSummary[]
  /** First all test rows, then each site's. */
  readonly scopes: readonly Scope[]
  readonly tests: readonly PairTest[]
  readonly seconds: number
  readonly versions: Versions
}

/** Order in which measures are shown. */
export const measureOrder: readonly string[] = [
  'accuracy',
  'auc',
  'sensitivity',
  'specificity',
  'f1',
  'calibration',
  'brier',
  'rmse',
  'rmseUncapped',
  'mae',
  'r2',
  'loss',
]

/** Measures of which less is better. */
export const lessIsBetter: ReadonlySet<string> = new Set(['loss', 'calibration', 'brier', 'rmse', 'rmseUncapped', 'mae'])

/** Least and largest value that a measure can have: intervals and pictures keep to it. */
export const rangeOf = (measure: string): readonly [number, number] => {
  if (measure === 'r2') return [Number.NEGATIVE_INFINITY, 1]
  return [0, ['loss', 'rmse', 'rmseUncapped', 'mae'].includes(measure) ? Number.POSITIVE_INFINITY : 1]
}

/** The worst value that a measure can have, which a run that failed counts with: 0 for accuracy, ∞ for the loss. */
export const worstOf = (measure: string): number => rangeOf(measure)[lessIsBetter.has(measure) ? 1 : 0]
