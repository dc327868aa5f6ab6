// An ONNX file as a model of ours: its operations become our graph, its weights parameters under their own names. So it trains, can be frozen, and runs on every engine.
import { layout } from '../../algebra/index.ts'
import { sha256Hex } from '../../base/index.ts'
import { graph } from '../graph/graph.ts'
import type { Node } from '../graph/node.ts'
import { sizeOf } from '../graph/shape.ts'
import type { Model } from '../models/model.ts'
import type { Shape } from '../types.ts'
import { importers, isNode, type Operation, type Value } from './imported-operations.ts'
import { onnxFault, readOnnx, type ReadModel, type ReadTensor } from './read-proto.ts'

/** What a walk through a file's operations needs. */
interface Walk {
  readonly file: ReadModel
  /** Rows that the file was made for, where it fixes them. */
  readonly batch: number | undefined
  readonly input: string
  /** A stored tensor as a node. `fixed`: it is not to be trained. */
  readonly parameter: (tensor: ReadTensor, fixed: boolean) => Node
}

const walk = ({ file, batch, input, parameter }: Walk, x: Node): Node => {
  const known = new Map<string, Value>(file.tensors.map((tensor) => [tensor.name, { numbers: tensor.values, stored: tensor }]))
  // constants of the network itself, which nobody trained
  const constants = new Set<string>()
  known.set(input, x)
  for (const node of file.nodes) {
    const make = Object.hasOwn(importers, node.op) ? importers[node.op] : undefined
    if (make === undefined) throw onnxFault(`operations among ${Object.keys(importers).join(', ')}`, node.op)
    const [output = ''] = node.outputs
    const where = { operation: node.op, output }
    const has = (i: number): boolean => (node.inputs[i] ?? '') !== ''
    const value = (i: number): Value => {
      const found = known.get(node.inputs[i] ?? '')
      if (found === undefined)
        throw onnxFault('values that are there before they are used', has(i) ? (node.inputs[i] ?? '') : 'an absent one', where)
      return found
    }
    const operation: Operation = {
      node,
      batch,
      has,
      value,
      stored: (tensor) => {
        constants.add(output)
        return { numbers: tensor.values, stored: { ...tensor, name: output } }
      },
      numbers: (i) => {
        if (!has(i)) return undefined
        const found = value(i)
        if (isNode(found)) throw onnxFault('numbers that are known before the network runs', `those of ${node.inputs[i] ?? ''}`, where)
        return Array.from(found.numbers)
      },
      tensor: (i, statistic = false) => {
        const found = value(i)
        if (isNode(found)) return found
        const { stored } = found
        if (stored === undefined) throw onnxFault('a tensor', 'a shape', where)
        return parameter(stored, statistic || stored.values.length === 1 || constants.has(stored.name))
      },
    }
    known.set(output, make(operation))
  }
  const [wanted] = file.outputs
  const result = known.get(wanted?.name ?? '')
  if (result === undefined || !isNode(result)) throw onnxFault('an output that depends on the input', wanted?.name ?? 'none')
  return result
}

// elements of one row: beyond, a file lies or is none for pictures and scans
const MAX_ROW = 2 ** 28

/**
 * Reads a network. It needs one input, whose first axis is the row; axes that the file leaves open are those of `input`, a row's shape.
 *
 * @throws YimengError `onnx-file` for what is no such file, is cut off, lies about its sizes, keeps tensors elsewhere, or uses other operations; `graph-shape` where shapes do
 * not fit.
 */
export const importOnnx = (bytes: Uint8Array, options: { readonly input?: Shape } = {}): Model => {
  const file = readOnnx(bytes)
  const stored = new Set(file.tensors.map(({ name }) => name))
  const inputs = file.inputs.filter(({ name }) => !stored.has(name))
  const [input] = inputs
  if (input === undefined || inputs.length > 1) throw onnxFault('one input', `${inputs.length}`)
  const open = input.dims.slice(1)
  const shape = open.map((length, axis) => length ?? options.input?.[axis] ?? 0)
  if (shape.length === 0 || !(sizeOf(shape) >= 1 && sizeOf(shape) <= MAX_ROW))
    throw onnxFault('an input of known sizes', `[${open.map((length) => length ?? 'open').join(', ')}]`)

  // a first walk that only looks: which tensors are parameters, and what comes out
  const used = new Map<string, { readonly tensor: ReadTensor; readonly fixed: boolean; readonly node: Node }>()
  const trial = graph()
  const look = (tensor: ReadTensor, fixed: boolean): Node => {
    const entry = used.get(tensor.name) ?? { tensor, fixed, node: trial.input(`tensor.${tensor.name}`, tensor.dims) }
    used.set(tensor.name, entry)
    return entry.node
  }
  const steady = { file, batch: input.dims[0], input: input.name }
  const output = walk({ ...steady, parameter: look }, trial.input('x', [1, ...shape]))
  const own = [...used.values()]
  const arrangement = layout(own.map(({ tensor: { name, dims } }) => ({ name, shape: dims })))
  const values = new Float32Array(arrangement.size)
  for (const [i, { offset }] of arrangement.entries.entries()) values.set(own[i]?.tensor.values ?? [], offset)
  return {
    name: `onnx(${sha256Hex(bytes).slice(0, 16)}: ${shape.join('x')}-${output.shape.slice(1).join('x')})`,
    input: shape,
    output: output.shape.slice(1),
    layout: arrangement,
    buffers: new Set(own.flatMap(({ tensor, fixed }) => (fixed ? [tensor.name] : []))),
    init: () => ({ layout: arrangement, values: values.slice() }),
    forward: (_graph, params, x) => walk({ ...steady, parameter: ({ name }) => params(name) }, x),
  }
}
