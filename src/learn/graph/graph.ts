// Builds graphs: infers shapes, and makes equal operations on equal inputs one node.
import { YimengError } from '../../base/index.ts'
import { rules } from '../ops/rules.ts'
import type { Shape } from '../types.ts'
import type { Graph, Node, OpAttributes, OpName } from './node.ts'

/** An empty graph. */
export const graph = (): Graph => {
  const known = new Map<string, Node>()
  const names = new Set<string>()
  let nodes = 0
  const make = <K extends OpName>(op: K, inputs: readonly Node[], attributes: OpAttributes[K], shape: Shape, identity: string): Node<K> => {
    const key = `${op}|${inputs.map((input) => input.id).join(',')}|${identity}`
    const before = known.get(key)
    if (before !== undefined) return before as Node<K>
    const node: Node<K> = { id: nodes++, op, inputs, attributes, shape, graph: self }
    known.set(key, node)
    return node
  }
  const self: Graph = {
    emit: (op, inputs, attributes) =>
      make(
        op,
        inputs,
        attributes,
        rules[op].shape(
          inputs.map((input) => input.shape),
          attributes,
        ),
        JSON.stringify(attributes),
      ),
    input: (name, shape) => {
      if (names.has(name)) throw new YimengError({ code: 'graph-input', cannot: 'add input', expected: 'a new name', got: name })
      names.add(name)
      return make('input', [], { name }, shape, name)
    },
    // JSON has no −0, NaN or infinities
    constant: (value) => make('constant', [], { value }, [], Object.is(value, -0) ? '-0' : String(value)),
  }
  return self
}

/** The nodes that `outputs` depend on, outputs included, in an order in which they can be computed. */
export const reachable = (outputs: readonly Node[]): readonly Node[] => {
  const found = new Set<Node>()
  const open = [...outputs]
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (found.has(node)) continue
    found.add(node)
    open.push(...node.inputs)
  }
  return [...found].sort((a, b) => a.id - b.id)
}
