export {
  type AttackOptions,
  type AttackReport,
  areaText,
  attack,
  attackPage,
  attackRecord,
  attackTexts,
  meanCorrelation,
  recognised,
  type View,
  views,
} from './attack/index.ts'
export { calibrationBins, predictedClasses } from './calibration.ts'
export { type CompareEvent, type CompareOptions, compare, defaultMethods } from './compare.ts'
export {
  type BandPoint,
  type CalibrationBin,
  type Cell,
  type Comparison,
  type CrossSite,
  type CurvePoint,
  type Fairness,
  lessIsBetter,
  type MethodKind,
  type MethodSummary,
  measureOrder,
  type Outcome,
  type PairTest,
  type Reached,
  type Scope,
  type Target,
  type Versions,
  worstOf,
} from './comparison.ts'
export { type Failure, failureOf } from './failure.ts'
export { alone, centralised, federated, type Method } from './method.ts'
export { methodNamed, type NamedMethod, strategyNames } from './method-named.ts'
export { reportFiles } from './report/index.ts'
export {
  type Area,
  aucInterval,
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
export { type Diagnosis, examine, type Finding, findingOf, methodFor, type Skew, thresholds } from './doctor/index.ts'
export { jainIndex } from './sites-and-targets.ts'
export { rungsOf, type Sweep, type SweepOptions, sweep, type Trial } from './sweep.ts'
export { type Varied, variedOf } from './varied.ts'
export { versionsOf } from './versions.ts'
export { bytes, duration, figure, isBetter, type Language, pValue, type ReportTexts, range, reportTexts, signed } from './words.ts'
