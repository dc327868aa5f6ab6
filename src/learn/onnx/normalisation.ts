// Normalisation in ONNX. Kernels that compute statistics anyway hand them on under names left beside their result.
import { inputOf } from '../graph/node.ts'
import type { Emitter, Lowering } from './lowering.ts'

/** The inference kernel with mean 0 and variance 1 is one pass of scale·x + shift. */
export const channelAffine: Lowering<'channelAffine'> = (node, [x = '', scale = '', shift = ''], to) => {
  const channels = node.shape[1] ?? 1
  return to.emit('BatchNormalization', [x, scale, shift, zeros(to, channels), ones(to, channels)], { epsilon: { float: 0 } })
}

const zeros = (to: Emitter, length: number): string => to.floats(Array.from({ length }, () => 0))
const ones = (to: Emitter, length: number): string => to.floats(Array.from({ length }, () => 1))

/**
 * The training kernel writes its running statistics into these inputs, although they are baked in, and its outputs lie there: every node needs its own, told apart
 * by a mark. Momentum 0 makes their values meaningless.
 */
const scratch = (to: Emitter, length: number, mark: number): string => to.floats(Array.from({ length }, () => mark))

/** In training mode with momentum 0 the "running" outputs are the batch's own mean and population variance. */
export const batchNorm: Lowering<'batchNorm'> = (node, [x = '', weight = '', bias = ''], to) => {
  const channels = node.shape[1] ?? 1
  const [y = '', mean = '', variance = ''] = to.emits(
    'BatchNormalization',
    [x, weight, bias, scratch(to, channels, node.id + 0.25), scratch(to, channels, node.id + 0.75)],
    3,
    {
      epsilon: { float: node.attributes.epsilon },
      momentum: { float: 0 },
      training_mode: { int: 1 },
    },
  )
  to.leave(y, [mean, variance])
  return y
}

/** What batchNorm left. */
export const batchMoment: Lowering<'batchMoment'> = (node, [, normed = ''], to) =>
  to.left(normed)[node.attributes.which === 'mean' ? 0 : 1] ?? ''

/** Layer normalisation without scale and shift. */
export const standardise: Lowering<'standardise'> = (node, [x = ''], to) => {
  const [y = '', , inverse = ''] = to.emits('LayerNormalization', [x, ones(to, inputOf(node, 0).shape.at(-1) ?? 1)], 3, {
    axis: { int: -1 },
    epsilon: { float: node.attributes.epsilon },
  })
  to.leave(y, [inverse])
  return y
}

/** What standardise left. */
export const inverseDeviation: Lowering<'inverseDeviation'> = (_node, [, standardised = ''], to) => to.left(standardised)[0] ?? ''
