// Multi-head self-attention and the transformer's encoder layer (Vaswani et al. 2017), as PyTorch's nn.MultiheadAttention and nn.TransformerEncoderLayer.
import { YimengError } from '../../base/index.ts'
import type { Node } from '../graph/node.ts'
import type { Mode, ParamNodes } from '../models/model.ts'
import { gelu } from '../ops/activation.ts'
import { add, mul, relu } from '../ops/elementwise.ts'
import { affine, matmul } from '../ops/linear.ts'
import { softmax } from '../ops/rows.ts'
import { reshape, slice, transpose } from '../ops/structure.ts'
import { denseParameters } from './dense.ts'
import { dropout } from './dropout.ts'
import { constantly, type ParameterSpec, uniform } from './initialiser.ts'
import { layerNormalisation, normParameters } from './normalisation.ts'

/** Projections of queries, keys and values in one matrix `[3·width, width]`, and of the result. Xavier uniform with zero biases, as PyTorch. */
export const attentionParameters = (name: string, width: number): readonly ParameterSpec[] => [
  { name: `${name}.in_proj_weight`, shape: [3 * width, width], initialiser: uniform(Math.sqrt(6 / (4 * width))) },
  { name: `${name}.in_proj_bias`, shape: [3 * width], initialiser: constantly(0) },
  ...denseParameters(`${name}.out_proj`, width, width).map((spec) =>
    spec.name.endsWith('bias') ? { ...spec, initialiser: constantly(0) } : spec,
  ),
]

/** Every position looks at every other: `x [batch, time, width]` → the same shape. */
export const selfAttention = (params: ParamNodes, name: string, x: Node, heads: number): Node => {
  const [batch = 1, time = 1, width = 1] = x.shape
  const each = width / heads
  if (!Number.isInteger(each))
    throw new YimengError({ code: 'layer-option', cannot: 'attend', expected: `heads that divide ${width}`, got: String(heads) })
  const rows = reshape(x, [batch * time, width])
  const projected = affine(rows, params(`${name}.in_proj_weight`), params(`${name}.in_proj_bias`))
  // [batch, heads, time, each]
  const split = (k: number): Node =>
    transpose(reshape(slice(projected, 1, k * width, (k + 1) * width), [batch, time, heads, each]), [0, 2, 1, 3])
  const weights = softmax(mul(matmul(split(0), split(1), { transposeB: true }), 1 / Math.sqrt(each)))
  const mixed = reshape(transpose(matmul(weights, split(2)), [0, 2, 1, 3]), [batch * time, width])
  return reshape(affine(mixed, params(`${name}.out_proj.weight`), params(`${name}.out_proj.bias`)), x.shape)
}

/** Options of an encoder layer. */
export interface EncoderLayer {
  readonly width: number
  readonly heads: number
  /** Width between the two dense layers. */
  readonly hidden: number
  readonly dropout?: number
  readonly activation?: 'relu' | 'gelu'
}

/** Parameters of one encoder layer, named as PyTorch's. */
export const encoderParameters = (name: string, { width, hidden }: EncoderLayer): readonly ParameterSpec[] => [
  ...attentionParameters(`${name}.self_attn`, width),
  ...denseParameters(`${name}.linear1`, width, hidden),
  ...denseParameters(`${name}.linear2`, hidden, width),
  ...normParameters(`${name}.norm1`, width),
  ...normParameters(`${name}.norm2`, width),
]

/** Attention and two dense layers, each with dropout, a residual and a layer norm after it. `x [batch, time, width]`. */
export const encoder = (params: ParamNodes, name: string, x: Node, mode: Mode, layer: EncoderLayer): Node => {
  const { heads, dropout: rate = 0.1, activation = 'relu' } = layer
  const attended = layerNormalisation(
    params,
    `${name}.norm1`,
    add(x, dropout(mode, selfAttention(params, `${name}.self_attn`, x, heads), rate)),
  )
  const [batch = 1, time = 1, width = 1] = x.shape
  const wide = affine(reshape(attended, [batch * time, width]), params(`${name}.linear1.weight`), params(`${name}.linear1.bias`))
  const active = dropout(mode, activation === 'relu' ? relu(wide) : gelu(wide), rate)
  const narrow = reshape(affine(active, params(`${name}.linear2.weight`), params(`${name}.linear2.bias`)), x.shape)
  return layerNormalisation(params, `${name}.norm2`, add(attended, dropout(mode, narrow, rate)))
}
