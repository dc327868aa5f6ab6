export { calibrationBins, predictedClasses } from './calibration.ts'
export {
  type BandPoint,
  type CalibrationBin,
  type Cell,
  type Comparison,
  type CurvePoint,
  lessIsBetter,
  type MethodKind,
  type MethodSummary,
  measureOrder,
  type Outcome,
  type PairTest,
  type Scope,
  type Versions,
} from './comparison.ts'
export { bytes, duration, figure, type Language, pValue, range, reportFiles, reportTexts, signed } from './report/index.ts'
export {
  holm,
  type Interval,
  type McNemar,
  mcnemar,
  mcnemarOf,
  mean,
  type PairedT,
  pairedT,
  type SignedRank,
  signedRank,
  standardDeviation,
  tInterval,
  wilsonInterval,
} from './statistics/index.ts'
export { versionsOf, yimengVersion } from './versions.ts'
