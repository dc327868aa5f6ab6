import { expect, test } from 'vitest'
import { seed } from '../../base/index.ts'
import { crossEntropy } from '../losses/cross-entropy.ts'
import { onBackbone } from '../models/backbone.ts'
import { mlp } from '../models/mlp.ts'
import { sgd } from '../optimisers/named.ts'
import { batchOrder } from '../training/batch-order.ts'
import { throughBackbones } from './backbone-features.ts'
import { referenceEngine } from './reference/index.ts'

test('a backbone sees each data set once, however many calls and trainers', async () => {
  let seen = 0
  const engine = referenceEngine()
  const counting = throughBackbones({
    ...engine,
    predictor: async (model, head) => {
      const predictor = await engine.predictor(model, head)
      return {
        predict: (params, inputs, rows) => {
          seen += 1
          return predictor.predict(params, inputs, rows)
        },
      }
    },
  })
  const body = mlp({ inputs: 4, hidden: [], outputs: 3 })
  const model = onBackbone({ model: body, params: body.init(seed(1)) }, mlp({ inputs: 3, hidden: [], outputs: 2 }))
  const data = { rows: 6, inputShape: [4], inputs: new Float32Array(24).fill(1), targets: new Float32Array(6), targetShape: [] }
  const order = batchOrder({ rows: 6, batch: 3, epochs: 2 }, seed(1))
  for (const each of [data, data, { ...data }]) {
    const trainer = await counting.trainer(model, crossEntropy, sgd())
    for (let call = 0; call < 3; call++) await trainer.epoch(trainer.start(model.init(seed(1))), each, order, { learningRate: 0.1 })
  }
  // one for each of two data sets
  expect(seen).toBe(2)
})
