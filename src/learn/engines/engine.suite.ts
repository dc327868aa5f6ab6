// What every engine must do: run it on each of them. A second engine that passes computes what the first does.
import { expect, test } from 'vitest'
import { seed, YimengError } from '../../base/index.ts'
import { binaryCrossEntropy, crossEntropy } from '../losses/cross-entropy.ts'
import type { Loss } from '../losses/loss.ts'
import { meanSquaredError } from '../losses/regression.ts'
import { brainCnn } from '../models/brain-cnn.ts'
import { logisticRegression, mlp } from '../models/mlp.ts'
import { tanh } from '../ops/elementwise.ts'
import { flatten } from '../ops/structure.ts'
import { convolution, convolutionParameters } from '../layers/convolution.ts'
import { dense, denseParameters } from '../layers/dense.ts'
import { parameters } from '../layers/initialiser.ts'
import { batchNormalisation, batchNormParameters, groupNormalisation, layerNormalisation, normParameters } from '../layers/normalisation.ts'
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

/** Every kind of layer that has gradients of single samples; batch norm has none. */
const smallCnn = (norm: 'batch' | 'group' = 'group'): Model => ({
  name: `smallCnn(${norm})`,
  input: [1, 6, 6],
  output: [2],
  ...parameters([
    ...convolutionParameters('conv', { inputs: 1, outputs: 4, kernel: 3 }),
    ...(norm === 'group' ? normParameters('norm', 4) : batchNormParameters('norm', 4)),
    ...convolutionParameters('grouped', { inputs: 4, outputs: 4, kernel: 3, groups: 2, bias: false }),
    ...normParameters('layer', 16),
    ...denseParameters('fc', 16, 2),
  ]),
  forward: (_graph, params, x, mode) => {
    const h = convolution(params, 'conv', x)
    const normed = norm === 'group' ? groupNormalisation(params, 'norm', h, 2) : batchNormalisation(params, 'norm', h, mode)
    return dense(
      params,
      'fc',
      layerNormalisation(params, 'layer', flatten(convolution(params, 'grouped', tanh(normed), { groups: 2, bias: false }))),
    )
  },
})

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

  test('per-sample clipping is what a loop over single rows does, with noise and denominator', () =>
    withEngine(async (engine) => {
      const model = smallCnn()
      const trainer = await engine.trainer(model, crossEntropy, sgd())
      const start = trainer.start(model.init(seed(10)))
      const data = { ...cloud(7, 36), inputShape: [1, 6, 6] }
      const one = (rows: readonly number[], weights = rows.map(() => 1)) => ({
        steps: 1,
        batch: rows.length,
        indices: Int32Array.from(rows),
        weights: Float32Array.from(weights),
      })
      const gradientOf = async (row: number): Promise<Float32Array> => {
        const { state } = await trainer.epoch(start, data, one([row]), { learningRate: 1 })
        return start.params.values.map((value, i) => value - (state.params.values[i] ?? 0))
      }
      const clip = 1.8
      const noise = Float32Array.from(start.params.values, (_, i) => (i % 5) - 2)
      const wanted = Float64Array.from(noise)
      const lengths: number[] = []
      for (const row of [0, 1, 2, 3, 4, 5]) {
        const gradient = await gradientOf(row)
        const length = Math.hypot(...gradient)
        lengths.push(length)
        for (const [i, value] of gradient.entries()) wanted[i] = (wanted[i] ?? 0) + value * Math.min(1, clip / length)
      }
      // the case is of use only if some rows are clipped and some are not
      expect(Math.min(...lengths)).toBeLessThan(clip)
      expect(Math.max(...lengths)).toBeGreaterThan(clip)
      const perSample = { clip, denominator: 8, noise }
      const rows = one([0, 1, 2, 3, 4, 5, 6], [1, 1, 1, 1, 1, 1, 0])
      const { state } = await trainer.epoch(start, data, rows, { learningRate: 1, perSample })
      const expected = start.params.values.map((value, i) => value - (wanted[i] ?? 0) / 8)
      expect(largestGap(state.params.values, expected)).toBeLessThan(2e-6)
      // an empty batch takes a step of noise alone, and no noise is none
      const empty = await trainer.epoch(start, data, one([0, 0], [0, 0]), { learningRate: 1, perSample })
      expect(
        largestGap(
          empty.state.params.values,
          start.params.values.map((value, i) => value - (noise[i] ?? 0) / 8),
        ),
      ).toBeLessThan(1e-6)
      const wide = await trainer.epoch(start, data, one([0, 1]), { learningRate: 1, perSample: { clip: 1e6 } })
      const plain = await trainer.epoch(start, data, one([0, 1]), { learningRate: 1 })
      expect(largestGap(wide.state.params.values, plain.state.params.values)).toBeLessThan(2e-6)
      const mixing = await engine.trainer(smallCnn('batch'), crossEntropy, sgd())
      const mixed = mixing.start(smallCnn('batch').init(seed(1)))
      expect(await code(mixing.epoch(mixed, data, one([0, 1]), { learningRate: 1, perSample: { clip } }))).toBe('per-sample')
      expect(await code(trainer.epoch(start, data, one([0]), { learningRate: 1, perSample: { clip: 0 } }))).toBe('hyper')
    }))

  test('dropout comes from the seed, and not without one', () =>
    withEngine(async (engine) => {
      const model = brainCnn({ height: 21, width: 21, padding: 2, hidden: 8, classes: 2, dropout: 0.5 })
      const trainer = await engine.trainer(model, crossEntropy, sgd())
      const start = trainer.start(model.init(seed(11)))
      const data = { ...cloud(4, 441), inputShape: [1, 21, 21] }
      const order = batchOrder({ rows: 4, batch: 4, steps: 2 }, seed(1))
      const losses = async (hyper: Hyper): Promise<Float32Array> => (await trainer.epoch(start, data, order, hyper)).losses
      expect(await losses({ learningRate: 0.1, seed: seed(1) })).toEqual(await losses({ learningRate: 0.1, seed: seed(1) }))
      expect(await losses({ learningRate: 0.1, seed: seed(1) })).not.toEqual(await losses({ learningRate: 0.1, seed: seed(2) }))
      expect(await code(losses({ learningRate: 0.1 }))).toBe('hyper')
      const reference = await referenceEngine().trainer(model, crossEntropy, sgd())
      const wanted = await reference.epoch(start, data, order, { learningRate: 0.1, seed: seed(1) })
      expect(largestGap(await losses({ learningRate: 0.1, seed: seed(1) }), wanted.losses)).toBeLessThan(2e-6)
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
