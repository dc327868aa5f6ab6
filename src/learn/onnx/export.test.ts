import { InferenceSession, Tensor } from 'onnxruntime-node'
import { expect, test } from 'vitest'
import { seed } from '../../base/index.ts'
import { referenceEngine } from '../engines/reference/index.ts'
import { brainCnn } from '../models/brain-cnn.ts'
import { conditionalDiscriminator, conditionalGenerator } from '../models/conditional-gan.ts'
import { mlp } from '../models/mlp.ts'
import type { Model } from '../models/model.ts'
import { recurrentNetwork } from '../models/recurrent-network.ts'
import { seriesCnn } from '../models/series-cnn.ts'
import { transformer } from '../models/transformer.ts'
import { volumeCnn } from '../models/volume-cnn.ts'
import { drawn } from '../models/drawn.suite.ts'
import { exportOnnx } from './export.ts'

const models: readonly Model[] = [
  mlp({ inputs: 5, hidden: [6], outputs: 3 }),
  brainCnn({ height: 21, width: 25, padding: 2, hidden: 8 }),
  recurrentNetwork({ cell: 'lstm', time: 5, inputs: 3, hidden: 4, layers: 2, outputs: 2 }),
  transformer({ time: 4, inputs: 3, width: 8, heads: 2, hidden: 12, layers: 1, outputs: 2 }),
  seriesCnn({ time: 17, inputs: 3, outputs: 2 }),
  volumeCnn({ side: 8, classes: 2, width: 4 }),
  conditionalGenerator({ latent: 6, classes: 3, hidden: [8, 12], outputs: 10 }),
  conditionalDiscriminator({ inputs: 10, classes: 3, hidden: [12, 8] }),
]

/** Rows of inputs; class indices, where a model takes them, are the last input. */
const inputsOf = (model: Model, rows: number): Float32Array => {
  const size = model.input.reduce((product, length) => product * length, 1)
  return drawn(1, rows * size, 1).map((value, i) => (model.name.startsWith('conditional') && i % size === size - 1 ? 1 : value))
}

test.each(models.map((model) => [model.name, model] as const))('plain ONNX Runtime opens %s and gives the same', async (_name, model) => {
  const params = model.init(seed(1))
  const predictor = await referenceEngine().predictor(model, 'softmax')
  // one file for any number of rows, and one that was made for two
  for (const [batch, rows] of [
    [undefined, 1],
    [undefined, 5],
    [2, 2],
  ] as const) {
    const bytes = exportOnnx(model, params, { head: 'softmax', ...(batch === undefined ? {} : { batch }) })
    const session = await InferenceSession.create(bytes, { logSeverityLevel: 4 })
    const inputs = inputsOf(model, rows)
    const { output } = await session.run({ input: new Tensor('float32', inputs, [rows, ...model.input]) })
    const expected = await predictor.predict(params, inputs, rows)
    expect(output?.dims).toEqual([rows, ...model.output])
    const found = output?.data as Float32Array
    for (const [i, value] of expected.entries()) expect(Math.abs((found[i] ?? Number.NaN) - value)).toBeLessThan(1e-5)
    await session.release()
  }
})

test('another model’s parameters are refused', () => {
  const params = mlp({ inputs: 2, hidden: [], outputs: 2 }).init(seed(1))
  expect(() => exportOnnx(mlp({ inputs: 3, hidden: [], outputs: 2 }), params, { head: 'softmax' })).toThrow('8 parameters')
})
