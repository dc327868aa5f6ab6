import { expect, test } from 'vitest'
import { algorithm, type LocalWork } from '../strategy.ts'
import { plain } from '../sums/plain.ts'
import { fedAvg } from './fed-avg.ts'
import { type Rows, regression, regressionLayout as layout, regressionSites } from './regression.test-support.ts'
import { fedMedian } from './robust.ts'
import { train } from './train.test-support.ts'

// five sites that agree, and two that push the other way
const alike = regressionSites([30])['site0']!
const sites = Object.fromEntries(['a', 'b', 'c', 'd', 'e', 'x', 'y'].map((id) => [id, alike]))
const attacked: LocalWork<Rows> = async (node, model) => {
  const trained = await regression(node, model)
  return node.id < 'x'
    ? trained
    : { ...trained, values: trained.values.map((value, i) => model.values[i]! - 20 * (value - model.values[i]!)) }
}

test('with two liars of seven the median is the clean run, the mean is lost', async () => {
  const clean = await train(algorithm(fedMedian({ layout }), regression, plain()), { rounds: 10, sites })
  const median = await train(algorithm(fedMedian({ layout }), attacked, plain()), { rounds: 10, sites })
  expect(median.model).toEqual(clean.model)
  const mean = await train(algorithm(fedAvg({ layout }), attacked, plain()), { rounds: 2, sites })
  expect(Math.abs(mean.model[0]! - clean.model[0]!)).toBeGreaterThan(1)
})
