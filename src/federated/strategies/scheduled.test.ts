// A server's optimiser whose rate goes its own way through the rounds.
import { expect, test } from 'vitest'
import { algorithm, type LinearStrategy } from '../strategy.ts'
import { plain } from '../sums/plain.ts'
import { fedAdam, fedAvgM } from './fed-opt.ts'
import { regression, regressionLayout as layout, regressionSites, regressionStart } from './regression.test-support.ts'
import { scheduled } from './scheduled.ts'
import { train } from './train.test-support.ts'

const sites = regressionSites([4, 30, 11])
const modelsOf = async <S, U, Acc, R>(strategy: LinearStrategy<S, U, Acc, R>, rounds = 5) =>
  (await train(algorithm(strategy, regression, plain()), { rounds, sites })).models
const near = (a: Float32Array, b: Float32Array): void => {
  for (const [i, value] of a.entries()) expect(value).toBeCloseTo(b[i]!, 5)
}

test.each([
  ['fedAvgM', (learningRate: number) => fedAvgM({ layout, learningRate, momentum: 0.5 })],
  ['fedAdam', (learningRate: number) => fedAdam({ layout, learningRate })],
])('%s at half its rate all the time is the one of half the rate', async (_, optimiser) => {
  const [halved, half, whole] = [
    await modelsOf(scheduled(optimiser(0.1), () => 0.5)),
    await modelsOf(optimiser(0.05)),
    await modelsOf(optimiser(0.1)),
  ]
  for (const [round, model] of halved.entries()) near(model, half[round]!)
  expect(Math.abs(halved.at(-1)![0]! - whole.at(-1)![0]!)).toBeGreaterThan(0.01)
})

test('rounds are counted from 1, through the bytes of the state; at rate 0 nothing moves', async () => {
  const asked: number[] = []
  const models = await modelsOf(
    scheduled(fedAvgM({ layout, learningRate: 1, momentum: 0.9 }), (round) => {
      asked.push(round)
      return round > 3 ? 0 : 1
    }),
  )
  expect(asked).toEqual([1, 2, 3, 4, 5])
  expect(models[0]).not.toEqual(regressionStart.values)
  expect(models[3]).toEqual(models[2])
  expect(models[4]).toEqual(models[2])
})
