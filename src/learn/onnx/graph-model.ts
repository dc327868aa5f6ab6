// Any graph as an ONNX model: its inputs and outputs keep their names.
import { reachable } from '../graph/graph.ts'
import type { Node } from '../graph/node.ts'
import { lower, onnxBuilder } from './emitter.ts'
import { onnxModel } from './proto.ts'

/** The model that computes `outputs` from the inputs of their graph. */
export const graphModel = (outputs: Readonly<Record<string, Node>>): Uint8Array => {
  const to = onnxBuilder()
  const inputs = reachable(Object.values(outputs)).filter((node): node is Node<'input'> => node.op === 'input')
  const bound = new Map<Node, string>(inputs.map((node) => [node, node.attributes.name]))
  lower(Object.values(outputs), bound, to)
  for (const [name, node] of Object.entries(outputs)) to.push({ op: 'Identity', inputs: [bound.get(node) ?? ''], outputs: [name] })
  return onnxModel({
    name: 'graph',
    inputs: inputs.map(({ attributes: { name }, shape }) => ({ name, type: 'float', dims: shape })),
    outputs: Object.entries(outputs).map(([name, { shape }]) => ({ name, type: 'float', dims: shape })),
    nodes: to.nodes,
    tensors: to.tensors,
  })
}
