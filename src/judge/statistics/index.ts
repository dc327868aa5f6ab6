export { holm } from './holm.ts'
export { type Interval, level95, mean, standardDeviation, tInterval, wilsonInterval } from './interval.ts'
export { type McNemar, mcnemar, mcnemarOf } from './mcnemar.ts'
export { type PairedT, pairedT, type SignedRank, signedRank } from './paired-test.ts'
