import { expect, test } from 'vitest'
import { seed } from '../base/index.ts'
import { csvText, fitPreprocessing, readTable, summarise } from '../data/index.ts'
import { encodeSafetensors } from '../learn/index.ts'
import { evaluationOf, initialSeed, modelContent, type ModelContent, modelOf, partOf, trainedModel, trainedModelOf } from './index.ts'

const content = async (): Promise<ModelContent> => {
  const table = csvText('a.csv', 'age,sex,ill\n60,f,no\n40,m,yes\n,f,yes\n')
  const schema = {
    features: [
      { kind: 'numeric', name: 'age' },
      { kind: 'categorical', name: 'sex', levels: ['f', 'm'] },
    ],
    label: { kind: 'categorical', name: 'ill', levels: ['no', 'yes'] },
  } as const
  const preprocessing = fitPreprocessing(schema, summarise(await readTable(table, schema)))
  const choice = { kind: 'mlp', hidden: [4] } as const
  const model = { ...choice, hidden: [...choice.hidden] }
  return {
    task: 'toy',
    choice: model,
    preprocessing,
    params: modelOf(model, preprocessing).model.init(initialSeed(seed(1))),
    specHash: 'abc',
  }
}

test('a model survives its file bit for bit, and its hash says what it computes, not who trained it', async () => {
  const written = await content()
  const model = trainedModel(written)
  const { model: network, head, classes, ...read } = modelContent(model.bytes)
  expect(read).toEqual(written)
  expect([network.name, head, classes]).toEqual(['mlp(3-4-1)', 'sigmoid', ['no', 'yes']])
  expect(trainedModelOf(model.bytes)).toEqual(model)
  expect(trainedModel({ ...written, specHash: 'another' }).hash).toBe(model.hash)
  const changed = Float32Array.from(written.params.values, (value, i) => (i === 3 ? value + 1e-6 : value))
  expect(trainedModel({ ...written, params: { ...written.params, values: changed } }).hash).not.toBe(model.hash)
  expect(trainedModel({ ...written, preprocessing: { ...written.preprocessing, missing: ['-9'] } }).hash).not.toBe(model.hash)
  // an imported network's folder is no part of what it computes
  const lying = (file: string) => trainedModel({ ...written, choice: { kind: 'imported', file, train: 'head', hidden: [] } }).hash
  expect(lying('/srv/a/net.onnx')).toBe(lying('net.onnx'))
  expect(lying('/srv/a/net.onnx')).not.toBe(lying('other.onnx'))
})

test('other files are refused', async () => {
  expect(() => modelContent(encodeSafetensors([]))).toThrow('expected format yimeng-model/1, got none')
  const metadata = { format: 'yimeng-model/1', task: 'toy', model: '{"kind":"forest"}', preprocessing: '{}' }
  expect(() => modelContent(encodeSafetensors([], metadata))).toThrow('expected a known network')
  expect(() => modelContent(encodeSafetensors([], { ...metadata, model: '{"kind":"logistic"}' }))).toThrow('cannot load preprocessing')
  const { bytes } = trainedModel(await content())
  expect(() => modelContent(bytes.subarray(0, bytes.length - 4))).toThrow('cannot read safetensors')
})

test('measures of two classes, of three, and of numbers', () => {
  const two = evaluationOf(Float64Array.of(0, 0, 1, 1), Float32Array.of(0.9, 0.1, 0.4, 0.6, 0.65, 0.35, 0.2, 0.8), 2)
  // scores of class 1: .1 .6 .35 .8; three of the four pairs are in order
  expect(two.metrics).toMatchObject({ accuracy: 0.5, auc: 0.75, sensitivity: 0.5, specificity: 0.5 })
  expect(two.confusion).toEqual([
    [1, 1],
    [1, 1],
  ])
  const three = evaluationOf(Float64Array.of(0, 1, 2), Float32Array.of(1, 0, 0, 0, 1, 0, 0, 1, 0), 3)
  expect(three.metrics['accuracy']).toBeCloseTo(2 / 3)
  const numbers = evaluationOf(Float64Array.of(1, 2, 3), Float32Array.of(1, 2, 5), 1)
  expect(numbers.metrics).toMatchObject({ mae: 2 / 3, rmse: Math.sqrt(4 / 3), r2: -1 })
  expect(numbers.confusion).toBeUndefined()
  const first = partOf(two, 0, 2)
  // one class only: ranking and sensitivity have no meaning
  expect(first.metrics).toMatchObject({ accuracy: 0.5, auc: null, sensitivity: null, specificity: 0.5 })
})
