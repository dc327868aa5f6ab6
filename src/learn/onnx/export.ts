// A trained model as an ONNX file for inference, with its parameters inside under their own names.
import type { Params } from '../../algebra/index.ts'
import { YimengError } from '../../base/index.ts'
import type { Node } from '../graph/node.ts'
import type { Model } from '../models/model.ts'
import { forwardPass } from '../training/forward.ts'
import type { Head } from '../types.ts'
import { lower, onnxBuilder } from './emitter.ts'
import { onnxModel } from './proto.ts'

/**
 * Bytes of an ONNX model that maps `input [batch, …]` to `output [batch, …]` (operator set 18). The number of rows is fixed when the file is made.
 * Throws `params-size` if the parameters are another model's.
 */
export const exportOnnx = (model: Model, params: Params, options: { readonly head: Head; readonly batch?: number }): Uint8Array => {
  const { head, batch = 1 } = options
  if (params.values.length !== model.layout.size) {
    throw new YimengError({
      code: 'params-size',
      cannot: 'export a model',
      expected: `${model.layout.size} parameters of ${model.name}`,
      got: String(params.values.length),
    })
  }
  const { x, tensors, output } = forwardPass(model, head, batch)
  const to = onnxBuilder()
  // a parameter may be called as a generated node is
  const named = (name: string): string => `parameter.${name}`
  const bound = new Map<Node, string>([[x, 'input']])
  for (const [i, tensor] of tensors.entries()) bound.set(tensor, named(model.layout.entries[i]?.name ?? ''))
  lower([output], bound, to)
  to.push({ op: 'Identity', inputs: [bound.get(output) ?? ''], outputs: ['output'] })
  return onnxModel({
    name: 'yimeng',
    inputs: [{ name: 'input', type: 'float', dims: x.shape }],
    outputs: [{ name: 'output', type: 'float', dims: output.shape }],
    nodes: to.nodes,
    tensors: [
      ...to.tensors,
      ...model.layout.entries.map(({ name, shape, offset, size }) => ({
        name: named(name),
        type: 'float' as const,
        dims: shape,
        values: params.values.slice(offset, offset + size),
      })),
    ],
  })
}
