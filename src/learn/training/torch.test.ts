// Ten steps against PyTorch in float64 (tools/golden/learn.py), on both engines.
import { afterAll, describe, expect, test } from 'vitest'
import golden from '../../../tools/golden/learn.json' with { type: 'json' }
import { nativeEngine } from '../engines/native/index.ts'
import { evaluate } from '../engines/reference/evaluate.ts'
import { evaluations } from '../engines/reference/evaluations.ts'
import { referenceEngine } from '../engines/reference/index.ts'
import type { Node } from '../graph/node.ts'
import { binaryCrossEntropy, crossEntropy, crossEntropyWith } from '../losses/cross-entropy.ts'
import type { Loss } from '../losses/loss.ts'
import { meanSquaredError, smoothL1 } from '../losses/regression.ts'
import { mlp } from '../models/mlp.ts'
import type { Model } from '../models/model.ts'
import { adagrad, adam, adamax, adamw, rmsprop, sgd } from '../optimisers/named.ts'
import type { Optimiser } from '../optimisers/optimiser.ts'
import { trainingStep } from './step.ts'

interface Set {
  readonly model: Model
  readonly loss: Loss
  readonly optimiser: Optimiser
  readonly learningRate: number
  readonly target: readonly number[]
}

const classes = { model: mlp({ inputs: 5, hidden: [7, 4], outputs: 3 }), loss: crossEntropy, target: [] }
const sets: Readonly<Record<string, Set>> = {
  sgd: { ...classes, optimiser: sgd(), learningRate: 0.1 },
  'sgd momentum decay': { ...classes, optimiser: sgd({ momentum: 0.9, weightDecay: 0.01 }), learningRate: 0.05 },
  'sgd nesterov': { ...classes, optimiser: sgd({ momentum: 0.9, nesterov: true }), learningRate: 0.05 },
  adam: { ...classes, optimiser: adam(), learningRate: 0.01 },
  adamw: { ...classes, optimiser: adamw({ weightDecay: 0.1 }), learningRate: 0.01 },
  adamax: { ...classes, optimiser: adamax({ weightDecay: 0.1 }), learningRate: 0.01 },
  adagrad: { ...classes, optimiser: adagrad(), learningRate: 0.02 },
  rmsprop: { ...classes, optimiser: rmsprop(), learningRate: 0.001 },
  'rmsprop momentum': { ...classes, optimiser: rmsprop({ alpha: 0.9, momentum: 0.8, weightDecay: 0.01 }), learningRate: 0.0005 },
  'smooth L1': {
    model: mlp({ inputs: 5, hidden: [6], outputs: 2 }),
    loss: smoothL1({ beta: 0.5 }),
    optimiser: sgd(),
    learningRate: 0.1,
    target: [2],
  },
  'label smoothing': { ...classes, loss: crossEntropyWith({ labelSmoothing: 0.2 }), optimiser: sgd(), learningRate: 0.1 },
  'adam decay': { ...classes, optimiser: adam({ beta1: 0.8, beta2: 0.95, epsilon: 1e-6, weightDecay: 0.1 }), learningRate: 0.01 },
  'one logit': {
    model: mlp({ inputs: 5, hidden: [], outputs: 1 }),
    loss: binaryCrossEntropy,
    optimiser: sgd(),
    learningRate: 0.1,
    target: [1],
  },
  'squared error': {
    model: mlp({ inputs: 5, hidden: [6], outputs: 2 }),
    loss: meanSquaredError,
    optimiser: sgd(),
    learningRate: 0.1,
    target: [2],
  },
}

const rows = 12
const order = (steps: number) => ({
  steps,
  batch: rows,
  indices: Int32Array.from({ length: steps * rows }, (_, i) => i % rows),
  weights: new Float32Array(steps * rows).fill(1),
})

const gap = (a: ArrayLike<number>, b: readonly number[]): number =>
  b.reduce((worst, value, i) => Math.max(worst, Math.abs(value - (a[i] ?? Number.NaN))), 0)

const engines = [nativeEngine(), referenceEngine()]
afterAll(async () => {
  for (const engine of engines) await engine.close()
})

describe.each(golden.cases)('$name', ({ name, names, shapes, first, inputs, targets, losses, gradient, last, spread }) => {
  const set = sets[name]
  if (set === undefined) throw new RangeError(`no case ${name}`)
  const { model, loss, optimiser, learningRate, target } = set
  const data = { rows, inputShape: [5], inputs: Float32Array.from(inputs), targets: Float32Array.from(targets), targetShape: target }

  test('names and shapes are those of the state_dict', () => {
    expect(model.layout.entries.map((entry) => entry.name)).toEqual(names)
    expect(model.layout.entries.map((entry) => entry.shape)).toEqual(shapes)
  })

  test('the gradient is that of PyTorch to the last digits', () => {
    const step = trainingStep(model, loss, optimiser, {
      batch: rows,
      target,
      proximal: false,
      correction: false,
      weightDecay: false,
      perSample: false,
      noise: false,
    })
    const given = new Map<Node, Float64Array>([
      [step.x, Float64Array.from(inputs)],
      [step.y, Float64Array.from(targets)],
      [step.weights, new Float64Array(rows).fill(1 / rows)],
    ])
    for (const [i, { offset, size }] of model.layout.entries.entries()) {
      const node = step.tensors[i]
      if (node !== undefined) given.set(node, Float64Array.from(first.slice(offset, offset + size)))
    }
    const nodes = step.gradients.filter((node) => node !== undefined)
    expect(nodes.length).toBe(names.length)
    const found = evaluate(evaluations, nodes, given).flatMap((values) => [...values])
    expect(gap(found, gradient)).toBeLessThan(1e-14)
  })

  test.each(engines.map((engine) => [engine.name, engine] as const))('losses and weights of ten steps on %s', async (_name, engine) => {
    const trainer = await engine.trainer(model, loss, optimiser)
    const start = trainer.start({ layout: model.layout, values: Float32Array.from(first) })
    const end = await trainer.epoch(start, data, order(10), { learningRate })
    // float32 holds a loss of about 1 to 6e-8; beyond, no farther off than twice PyTorch's own float32
    expect(gap(end.losses, losses)).toBeLessThan(2 * spread.loss + 1.2e-7)
    expect(gap(end.state.params.values, last)).toBeLessThan(2 * spread.last + 1.2e-7)
  })
})
