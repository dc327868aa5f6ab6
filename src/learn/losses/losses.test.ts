// Losses that PyTorch does not have, against their formulas; the others are in training/torch.test.ts.
import { expect, test } from 'vitest'
import { seed } from '../../base/index.ts'
import { evaluate } from '../engines/reference/evaluate.ts'
import { evaluations } from '../engines/reference/evaluations.ts'
import { gradients } from '../graph/gradient.ts'
import { graph } from '../graph/graph.ts'
import type { Node } from '../graph/node.ts'
import { sizeOf } from '../graph/shape.ts'
import { binaryCrossEntropy, binaryCrossEntropyWith, crossEntropy, crossEntropyWith, shareCrossEntropy } from './cross-entropy.ts'
import type { Loss } from './loss.ts'
import { coxPartialLikelihood, hinge, smoothL1 } from './regression.ts'

interface Result {
  readonly rows: readonly number[]
  /** Gradient of Σ weight·row loss. */
  readonly gradient: readonly number[]
}

const run = (
  loss: Loss,
  outputs: readonly number[][],
  targets: readonly number[][],
  weights: readonly number[] = outputs.map(() => 1),
): Result => {
  const g = graph()
  const output = g.input('output', [outputs.length, outputs[0]?.length ?? 0])
  const target = g.input('target', [targets.length, targets[0]?.length ?? 0])
  const weight = g.input('weights', [outputs.length])
  const rows = loss.rows(output, target, weight)
  const [gradient] = gradients(rows, [output], weight)
  const given = new Map<Node, Float64Array>([
    [output, Float64Array.from(outputs.flat())],
    [target, Float64Array.from(targets.flat())],
    [weight, Float64Array.from(weights)],
  ])
  const [values = [], slopes = []] = evaluate(evaluations, [rows, gradient as Node], given).map((each) => [...each])
  expect(values.length).toBe(outputs.length)
  expect(slopes.length).toBe(sizeOf(output.shape))
  return { rows: values, gradient: slopes }
}

const close = (found: readonly number[], wanted: readonly number[]): void => {
  expect(found.length).toBe(wanted.length)
  for (const [i, value] of wanted.entries()) expect(found[i]).toBeCloseTo(value, 10)
}

const random = seed('losses').random()
const logits = Array.from({ length: 6 }, () => Array.from({ length: 4 }, random.normal))
const labels = [[0], [1], [3], [1], [0], [3]]

test('cross-entropy of shares: whole shares are classes, halves the mean of two; one logit stands for two', () => {
  const whole = (k: number) => [0, 1, 2, 3].map((each) => (each === k ? 1 : 0))
  const classes = run(crossEntropy, logits, labels)
  const shares = run(
    shareCrossEntropy,
    logits,
    labels.map(([k = 0]) => whole(k)),
  )
  close(shares.rows, classes.rows)
  close(shares.gradient, classes.gradient)
  const half = run(shareCrossEntropy, [[0.3, -1, 2, 0]], [[0.5, 0.5, 0, 0]])
  const [first, second] = [0, 1].map((k) => run(crossEntropy, [[0.3, -1, 2, 0]], [[k]]).rows[0] ?? 0)
  close(half.rows, [((first ?? 0) + (second ?? 0)) / 2])
  close(run(shareCrossEntropy, [[0.7]], [[0.25, 0.75]]).rows, run(binaryCrossEntropy, [[0.7]], [[0.75]]).rows)
})

test('restricted softmax is the softmax over the classes that are there; the others take no gradient', () => {
  const restricted = run(crossEntropyWith({ present: [0, 1, 3] }), logits, labels)
  const narrow = run(
    crossEntropy,
    logits.map(([a = 0, b = 0, , d = 0]) => [a, b, d]),
    labels.map(([k = 0]) => [k === 3 ? 2 : k]),
  )
  close(restricted.rows, narrow.rows)
  for (let i = 0; i < 6; i++) expect(restricted.gradient[4 * i + 2]).toBe(0)
  expect(restricted.gradient.filter((_, i) => i % 4 !== 2)).toEqual(expect.arrayContaining([narrow.gradient[0]]))
})

test('class weights are factors of the rows; without options it is cross-entropy', () => {
  const plain = run(crossEntropy, logits, labels)
  close(run(crossEntropyWith({}), logits, labels).rows, plain.rows)
  const weighted = run(crossEntropyWith({ classWeights: [1, 2, 3, 4] }), logits, labels)
  close(
    weighted.rows,
    plain.rows.map((row, i) => row * (1 + (labels[i]?.[0] ?? 0))),
  )
  // two classes of logits 0 and z, smoothed, are one logit z, smoothed
  const smoothing = { labelSmoothing: 0.2 }
  const [pairs, bits] = [
    [
      [0, 0.7],
      [0, -2],
    ],
    [[1], [0]],
  ]
  close(run(binaryCrossEntropyWith(smoothing), [[0.7], [-2]], bits).rows, run(crossEntropyWith(smoothing), pairs, bits).rows)
  expect(() => crossEntropyWith({ labelSmoothing: 1 })).toThrow('smoothing')
  expect(() => binaryCrossEntropyWith({ labelSmoothing: 1 })).toThrow('smoothing')
  expect(() => crossEntropyWith({ present: [] })).toThrow('one class')
})

test('hinge', () => {
  close(run(hinge, [[0.3], [2], [-0.5]], [[1], [1], [0]]).rows, [0.7, 0, 0.5])
  close(run(hinge, [[0.3], [2], [-0.5]], [[1], [1], [0]]).gradient, [-1, 0, 1])
})

test('smooth L1 of classes compares probabilities with 0 and 1', () => {
  const { rows } = run(smoothL1({ ofClasses: true }), [[0, 0]], [[1]])
  close(rows, [0.125])
})

const times = [3, 1, 4, 2, 4, 6]
const events = [1, 1, 0, 1, 1, 1]
const hazards = times.map(() => random.normal())
const survival = times.map((time, i) => [time, events[i] ?? 0])

test('Cox: for each event, minus its share of the hazard among those still at risk', () => {
  const wanted = hazards.map((h, i) => {
    const risk = hazards.reduce((sum, other, j) => sum + ((times[j] ?? 0) >= (times[i] ?? 0) ? Math.exp(other) : 0), 0)
    return events[i] === 1 ? Math.log(risk) - h : 0
  })
  const found = run(
    coxPartialLikelihood,
    hazards.map((h) => [h]),
    survival,
  )
  close(found.rows, wanted)
  const shifted = (k: number, by: number): number =>
    run(
      coxPartialLikelihood,
      hazards.map((h, i) => [i === k ? h + by : h]),
      survival,
    ).rows.reduce((sum, row) => sum + row, 0)
  close(
    found.gradient.map((slope) => Math.round(slope * 1e6) / 1e6),
    hazards.map((_, k) => Math.round(((shifted(k, 1e-5) - shifted(k, -1e-5)) / 2e-5) * 1e6) / 1e6),
  )
})

test('Cox: padding is in no risk set', () => {
  const bare = run(
    coxPartialLikelihood,
    hazards.map((h) => [h]),
    survival,
  )
  const padded = run(coxPartialLikelihood, [...hazards.map((h) => [h]), [3], [3]], [...survival, [9, 1], [9, 1]], [1, 1, 1, 1, 1, 1, 0, 0])
  close(padded.rows.slice(0, 6), bare.rows)
  close(padded.gradient, [...bare.gradient, 0, 0])
})
