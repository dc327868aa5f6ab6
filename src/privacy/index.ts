export type { Accountant, Adjacency, Refusal } from './accountant.ts'
export { type AdaptiveClip, type AdaptiveClipOptions, adaptiveClip } from './adaptive-clip.ts'
export { type Budget, type Calibration, calibrate } from './calibration.ts'
export { type Bounded, type Clip, clip, l2Norm, provenBound, type Vector } from './clip.ts'
export { compose, type Term, terms } from './composition.ts'
export { type DiscreteGaussianOptions, discreteGaussian } from './discrete-gaussian.ts'
export {
  type DistributedGaussianOptions,
  distributedGaussian,
  type IntegerVector,
  type Quantiser,
  type QuantiserOptions,
  quantiser,
} from './distributed-gaussian.ts'
export { dpEventCodec, parseDpEvent } from './event-codec.ts'
export type { DpEvent, DpEventOf } from './events.ts'
export { exponential, type PrivateChoice } from './exponential.ts'
export { gaussian } from './gaussian.ts'
export { type LaplaceOptions, laplace } from './laplace.ts'
export {
  type Affordable,
  type Charge,
  canAfford,
  charge,
  type Ledger,
  ledger,
  released,
  type RoundCost,
  roundsLeft,
  spent,
  type Unit,
} from './ledger.ts'
export type { Mechanism } from './mechanism.ts'
export type { Rounding } from './pld/distribution.ts'
export { type PldOptions, pld } from './pld/pld.ts'
export { type Plan, type PlannedNoise, type PlanRequest, plan, type Sampling } from './plan.ts'
export { defaultOrders, type RdpOptions, rdp } from './rdp/rdp.ts'
export { type SampledGaussian, sampledGaussian } from './sampled-gaussian.ts'
export { discreteGaussianNoise, discreteLaplaceNoise, type IntegerNoise } from './sampling/integer-noise.ts'
