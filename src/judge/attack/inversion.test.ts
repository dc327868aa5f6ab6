import { expect, test } from 'vitest'
import { csprng, seed } from '../../base/index.ts'
import {
  binaryCrossEntropy,
  convolution,
  convolutionParameters,
  crossEntropy,
  dense as denseLayer,
  denseParameters,
  flatten,
  mlp,
  type Model,
  parameters as parametersOf,
  sgd,
  tanh,
} from '../../learn/index.ts'
import { lossGradients, referenceEngine } from '../../learn/engines/reference/index.ts'
import { clip, gaussian } from '../../privacy/index.ts'
import { byDivision, correlation, invert, labelOf, type Seen } from './inversion.ts'

const random = seed('inversion').random()
const drawn = (length: number) => Float64Array.from({ length }, random.normal)
const attacked = (model: Model): Seen => ({
  model,
  parameters: Float64Array.from(model.init(seed(3)).values),
  differentiate: lossGradients(model, model.output[0] === 1 ? binaryCrossEntropy : crossEntropy, { rows: 1, target: [] }),
})
const settings = { classes: true, steps: 60 }
const dense = mlp({ inputs: 64, hidden: [32], outputs: 10 })
/** One convolution in front of a dense layer, on pictures of 12 × 12. */
const convolutional: Model = {
  name: 'small',
  input: [1, 12, 12],
  output: [4],
  ...parametersOf([...convolutionParameters('conv', { inputs: 1, outputs: 8, kernel: 5 }), ...denseParameters('fc', 8 * 36, 4)]),
  forward: (_graph, params, x) => denseLayer(params, 'fc', flatten(tanh(convolution(params, 'conv', x, { stride: 2, padding: 2 })))),
}

test('the gradient is that of a step of training', async () => {
  const { parameters, differentiate } = attacked(dense)
  const x = drawn(64)
  const g = differentiate(parameters, x, Float64Array.of(7)).parameters
  const trainer = await referenceEngine().trainer(dense, crossEntropy, sgd())
  const params = dense.init(seed(3))
  const data = { rows: 1, inputShape: [64], inputs: Float32Array.from(x), targets: Float32Array.of(7), targetShape: [] }
  const order = { steps: 1, batch: 1, indices: Int32Array.of(0), weights: Float32Array.of(1) }
  const { state } = await trainer.epoch(trainer.start(params), data, order, { learningRate: 0.5 })
  for (const [i, value] of state.params.values.entries()) expect(value).toBeCloseTo(params.values[i]! - 0.5 * g[i]!, 5)
})

test('a single row comes back exactly from the gradient of a dense first layer, with its label', () => {
  for (const [outputs, label] of [
    [10, 7],
    [1, 1],
    [1, 0],
  ] as const) {
    const model = mlp({ inputs: 64, hidden: [32], outputs })
    const seen = attacked(model)
    const x = drawn(64)
    const { parameters } = seen.differentiate(seen.parameters, x, Float64Array.of(label))
    expect(labelOf(parameters, outputs)).toBe(label)
    const rebuilt = invert(seen, parameters, { ...settings, outputs })
    expect(rebuilt.how).toBe('division')
    expect(correlation(rebuilt.values, x)).toBeGreaterThan(0.999999)
  }
})

test('it fails under masks, where only the sum of ten sites’ gradients is seen, and under clipping and noise', () => {
  const seen = attacked(dense)
  const rows = Array.from({ length: 10 }, () => drawn(64))
  const gradients = rows.map((x, k) => seen.differentiate(seen.parameters, x, Float64Array.of(k)).parameters)
  const sum = gradients[0]!.map((_, i) => gradients.reduce((total, g) => total + g[i]!, 0))
  const fromSum = byDivision(dense, sum)!
  // rows are independent: of two unrelated ones a correlation beyond 0.9 has a chance below 1e-20, so what is tested is that no row stands out of the sum
  expect(Math.max(...rows.map((x) => correlation(fromSum, x)))).toBeLessThan(0.9)
  // noise of multiplier 1, as ε of a few tens allows in one release
  const bound = clip(1)
  for (const [k, gradient] of gradients.entries()) {
    const bounded = bound({ values: Float32Array.from(gradient) })
    const { values } = gaussian<{ readonly values: Float32Array }>(1).perturb(bounded, csprng())
    expect(correlation(byDivision(dense, Float64Array.from(values))!, rows[k]!)).toBeLessThan(0.9)
  }
})

test('a convolution in front hides nothing: matching brings the row back, but not out of noise', () => {
  const seen = attacked(convolutional)
  // a smooth picture: a disc
  const x = Float64Array.from({ length: 144 }, (_, i) => (Math.hypot((i % 12) - 6, Math.floor(i / 12) - 5) < 4 ? 1 : -0.5))
  const { parameters } = seen.differentiate(seen.parameters, x, Float64Array.of(2))
  const rebuilt = invert(seen, parameters, { ...settings, outputs: 4 })
  expect(rebuilt.how).toBe('matching')
  expect(correlation(rebuilt.values, x)).toBeGreaterThan(0.9)
  const noised = gaussian<{ readonly values: Float32Array }>(1).perturb(clip(1)({ values: Float32Array.from(parameters) }), csprng())
  expect(correlation(invert(seen, Float64Array.from(noised.values), { ...settings, outputs: 4 }).values, x)).toBeLessThan(0.5)
})

test('a row that left no trace is not made up', () => {
  expect(byDivision(dense, new Float64Array(dense.layout.size))).toEqual(new Float64Array(64))
  expect(byDivision(convolutional, new Float64Array(convolutional.layout.size))).toBeUndefined()
})

test('no label, no matching', () => {
  const seen = attacked(convolutional)
  expect(() => invert(seen, seen.parameters, { ...settings, outputs: 4, classes: false })).toThrow(
    expect.objectContaining({ code: 'attack-inversion' }),
  )
})
