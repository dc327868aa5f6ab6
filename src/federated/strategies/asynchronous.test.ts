// Asynchronous rounds: FedAvg where nobody is late, weights by age by hand, masks, and states that only a counted site changes. Values round by round: golden.test.ts.
import { expect, test } from 'vitest'
import { algorithm } from '../strategy.ts'
import { masked } from '../sums/masked.ts'
import { plain } from '../sums/plain.ts'
import { asynchronous } from './asynchronous.ts'
import { fedAsync, stalenessWeight } from './fed-async.ts'
import { fedBuff } from './fed-buff.ts'
import { reptile } from './meta.ts'
import { regression, regressionLayout as layout, regressionSites, regressionStart } from './regression.test-support.ts'
import { train, trainedAlone } from './train.test-support.ts'

const sites = regressionSites([4, 30, 11])
const turns = (round: number) => [`site${(round - 1) % 3}`]

test('with everybody in every window FedBuff is FedAvg with sites counting alike (Reptile at rate 1), bit for bit', async () => {
  const together = await train(asynchronous(fedBuff({ layout }), regression, plain()), { rounds: 5, sites })
  const reference = await train(algorithm(reptile({ layout, rate: 1 }), regression, plain()), { rounds: 5, sites })
  expect(together.models).toEqual(reference.models)
  expect(together.loss).toBe(reference.loss)
})

test('with everybody in every window and a mixing of 1 FedAsync is the mean of the models', async () => {
  const all = fedAsync({ layout, mixing: 1, staleness: { kind: 'constant' } })
  const { model } = await train(asynchronous(all, regression, plain()), { rounds: 1, sites })
  const alone = await trainedAlone(sites)
  for (const [i, value] of model.entries())
    expect(value).toBeCloseTo(
      alone.reduce((sum, { values }) => sum + values[i]! / 3, 0),
      5,
    )
})

test('an update two rounds old counts 1/√3, and starts from the model that its site holds', async () => {
  const { models, locals } = await train(asynchronous(fedBuff({ layout }), regression, plain()), { rounds: 3, sites, cohort: turns })
  const [, , third] = await trainedAlone(sites)
  for (const [i, value] of models[2]!.entries())
    expect(value).toBeCloseTo(models[1]![i]! + (third!.values[i]! - regressionStart.values[i]!) / Math.sqrt(3), 5)
  expect(Object.values(locals).map(({ version }) => version)).toEqual([1, 2, 3])
  expect(locals['site1']!.values).toEqual(models[1])
})

test('FedAsync alone: (1 − αs)·w + αs·new, by hand', async () => {
  const it = fedAsync({ layout, mixing: 0.5, staleness: { kind: 'polynomial', a: 1 } })
  const { models } = await train(asynchronous(it, regression, plain()), { rounds: 2, sites, cohort: turns })
  const [first, second] = await trainedAlone(sites)
  for (const [i, w] of regressionStart.values.entries()) {
    const one = 0.5 * w + 0.5 * first!.values[i]!
    expect(models[0]![i]).toBeCloseTo(one, 5)
    // one round old: s = 1/2
    expect(models[1]![i]).toBeCloseTo(0.75 * one + 0.25 * second!.values[i]!, 5)
  }
})

test('weights by age: constant, polynomial, hinge', () => {
  expect(stalenessWeight({ kind: 'constant' }, 7)).toBe(1)
  expect(stalenessWeight({ kind: 'polynomial', a: 0.5 }, 3)).toBe(0.5)
  expect([4, 5, 6].map((age) => stalenessWeight({ kind: 'hinge', a: 10, b: 4 }, age))).toEqual([1, 1 / 11, 1 / 21])
})

test('masks change no bit', async () => {
  for (const it of [fedBuff({ layout }), fedAsync({ layout, mixing: 0.6, staleness: { kind: 'polynomial', a: 0.5 } })])
    expect((await train(asynchronous(it, regression, masked()), { rounds: 3, sites })).state).toEqual(
      (await train(asynchronous(it, regression, plain()), { rounds: 3, sites })).state,
    )
})

test.each([
  () => fedBuff({ layout, serverRate: 0 }),
  () => fedBuff({ layout, exponent: -1 }),
  () => fedAsync({ layout, mixing: 2, staleness: { kind: 'constant' } }),
])('refuses what does not fit', (make) => {
  expect(make).toThrow(expect.objectContaining({ code: 'strategy-option' }))
})
