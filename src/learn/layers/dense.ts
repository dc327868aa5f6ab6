// A dense layer, as PyTorch's nn.Linear.
import { affine } from '../ops/linear.ts'
import type { Node } from '../graph/node.ts'
import type { ParamNodes } from '../models/model.ts'
import { kaimingUniform, type ParameterSpec } from './initialiser.ts'

/** Weight `[outputs, inputs]` and bias `[outputs]`, initialised as PyTorch does. */
export const denseParameters = (name: string, inputs: number, outputs: number): readonly ParameterSpec[] => [
  { name: `${name}.weight`, shape: [outputs, inputs], initialiser: kaimingUniform(inputs) },
  { name: `${name}.bias`, shape: [outputs], initialiser: kaimingUniform(inputs) },
]

/** x·Wᵀ + b: `[rows, inputs]` → `[rows, outputs]`. */
export const dense = (params: ParamNodes, name: string, x: Node): Node => affine(x, params(`${name}.weight`), params(`${name}.bias`))
