export type { Aggregation, How, Linear, LinearAggregation } from './aggregation.ts'
export { type AnalyticsOptions, analytics, columnStatistics } from './analytics/analytics.ts'
export type { Column, ColumnSchema } from './analytics/column.ts'
export {
  momentsEvent,
  type PrivateMomentsOptions,
  privateMoments,
  type RangedColumn,
  uniformMoments,
} from './analytics/private-moments.ts'
export { type ColumnStatistics, type Histogram, type Statistics, statisticsCodec } from './analytics/statistics.ts'
export { type ClientOutcome, type ClientSide, clientSide } from './client-side.ts'
export { type Fairness, fairness } from './contribution/fairness.ts'
export { type InverseLossOptions, inverseLoss } from './contribution/fed-con.ts'
export { type Game, ledger, type Remembered, remembered, roundGame, type RoundOfUpdates, type Shares } from './contribution/game.ts'
export { leaveOneOut } from './contribution/leave-one-out.ts'
export { type GtgOptions, gtgShapley, type MonteCarloOptions, truncatedMonteCarlo } from './contribution/monte-carlo.ts'
export { shapley } from './contribution/shapley.ts'
export { type Seen, type Witnessed, witnessed } from './contribution/witnessed.ts'
export { type Candidate, type Clock, type ClockOptions, virtualClock } from './cohort/clock.ts'
export { bySize, type Choosing, type CohortRule, powerOfChoice, uniform, utility, type UtilityOptions, withinTime } from './cohort/rules.ts'
export { type Telling, type Told, telling } from './cohort/told.ts'
export { type Window, type WindowOptions, windows } from './cohort/windows.ts'
export { type BoundedMeanOptions, boundedMean } from './folds/bounded-mean.ts'
export { type ByNode, byNode } from './folds/by-node.ts'
export { cappedMean, cappedShares } from './folds/capped-mean.ts'
export { countLevels, type LevelCounts } from './folds/count-levels.ts'
export { type Grouped, type GroupMeans, groupedMean } from './folds/grouped-mean.ts'
export { maximum, minimum } from './folds/extremes.ts'
export type { VectorShape } from './folds/lifting.ts'
export { median } from './folds/median.ts'
export { flTrust } from './folds/fl-trust.ts'
export { type GeometricMedianOptions, geometricMedian } from './folds/geometric-median.ts'
export { bulyan, krum, multiKrum } from './folds/krum.ts'
export { normClippedMean } from './folds/norm-clipped-mean.ts'
export { trimmedMean } from './folds/trimmed-mean.ts'
export { pair } from './folds/pair.ts'
export type { RobustFold } from './folds/single-updates.ts'
export { type IntegerSumOptions, type IntegerTotal, integerSum } from './folds/integer-sum.ts'
export { countSum, type RealSumOptions, realSum } from './folds/sum.ts'
export { type Mean, type MeanBounds, weightedMean } from './folds/weighted-mean.ts'
export type { Attempt } from './frame.ts'
export type { AllAt, At, AtClients, AtServer, NodeId } from './placement.ts'
export { type Awaitable, type NodeContext, nodeSeed, type Round, type RoundProgram } from './round.ts'
export { type RoundOutcome, type ServerSide, serverSide } from './server-side.ts'
export { type Asynchronous, asynchronous, type Held } from './strategies/asynchronous.ts'
export { type CyclicOptions, type CyclicState, cyclic } from './strategies/cyclic.ts'
export { type DittoOptions, ditto } from './strategies/ditto.ts'
export { fedAvg, type ModelState } from './strategies/fed-avg.ts'
export { type FedConOptions, type FedConRobustOptions, type FedConState, fedCon, fedConRobust } from './strategies/fed-con.ts'
export { type FedDynOptions, type FedDynState, fedDyn } from './strategies/fed-dyn.ts'
export { type FedNovaOptions, fedNova } from './strategies/fed-nova.ts'
export {
  type FedAdagradOptions,
  type FedAdamOptions,
  type FedAvgMOptions,
  fedAdagrad,
  fedAdam,
  fedAvgM,
  type FedOpt,
  fedYogi,
  type OptimiserState,
} from './strategies/fed-opt.ts'
export { scheduled } from './strategies/scheduled.ts'
export { type FedAsyncOptions, fedAsync, type Staleness, stalenessWeight } from './strategies/fed-async.ts'
export { type FedBuffOptions, fedBuff } from './strategies/fed-buff.ts'
export { type FedProxOptions, fedProx } from './strategies/fed-prox.ts'
export { type FedRepOptions, fedRep } from './strategies/fed-rep.ts'
export { type HierarchicalOptions, type HierarchicalState, hierarchical } from './strategies/hierarchical.ts'
export { type ClusterState, type IfcaOptions, ifca } from './strategies/ifca.ts'
export { lossAt } from './strategies/measured.ts'
export { type PerFedAvgOptions, perFedAvg, type ReptileOptions, reptile } from './strategies/meta.ts'
export { fedBn, fedPer, lastLayer, layersNamed, NORMALISATION, type PersonalOptions, type PersonalStrategy } from './strategies/personal.ts'
export {
  fedBulyan,
  fedKrum,
  fedMedian,
  fedTrimmedMean,
  flTrustStrategy,
  normClipping,
  type RobustStrategy,
  rfa,
  robust,
} from './strategies/robust.ts'
export { type QFedAvgOptions, qFedAvg } from './strategies/q-fed-avg.ts'
export { type ScaffoldOptions, type ScaffoldState, scaffold } from './strategies/scaffold.ts'
export { type CentralOptions, centrallyPrivate, type PrivateState, type PrivateStrategy } from './protected/central.ts'
export { type DistributedOptions, distributedEvent, distributedlyPrivate } from './protected/distributed.ts'
export { type LocalOptions, locallyPrivate } from './protected/local.ts'
export {
  type Algorithm,
  algorithm,
  type ClientHalf,
  federatedRound,
  type LinearStrategy,
  type LocalWork,
  type Strategy,
  sendDifference,
  sendModel,
  stateless,
} from './strategy.ts'
export type { Cohort, Collected, SumProtocol, SumStep } from './sum-protocol.ts'
export { type MaskedSum, masked } from './sums/masked.ts'
export { type MaskedOptions, neighboursIn, usualRisk } from './sums/masked/group.ts'
export { type Identity, knownKeys } from './sums/masked/keys.ts'
export { neighboursNeeded, type Risk, sharesNeeded, withstands } from './sums/masked/neighbours.ts'
export { encrypted } from './sums/encrypted.ts'
export { type HidingOptions, openedBefore, type OpenedSums, TWO_THIRDS } from './sums/hidden.ts'
export { paillierEncrypted, paillierServer, type PaillierSite } from './sums/paillier.ts'
export { plain } from './sums/plain.ts'
export { type Published, publishedCodec, type Trained, type Update, updateCodec } from './update.ts'
export { alie, alieDeviations, onlyAt, scaling, signFlip } from './transforms/attacks.ts'
export { clipped } from './transforms/clipped.ts'
export { type Compressor, compressed, type Packed, packedMean, packing } from './transforms/compressor.ts'
export { layerMean, layerRate, type Tensors } from './transforms/layer-rate.ts'
export { noised } from './transforms/noised.ts'
export { type PowerSgdOptions, type PowerSgdState, powerSgd } from './transforms/power-sgd.ts'
export { int4, int8, type Quantised, qsgd } from './transforms/quantised.ts'
export { type Drawn, randomK } from './transforms/random-k.ts'
export { type SharedScaleOptions, sharedScale } from './transforms/shared-scale.ts'
export { type SharedSupportOptions, sharedSupport } from './transforms/shared-support.ts'
export { sign, type Signs, type Ternary, ternary } from './transforms/sign.ts'
export { type Both, chain, pure, type Transform, transformed } from './transforms/transform.ts'
export { type Sparse, topK } from './transforms/top-k.ts'
