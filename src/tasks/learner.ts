// What is trained: model, loss, head and optimiser, from a spec's choices and the fitted preprocessing. The same at every party that has both.
import { type Seed, YimengError } from '../base/index.ts'
import {
  adam,
  adjustedCrossEntropy,
  binaryCrossEntropy,
  binaryCrossEntropyWith,
  crossEntropy,
  crossEntropyWith,
  type Head,
  type Loss,
  meanSquaredError,
  type Model,
  type Optimiser,
  sgd,
  shareCrossEntropy,
} from '../learn/index.ts'
import { mixupAlpha } from './augmentation.ts'
import { isRemedy } from './label-skew.ts'
import { networkOf } from './networks.ts'
import { isTablePreparation, type Preparation } from './preparation.ts'
import type { ModelChoice } from './model-schema.ts'
import type { LocalSpec, OptimiserSpec, RunSpec } from './run-spec.ts'

/** Everything an engine needs to train or to predict. */
export interface Learner {
  readonly model: Model
  readonly loss: Loss
  readonly head: Head
  readonly optimiser: Optimiser
  /** Class names; absent for a numeric label. */
  readonly classes?: readonly string[]
}

const optimiserOf = (spec: OptimiserSpec, weightDecay: number): Optimiser =>
  spec.name === 'sgd'
    ? sgd({ momentum: spec.momentum, weightDecay })
    : adam({ beta1: spec.beta1, beta2: spec.beta2, epsilon: spec.epsilon, weightDecay })

/** Two classes need one output (a logit), more need one each, a number needs one. */
export const modelOf = (choice: ModelChoice, preprocessing: Preparation): Pick<Learner, 'model' | 'loss' | 'head' | 'classes'> => {
  const { label } = preprocessing
  const outputs = label.kind === 'categorical' && label.levels.length > 2 ? label.levels.length : 1
  const model = networkOf(choice, isTablePreparation(preprocessing) ? [preprocessing.inputs.length] : preprocessing.shape, outputs)
  if (label.kind === 'numeric') return { model, loss: meanSquaredError, head: 'identity' }
  return {
    model,
    loss: outputs === 1 ? binaryCrossEntropy : crossEntropy,
    head: outputs === 1 ? 'sigmoid' : 'softmax',
    classes: label.levels,
  }
}

/** A spec's loss of classes, where `plain` is the model's own. */
export const lossOf = (choice: LocalSpec['loss'], plain: Loss, head: Head): Loss => {
  if (isRemedy(choice)) return adjustedCrossEntropy
  if (choice.kind === 'plain') return plain
  const smoothing = { labelSmoothing: choice.share }
  return head === 'sigmoid' ? binaryCrossEntropyWith(smoothing) : crossEntropyWith(smoothing)
}

/**
 * The learner of a run.
 *
 * @throws YimengError `learner-classes` for a loss or batches of classes where a number is predicted, `learner-mixup` for mixup where it does not fit.
 */
export const learnerOf = ({ model, local }: Pick<RunSpec, 'model' | 'local'>, preprocessing: Preparation): Learner => {
  const { loss, ...learner } = modelOf(model, preprocessing)
  const wantsClasses =
    local.loss.kind !== 'plain' ? `a ${local.loss.kind} loss` : local.sampling === 'balanced' ? 'balanced batches' : undefined
  if (wantsClasses !== undefined && learner.classes === undefined)
    throw new YimengError({
      code: 'learner-classes',
      cannot: 'train',
      expected: `classes to predict, for ${wantsClasses}`,
      got: 'a number',
    })
  const mixes = mixupAlpha(local.augment) !== undefined
  if (mixes && (learner.classes === undefined || local.loss.kind !== 'plain'))
    throw new YimengError({
      code: 'learner-mixup',
      cannot: 'train',
      expected: 'classes to predict and local.loss.kind plain, for mixup',
      got: learner.classes === undefined ? 'a number' : local.loss.kind,
    })
  return {
    ...learner,
    loss: mixes ? shareCrossEntropy : lossOf(local.loss, loss, learner.head),
    optimiser: optimiserOf(local.optimiser, local.weightDecay),
  }
}

/** The seed that a run's first parameters are drawn from. */
export const initialSeed = (run: Seed): Seed => run.split('initial model')
