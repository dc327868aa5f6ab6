// Exported models in plain ONNX Runtime, against predictions of this package from the same raw numbers.
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { expect, test } from 'vitest'
import { seed } from '../base/index.ts'
import { type ImageDataset, memoryPixels } from '../data/index.ts'
import { fitPreparation, modelOf as networkFor, modelSchema, type SeriesDataset, trainedModel } from '../tasks/index.ts'
import { evaluate, onnxOf } from './index.ts'

const rows = 4
const random = seed(3).random()

const plainRun = async (bytes: Uint8Array, input: Float32Array, shape: readonly (number | 'rows')[]): Promise<Float32Array> => {
  const session = await InferenceSession.create(bytes, { logSeverityLevel: 4 })
  const { output } = await session.run({
    input: new Tensor(
      'float32',
      input,
      shape.map((length) => (length === 'rows' ? rows : length)),
    ),
  })
  await session.release()
  return output?.data as Float32Array
}

const labelled = { name: 'toy', rows, labels: Float64Array.from({ length: rows }, (_, i) => i % 3) }

test('a picture model takes bytes over white and gives the same probabilities', async () => {
  const shape = [2, 8, 8]
  const bytes = Uint8Array.from({ length: rows * 128 }, () => random.integer(256))
  const label = { kind: 'categorical' as const, name: 'class', levels: ['a', 'b', 'c'] }
  const dataset: ImageDataset = { ...labelled, schema: { label }, shape, white: 255, pixels: memoryPixels(bytes, shape), skipped: [] }
  const numeric = (mean: number) => ({ kind: 'numeric' as const, count: 9, missing: 0, mean, variance: 0.04, min: 0, max: 1 })
  const preprocessing = fitPreparation({ label, shape, channels: 'first' }, [numeric(0.4), numeric(0.6)], {
    numeric: 'standardise',
    target: 'raw',
  })
  const choice = modelSchema.parse({ kind: 'convnet', channels: [4], hidden: 5, norm: 'batch' })
  const { model } = networkFor(choice, preprocessing)
  const trained = trainedModel({ task: 'toy', choice, preprocessing, params: model.init(seed(1)), specHash: '' })
  const { outputs } = await evaluate(trained, dataset)
  const { bytes: onnx, input, classes } = onnxOf(trained)
  expect([input, classes]).toEqual([
    ['rows', 2, 8, 8],
    ['a', 'b', 'c'],
  ])
  const found = await plainRun(
    onnx,
    Float32Array.from(bytes, (byte) => byte / 255),
    input,
  )
  for (const [i, p] of outputs.entries()) expect(Math.abs((found[i] ?? Number.NaN) - p)).toBeLessThan(1e-5)
})

test('a model of numbers gives them in the label’s unit', async () => {
  const shape = [6, 2] as const
  const series = Float32Array.from({ length: rows * 12 }, () => 500 + 20 * random.normal())
  const label = { kind: 'numeric' as const, name: 'cycles' }
  const dataset: SeriesDataset = { ...labelled, schema: { label }, shape, channels: ['a', 'b'], series }
  const numeric = { kind: 'numeric' as const, count: 9, missing: 0, mean: 500, variance: 400, min: 0, max: 1000 }
  const preprocessing = fitPreparation({ label, shape, channels: 'last' }, [numeric, numeric, { ...numeric, mean: 80 }], {
    numeric: 'standardise',
    target: 'standardise',
  })
  const choice = modelSchema.parse({ kind: 'gru', hidden: 4 })
  const { model } = networkFor(choice, preprocessing)
  const trained = trainedModel({ task: 'toy', choice, preprocessing, params: model.init(seed(1)), specHash: '' })
  const { outputs } = await evaluate(trained, dataset)
  const { bytes: onnx, input } = onnxOf(trained, { rows })
  expect(input).toEqual([rows, 6, 2])
  const found = await plainRun(onnx, series, input)
  // about 80 in size: 1e-5 of it
  for (const [i, value] of outputs.entries()) expect(Math.abs((found[i] ?? Number.NaN) - value)).toBeLessThan(1e-3)
})
