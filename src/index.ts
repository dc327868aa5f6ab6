/**
 * Yimeng: federated learning for hospitals.
 *
 * ```
 * import { run } from 'yimeng'
 *
 * const { metrics } = await run({ task: 'breast-cancer', rounds: 20 })
 * ```
 *
 * - **Run**: {@link run}, {@link resume}; {@link trainCentralised} and {@link trainAlone} to compare with, {@link compare} to compare all.
 * - **Use**: {@link evaluate}, {@link predict}, {@link predictPictures}, {@link onnxOf}, {@link loadModel}, {@link saveModel}; {@link listRuns}, {@link showRun}, {@link modelOf}.
 * - **Specs**: {@link readRunSpec}, {@link withOverrides}, {@link resolveSpec}, {@link runSpecSchema}.
 * - **Your own task**: a {@link Task} record, from {@link readTable}, {@link loadImages} or any other way to make a {@link Dataset}, an {@link ImageDataset} or a {@link SeriesDataset}.
 * - **Your own strategy**: a {@link Strategy} record, from nothing or with {@link fedAvg} and the folds as parts.
 *
 * Rooms have entrances of their own for finer work: `yimeng/base`, `yimeng/algebra`, `yimeng/learn`, `yimeng/data`, `yimeng/federated`.
 *
 * @module
 */

// runs, and models at work
export { type Fault, type Seed, seed, type Where, YimengError } from './base/index.ts'
export type { Measures, RunEvent, RunEventOf } from './federated/spec/index.ts'
export {
  evaluate,
  type HistoryPoint,
  type HomeOption,
  listRuns,
  loadModel,
  modelOf,
  type OnnxExport,
  type Own,
  onnxOf,
  type Prediction,
  predict,
  predictPictures,
  type RunOptions,
  type RunRecord,
  type RunResult,
  type RunSummary,
  resume,
  run,
  type SiteRows,
  saveModel,
  showRun,
  type Trained,
  trainAlone,
  trainCentralised,
} from './simulation/index.ts'

// comparisons
export { type CompareEvent, type CompareOptions, type Comparison, compare, type Method } from './judge/index.ts'

// specs and tasks
export {
  builtInTasks,
  type Evaluation,
  type Language,
  type RunSpec,
  type RunSpecInput,
  readRunSpec,
  resolveSpec,
  runSpecSchema,
  SpecError,
  type SpecIssue,
  specHash,
  type SeriesDataset,
  type Task,
  type TaskData,
  type TrainedModel,
  withOverrides,
} from './tasks/index.ts'

// data of a task of one's own
export { type Column, csvText, type Dataset, type ImageDataset, inferSchema, readTable, type Schema } from './data/index.ts'
export { csvFile, csvFiles, imageFolder, loadDataset, loadImages, npzImages } from './data/node.ts'

// a strategy of one's own
export type { Layout, Params } from './algebra/index.ts'
export {
  type Aggregation,
  type ClientHalf,
  fedAdagrad,
  fedAdam,
  fedAvg,
  fedAvgM,
  fedProx,
  fedYogi,
  type LinearAggregation,
  type LinearStrategy,
  type LocalWork,
  type Mean,
  type ModelState,
  type Strategy,
  sendDifference,
  sendModel,
  stateless,
  type Update,
  weightedMean,
} from './federated/index.ts'
