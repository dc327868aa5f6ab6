// Transforms that PyTorch does not have, against their formulas; the named optimisers are in training/torch.test.ts.
import { expect, test } from 'vitest'
import { seed } from '../../base/index.ts'
import { referenceEngine } from '../engines/reference/index.ts'
import { meanSquaredError } from '../losses/regression.ts'
import { freeze } from '../models/freeze.ts'
import { logisticRegression, mlp } from '../models/mlp.ts'
import { batchOrder } from '../training/batch-order.ts'
import type { EpochResult, Hyper } from '../types.ts'
import { adamw, clipped, sgd, yogi } from './named.ts'
import type { Optimiser } from './optimiser.ts'
import { cosine, stepwise } from './schedule.ts'

// one weight and one bias at 0, one row with input 1: the gradient of both is 2·(w + b − target)
const data = { rows: 1, inputShape: [1], inputs: Float32Array.of(1), targets: Float32Array.of(2), targetShape: [] }
const model = logisticRegression({ inputs: 1, outputs: 1, zero: true })

const run = async (optimiser: Optimiser, steps: number, hyper: Hyper): Promise<EpochResult> => {
  const trainer = await referenceEngine().trainer(model, meanSquaredError, optimiser)
  return trainer.epoch(trainer.start(model.init(seed(1))), data, batchOrder({ rows: 1, batch: 1, steps }, seed(1)), hyper)
}

test('yogi moves its second moment by the gradient’s size only', async () => {
  const { state } = await run(yogi({ epsilon: 1e-3 }), 2, { learningRate: 0.1 })
  let [w, m, v] = [0, 0, 0]
  for (let t = 1; t <= 2; t++) {
    const g = 2 * (2 * w - 2)
    m = 0.9 * m + 0.1 * g
    v = v - 0.001 * Math.sign(v - g * g) * g * g
    w -= (0.1 * (m / (1 - 0.9 ** t))) / (Math.sqrt(v / (1 - 0.999 ** t)) + 1e-3)
  }
  expect(state.params.values[0]).toBeCloseTo(w, 6)
})

test('clipping shortens long gradients and leaves short ones', async () => {
  // the gradient is (−4, −4), of length 4√2
  const short = await run(clipped(1, sgd()), 1, { learningRate: 1 })
  expect([...short.state.params.values]).toEqual([Math.fround(Math.SQRT1_2), Math.fround(Math.SQRT1_2)])
  const long = await run(clipped(100, sgd()), 1, { learningRate: 0.01 })
  expect(long.state.params.values).toEqual((await run(sgd(), 1, { learningRate: 0.01 })).state.params.values)
  expect(() => clipped(0, sgd())).toThrow('limit')
})

test('schedules multiply the learning rate, and go on where the last call ended if the optimiser keeps state', async () => {
  expect([1, 5, 10].map(cosine(10, { warmup: 2 })).map((x) => Math.round(x * 1e6) / 1e6)).toEqual([0.5, 0.691342, 0])
  expect([1, 3, 4, 7].map(stepwise(3, 0.5))).toEqual([1, 1, 0.5, 0.25])
  const seen: number[] = []
  const schedule = (step: number): number => {
    seen.push(step)
    return 1
  }
  const trainer = await referenceEngine().trainer(model, meanSquaredError, sgd({ momentum: 0.9 }))
  const order = batchOrder({ rows: 1, batch: 1, steps: 2 }, seed(1))
  const first = await trainer.epoch(trainer.start(model.init(seed(1))), data, order, { learningRate: 0.1, schedule })
  await trainer.epoch(first.state, data, order, { learningRate: 0.1, schedule })
  expect(seen).toEqual([1, 2, 3, 4])
})

test('frozen parameters come out as they went in', async () => {
  const whole = mlp({ inputs: 1, hidden: [3], outputs: 1 })
  const part = freeze(whole, (name) => name.startsWith('0.'))
  const trainer = await referenceEngine().trainer(part, meanSquaredError, adamw())
  const start = trainer.start(part.init(seed(2)))
  expect(start.optimiser.length).toBe(1 + 2 * 4)
  const { state } = await trainer.epoch(start, data, batchOrder({ rows: 1, batch: 1, steps: 3 }, seed(1)), { learningRate: 0.1 })
  expect(state.params.values.subarray(0, 6)).toEqual(start.params.values.subarray(0, 6))
  expect(state.params.values.subarray(6)).not.toEqual(start.params.values.subarray(6))
})
