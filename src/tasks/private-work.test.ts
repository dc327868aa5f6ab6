import { afterAll, expect, test } from 'vitest'
import { csprng, seed } from '../base/index.ts'
import { referenceEngine } from '../learn/engines/reference/index.ts'
import { type Batchable, logisticRegression, meanSquaredError, sgd } from '../learn/index.ts'
import { type SampledGaussian, sampledGaussian } from '../privacy/index.ts'
import { type PrivateSteps, privateWork } from './private-work.ts'

const engine = referenceEngine()
afterAll(() => engine.close())
const model = logisticRegression({ inputs: 2, outputs: 1, zero: true })
const trainer = await engine.trainer(model, meanSquaredError, sgd())
const optimiser = { name: 'sgd', learningRate: 1, momentum: 0 } as const

/** Rows `[x₀, x₁, y]`. */
const rowsOf = (...rows: readonly (readonly number[])[]): Batchable => ({
  rows: rows.length,
  inputShape: [2],
  inputs: Float32Array.from(rows.flatMap((row) => row.slice(0, 2))),
  targets: Float32Array.from(rows.map((row) => row[2] ?? 0)),
  targetShape: [1],
})
/** Draws as told, with next to no noise. */
const scripted = (samples: readonly (readonly number[])[], probability: number): SampledGaussian => {
  let next = 0
  const mechanism = sampledGaussian({ noiseMultiplier: 1e-9, probability })
  return { ...mechanism, sample: () => Uint32Array.from(samples[next++] ?? []) }
}
const play = async (train: Batchable, how: Partial<PrivateSteps>, patients?: readonly string[], numbers = {}) => {
  const mechanism = sampledGaussian({ noiseMultiplier: 1e-9, probability: 1 })
  const work = privateWork(trainer, model.layout, { optimiser }, { mechanism, clip: 1, steps: 1, unit: 'record', rng: csprng(), ...how })
  const node = {
    id: 'a',
    site: { train, ...(patients === undefined ? {} : { patients }) },
    seed: seed(1),
    basedOn: 1,
    signal: new AbortController().signal,
  }
  return work(node, { values: new Float32Array(model.layout.size), numbers, vectors: {} })
}
const length = (values: Float32Array) => Math.hypot(...values)

test('a record with a huge gradient moves the model no further than the bound, alone or among others', async () => {
  const calm = [1, 1, 0.001] as const
  const others = [calm, calm, calm]
  const without = await play(rowsOf(...others), {})
  const huge = await play(rowsOf([1e6, -1e6, 1e6], ...others), { mechanism: scripted([[0, 1, 2, 3]], 1), clip: 0.5 })
  // the sum of four is divided by the expected four: 0.5 / 4, and the little that the others add
  expect(length(huge.values)).toBeLessThan(0.5 / 4 + length(without.values))
  expect(length(huge.values)).toBeGreaterThan(0.5 / 4 - length(without.values))
})

test('an empty sample leaves the model where it was; what leaves is no loss', async () => {
  const trained = await play(rowsOf([1, 0, 1], [0, 1, 1]), { mechanism: scripted([[]], 0.01), steps: 1 })
  expect(length(trained.values)).toBeLessThan(1e-6)
  expect(trained).toMatchObject({ weight: 2, steps: 1 })
  expect(trained).not.toHaveProperty('loss')
})

test('the sum is divided by the expected size of the sample, not by its own', async () => {
  const rows = rowsOf(...Array.from({ length: 10 }, () => [1, 0, 10]))
  const [few, many] = [
    await play(rows, { mechanism: scripted([[3]], 0.5) }),
    await play(rows, { mechanism: scripted([[0, 1, 2, 3, 4, 5, 6]], 0.5) }),
  ]
  expect(length(few.values)).toBeCloseTo(1 / 5, 5)
  expect(length(many.values)).toBeCloseTo(7 / 5, 5)
})

test('noise of many steps adds up as planned', async () => {
  const mechanism = sampledGaussian({ noiseMultiplier: 2, probability: 0.5 })
  const moves = await Promise.all(
    Array.from({ length: 60 }, async () => (await play(rowsOf([0, 0, 0], [0, 0, 0]), { mechanism, clip: 3, steps: 40 })).values),
  )
  const square = moves.flatMap((values) => [...values]).reduce((sum, value) => sum + value * value, 0) / (60 * model.layout.size)
  // weights see noise only (their inputs are 0), the bias learns 0 from 0: N(0, 40 · 6²) over the expected one row; false alarm below 1e-8
  expect(Math.sqrt(square / 40) / 6).toBeGreaterThan(0.5)
  expect(Math.sqrt(square / 40) / 6).toBeLessThan(1.3)
})

test('a patient with many rows brings one of them', async () => {
  const rows = rowsOf(...Array.from({ length: 9 }, () => [1, 0, 100]), [0, 1, 100])
  const patients = [...Array.from({ length: 9 }, () => 'often'), 'once']
  const { values } = await play(rows, { unit: 'patient' }, patients)
  // two clipped gradients over two patients: along (1, 0, 1)/√2 and (0, 1, 1)/√2, whatever the rows
  expect(values[0]).toBeCloseTo(1 / Math.SQRT2 / 2, 5)
  expect(values[1]).toBeCloseTo(1 / Math.SQRT2 / 2, 5)
  await expect(play(rows, { unit: 'patient' })).rejects.toThrow(expect.objectContaining({ code: 'private-patients' }))
})

test('refuses a server that asks for other steps than were planned', async () => {
  await expect(play(rowsOf([1, 0, 1]), {}, undefined, { steps: 2 })).rejects.toThrow(expect.objectContaining({ code: 'private-steps' }))
})
