export { builtInTasks } from './built-in.ts'
export { type Contributions, contributionsOf } from './contribution.ts'
export { type DealtSite, dealSites } from './deal-sites.ts'
export { type Evaluation, evaluationOf, partOf } from './evaluation.ts'
export { imagesName, imagesTask } from './images-task.ts'
export { initialSeed, type Learner, learnerOf, modelOf } from './learner.ts'
export { attackedWork, stamped } from './attacks.ts'
export { adjustment, type TrainingSite, trainingSite } from './label-skew.ts'
export { localWork } from './local-work.ts'
export { type ImportedChoice, type ModelChoice, modelSchema } from './model-schema.ts'
export { checkNames, type ResolveOptions, resolveSpec, specHash, taskOf } from './resolve-spec.ts'
export {
  type AttackSpec,
  type ImagesSpec,
  imagesSchema,
  type LocalSpec,
  localSchema,
  type OptimiserSpec,
  optimiserSchema,
  type PartitionSpec,
  partitionSchema,
  type PreprocessingChoice,
  type RunSpec,
  type RunSpecInput,
  runSpecSchema,
  type SplitSpec,
  splitSchema,
  type TableSpec,
  tableSchema,
} from './run-spec.ts'
export { type ModelContent, modelContent, type TrainedModel, trainedModel, trainedModelOf } from './saved-model.ts'
export { readRunSpec, withOverrides } from './spec-file.ts'
export { type Language, SpecError, type SpecIssue } from './spec-issues.ts'
export { type AnyStrategy, strategyOf } from './strategy-of.ts'
export {
  analysedValues,
  fitPreparation,
  isTablePreparation,
  outputValue,
  picturesAsInputs,
  type Preparation,
  preparationJson,
  prepareRows,
  seriesAsInputs,
  type TensorPreprocessing,
} from './preparation.ts'
export { readableOutputs } from './readable-outputs.ts'
export { tableTask } from './table-task.ts'
export type { Task, Told } from './task.ts'
export { type WholeModel, wholeModel } from './whole-model.ts'
export {
  columnCount,
  dataHash,
  type DataSchema,
  dataSchema,
  isSeries,
  isTable,
  isTableSchema,
  type PictureDataset,
  type SeriesDataset,
  type TaskData,
  type TensorSchema,
} from './task-data.ts'
export {
  ANALYSE,
  analysis,
  preprocessingCodec,
  type RunStages,
  runStages,
  type SiteStage,
  TRAIN,
  type TrainingStage,
} from './stages.ts'
export type { AnalysedSite } from './statistics.ts'
export { taskSchema } from './task-schema.ts'
export { neighboursLine, type SparseMasks, sparseMasks } from './neighbours-line.ts'
export { privacyLine } from './privacy-line.ts'
export { predictOver, type TrainingRows, trainingRows } from './training-rows.ts'
export { type Assumption, type Observer, type PrivacyReport, privacyReport, type Sight, type Spent } from './privacy-report.ts'
export { SMALLEST_HIDDEN, sumOf } from './sum-line.ts'
export { type ProtectionIssue, protectionIssues } from './protection-issues.ts'
export { cohortOf, type ProtectedStrategy, protectedStrategy } from './protection.ts'
