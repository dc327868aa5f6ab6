import { expect, test } from 'vitest'
import { seed } from '../../base/index.ts'
import { binaryCrossEntropy, mlp, sgd } from '../../learn/index.ts'
import { referenceEngine } from '../../learn/engines/reference/index.ts'
import { confidences, likelihoodRatios, membership, type ShadowTraining, shadowConfidences } from './membership.ts'

/** Rows of noise with labels of noise: whoever fits them has learnt them by heart. */
const noise = (rows: number) => {
  const random = seed('membership').random()
  return {
    rows,
    inputShape: [20],
    inputs: Float32Array.from({ length: 20 * rows }, random.normal),
    targets: Float32Array.from({ length: rows }, () => Math.floor(2 * random.uniform())),
    targetShape: [],
  }
}

test('finds the rows that a model learnt by heart, and none of a model that learnt nothing', async () => {
  const data = noise(120)
  const candidates = { rows: data, members: 60 }
  const engine = referenceEngine()
  const model = mlp({ inputs: 20, hidden: [32], outputs: 1 })
  const training: ShadowTraining = {
    shadows: 4,
    trainer: await engine.trainer(model, binaryCrossEntropy, sgd()),
    predictor: await engine.predictor(model, 'sigmoid'),
    kind: 'sigmoid',
    start: model.init,
    batch: 10,
    learningRate: 0.5,
    passes: 25,
    seed: seed(1),
  }
  const shadows = await shadowConfidences(candidates, training)
  for (const { had } of shadows) expect(had.reduce((sum, one) => sum + one, 0)).toBe(60)
  const trainedOn = async (passes: number) => {
    // the first sixty rows
    const own = { ...data, rows: 60, inputs: data.inputs.slice(0, 1200), targets: data.targets.slice(0, 60) }
    let params = model.init(seed(9))
    const order = { steps: 6, batch: 10, indices: Int32Array.from({ length: 60 }, (_, i) => i), weights: new Float32Array(60).fill(1) }
    for (let pass = 0; pass < passes; pass += 1)
      params = (await training.trainer.epoch(training.trainer.start(params), own, order, { learningRate: 0.5 })).state.params
    const outputs = await training.predictor.predict(params, data.inputs, data.rows)
    return membership(confidences(outputs, data, 'sigmoid'), candidates, shadows)
  }
  const learnt = await trainedOn(25)
  expect(learnt.byLoss.interval!.low).toBeGreaterThan(0.7)
  expect(learnt.byReference.interval!.low).toBeGreaterThan(0.7)
  // no row was seen: an area of ½ within its interval of 99.99 % (fixed seeds, so this does not flicker)
  const blank = await trainedOn(0)
  for (const { area } of [blank.byLoss, blank.byReference]) expect(Math.abs(area - 0.5)).toBeLessThan(0.2)
})

test('confidences of each kind of output', () => {
  const two = { rows: 2, inputShape: [1], inputs: new Float32Array(2), targets: Float32Array.of(1, 0), targetShape: [] }
  expect(confidences(Float32Array.of(0.75, 0.25), two, 'sigmoid')[0]).toBeCloseTo(Math.log(3), 5)
  expect(confidences(Float32Array.of(0.75, 0.25), two, 'sigmoid')[1]).toBeCloseTo(Math.log(3), 5)
  expect(confidences(Float32Array.of(0.5, 0.25, 0.25, 0.5, 0.5, 0), two, 'softmax')[0]).toBeCloseTo(Math.log(1 / 3), 5)
  // a probability of 1 has no infinite confidence
  expect(confidences(Float32Array.of(1, 1), two, 'sigmoid').every(Number.isFinite)).toBe(true)
  const close = confidences(Float32Array.of(1.001, 0.5), two, 'identity')
  expect(close[0]).toBeGreaterThan(close[1]!)
})

test('a row that all models are sure of tells nothing; one that only those are sure of that had it tells much', () => {
  const shadows = [1, 0].map((had) => ({ confidences: Float64Array.of(3 + 0.1 * had, had * 2), had: Uint8Array.of(had, had) }))
  const [easy, telling] = likelihoodRatios(Float64Array.of(3.05, 2), [...shadows, ...shadows])
  expect(Math.abs(easy!)).toBeLessThan(1)
  expect(telling).toBeGreaterThan(10)
})
