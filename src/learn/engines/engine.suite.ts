// What every engine must do: run it on each of them. A second engine that passes computes what the first does.
import { expect, test } from 'vitest'
import { seed, YimengError } from '../../base/index.ts'
import { binaryCrossEntropy, crossEntropy } from '../losses/cross-entropy.ts'
import type { Loss } from '../losses/loss.ts'
import { meanSquaredError } from '../losses/regression.ts'
import { logisticRegression, mlp } from '../models/mlp.ts'
import type { Model } from '../models/model.ts'
import { adam, sgd } from '../optimisers/named.ts'
import type { Optimiser } from '../optimisers/optimiser.ts'
import { batchOrder } from '../training/batch-order.ts'
import type { Batchable, Hyper } from '../types.ts'
import type { Engine } from './engine.ts'
import { referenceEngine } from './reference/index.ts'

/** Two clouds of points; `targets` are classes, or the first column's number for regression. */
const cloud = (rows: number, width: number, kind: 'class' | 'number' = 'class'): Batchable => {
  const random = seed('cloud').split(rows, width).random()
  const inputs = Float32Array.from({ length: rows * width }, random.normal)
  const targets = Float32Array.from({ length: rows }, (_, i) => {
    const value = (inputs[i * width] ?? 0) - 0.5 * (inputs[i * width + 1] ?? 0)
    return kind === 'number' ? value : value > 0 ? 1 : 0
  })
  return { rows, inputShape: [width], inputs, targets, targetShape: [] }
}

const largestGap = (a: Float32Array, b: Float32Array): number =>
  a.reduce((worst, value, i) => Math.max(worst, Math.abs(value - (b[i] ?? Number.NaN))), 0)

const code = async (call: Promise<unknown>): Promise<string> => {
  try {
    await call
    return 'none'
  } catch (error) {
    if (error instanceof YimengError) return error.code
    throw error
  }
}

/** Registers the tests. `make` starts an engine; each test closes its own. */
export const engineSuite = (make: () => Engine): void => {
  const withEngine = async (body: (engine: Engine) => Promise<void>): Promise<void> => {
    const engine = make()
    try {
      await body(engine)
    } finally {
      await engine.close()
    }
  }

  const cases: readonly (readonly [string, Model, Loss, Optimiser, 'class' | 'number', Hyper])[] = [
    ['mlp, cross-entropy, sgd', mlp({ inputs: 5, hidden: [7, 4], outputs: 2 }), crossEntropy, sgd(), 'class', { learningRate: 0.1 }],
    [
      'momentum and decay',
      mlp({ inputs: 5, hidden: [7], outputs: 2 }),
      crossEntropy,
      sgd({ momentum: 0.9, weightDecay: 0.01 }),
      'class',
      { learningRate: 0.05 },
    ],
    [
      'nesterov',
      mlp({ inputs: 5, hidden: [7], outputs: 2 }),
      crossEntropy,
      sgd({ momentum: 0.9, nesterov: true }),
      'class',
      { learningRate: 0.05 },
    ],
    ['one logit, adam', logisticRegression({ inputs: 5, outputs: 1 }), binaryCrossEntropy, adam(), 'class', { learningRate: 0.01 }],
    [
      'regression, adam with decay',
      mlp({ inputs: 5, hidden: [6], outputs: 1 }),
      meanSquaredError,
      adam({ weightDecay: 0.1 }),
      'number',
      { learningRate: 0.01 },
    ],
    [
      'large blocks',
      mlp({ inputs: 5, hidden: [150, 130], outputs: 3 }),
      crossEntropy,
      sgd({ momentum: 0.5 }),
      'class',
      { learningRate: 0.05 },
    ],
    [
      'decay as a hyper-parameter',
      logisticRegression({ inputs: 5, outputs: 2 }),
      crossEntropy,
      sgd(),
      'class',
      { learningRate: 0.1, weightDecay: 0.3 },
    ],
  ]

  test.each(cases)('trains as the reference does: %s', (_name, model, loss, optimiser, kind, hyper) =>
    withEngine(async (engine) => {
      const data = cloud(33, 5, kind)
      const order = batchOrder({ rows: 33, batch: 8, epochs: 2 }, seed(2))
      const ends = []
      for (const each of [engine, referenceEngine()]) {
        const trainer = await each.trainer(model, loss, optimiser)
        const first = await trainer.epoch(trainer.start(model.init(seed(1))), data, order, hyper)
        // the second call continues the optimiser's state
        ends.push({ first, second: await trainer.epoch(first.state, data, order, hyper) })
      }
      const [ours, reference] = ends
      if (ours === undefined || reference === undefined) throw new RangeError('two engines')
      expect(ours.first.losses.length).toBe(10)
      expect(largestGap(ours.first.losses, reference.first.losses)).toBeLessThan(2e-6)
      // Adam's first steps divide by the gradient's own size: a near-zero gradient turns its rounding into a step
      expect(largestGap(ours.second.state.params.values, reference.second.state.params.values)).toBeLessThan(2e-5)
      expect(largestGap(ours.second.state.optimiser, reference.second.state.optimiser)).toBeLessThan(2e-5)
      expect(ours.second.losses.at(-1) ?? 9).toBeLessThan((ours.first.losses[0] ?? 0) * 1.2)
    }),
  )

  test('μ = 0 and no correction are bit for bit the plain step; μ > 0 pulls towards the anchor', () =>
    withEngine(async (engine) => {
      const model = mlp({ inputs: 4, hidden: [6], outputs: 2 })
      const trainer = await engine.trainer(model, crossEntropy, sgd({ momentum: 0.9 }))
      const start = trainer.start(model.init(seed(3)))
      const anchor = start.params.values
      const data = cloud(20, 4)
      const order = batchOrder({ rows: 20, batch: 5, epochs: 3 }, seed(4))
      const end = async (hyper: Hyper): Promise<Float32Array> => (await trainer.epoch(start, data, order, hyper)).state.params.values
      const plain = await end({ learningRate: 0.1 })
      expect(await end({ learningRate: 0.1, proximal: 0, anchor })).toEqual(plain)
      const distance = (values: Float32Array): number => Math.hypot(...values.map((value, i) => value - (anchor[i] ?? 0)))
      expect(distance(await end({ learningRate: 0.1, proximal: 1, anchor }))).toBeLessThan(0.8 * distance(plain))
      const correction = Float32Array.from(anchor, (_, i) => (i % 3) - 1)
      // without momentum the steps' shares are known: the same correction each time
      const bare = await engine.trainer(model, crossEntropy, sgd())
      const one = { ...order, steps: 1, indices: order.indices.subarray(0, 5), weights: order.weights.subarray(0, 5) }
      const without = (await bare.epoch(bare.start(start.params), data, one, { learningRate: 0.5 })).state.params.values
      const corrected = (await bare.epoch(bare.start(start.params), data, one, { learningRate: 0.5, correction })).state.params.values
      expect(
        largestGap(
          corrected,
          Float32Array.from(without, (value, i) => value - 0.5 * (correction[i] ?? 0)),
        ),
      ).toBeLessThan(1e-6)
    }))

  test('padding rows leave no trace, and row weights count', () =>
    withEngine(async (engine) => {
      const model = logisticRegression({ inputs: 3, outputs: 2 })
      const trainer = await engine.trainer(model, crossEntropy, sgd())
      const start = trainer.start(model.init(seed(5)))
      const data = cloud(6, 3)
      const run = async (indices: readonly number[], weights: readonly number[]): Promise<Float32Array> => {
        const order = { steps: 1, batch: indices.length, indices: Int32Array.from(indices), weights: Float32Array.from(weights) }
        return (await trainer.epoch(start, data, order, { learningRate: 1 })).state.params.values
      }
      const exact = await run([3, 4], [1, 1])
      expect(largestGap(await run([3, 4, 0, 0], [1, 1, 0, 0]), exact)).toBeLessThan(2e-7)
      expect(largestGap(await run([3, 3, 3, 4], [1, 1, 1, 3]), exact)).toBeLessThan(2e-7)
      expect(largestGap(await run([3, 4], [7, 7]), exact)).toBeLessThan(2e-7)
      expect(await run([0, 0], [0, 0])).toEqual(start.params.values)
    }))

  test('predicts probabilities, whatever the number of rows', () =>
    withEngine(async (engine) => {
      const model = mlp({ inputs: 4, hidden: [5], outputs: 3 })
      const params = model.init(seed(6))
      const data = cloud(300, 4)
      const [ours, reference] = [await engine.predictor(model, 'softmax'), await referenceEngine().predictor(model, 'softmax')]
      const all = await ours.predict(params, data.inputs, 300)
      expect(largestGap(all, await reference.predict(params, data.inputs, 300))).toBeLessThan(1e-6)
      expect(largestGap(await ours.predict(params, data.inputs.subarray(0, 12), 3), all.subarray(0, 9))).toBeLessThan(1e-6)
      expect(await ours.predict(params, new Float32Array(0), 0)).toEqual(new Float32Array(0))
      const one = await engine.predictor(logisticRegression({ inputs: 4, outputs: 1, zero: true }), 'sigmoid')
      expect([...(await one.predict({ ...params, values: new Float32Array(5) }, data.inputs.subarray(0, 8), 2))]).toEqual([0.5, 0.5])
    }))

  test('a run that diverges is named with its step, and calls that cannot be run are refused', () =>
    withEngine(async (engine) => {
      const model = mlp({ inputs: 3, hidden: [4], outputs: 1 })
      const trainer = await engine.trainer(model, meanSquaredError, sgd())
      const start = trainer.start(model.init(seed(7)))
      const data = cloud(8, 3, 'number')
      const order = batchOrder({ rows: 8, batch: 4, epochs: 20 }, seed(8))
      expect(await code(trainer.epoch(start, data, order, { learningRate: 1e30 }))).toBe('diverged')
      const sick = { ...data, inputs: data.inputs.map((value, i) => (i === 5 ? Number.NaN : value)) }
      await expect(trainer.epoch(start, sick, batchOrder({ rows: 8, batch: 8, steps: 2 }, seed(1)), { learningRate: 0.1 })).rejects.toThrow(
        'step 0',
      )
      // the engine lives on
      expect(await code(trainer.epoch(start, data, order, { learningRate: 0.01 }))).toBe('none')
      expect(await code(trainer.epoch(start, { ...data, inputShape: [4] }, order, { learningRate: 0.1 }))).toBe('data-shape')
      expect(await code(trainer.epoch(start, { ...data, rows: 7 }, order, { learningRate: 0.1 }))).toBe('data-shape')
      expect(await code(trainer.epoch(start, data, { ...order, indices: order.indices.map((i) => i + 1) }, { learningRate: 0.1 }))).toBe(
        'batch-order',
      )
      expect(await code(trainer.epoch(start, data, order, { learningRate: Number.NaN }))).toBe('hyper')
      expect(await code(trainer.epoch(start, data, order, { learningRate: 0.1, proximal: 1 }))).toBe('hyper')
      expect(await code(trainer.epoch({ ...start, optimiser: new Float32Array(3) }, data, order, { learningRate: 0.1 }))).toBe(
        'optimiser-state',
      )
    }))

  test('the same call gives the same bits, and leaves its arguments alone', () =>
    withEngine(async (engine) => {
      const model = mlp({ inputs: 6, hidden: [8], outputs: 2 })
      const trainer = await engine.trainer(model, crossEntropy, adam())
      const start = trainer.start(model.init(seed(9)))
      const before = start.params.values.slice()
      const data = cloud(40, 6)
      const orders = [0, 1, 2, 3].map((k) => batchOrder({ rows: 40, batch: 10, epochs: 2 }, seed(k)))
      const side = await Promise.all(orders.map((order) => trainer.epoch(start, data, order, { learningRate: 0.01 })))
      for (const [k, order] of orders.entries()) {
        const again = await trainer.epoch(start, data, order, { learningRate: 0.01 })
        expect(again).toEqual(side[k])
      }
      expect(start.params.values).toEqual(before)
      expect(start.optimiser.every((value) => value === 0)).toBe(true)
    }))

  test('a closed engine says so', async () => {
    const engine = make()
    const model = logisticRegression({ inputs: 2, outputs: 2 })
    const trainer = await engine.trainer(model, crossEntropy, sgd())
    await engine.close()
    await engine.close()
    expect(
      await code(
        trainer.epoch(trainer.start(model.init(seed(1))), cloud(4, 2), batchOrder({ rows: 4, batch: 2, epochs: 1 }, seed(1)), {
          learningRate: 0.1,
        }),
      ),
    ).toBe('engine-closed')
  })
}
