// The central types of learning: a whole local epoch is one call into an engine.
import type { Params } from '../algebra/index.ts'
import type { Seed } from '../base/index.ts'

/** Lengths of a tensor's axes, without the batch axis unless said otherwise. */
export type Shape = readonly number[]

/** Rows a model can learn from: features row-major `[rows, ...inputShape]`, targets row-major `[rows, ...targetShape]`. */
export interface Batchable {
  readonly rows: number
  readonly inputShape: Shape
  readonly inputs: Float32Array
  /** Class index for classification (one a row); any number for regression. */
  readonly targets: Float32Array
  readonly targetShape: Shape
}

/**
 * Which rows each step of an epoch takes. `indices` is `[steps, batch]` row-major; a short last batch is padded with row 0 at weight 0.
 * `weights` has the same shape; a step's loss is Σ weight·loss / Σ weight.
 */
export interface BatchOrder {
  readonly steps: number
  readonly batch: number
  readonly indices: Int32Array
  readonly weights: Float32Array
}

/** What a training call carries on from step to step. */
export interface TrainState {
  readonly params: Params
  /** The optimiser's moments, flat; length 0 for plain SGD. */
  readonly optimiser: Float32Array
}

/** Numbers that may change with every call without a new graph. */
export interface Hyper {
  readonly learningRate: number
  /** Factor of the learning rate at each step, counted from 1 over the optimiser's life (over the call, for optimisers without state). */
  readonly schedule?: (step: number) => number
  /** FedProx's μ: adds (μ/2)‖w − anchor‖² to the loss (Li et al. 2020, section 3.2). 0 or absent: bit for bit the plain step. */
  readonly proximal?: number
  /** The point that `proximal` pulls towards, flat: the model as received. */
  readonly anchor?: Float32Array
  /** Added to every step's gradient, flat: SCAFFOLD's c − cᵢ (Karimireddy et al. 2020, algorithm 1). Absent: none. */
  readonly correction?: Float32Array
  /** L2 penalty on all parameters, added to the gradient. */
  readonly weightDecay?: number
  /** Clip each row's gradient before they are summed, and add noise: {@link PerSample}. Absent: the plain step. */
  readonly perSample?: PerSample
  /** Dropout and other randomness inside the epoch. */
  readonly seed?: Seed
}

/**
 * Differentially private steps (Abadi et al. 2016, algorithm 1): the gradient of step k is (Σ weightᵢ · gᵢ·min(1, clip/‖gᵢ‖) + noiseₖ) / denominator, with gᵢ the gradient
 * of row i's loss. Weight decay, proximal term and correction are added after, since they do not depend on the data.
 */
export interface PerSample {
  /** Largest length of one row's gradient. */
  readonly clip: number
  /** What the sum is divided by: the expected batch size under Poisson sampling. The size of the batch unless given. */
  readonly denominator?: number
  /** Added to each step's sum: `[steps, parameters]`, from a cryptographic generator. */
  readonly noise?: Float32Array
}

/** After one local epoch: the new state and each step's loss (before its update), `[steps]`. */
export interface EpochResult {
  readonly state: TrainState
  readonly losses: Float32Array
}

/** Trains one model with one loss and one optimiser. Sites share a trainer; data are handed in by reference and may be cached by identity. */
export interface Trainer {
  /** A state whose optimiser has taken no step. */
  readonly start: (params: Params) => TrainState
  readonly epoch: (state: TrainState, data: Batchable, order: BatchOrder, hyper: Hyper) => Promise<EpochResult>
}

/** Computes a model's outputs: class probabilities (softmax or sigmoid applied) or regression values, row-major `[rows, ...outputShape]`. */
export interface Predictor {
  readonly predict: (params: Params, inputs: Float32Array, rows: number) => Promise<Float32Array>
}

/** What turns a model's output into a prediction: probabilities over classes, a probability, or the value itself. */
export type Head = 'softmax' | 'sigmoid' | 'identity'
