// Gradients of a loss with respect to parameters and inputs alike, in float64: what somebody who looks at updates can work out. Not a step of training: no optimiser, no dropout, and
// running statistics where the model has them.
import { YimengError } from '../../../base/index.ts'
import { gradients } from '../../graph/gradient.ts'
import { graph } from '../../graph/graph.ts'
import type { Node } from '../../graph/node.ts'
import { sizeOf } from '../../graph/shape.ts'
import type { Loss } from '../../losses/loss.ts'
import type { Model } from '../../models/model.ts'
import { mean } from '../../ops/elementwise.ts'
import { vector } from '../../ops/structure.ts'
import type { Shape } from '../../types.ts'
import { evaluate } from './evaluate.ts'
import { evaluations } from './evaluations.ts'

/** Both gradients of the mean loss of some rows. */
export interface LossGradients {
  /** Flat, as the layout says; 0 for buffers. */
  readonly parameters: Float64Array
  /** `[rows, ...input]`. */
  readonly inputs: Float64Array
}

/**
 * Differentiates the mean loss of `rows` rows: `(parameters, inputs [rows, ...input], targets [rows, ...target]) → gradients`.
 *
 * @throws YimengError `graph-shape` where model, loss and target do not fit, `model-mode` for a model that is random even when it is not trained.
 */
export const lossGradients = (
  model: Model,
  loss: Loss,
  { rows, target }: { readonly rows: number; readonly target: Shape },
): ((parameters: Float64Array, inputs: Float64Array, targets: Float64Array) => LossGradients) => {
  const g = graph()
  const x = g.input('x', [rows, ...model.input])
  const y = g.input('y', [rows, ...target])
  const { entries, size } = model.layout
  const nodes = new Map<string, Node>(entries.map(({ name, shape }) => [name, g.input(`tensor.${name}`, shape)]))
  const output = model.forward(g, (name) => nodes.get(name)!, x, {
    training: false,
    update: () => undefined,
    keep: () => {
      throw new YimengError({ code: 'model-mode', cannot: 'differentiate', expected: 'a model without randomness', got: 'a mask' })
    },
  })
  const weights = Array.from({ length: rows }, () => 1)
  const value = mean(loss.rows(output, y, vector(g, weights)), [0])
  const trained = entries.filter(({ name }) => !model.buffers.has(name))
  const found = gradients(value, [x, ...trained.map(({ name }) => nodes.get(name)!)], g.constant(1))
  const [ofInputs, ...ofTensors] = found
  const known = found.filter((node) => node !== undefined)
  return (parameters, inputs, targets) => {
    const given = new Map<Node, Float64Array>([
      [x, inputs],
      [y, targets],
    ])
    for (const { name, offset, size: length } of entries) given.set(nodes.get(name)!, parameters.subarray(offset, offset + length))
    const values = new Map(evaluate(evaluations, known, given).map((each, i) => [known[i]!, each]))
    const flat = new Float64Array(size)
    for (const [i, { offset }] of trained.entries()) {
      const node = ofTensors[i]
      if (node !== undefined) flat.set(values.get(node)!, offset)
    }
    return { parameters: flat, inputs: ofInputs === undefined ? new Float64Array(rows * sizeOf(model.input)) : values.get(ofInputs)! }
  }
}
