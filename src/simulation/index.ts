export type {
  Evaluation,
  HistoryPoint,
  Prediction,
  RunOptions,
  RunRecord,
  RunResult,
  RunSummary,
  SimulationApi,
  SiteRows,
  Trained,
  TrainedModel,
} from './types.ts'
