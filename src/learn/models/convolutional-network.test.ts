// Blocks of several convolutions.
import { expect, test } from 'vitest'
import { seed } from '../../base/index.ts'
import { referenceEngine } from '../engines/reference/index.ts'
import { type ConvolutionalOptions, convolutionalNetwork } from './convolutional-network.ts'

const options: ConvolutionalOptions = {
  input: [2, 8, 8],
  channels: [3, 4],
  convolutions: 1,
  stride: 1,
  kernel: 3,
  norm: 'none',
  hidden: 5,
  dropout: 0,
  pool: 'none',
  outputs: 3,
}
const [once, twice] = [convolutionalNetwork(options), convolutionalNetwork({ ...options, convolutions: 2 })]
const random = seed(3).random()
const rows = Float32Array.from({ length: 4 * 2 * 8 * 8 }, () => random.normal())
const outputs = async (model: typeof once, values: Float32Array) =>
  (await referenceEngine().predictor(model, 'identity')).predict({ layout: model.layout, values }, rows, 4)

test('a second convolution that passes on what it gets changes nothing; another one does', async () => {
  const first = once.init(seed(1))
  const values = new Float32Array(twice.layout.size)
  for (const { name, offset, size, shape } of twice.layout.entries) {
    const known = once.layout.entries.find((entry) => entry.name === name)
    if (known !== undefined) values.set(first.values.subarray(known.offset, known.offset + size), offset)
    // kernels [own, own, 3, 3]: 1 at the centre of each channel's own
    else if (shape.length === 4) for (let c = 0; c < (shape[0] ?? 0); c += 1) values[offset + (c * (shape[1] ?? 0) + c) * 9 + 4] = 1
  }
  const [expected, same] = [await outputs(once, first.values), await outputs(twice, values)]
  for (const [i, value] of expected.entries()) expect(same[i]).toBeCloseTo(value, 5)
  const drawn = await outputs(twice, twice.init(seed(1)).values)
  expect(Math.abs((drawn[0] ?? 0) - (expected[0] ?? 0))).toBeGreaterThan(1e-3)
})

test('only the first convolution has the stride and meets the inputs’ channels; each has its norm', () => {
  const { layout } = convolutionalNetwork({ ...options, convolutions: 3, stride: 2, norm: 'group', hidden: 0 })
  const shapes = new Map(layout.entries.map(({ name, shape }) => [name, shape]))
  expect(['', '2', '3'].map((nth) => shapes.get(`block0.conv${nth}.weight`))).toEqual([
    [3, 2, 3, 3],
    [3, 3, 3, 3],
    [3, 3, 3, 3],
  ])
  expect(['', '2', '3'].map((nth) => shapes.get(`block1.norm${nth}.weight`))).toEqual([[4], [4], [4]])
  // 8 pixels, 4 after the stride, 2 and 1 after the pools
  expect(shapes.get('fc.weight')).toEqual([3, 4])
})
