import { expect, test } from 'vitest'
import { algorithm, type LocalWork } from '../strategy.ts'
import { masked } from '../sums/masked.ts'
import { plain } from '../sums/plain.ts'
import { fedAvgM } from './fed-opt.ts'
import { type Rows, regression, regressionLayout as layout, regressionSites } from './regression.test-support.ts'
import { scaffold } from './scaffold.ts'
import { train } from './train.test-support.ts'

const sites = regressionSites([4, 30, 11])
const make = (options = {}) => scaffold({ layout, ...options })

test('zero variates are FedAvg on differences, bit for bit: round 1', async () => {
  const one = await train(algorithm(make(), regression, plain()), { rounds: 1, sites })
  const average = await train(algorithm(fedAvgM({ layout, learningRate: 1 }), regression, plain()), { rounds: 1, sites })
  expect(one.model).toEqual(average.model)
  expect(one.loss).toBe(average.loss)
})

test('the server’s variate is the mean of the nodes’, by rows or not; masks change no bit', async () => {
  for (const weighting of ['rows', 'equal'] as const) {
    const ran = await train(algorithm(make({ weighting }), regression, masked()), { rounds: 5, sites })
    expect(ran.state).toEqual((await train(algorithm(make({ weighting }), regression, plain()), { rounds: 5, sites })).state)
    const weights = Object.values(sites).map(({ targets }) => (weighting === 'rows' ? targets.length : 1))
    const total = weights.reduce((a, b) => a + b)
    for (const [i, value] of ran.state.variate.entries()) {
      const mean = Object.values(ran.locals).reduce((sum, own, k) => sum + (own[i]! * weights[k]!) / total, 0)
      expect(Math.abs(value - mean)).toBeLessThan(1e-5)
    }
  }
})

test('with some sites a round, c moves by |S|/N: it stays the mean of the nodes’ when sites count alike', async () => {
  const cohort = (round: number) => [`site${round % 3}`, `site${(round + 1) % 3}`]
  const ran = await train(algorithm(make({ weighting: 'equal', sites: 3 }), regression, plain()), { rounds: 7, sites, cohort })
  for (const [i, value] of ran.state.variate.entries())
    expect(Math.abs(value - Object.values(ran.locals).reduce((sum, own) => sum + own[i]! / 3, 0))).toBeLessThan(1e-5)
})

test('a site whose optimiser has no such rate is left out, with a cause', async () => {
  const adam: LocalWork<Rows> = async (node, model) => {
    const { learningRate: _, ...trained } = await regression(node, model)
    return trained
  }
  await expect(train(algorithm(make(), adam, plain()), { rounds: 1, sites })).rejects.toThrow(/steps of SGD/)
})

test.each([{ learningRate: 0 }, { serverRate: -1 }, { sites: 0.5 }])('refuses %j', (options) => {
  expect(() => make(options)).toThrow(expect.objectContaining({ code: 'strategy-option' }))
})
