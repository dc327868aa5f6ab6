// Remedies of label skew: formulas by hand, the plain loss where nothing is missing, and a federation of one-class sites that plain averaging cannot teach.
import { expect, test } from 'vitest'
import { seed } from '../base/index.ts'
import { balancedOrder, crossEntropy, logisticRegression, sgd } from '../learn/index.ts'
import { referenceEngine } from '../learn/engines/reference/index.ts'
import { adjustment, trainingSite } from './label-skew.ts'
import { learnerOf, lossOf } from './learner.ts'
import { fitPreparation } from './preparation.ts'
import { runSpecSchema } from './run-spec.ts'
import { epochOver } from './training-rows.ts'

const restricted = { kind: 'restricted', missing: 'out' } as const

test('FedRS and FedLC: factors and shifts by hand', () => {
  expect(adjustment({ kind: 'restricted', missing: 0.5 }, [3, 0, 7])).toEqual({ factors: [1, 0.5, 1], shifts: [0, 0, 0] })
  expect(adjustment(restricted, [3, 0, 7])).toEqual({ factors: [1, 1, 1], shifts: [0, -1e30, 0] })
  // 16^(−1/4) = 1/2, 81^(−1/4) = 1/3
  const { factors, shifts } = adjustment({ kind: 'calibrated', tau: 3 }, [16, 81, 0])
  expect(factors).toEqual([1, 1, 1])
  for (const [k, wanted] of [-1.5, -1, -1e30].entries()) expect(shifts[k]).toBeCloseTo(wanted, 12)
})

const rows = 12
const model = logisticRegression({ inputs: 2, outputs: 3 })
const train = (classes: readonly number[]) => ({
  rows,
  inputs: Float32Array.from({ length: 2 * rows }, (_, i) => Math.sin(3 * i)),
  inputShape: [2],
  targets: Float32Array.from({ length: rows }, (_, i) => classes[i % classes.length]!),
  targetShape: [],
})
const order = { steps: 1, batch: rows, indices: Int32Array.from({ length: rows }, (_, i) => i), weights: new Float32Array(rows).fill(1) }

/** Loss and parameters after one step on all rows. */
const step = async (loss: Parameters<typeof trainingSite>[1]['loss'], classes: readonly number[]) => {
  const trainer = await referenceEngine().trainer(model, lossOf(loss, crossEntropy, 'softmax'), sgd({}))
  const site = trainingSite(train(classes), { loss, sampling: 'shuffled' }, 3)
  const { state, losses } = await epochOver(trainer, trainer.start(model.init(seed(1))), site.train, order, { learningRate: 0.5 }, seed(2))
  return { values: state.params.values, loss: losses[0]! }
}

test('one step of each loss, by hand', async () => {
  const { values } = model.init(seed(1))
  const { inputs, targets } = train([0, 2])
  const logits = Array.from({ length: rows }, (_, r) =>
    [0, 1, 2].map((k) => values[2 * k]! * inputs[2 * r]! + values[2 * k + 1]! * inputs[2 * r + 1]! + values[6 + k]!),
  )
  const meanLoss = (adjusted: (z: readonly number[]) => readonly number[]): number =>
    logits.reduce((sum, z, r) => {
      const exps = adjusted(z).map(Math.exp)
      return sum - Math.log(exps[targets[r]!]! / exps.reduce((all, each) => all + each, 0)) / rows
    }, 0)
  const half = await step({ kind: 'restricted', missing: 0.5 }, [0, 2])
  expect(half.loss).toBeCloseTo(
    meanLoss(([a = 0, b = 0, c = 0]) => [a, b / 2, c]),
    6,
  )
  const out = await step(restricted, [0, 2])
  expect(out.loss).toBeCloseTo(
    meanLoss(([a = 0, , c = 0]) => [a, Number.NEGATIVE_INFINITY, c]),
    6,
  )
  // the class that is left out does not move
  for (const at of [2, 3, 7]) expect(out.values[at]).toBe(values[at])
  const uneven = await step({ kind: 'calibrated', tau: 2 }, [0, 1, 2, 2])
  const shifted = ([a = 0, b = 0, c = 0]: readonly number[]) => [a - 2 * 3 ** -0.25, b - 2 * 3 ** -0.25, c - 2 * 6 ** -0.25]
  const all = train([0, 1, 2, 2]).targets
  const wanted = logits.reduce((sum, z, r) => {
    const exps = shifted(z).map(Math.exp)
    return sum - Math.log(exps[all[r]!]! / exps.reduce((total, each) => total + each, 0)) / rows
  }, 0)
  expect(uneven.loss).toBeCloseTo(wanted, 6)
})

test.each([restricted, { kind: 'restricted', missing: 0 }, { kind: 'calibrated', tau: 0 }] as const)(
  'with all classes there, or tau 0, %o is the plain loss bit for bit',
  async (loss) => {
    expect(await step(loss, [0, 1, 2])).toEqual(await step({ kind: 'plain' }, [0, 1, 2]))
  },
)

test('a smoothed step, by hand; smoothed by nothing it is the plain one', async () => {
  const { values } = model.init(seed(1))
  const { inputs, targets } = train([0, 2])
  const rowLosses = Array.from({ length: rows }, (_, r) => {
    const exps = [0, 1, 2].map((k) => Math.exp(values[2 * k]! * inputs[2 * r]! + values[2 * k + 1]! * inputs[2 * r + 1]! + values[6 + k]!))
    const total = exps.reduce((sum, each) => sum + each, 0)
    return exps.reduce((sum, each, k) => sum - ((k === targets[r] ? 0.7 : 0) + 0.1) * Math.log(each / total), 0)
  })
  const mean = rowLosses.reduce((sum, loss) => sum + loss, 0) / rows
  expect((await step({ kind: 'smoothed', share: 0.3 }, [0, 2])).loss).toBeCloseTo(mean, 6)
  const [none, plain] = [await step({ kind: 'smoothed', share: 0 }, [0, 2]), await step({ kind: 'plain' }, [0, 2])]
  expect(none.loss).toBeCloseTo(plain.loss, 6)
})

test('missing 1 and tau 0 are the plain loss for any site', async () => {
  const plain = await step({ kind: 'plain' }, [1])
  expect(await step({ kind: 'restricted', missing: 1 }, [1])).toEqual(plain)
  expect(await step({ kind: 'calibrated', tau: 0 }, [1])).toEqual(plain)
  expect((await step({ kind: 'restricted', missing: 0.5 }, [1])).loss).not.toBe(plain.loss)
})

test('balanced batches: classes in turn, rows of a class in turn, every row once where classes are of one size', () => {
  const classes = [2, 0, 0, 2, 0, 0, 2, 0, 0]
  const { steps, indices, weights } = balancedOrder({ classes, batch: 4, epochs: 2 }, seed(1))
  expect(steps).toBe(6)
  expect(weights.reduce((sum, each) => sum + each, 0)).toBe(18)
  const taken = [...indices].filter((_, i) => weights[i] === 1)
  for (let i = 0; i < 18; i += 2) expect(new Set([classes[taken[i]!], classes[taken[i + 1]!]])).toEqual(new Set([0, 2]))
  expect(new Set(taken.filter((row) => classes[row] === 2).slice(0, 3)).size).toBe(3)
  const even = balancedOrder({ classes: [0, 1, 2, 0, 1, 2], batch: 6, epochs: 1 }, seed(2))
  expect([...even.indices].sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5])
  expect(() => balancedOrder({ classes: [0.5], batch: 1, epochs: 1 }, seed(1))).toThrow('class of each row')
})

test('a number to predict has no classes to balance', () => {
  const { preprocessing, model: choice, local } = runSpecSchema.parse({ task: 'iris', local: { sampling: 'balanced' } })
  const schema = { features: [{ kind: 'numeric', name: 'x' }], label: { kind: 'numeric', name: 'y' } } as const
  const fitted = fitPreparation(
    schema,
    [0, 1].map(() => ({ kind: 'numeric', count: 2, mean: 0, variance: 1, minimum: -1, maximum: 1 }) as never),
    preprocessing,
  )
  expect(() => learnerOf({ model: choice, local }, fitted)).toThrow(expect.objectContaining({ code: 'learner-classes' }))
})
