// Normalisation in plain loops.
import { inputOf } from '../../graph/node.ts'
import { axisLength, sizeOf } from '../../graph/shape.ts'
import type { Shape } from '../../types.ts'
import type { Evaluation } from './evaluate.ts'

const none = new Float64Array(0)

/** Channel of each element of `[batch, channels, …]`. */
const channelOf = (shape: Shape): ((i: number) => number) => {
  const map = sizeOf(shape.slice(2))
  const channels = shape[1] ?? 1
  return (i) => Math.floor(i / map) % channels
}

/** scale·x + shift. */
export const channelAffine: Evaluation<'channelAffine'> = (node, [x = none, scale = none, shift = none]) => {
  const channel = channelOf(node.shape)
  return x.map((value, i) => value * (scale[channel(i)] ?? 0) + (shift[channel(i)] ?? 0))
}

const moments = (shape: Shape, x: Float64Array): readonly [Float64Array, Float64Array] => {
  const channel = channelOf(shape)
  const channels = shape[1] ?? 1
  const count = x.length / channels
  const [mean, variance] = [new Float64Array(channels), new Float64Array(channels)]
  for (const [i, value] of x.entries()) mean[channel(i)] = (mean[channel(i)] ?? 0) + value / count
  for (const [i, value] of x.entries()) variance[channel(i)] = (variance[channel(i)] ?? 0) + (value - (mean[channel(i)] ?? 0)) ** 2 / count
  return [mean, variance]
}

/** (x − mean) / √(variance + ε) · weight + bias. */
export const batchNorm: Evaluation<'batchNorm'> = (node, [x = none, weight = none, bias = none]) => {
  const channel = channelOf(node.shape)
  const [mean, variance] = moments(node.shape, x)
  return x.map((value, i) => {
    const c = channel(i)
    return ((value - (mean[c] ?? 0)) / Math.sqrt((variance[c] ?? 0) + node.attributes.epsilon)) * (weight[c] ?? 0) + (bias[c] ?? 0)
  })
}

/** Mean or variance of each channel. */
export const batchMoment: Evaluation<'batchMoment'> = (node, [x = none]) =>
  moments(inputOf(node, 0).shape, x)[node.attributes.which === 'mean' ? 0 : 1]

/** Mean and 1/√(variance + ε) of each row. */
const rowMoments = (x: Float64Array, width: number, epsilon: number): readonly (readonly [number, number])[] =>
  Array.from({ length: x.length / width }, (_, row) => {
    const values = x.subarray(row * width, (row + 1) * width)
    const mean = values.reduce((sum, value) => sum + value, 0) / width
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / width
    return [mean, 1 / Math.sqrt(variance + epsilon)] as const
  })

/** (x − mean) / √(variance + ε) along the last axis. */
export const standardise: Evaluation<'standardise'> = (node, [x = none]) => {
  const width = axisLength(node.shape, -1)
  const rows = rowMoments(x, width, node.attributes.epsilon)
  return x.map((value, i) => {
    const [mean, inverse] = rows[Math.floor(i / width)] ?? [0, 0]
    return (value - mean) * inverse
  })
}

/** 1/√(variance + ε) of each row. */
export const inverseDeviation: Evaluation<'inverseDeviation'> = (node, [x = none]) =>
  Float64Array.from(rowMoments(x, axisLength(inputOf(node, 0).shape, -1), node.attributes.epsilon), ([, inverse]) => inverse)
