// Reverse-mode differentiation: walks a graph backwards and adds the nodes that compute the gradients.
import { add } from '../ops/elementwise.ts'
import { rules } from '../ops/rules.ts'
import { reachable } from './graph.ts'
import type { Node, OpName, Rule } from './node.ts'
import { sameShape, shapeError, showShape } from './shape.ts'

/**
 * Gradients of Σ seed·output with respect to `wrt`, each of its node's shape. `seed` has the shape of `output`.
 * Undefined where the output does not depend on a node. Throws `graph-shape` if the seed does not fit.
 */
export const gradients = (output: Node, wrt: readonly Node[], seed: Node): readonly (Node | undefined)[] => {
  const found = backward(output, wrt, seed)
  return wrt.map((node) => found.get(node))
}

/** The same, and the gradient of every node on the way. */
export const backward = (output: Node, wrt: readonly Node[], seed: Node): ReadonlyMap<Node, Node> => {
  if (!sameShape(output.shape, seed.shape))
    throw shapeError('differentiate', `a seed of shape ${showShape(output.shape)}`, showShape(seed.shape))
  const order = reachable([output])
  const needed = new Set<Node>()
  for (const node of order) if (wrt.includes(node) || node.inputs.some((input) => needed.has(input))) needed.add(node)
  const found = new Map<Node, Node>([[output, seed]])
  for (const node of [...order].reverse()) {
    const dy = found.get(node)
    if (dy === undefined || !needed.has(node) || wrt.includes(node)) continue
    // the table is total over OpName, but TypeScript cannot correlate a node's op with its rule
    const rule = rules[node.op] as unknown as Rule<OpName>
    const dxs = rule.gradient(node, dy)
    for (const [i, input] of node.inputs.entries()) {
      const dx = dxs[i]
      if (dx === undefined || !needed.has(input)) continue
      if (!sameShape(dx.shape, input.shape)) {
        throw shapeError(`differentiate ${node.op}`, `a gradient of shape ${showShape(input.shape)}`, showShape(dx.shape))
      }
      const before = found.get(input)
      found.set(input, before === undefined ? dx : add(before, dx))
    }
  }
  return found
}
