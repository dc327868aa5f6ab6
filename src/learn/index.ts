export type { Batchable, BatchOrder, EpochResult, Hyper, Predictor, Shape, Trainer, TrainState } from './types.ts'
