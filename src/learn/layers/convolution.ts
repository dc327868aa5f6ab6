// A convolution layer, as PyTorch's nn.Conv1d, nn.Conv2d and nn.Conv3d.
import type { Node } from '../graph/node.ts'
import { sizeOf } from '../graph/shape.ts'
import type { ParamNodes } from '../models/model.ts'
import { conv, type ConvOptions, type PerAxis, perAxis } from '../ops/convolution.ts'
import { kaimingUniform, type ParameterSpec } from './initialiser.ts'

/** What fixes a convolution layer's parameters. */
export interface ConvLayer {
  readonly inputs: number
  readonly outputs: number
  readonly kernel: PerAxis
  /** Spatial axes; 2 by default. */
  readonly rank?: number
  readonly groups?: number
  /** True by default. */
  readonly bias?: boolean
}

/** Weight `[outputs, inputs / groups, …kernel]` and bias `[outputs]`, initialised as PyTorch does. */
export const convolutionParameters = (name: string, layer: ConvLayer): readonly ParameterSpec[] => {
  const { inputs, outputs, kernel, rank = 2, groups = 1, bias = true } = layer
  const taps = perAxis(kernel, rank)
  const fanIn = (inputs / groups) * sizeOf(taps)
  return [
    { name: `${name}.weight`, shape: [outputs, inputs / groups, ...taps], initialiser: kaimingUniform(fanIn) },
    ...(bias ? [{ name: `${name}.bias`, shape: [outputs], initialiser: kaimingUniform(fanIn) }] : []),
  ]
}

/** Convolution with the layer's weight and bias: `[batch, inputs, …]` → `[batch, outputs, …]`. */
export const convolution = (params: ParamNodes, name: string, x: Node, options: ConvOptions & { readonly bias?: boolean } = {}): Node => {
  const { bias = true, ...geometry } = options
  return conv(x, params(`${name}.weight`), bias ? { ...geometry, bias: params(`${name}.bias`) } : geometry)
}
