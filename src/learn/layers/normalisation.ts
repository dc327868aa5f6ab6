// Normalisation layers, as PyTorch's nn.BatchNorm1d–3d, nn.GroupNorm and nn.LayerNorm.
import type { Node } from '../graph/node.ts'
import { sizeOf } from '../graph/shape.ts'
import type { Mode, ParamNodes } from '../models/model.ts'
import { add, div, mul, sqrt, sub } from '../ops/elementwise.ts'
import { batchNorm, channelAffine, groupNorm, layerNorm } from '../ops/normalisation.ts'
import { constantly, type ParameterSpec } from './initialiser.ts'

// PyTorch's defaults
const EPSILON = 1e-5
const MOMENTUM = 0.1

const scaleAndShift = (name: string, size: number): readonly ParameterSpec[] => [
  { name: `${name}.weight`, shape: [size], initialiser: constantly(1) },
  { name: `${name}.bias`, shape: [size], initialiser: constantly(0) },
]

/** Weight and bias `[channels]`, and the running mean and variance as buffers. PyTorch's `num_batches_tracked`, which nothing reads, is left out. */
export const batchNormParameters = (name: string, channels: number): readonly ParameterSpec[] => [
  ...scaleAndShift(name, channels),
  { name: `${name}.running_mean`, shape: [channels], initialiser: constantly(0), buffer: true },
  { name: `${name}.running_var`, shape: [channels], initialiser: constantly(1), buffer: true },
]

/** Batch norm of `[batch, channels, …]`: with the batch's statistics while training (rows of weight 0 count too), else with the running ones. */
export const batchNormalisation = (params: ParamNodes, name: string, x: Node, mode: Mode): Node => {
  const [weight, bias] = [params(`${name}.weight`), params(`${name}.bias`)]
  const [runningMean, runningVariance] = [params(`${name}.running_mean`), params(`${name}.running_var`)]
  if (!mode.training) {
    const scale = div(weight, sqrt(add(runningVariance, EPSILON)))
    return channelAffine(x, scale, sub(bias, mul(runningMean, scale)))
  }
  const { output, mean, variance } = batchNorm(x, weight, bias, EPSILON)
  const count = sizeOf(x.shape) / (x.shape[1] ?? 1)
  // the running variance is the unbiased one
  const blend = (before: Node, now: Node, factor: number): Node => add(mul(before, 1 - MOMENTUM), mul(now, MOMENTUM * factor))
  mode.update(`${name}.running_mean`, blend(runningMean, mean, 1))
  mode.update(`${name}.running_var`, blend(runningVariance, variance, count / Math.max(1, count - 1)))
  return output
}

/** Weight and bias of group norm `[channels]` or layer norm `[features]`. */
export const normParameters = scaleAndShift

/** Group norm of `[batch, channels, …]`. */
export const groupNormalisation = (params: ParamNodes, name: string, x: Node, groups: number): Node =>
  groupNorm(x, groups, params(`${name}.weight`), params(`${name}.bias`), EPSILON)

/** Layer norm over the last axis. */
export const layerNormalisation = (params: ParamNodes, name: string, x: Node): Node =>
  layerNorm(x, params(`${name}.weight`), params(`${name}.bias`), EPSILON)
