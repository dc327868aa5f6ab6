// What every engine offers, whatever computes underneath.
import type { Loss } from '../losses/loss.ts'
import type { Model } from '../models/model.ts'
import type { Optimiser } from '../optimisers/optimiser.ts'
import type { Head, Predictor, Trainer } from '../types.ts'

/** Compiles models for training and prediction. Trainers and predictors are shared by all sites and stay usable until `close`. */
export interface Engine {
  /** `native`, `reference`, `web`. */
  readonly name: string
  readonly trainer: (model: Model, loss: Loss, optimiser: Optimiser) => Promise<Trainer>
  readonly predictor: (model: Model, head: Head) => Promise<Predictor>
  /** Ends all workers and sessions. Calls in progress are rejected with code `engine-closed`. */
  readonly close: () => Promise<void>
}
