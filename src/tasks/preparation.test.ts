// Rows that are no tables: how they are scaled, read, dealt and saved, and which networks take them.
import { expect, test } from 'vitest'
import { type ImageDataset, memoryPixels, summariseColumn } from '../data/index.ts'
import { modelOf } from './learner.ts'
import { analysedValues, fitPreparation, preparationJson, prepareRows } from './preparation.ts'
import { modelSchema } from './model-schema.ts'
import { dataHash, dataSchema, type SeriesDataset } from './task-data.ts'

const label = { kind: 'categorical' as const, name: 'class', levels: ['a', 'b'] }
const shape = [2, 1, 2]
// two channels of two pixels: channel 0 is 0 or 255, channel 1 always 51
const bytes = Uint8Array.of(0, 255, 51, 51, 255, 255, 51, 51, 0, 0, 51, 51)
const pictures: ImageDataset = {
  name: 'dots',
  schema: { label },
  rows: 3,
  labels: Float64Array.of(0, 1, 0),
  shape,
  white: 255,
  pixels: memoryPixels(bytes, shape),
  skipped: [],
}
const all = Uint32Array.of(0, 1, 2)

const fitted = async (
  data: ImageDataset | SeriesDataset,
  numeric: 'standardise' | 'range' | 'none',
  target: 'raw' | 'standardise' = 'raw',
) => {
  const schema = dataSchema(data)
  return fitPreparation(schema, (await analysedValues(data, schema, all, { numeric, target })).map(summariseColumn), { numeric, target })
}

test('pictures: bytes over white, standardised channel by channel; a constant channel is 0', async () => {
  const preparation = await fitted(pictures, 'standardise')
  expect(preparation).toMatchObject({
    shape,
    channels: 'first',
    scale: [
      { centre: 0.5, spread: 0.5 },
      { centre: expect.closeTo(0.2, 12), spread: 1 },
    ],
  })
  const { inputs, targets, inputShape } = await prepareRows(preparation, pictures, Uint32Array.of(0, 2))
  expect(Array.from(inputs, (value) => Math.round(1e6 * value) / 1e6 + 0)).toEqual([-1, 1, 0, 0, -1, -1, 0, 0])
  expect([[...targets], inputShape]).toEqual([[0, 0], shape])
  // a range of their own: no statistics leave a site
  const plain = await fitted(pictures, 'range')
  expect(await analysedValues(pictures, dataSchema(pictures), all, { numeric: 'range', target: 'raw' })).toHaveLength(1)
  expect((await prepareRows(plain, pictures, Uint32Array.of(1))).inputs).toEqual(Float32Array.of(1, 1, 0.2, 0.2))
  expect(preparationJson.decode(preparationJson.encode(preparation))).toEqual(preparation)
})

const series: SeriesDataset = {
  name: 'engine',
  schema: { label: { kind: 'numeric', name: 'cycles' } },
  rows: 3,
  labels: Float64Array.of(10, 20, 30),
  shape: [2, 1],
  channels: ['sensor'],
  series: Float32Array.of(1, 3, 3, 1, 1, 3),
}

test('series: channels last, a number as label', async () => {
  const preparation = await fitted(series, 'standardise', 'standardise')
  expect(preparation).toMatchObject({
    channels: 'last',
    scale: [{ centre: 2, spread: 1 }],
    label: { centre: 20, spread: expect.closeTo(8.165, 3) },
  })
  const { inputs, targets } = await prepareRows(preparation, series)
  expect(inputs).toEqual(Float32Array.of(-1, 1, 1, -1, -1, 1))
  expect(targets[1]).toBe(0)
  await expect(prepareRows(preparation, pictures)).rejects.toThrow('expected rows of shape 2 × 1, got 2 × 1 × 2')
})

test('damaged preparations are refused', async () => {
  const text = preparationJson.encode(await fitted(pictures, 'range'))
  for (const broken of ['{"shape":[1]}', text.replace('"first"', '"middle"'), text.replace('"shape":[2', '"shape":[3'), '[]', 'no'])
    expect(() => preparationJson.decode(broken)).toThrow('cannot load preprocessing')
})

test('other rows have another hash', async () => {
  const others = {
    ...pictures,
    pixels: memoryPixels(
      bytes.map((byte, at) => (at === 11 ? 50 : byte)),
      shape,
    ),
  }
  const hash = await dataHash(pictures)
  expect(hash).toMatch(/^[0-9a-f]{64}$/)
  expect(await dataHash(others)).not.toBe(hash)
  expect(await dataHash({ ...series, labels: Float64Array.of(10, 20, 31) })).not.toBe(await dataHash(series))
})

const fits: readonly (readonly [object, readonly number[], number | undefined])[] = [
  [{ kind: 'cnn' }, [1, 28, 28], 1_663_370],
  [{ kind: 'brain-cnn' }, [1, 128, 128], undefined],
  [{ kind: 'convnet' }, [3, 9, 7], undefined],
  [{ kind: 'convnet', norm: 'batch', pool: 'average', hidden: 0 }, [1, 6, 6, 6], undefined],
  [{ kind: 'convnet', norm: 'group', stride: 2, dropout: 0.5 }, [30, 14], undefined],
  [{ kind: 'resnet18', norm: 'group' }, [1, 28, 28], undefined],
  [{ kind: 'resnet18', norm: 'group', channels: 8 }, [1, 28, 28], undefined],
  [{ kind: 'gru' }, [30, 14], undefined],
  [{ kind: 'lstm', layers: 2 }, [30, 14], undefined],
  [{ kind: 'transformer' }, [30, 14], undefined],
  [{ kind: 'mlp' }, [2, 3, 4], undefined],
]

test.each(fits)('%o takes rows of shape %j', (choice, rows, parameters) => {
  const levels = Array.from({ length: 10 }, (_, k) => String(k))
  const preparation = fitPreparation({ label: { ...label, levels }, shape: rows, channels: rows.length === 2 ? 'last' : 'first' }, [], {
    numeric: 'none',
    target: 'raw',
  })
  const { model, head } = modelOf(modelSchema.parse(choice), preparation)
  expect([model.output, head]).toEqual([[10], 'softmax'])
  if (parameters !== undefined) expect(model.layout.size).toBe(parameters)
})

test('a network that does not take such rows says so', async () => {
  const preparation = await fitted(series, 'none')
  expect(() => modelOf(modelSchema.parse({ kind: 'resnet18' }), preparation)).toThrow('cannot build model resnet18: expected pictures')
  expect(() => modelOf(modelSchema.parse({ kind: 'cnn', input: [1, 2, 2] }), preparation)).toThrow('expected model.input of 2 numbers')
  expect(modelSchema.safeParse({ kind: 'transformer', width: 10, heads: 4 }).success).toBe(false)
})
