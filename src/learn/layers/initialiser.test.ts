import { expect, test } from 'vitest'
import { seed } from '../../base/index.ts'
import { mlp } from '../models/mlp.ts'
import { resnet } from '../models/resnet.ts'
import { convolutionParameters } from './convolution.ts'
import { parameters } from './initialiser.ts'

const moments = (values: Float32Array): { readonly mean: number; readonly variance: number } => {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  return { mean, variance: values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length }
}

// With n draws the mean is off by more than 6 deviations with a chance below 1e-8, the variance likewise; a bound that is off by 2 % shifts the variance by 4 %,
// which is more than 6 deviations of it (uniform: √(4/5n); normal: √(2/n)) for the sizes below.
test('dense layers are uniform within 1/√inputs', () => {
  const { values } = mlp({ inputs: 400, hidden: [], outputs: 500 }).init(seed(1))
  const weights = values.subarray(0, 200_000)
  const bound = 1 / 20
  expect(weights.every((value) => Math.abs(value) <= bound)).toBe(true)
  const { mean, variance } = moments(weights)
  expect(Math.abs(mean)).toBeLessThan((6 * bound) / Math.sqrt(3 * 200_000))
  expect(Math.abs(variance / (bound ** 2 / 3) - 1)).toBeLessThan(6 * Math.sqrt(4 / 5 / 200_000))
})

test('residual networks draw convolutions from N(0, 2 / fan-out)', () => {
  const model = resnet({ depth: 18, height: 32, width: 32, classes: 2 })
  const entry = model.layout.entries.find(({ name }) => name === 'layer4.1.conv2.weight')
  if (entry === undefined) throw new RangeError('no such layer')
  const { mean, variance } = moments(model.init(seed(1)).values.subarray(entry.offset, entry.offset + entry.size))
  const wanted = 2 / (512 * 9)
  expect(Math.abs(mean)).toBeLessThan(6 * Math.sqrt(wanted / entry.size))
  expect(Math.abs(variance / wanted - 1)).toBeLessThan(6 * Math.sqrt(2 / entry.size))
})

test('a convolution counts the inputs of its group', () => {
  const [weight] = convolutionParameters('conv', { inputs: 8, outputs: 4, kernel: 3, groups: 4 })
  expect(weight?.shape).toEqual([4, 2, 3, 3])
  const { values } = parameters([{ name: 'w', shape: [10_000], initialiser: weight?.initialiser ?? (() => {}) }]).init(seed(1))
  const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
  expect(largest).toBeLessThanOrEqual(1 / Math.sqrt(18))
  expect(largest).toBeGreaterThan(0.99 / Math.sqrt(18))
})

test('the same seed gives the same bits, and a tensor’s numbers depend on its name alone', () => {
  const wide = mlp({ inputs: 5, hidden: [7, 3], outputs: 2 })
  const narrow = mlp({ inputs: 5, hidden: [7], outputs: 2 })
  expect(wide.init(seed(4)).values).toEqual(wide.init(seed(4)).values)
  expect(wide.init(seed(4)).values).not.toEqual(wide.init(seed(5)).values)
  expect(wide.init(seed(4)).values.subarray(0, 42)).toEqual(narrow.init(seed(4)).values.subarray(0, 42))
})
