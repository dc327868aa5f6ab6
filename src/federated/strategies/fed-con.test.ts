import { expect, test } from 'vitest'
import { cappedShares } from '../folds/capped-mean.ts'
import { algorithm, type LocalWork } from '../strategy.ts'
import { masked } from '../sums/masked.ts'
import { plain } from '../sums/plain.ts'
import { fedCon, fedConRobust } from './fed-con.ts'
import { type Rows, regression, regressionLayout as layout, regressionSites } from './regression.test-support.ts'
import { train, trainedAlone } from './train.test-support.ts'

const sites = regressionSites([4, 30, 11])

test('round 1 is the mean weighted by 1/L, not a sum', async () => {
  const { model } = await train(algorithm(fedCon({ layout }), regression, plain()), { rounds: 1, sites })
  const done = await trainedAlone(sites)
  const total = done.reduce((sum, { loss }) => sum + 1 / loss!, 0)
  for (const [i, value] of model.entries())
    expect(value).toBeCloseTo(
      done.reduce((sum, { values, loss }) => sum + values[i]! / loss! / total, 0),
      3,
    )
})

test('contributions need only their sum: masks change no bit', async () => {
  const [hidden, open] = await Promise.all(
    [masked(), plain()].map((via) => train(algorithm(fedCon({ layout }), regression, via), { rounds: 4, sites })),
  )
  expect(hidden!.state).toEqual(open!.state)
})

/** Site 0 says that it fits perfectly, and sends nonsense. */
const liar: LocalWork<Rows> = async (node, model) => {
  const trained = await regression(node, model)
  return node.id === 'site0' ? { ...trained, values: trained.values.map(() => 100), loss: 1e-12 } : trained
}

test('a site that reports a loss of 1e-12 counts no more than the cap; without a cap it takes nearly all', async () => {
  const stated = await train(algorithm(fedCon({ layout }), liar, plain()), { rounds: 1, sites })
  expect(stated.model[0]).toBeGreaterThan(95)
  const { model, state } = await train(algorithm(fedConRobust({ layout, cap: 1.2 }), liar, plain()), { rounds: 1, sites })
  const honest = (await trainedAlone(sites)).slice(1)
  const inverse = honest.map(({ loss }) => 1 / loss!)
  // shares: 0.4 for the liar; the others share 0.6 by 1/L, each at most 0.4
  const first = Math.min(0.4, Math.max(0.2, (0.6 * inverse[0]!) / (inverse[0]! + inverse[1]!)))
  expect(model[0]).toBeCloseTo(0.4 * 100 + first * honest[0]!.values[0]! + (0.6 - first) * honest[1]!.values[0]!, 2)
  // the published sum is not the liar's either: honest sites do not see their contribution vanish
  expect(state.total).toBeLessThan(10 * (inverse[0]! + inverse[1]!))
})

test('cap 1 is the plain mean; no cap in reach, and it is FedCon', async () => {
  const even = await train(algorithm(fedConRobust({ layout, cap: 1 }), regression, plain()), { rounds: 1, sites })
  const done = await trainedAlone(sites)
  for (const [i, value] of even.model.entries())
    expect(value).toBeCloseTo(
      done.reduce((sum, { values }) => sum + values[i]! / 3, 0),
      5,
    )
  const free = await train(algorithm(fedConRobust({ layout, cap: 3 }), regression, plain()), { rounds: 3, sites })
  const stated = await train(algorithm(fedCon({ layout }), regression, plain()), { rounds: 3, sites })
  for (const [i, value] of free.model.entries()) expect(value).toBeCloseTo(stated.model[i]!, 5)
})

test.each([
  [[1, 1, 98], 0.5, [0.25, 0.25, 0.5]],
  [[1, 2, 3, 94], 0.4, [0.1, 0.2, 0.3, 0.4]],
  [[1, 1, 1, 97], 0.25, [0.25, 0.25, 0.25, 0.25]],
  [[1, 49, 50], 0.35, [0.3, 0.35, 0.35]],
])('shares of %j capped at %d', (weights, most, shares) => {
  for (const [k, share] of cappedShares(weights, most).entries()) expect(share).toBeCloseTo(shares[k]!, 12)
})
