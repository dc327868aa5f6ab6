export { type Divisor, powerOfTwo } from './arithmetic/truncate.ts'
export type { MatrixShape } from './arithmetic/held-matrix.ts'
export { fixedPoint, integers, realNumbers, type Words, words } from './arithmetic/words.ts'
export { aesCircuit } from './circuits/aes.ts'
export { readBristol, writeBristol } from './circuits/bristol.ts'
export { type Circuit, type CircuitBuilder, circuit, depthOf, type Layer, NOT, ONE, type Wire, ZERO } from './circuits/circuit.ts'
export {
  adder,
  andCircuit,
  type CircuitShape,
  equalCircuit,
  lessThanCircuit,
  multiplier,
  notCircuit,
  selectCircuit,
  subtractor,
  xorCircuit,
} from './circuits/integers.ts'
export { argmaxCircuit, divider, orderCircuit, placeBits, sortCircuit } from './circuits/selection.ts'
export { SHA256_START, sha256Circuit } from './circuits/sha256.ts'
export type { Extension } from './ot/extension.ts'
export { type RunOptions, runSecurely, type SecureOutcome, type SecureRun } from './engines/aby.ts'
export { type Cost, costOf } from './engines/cost.ts'
export { plainEngine } from './engines/plain.ts'
export { equal, greaterThan, lessThan, maximum, minimum, select, type Signedness, signExtend, sorted } from './operations.ts'
export { type Party, peerOf } from './party.ts'
export { measure } from './programs/measure.ts'
export type { Measurement } from './programs/timing.ts'
export { type DenseInput, denseInference, type DenseLayer, type DenseSpec } from './programs/dense-inference.ts'
export { type DenseNetwork, type Inference, type InferenceInput, runInference } from './programs/run-inference.ts'
export type { IntegerWidth } from './programs/integer-width.ts'
export { millionaires, type Richer, runMillionaires } from './programs/millionaires.ts'
export { runVectors, type VectorTask, vectorProgram } from './programs/vectors.ts'
export { type Intersection, type IntersectionInput, type IntersectionMode, runIntersection } from './psi/intersection.ts'
export { intersectionCost, type IntersectionSizes } from './psi/intersection-cost.ts'
export { type CountOptions, type CountSpec, countAcross, neighboursOf } from './psi/multi-party-count.ts'
export type { PeerLimits } from './psi/membership.ts'
export { runThreshold, type ThresholdAnswer } from './psi/threshold.ts'
export {
  defaultPools,
  type Held,
  type HeldMatrix,
  type HeldProduct,
  type PoolSizes,
  type Secure,
  type SecureProgram,
  type Shared,
  type Sharing,
} from './secure.ts'
export { PROTOCOL_VERSION } from './session.ts'
export { dealInWorker, type Deal } from './stock/dealer.ts'
export { folderStock, type Stock, STOCK_BYTES, type StockFile, stockFiles } from './stock/folder-stock.ts'
export { type MadeStock, makeStock } from './stock/make-stock.ts'
export type { Randomness, StockAmounts } from './stock/randomness.ts'
export { privateAuc, privateRmse } from './vertical/evaluation.ts'
export { identity, type Link } from './vertical/link.ts'
export { logistic, sigmoidCircuit } from './vertical/logistic.ts'
export { poisson, powerCircuit } from './vertical/poisson.ts'
export { exchangeFacts, factsOf, type PartyFacts, type Scaling, scaleColumn } from './vertical/party-columns.ts'
export {
  type Columns,
  prepareColumns,
  revealModel,
  revealScores,
  scores,
  type SharedModel,
  trainVertical,
  type VerticalData,
  type VerticalInput,
  type VerticalOutcome,
  type VerticalSpec,
} from './vertical/regression.ts'
export { MESSAGE_HEADER_BYTES, type WireTraffic } from './wire.ts'
