// What a run gives back: the contract between simulation and its users (comparisons, command line, public API).
import type { Dataset } from '../data/index.ts'
import type { Measures, RunEvent } from '../federated/spec/index.ts'
import type { RunSpec, RunSpecInput } from '../tasks/index.ts'

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

/** A model's outputs on rows with known labels: what every statistic (confidence interval, McNemar, curves) is made from. */
export interface Evaluation {
  readonly rows: number
  /** Class index or number, `[rows]`. */
  readonly labels: Float64Array
  /** Class probabilities (binary: two columns) or the predicted number, `[rows, width]` row-major. */
  readonly outputs: Float32Array
  readonly width: number
  /** `loss`, `accuracy`, `auc`, `sensitivity`, `specificity`, `f1`, `calibration` for classes (the last five: binary, or macro where defined); `loss`, `rmse`, `mae`, `r2` for a number. */
  readonly metrics: Measures
  /** Rows of true class i predicted as class j; absent for numbers. */
  readonly confusion?: readonly (readonly number[])[]
}

/** One point of a training curve. `test` and `sites` are there on rounds that were evaluated. Baselines count as rounds the same number of steps. */
export interface HistoryPoint {
  readonly round: number
  readonly trainLoss: number
  readonly seconds: number
  readonly bytesUp: number
  readonly bytesDown: number
  readonly test?: Measures
  readonly sites?: Readonly<Record<string, Measures>>
}

/** A trained model as it is saved: raw rows in, predictions out. */
export interface TrainedModel {
  readonly hash: string
  /** The safetensors file. */
  readonly bytes: Uint8Array
  readonly task: string
  /** Class names in order of the outputs' columns; absent for a number. */
  readonly classes?: readonly string[]
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
  /** Measures on the pooled test rows: `pooled.metrics`. */
  readonly metrics: Measures
  readonly rounds: number
  readonly bytesUp: number
  readonly bytesDown: number
  readonly sites: readonly SiteRows[]
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

/**
 * The functions that this room exports, as signatures (implemented in run.ts, baselines.ts, model.ts, runs.ts).
 * A custom strategy or task is handed in through `RunOptions` extensions of run.ts.
 */
export interface SimulationApi {
  readonly run: (spec: RunSpecInput, options?: RunOptions) => Promise<RunResult>
  /** Continues after the last committed round. The spec comes from the journal. */
  readonly resume: (runId: string, options?: RunOptions) => Promise<RunResult>
  /** All training rows in one place; as many gradient steps as the federated run takes in all (sum over cohort and rounds ÷ sites for equal passes over the data: see baselines.ts). */
  readonly trainCentralised: (spec: RunSpecInput, options?: RunOptions) => Promise<Trained>
  /** Each site by itself: as many steps as it takes in the federated run. */
  readonly trainAlone: (spec: RunSpecInput, options?: RunOptions) => Promise<Readonly<Record<string, Trained>>>
  /** Reads a saved model; throws `YimengError` on a damaged file. */
  readonly loadModel: (path: string) => Promise<TrainedModel>
  readonly saveModel: (model: TrainedModel, path: string) => Promise<void>
  /** Rows must have the task's columns; extra columns are ignored. */
  readonly evaluate: (model: TrainedModel, data: Dataset) => Promise<Evaluation>
  /** Reads raw rows of a CSV file (the label column may be absent). */
  readonly predict: (model: TrainedModel, csvPath: string) => Promise<readonly Prediction[]>
  readonly listRuns: (options?: { readonly home?: string }) => Promise<readonly RunSummary[]>
  readonly showRun: (runId: string, options?: { readonly home?: string }) => Promise<RunRecord>
  /** The trained model of a finished run. */
  readonly modelOf: (runId: string, options?: { readonly home?: string }) => Promise<TrainedModel>
}

/** What the tasks room exports for specs (in the making): read, override, check, resolve. */
export interface SpecApi {
  /** Reads a spec from `.json`, `.yaml`, `.yml` or `.ts` (default export). Throws `SpecError` (a `YimengError` with `issues`, texts in `language`). */
  readonly readRunSpec: (path: string, language?: 'en' | 'zh-CN' | 'zh-TW') => Promise<RunSpecInput>
  /** `withOverrides(spec, ['rounds=5', 'strategy.name=fedprox'])`: values are read as YAML. */
  readonly withOverrides: (spec: RunSpecInput, sets: readonly string[], language?: 'en' | 'zh-CN' | 'zh-TW') => RunSpecInput
  /** Fills in the task's defaults, then the schema's. */
  readonly resolveSpec: (spec: RunSpecInput) => RunSpec
  readonly specHash: (spec: RunSpec) => string
}
