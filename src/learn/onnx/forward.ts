// A model's forward pass as an ONNX graph.
import type { Node } from '../graph/node.ts'
import type { Model } from '../models/model.ts'
import { forwardPass } from '../training/forward.ts'
import type { Head } from '../types.ts'
import { lower, onnxBuilder } from './emitter.ts'
import { onnxModel } from './proto.ts'

/** Inputs: `params [P]` and `x [batch, …]`; output: `output [batch, …]`. */
export const forwardModel = (model: Model, head: Head, batch: number): Uint8Array => {
  const { x, tensors, output } = forwardPass(model, head, batch)
  const to = onnxBuilder()
  const bound = new Map<Node, string>([[x, 'x']])
  const { entries } = model.layout
  const parts = entries.map(({ offset }) => (entries.length === 1 ? 'params' : `tensor.${offset}`))
  if (entries.length > 1)
    to.push({ op: 'Split', inputs: ['params', to.ints(entries.map(({ size }) => size))], outputs: parts, attributes: { axis: { int: 0 } } })
  for (const [i, tensor] of tensors.entries()) bound.set(tensor, to.emit('Reshape', [parts[i] ?? '', to.ints(tensor.shape)]))
  lower([output], bound, to)
  to.push({ op: 'Identity', inputs: [bound.get(output) ?? ''], outputs: ['output'] })
  return onnxModel({
    name: 'forward',
    inputs: [
      { name: 'params', type: 'float', dims: [model.layout.size] },
      { name: 'x', type: 'float', dims: x.shape },
    ],
    outputs: [{ name: 'output', type: 'float', dims: output.shape }],
    nodes: to.nodes,
    tensors: to.tensors,
  })
}
