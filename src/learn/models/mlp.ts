// Multilayer perceptron and its smallest case, logistic (or linear) regression. Parameter names are those of torch.nn.Sequential(Linear, ReLU, Linear, …).
import { YimengError } from '../../base/index.ts'
import { dense, denseParameters } from '../layers/dense.ts'
import { constantly, parameters } from '../layers/initialiser.ts'
import { relu } from '../ops/elementwise.ts'
import { flatten } from '../ops/structure.ts'
import type { Model } from './model.ts'

const checkWidths = (widths: readonly number[]): void => {
  const wrong = widths.find((width) => !Number.isSafeInteger(width) || width < 1)
  if (wrong !== undefined) {
    throw new YimengError({
      code: 'model-width',
      cannot: 'build a model',
      expected: 'widths that are whole numbers above 0',
      got: String(wrong),
    })
  }
}

/**
 * Dense layers with ReLU between them. Layers are named `0`, `2`, `4`, … as PyTorch numbers them with the ReLUs counted.
 *
 * @example
 * ```ts
 * const model = mlp({ inputs: 30, hidden: [64, 32], outputs: 2 })
 * assert.equal(model.name, 'mlp(30-64-32-2)')
 * assert.deepEqual(model.layout.entries[0], { name: '0.weight', shape: [64, 30], offset: 0, size: 1920 })
 * ```
 */
export const mlp = (options: { readonly inputs: number; readonly hidden: readonly number[]; readonly outputs: number }): Model => {
  const widths = [options.inputs, ...options.hidden, options.outputs]
  checkWidths(widths)
  const layers = widths.slice(1).map((outputs, i) => ({ name: String(2 * i), inputs: widths[i] ?? 0, outputs }))
  return {
    name: `mlp(${widths.join('-')})`,
    input: [options.inputs],
    output: [options.outputs],
    ...parameters(layers.flatMap(({ name, inputs, outputs }) => denseParameters(name, inputs, outputs))),
    forward: (_graph, params, x) =>
      layers.reduce((h, { name }, i) => (i === 0 ? dense(params, name, h) : dense(params, name, relu(h))), flatten(x)),
  }
}

/**
 * One dense layer: logistic regression with one logit (`outputs` 1) or softmax regression; with {@link meanSquaredError} linear regression.
 * The parameters are `weight` and `bias`, as nn.Linear's. `zero` starts at 0, where the loss is the entropy of a blind guess; else as PyTorch draws them.
 */
export const logisticRegression = (options: { readonly inputs: number; readonly outputs: number; readonly zero?: boolean }): Model => {
  const { inputs, outputs, zero = false } = options
  checkWidths([inputs, outputs])
  const specs = denseParameters('', inputs, outputs).map((spec) => ({
    ...spec,
    name: spec.name.slice(1),
    ...(zero ? { initialiser: constantly(0) } : {}),
  }))
  return {
    name: `logisticRegression(${inputs}-${outputs}${zero ? ', zero' : ''})`,
    input: [inputs],
    output: [outputs],
    ...parameters(specs),
    forward: (_graph, params, x) => dense((name) => params(name.slice(1)), '', flatten(x)),
  }
}
