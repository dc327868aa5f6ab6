// A model's forward pass as a graph, for prediction.
import { YimengError } from '../../base/index.ts'
import { graph } from '../graph/graph.ts'
import type { Node } from '../graph/node.ts'
import { inference } from '../models/inference.ts'
import type { Model } from '../models/model.ts'
import { sigmoid } from '../ops/elementwise.ts'
import { softmax } from '../ops/rows.ts'
import type { Head } from '../types.ts'

/** The forward pass of `batch` rows as nodes. */
export interface Forward {
  readonly x: Node
  /** Each tensor of the layout, in its order. */
  readonly tensors: readonly Node[]
  readonly output: Node
}

/** Builds the forward pass with a head: `softmax` and `sigmoid` make probabilities of logits, `identity` leaves them. */
export const forwardPass = (model: Model, head: Head, batch: number): Forward => {
  const g = graph()
  const x = g.input('x', [batch, ...model.input])
  const byName = new Map<string, Node>(model.layout.entries.map(({ name, shape }) => [name, g.input(`tensor.${name}`, shape)]))
  const tensors = [...byName.values()]
  const parameter = (name: string): Node => {
    const node = byName.get(name)
    if (node === undefined)
      throw new YimengError({
        code: 'model-parameter',
        cannot: 'find a parameter',
        expected: `one of ${[...byName.keys()].join(', ')}`,
        got: name,
      })
    return node
  }
  const plain = model.forward(g, parameter, x, inference)
  return { x, tensors, output: head === 'softmax' ? softmax(plain) : head === 'sigmoid' ? sigmoid(plain) : plain }
}
