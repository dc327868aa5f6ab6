// What a run gives back: the contract between simulation and its users (comparisons, command line, public API).
import type { SkippedImage } from '../data/index.ts'
import type { Measures, RunEvent } from '../federated/spec/index.ts'
import type { Evaluation, TrainedModel } from '../tasks/index.ts'

/** Options of a run that do not change its result. */
export interface RunOptions {
  /** Folder of journal and models. Default: `YIMENG_HOME`, else the platform's user data folder. `null`: nothing is kept (no resume). */
  readonly home?: string | null
  /** Stops cleanly between steps; the run can be resumed. The promise then rejects with the signal's reason after `runCancelled` is journalled. */
  readonly signal?: AbortSignal
  readonly onEvent?: (event: RunEvent) => void
  /** Worker threads; wins over `engine.workers` of the spec. */
  readonly workers?: number
}

/** One point of a training curve. `test` and `sites` are there on rounds that were evaluated. Baselines count as rounds the same number of steps. */
export interface HistoryPoint {
  readonly round: number
  /** Null when the strategy does not tell it. */
  readonly trainLoss: number | null
  readonly seconds: number
  readonly bytesUp: number
  readonly bytesDown: number
  readonly test?: Measures
  readonly sites?: Readonly<Record<string, Measures>>
  /** Of the sites' own models, where they have some: on the pooled test rows, each row by its site's model, and by site. */
  readonly personal?: { readonly pooled: Measures; readonly sites: Readonly<Record<string, Measures>> }
}

/** A model with its evaluation on the pooled test rows and on each site's. */
export interface Trained {
  readonly model: TrainedModel
  readonly history: readonly HistoryPoint[]
  /** Gradient steps taken, over all sites and rounds. */
  readonly steps: number
  readonly seconds: number
  readonly pooled: Evaluation
  /** On each site's own test rows (a site without test rows is left out). */
  readonly bySite: Readonly<Record<string, Evaluation>>
}

/** What {@link run} resolves to. */
export interface RunResult extends Trained {
  readonly runId: string
  readonly specHash: string
  readonly modelHash: string
  /** Sites' own models on their own test rows, where the strategy or fine tuning gives them some; `pooled`: all those rows, each by its site's model. */
  readonly personal?: { readonly pooled: Evaluation; readonly bySite: Readonly<Record<string, Evaluation>> }
  /** Measures on the pooled test rows: `pooled.metrics`. */
  readonly metrics: Measures
  readonly rounds: number
  readonly bytesUp: number
  readonly bytesDown: number
  readonly sites: readonly SiteRows[]
  /** Round by round, where the spec asks who contributed. */
  readonly contributions?: readonly RoundShares[]
  /** Cells that hold a category which the spec's columns do not list, by column. Absent: none. */
  readonly unknown?: Readonly<Record<string, number>>
  /** Pictures that could not be read and were left out, as the spec says. Absent: none. */
  readonly skipped?: readonly SkippedImage[]
}

/** How a round's worth was shared out over its sites. */
export interface RoundShares {
  readonly round: number
  readonly shares: Readonly<Record<string, number>>
  /** Models that were measured for it. */
  readonly evaluations: number
}

/** How many rows a site holds. `classes`: training rows of each class. */
export interface SiteRows {
  readonly site: string
  readonly trainRows: number
  readonly testRows: number
  readonly classes?: readonly number[]
}

/** A run as `runs list` shows it. */
export interface RunSummary {
  readonly runId: string
  readonly task: string
  readonly specHash: string
  readonly status: 'running' | 'finished' | 'failed' | 'cancelled' | 'interrupted'
  readonly startedAt: string
  readonly round: number
  readonly rounds: number
  readonly modelHash?: string
  readonly metrics?: Measures
}

/** A run as `runs show` shows it. */
export interface RunRecord extends RunSummary {
  readonly spec: unknown
  readonly events: readonly RunEvent[]
}

/** A row of predictions. `probabilities` in order of the model's classes; `value` for a number. */
export type Prediction = { readonly label: string; readonly probabilities: readonly number[] } | { readonly value: number }
