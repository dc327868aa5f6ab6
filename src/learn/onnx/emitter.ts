// Turns nodes of our graph into ONNX nodes. Names of ours start with `n`, constants with `k`: user names (parameters) never meet generated ones.
import { inputOf, type Node, type OpName } from '../graph/node.ts'
import { reachable } from '../graph/graph.ts'
import type { Emitter, Lowering } from './lowering.ts'
import { lowerings } from './lowerings.ts'
import type { OnnxNode, OnnxTensor } from './proto.ts'

/** A list of ONNX nodes under construction, and the constants they share. */
export interface OnnxBuilder extends Emitter {
  readonly nodes: OnnxNode[]
  readonly tensors: OnnxTensor[]
  /** Nodes whose gradient is part of the graph and wants what their lowering leaves. */
  readonly wanted: Set<Node>
  /** Adds a node with given output names. */
  readonly push: (node: OnnxNode) => void
  /** A builder for the body of a loop: own nodes, same constants and names. */
  readonly body: () => OnnxBuilder
}

/** An empty builder. */
export const onnxBuilder = (): OnnxBuilder => {
  const tensors: OnnxTensor[] = []
  const known = new Map<string, string>()
  const wanted = new Set<Node>()
  const beside = new Map<string, readonly string[]>()
  let count = 0
  const baked = (type: 'float' | 'int64', values: readonly number[], dims: readonly number[]): string => {
    const key = `${type}|${dims.join(',')}|${values.map((value) => (Object.is(value, -0) ? '-0' : value)).join(',')}`
    const before = known.get(key)
    if (before !== undefined) return before
    const name = `k${known.size}`
    known.set(key, name)
    tensors.push({ name, type, dims, values: type === 'float' ? Float32Array.from(values) : BigInt64Array.from(values, BigInt) })
    return name
  }
  const make = (): OnnxBuilder => {
    const nodes: OnnxNode[] = []
    return {
      nodes,
      tensors,
      wanted,
      differentiated: (node) => wanted.has(node),
      leave: (result, names) => void beside.set(result, names),
      left: (result) => beside.get(result) ?? [],
      push: (node) => void nodes.push(node),
      emit: (op, inputs, attributes, domain) => {
        const name = `n${count++}`
        nodes.push({
          op,
          inputs,
          outputs: [name],
          ...(attributes === undefined ? {} : { attributes }),
          ...(domain === undefined ? {} : { domain }),
        })
        return name
      },
      emits: (op, inputs, outputs, attributes) => {
        const names = Array.from({ length: outputs }, () => `n${count++}`)
        nodes.push({ op, inputs, outputs: names, ...(attributes === undefined ? {} : { attributes }) })
        return names
      },
      floats: (values, dims = [values.length]) => baked('float', values, dims),
      ints: (values, dims = [values.length]) => baked('int64', values, dims),
      body: make,
    }
  }
  return make()
}

/**
 * Lowers everything that `outputs` need. `bound` names the inputs and takes the names of all lowered nodes.
 * Nodes that depend on no input go to `outer`, so that a loop does not compute them again in each step.
 */
export const lower = (outputs: readonly Node[], bound: Map<Node, string>, to: OnnxBuilder, outer: OnnxBuilder = to): void => {
  const invariant = new Set<Node>()
  const order = reachable(outputs)
  for (const node of order) if (node.op === 'maxPoolGrad') to.wanted.add(inputOf(node, 1))
  for (const node of order) {
    if (node.op !== 'input' && node.inputs.every((input) => invariant.has(input))) invariant.add(node)
    if (bound.has(node)) continue
    if (node.op === 'input') throw new RangeError('an input of the graph is not bound')
    // the table is total, but TypeScript cannot correlate a node's op with its lowering
    const lowering = lowerings[node.op] as unknown as Lowering<OpName>
    const inputs = node.inputs.map((input) => bound.get(input) ?? '')
    bound.set(node, lowering(node, inputs, invariant.has(node) ? outer : to))
  }
}
