// Rows that are made step by step: the same training as rows in memory, within a bound of memory; augmentation anew at each place.
import { afterAll, expect, test } from 'vitest'
import { seed } from '../base/index.ts'
import { decodedPixels, type ImageDataset, memoryPixels, type SeriesDataset } from '../data/index.ts'
import { batchOrder, type EpochResult, logisticRegression, sgd, binaryCrossEntropy, shareCrossEntropy } from '../learn/index.ts'
import { nativeEngine } from '../learn/engines/native/index.ts'
import { augmentSchema } from './augmentation.ts'
import { fitPreparation, isTablePreparation, type TensorPreprocessing } from './preparation.ts'
import { dataSchema } from './task-data.ts'
import { epochOver, predictOver, trainingRows, type TrainingRows } from './training-rows.ts'

const shape = [1, 8, 8]
const bytesOf = (row: number) => Uint8Array.from({ length: 64 }, (_, at) => (at * 37 + row * 101) % 256)
const set = (rows: number, pixels: ImageDataset['pixels']): ImageDataset => ({
  name: 'made',
  schema: { label: { kind: 'categorical', name: 'class', levels: ['a', 'b'] } },
  rows,
  labels: Float64Array.from({ length: rows }, (_, row) => (row * 7) % 2),
  shape,
  white: 255,
  pixels,
  skipped: [],
})
const held = (rows: number) =>
  set(
    rows,
    memoryPixels(
      Uint8Array.from({ length: rows * 64 }, (_, at) => bytesOf(Math.floor(at / 64))[at % 64] ?? 0),
      shape,
    ),
  )
const all = (rows: number) => Uint32Array.from({ length: rows }, (_, row) => row)

const preparationOf = (data: ImageDataset): TensorPreprocessing => {
  const preparation = fitPreparation(dataSchema(data), [], { numeric: 'range', target: 'raw' })
  if (isTablePreparation(preparation)) throw new Error('a table')
  return preparation
}

// float32 throughout: the reference engine rounds at the end of a call only
const engine = nativeEngine({ workers: 1 })
afterAll(() => engine.close())

const model = logisticRegression({ inputs: 64, outputs: 1, zero: true })
const flat = { ...model, input: shape }

const epoch = async (train: TrainingRows, loss = binaryCrossEntropy, chunkBytes?: number): Promise<EpochResult> => {
  const trainer = await engine.trainer(flat, loss, sgd({ momentum: 0.9 }))
  const order = batchOrder({ rows: train.rows, batch: 4, epochs: 2 }, seed(1))
  return epochOver(trainer, trainer.start(model.init(seed(2))), train, order, { learningRate: 0.1 }, seed(3), chunkBytes)
}

test('a set larger than memory trains bit for bit as one that is held, and never holds more than chunk and cache', async () => {
  const [rows, cacheBytes, chunkBytes] = [203, 20 * 64, 4 * 4 * 64 * 5]
  let decoded = 0
  let largest = 0
  const decode = async (row: number) => {
    decoded += 1
    return bytesOf(row)
  }
  const inner = decodedPixels({ rows, shape, cacheBytes, decode })
  const pixels: ImageDataset['pixels'] = {
    heldBytes: inner.heldBytes,
    read: (asked) => {
      largest = Math.max(largest, 4 * 64 * asked.length)
      return inner.read(asked)
    },
  }
  const data = set(rows, pixels)
  const preparation = preparationOf(data)
  const streamed = await trainingRows(preparation, data, all(rows), { augment: [] }, 1000)
  const found = await epoch(streamed, binaryCrossEntropy, chunkBytes)
  const wanted = await epoch(await trainingRows(preparation, held(rows), all(rows), { augment: [] }))
  expect(found.state.params.values).toEqual(wanted.state.params.values)
  expect(found.losses).toEqual(wanted.losses)
  expect(largest).toBeLessThanOrEqual(chunkBytes)
  expect(inner.heldBytes()).toBeLessThanOrEqual(cacheBytes)
  // two passes, each row once in a pass but for the padding of a last batch
  expect(decoded).toBeLessThanOrEqual(2 * (rows + 4))
})

test('augmented rows: the same for the same seed and any chunk; other pictures than without', async () => {
  const data = held(21)
  const preparation = preparationOf(data)
  const of = async (augment: unknown, chunkBytes?: number) =>
    (await epoch(await trainingRows(preparation, data, all(21), { augment: augmentSchema.parse(augment) }), binaryCrossEntropy, chunkBytes))
      .state.params.values
  const changes = [{ kind: 'flip' }, { kind: 'rotate' }, { kind: 'shift' }, { kind: 'zoom' }, { kind: 'noise' }, { kind: 'contrast' }]
  const plain = await of([])
  for (const change of changes) expect(await of([change])).not.toEqual(plain)
  expect(await of(changes, 1)).toEqual(await of(changes))
})

test('mixup: within each step, whatever the chunk; the loss takes shares', async () => {
  const data = held(20)
  const preparation = preparationOf(data)
  const train = await trainingRows(preparation, data, all(20), { augment: augmentSchema.parse([{ kind: 'mixup', alpha: 0.4 }]) })
  const [one, two] = [await epoch(train, shareCrossEntropy, 1), await epoch(train, shareCrossEntropy)]
  expect(one.state.params.values).toEqual(two.state.params.values)
  const plain = await epoch(await trainingRows(preparation, data, all(20), { augment: [] }))
  expect(one.state.params.values).not.toEqual(plain.state.params.values)
})

test('predictions a chunk at a time equal those of rows in memory', async () => {
  const data = held(37)
  const preparation = preparationOf(data)
  const predictor = await engine.predictor(flat, 'sigmoid')
  const params = logisticRegression({ inputs: 64, outputs: 1 }).init(seed(4))
  const [kept, streamed] = [
    await trainingRows(preparation, data, all(37), { augment: [] }),
    await trainingRows(preparation, data, all(37), { augment: [] }, 0),
  ]
  const whole = await predictOver(predictor, params, kept)
  expect(await predictOver(predictor, params, streamed, { chunkBytes: 5 * 4 * 64 })).toEqual(whole)
  expect(await predictOver(predictor, params, streamed, { from: 3, to: 20, chunkBytes: 1 })).toEqual(whole.slice(3, 20))
})

test('only pictures and volumes are augmented', async () => {
  const series: SeriesDataset = {
    name: 'engine',
    schema: { label: { kind: 'numeric', name: 'cycles' } },
    rows: 1,
    labels: Float64Array.of(10),
    shape: [2, 1],
    channels: ['sensor'],
    series: Float32Array.of(1, 3),
  }
  const augment = augmentSchema.parse([{ kind: 'noise' }])
  const preparation = fitPreparation(dataSchema(series), [], { numeric: 'none', target: 'raw' })
  await expect(trainingRows(preparation, series, all(1), { augment })).rejects.toMatchObject({ code: 'augment-rows' })
})
