// A trained model as an ONNX file for inference, with its parameters inside under their own names.
import type { Params } from '../../algebra/index.ts'
import { YimengError } from '../../base/index.ts'
import type { Node } from '../graph/node.ts'
import { withBackboneInside } from '../models/backbone.ts'
import type { Model } from '../models/model.ts'
import { forwardPass } from '../training/forward.ts'
import type { Head } from '../types.ts'
import { lower, onnxBuilder, type OnnxBuilder } from './emitter.ts'
import { onnxModel, type OnnxTensor } from './proto.ts'

// Stands for any number of rows while the graph is made: a prime that divides no length of a network, so that what it divides depends on the rows
const ANY_ROWS = 2 ** 31 - 1

const dependsOnRows = (length: number | bigint): boolean => length !== 0 && length !== 0n && BigInt(length) % BigInt(ANY_ROWS) === 0n

/** The constants with each length that depends on the rows left open, as a Reshape may: −1. Throws `onnx-rows` where another operation needs it. */
const withOpenRows = ({ nodes, tensors }: OnnxBuilder): readonly OnnxTensor[] =>
  tensors.map((tensor) => {
    const { name, values } = tensor
    if (!(values instanceof BigInt64Array) || !values.some(dependsOnRows)) return tensor
    const other = nodes.find(({ op, inputs }) => op !== 'Reshape' && inputs.includes(name))
    if (other !== undefined || values.filter(dependsOnRows).length > 1)
      throw new YimengError({
        code: 'onnx-rows',
        cannot: 'export a model for any number of rows',
        expected: 'a fixed number of rows, for this network',
        got: other?.op ?? 'a shape with two open lengths',
      })
    return { ...tensor, values: values.map((length) => (dependsOnRows(length) ? -1n : length)) }
  })

/**
 * Bytes of an ONNX model that maps `input [rows, …]` to `output [rows, …]` (operator set 18), for any number of rows unless `batch` fixes it. A backbone goes in too.
 *
 * @throws YimengError `params-size` if the parameters are another model's; `onnx-rows` where the network needs a fixed number of rows.
 */
export const exportOnnx = (model: Model, params: Params, options: { readonly head: Head; readonly batch?: number }): Uint8Array => {
  const { head, batch } = options
  if (params.values.length !== model.layout.size) {
    throw new YimengError({
      code: 'params-size',
      cannot: 'export a model',
      expected: `${model.layout.size} parameters of ${model.name}`,
      got: String(params.values.length),
    })
  }
  const whole = withBackboneInside(model, params)
  const { x, tensors, output } = forwardPass(whole.model, head, batch ?? ANY_ROWS)
  const to = onnxBuilder()
  // a parameter may be called as a generated node is
  const named = (name: string): string => `parameter.${name}`
  const bound = new Map<Node, string>([[x, 'input']])
  for (const [i, tensor] of tensors.entries()) bound.set(tensor, named(whole.model.layout.entries[i]?.name ?? ''))
  lower([output], bound, to)
  to.push({ op: 'Identity', inputs: [bound.get(output) ?? ''], outputs: ['output'] })
  const rows = batch ?? 'rows'
  return onnxModel({
    name: 'yimeng',
    inputs: [{ name: 'input', type: 'float', dims: [rows, ...x.shape.slice(1)] }],
    outputs: [{ name: 'output', type: 'float', dims: [rows, ...output.shape.slice(1)] }],
    nodes: to.nodes,
    tensors: [
      ...(batch === undefined ? withOpenRows(to) : to.tensors),
      ...whole.model.layout.entries.map(({ name, shape, offset, size }) => ({
        name: named(name),
        type: 'float' as const,
        dims: shape,
        values: whole.params.values.slice(offset, offset + size),
      })),
    ],
  })
}
