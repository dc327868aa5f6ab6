// Every strategy against an independent float64 implementation, round by round.
import { expect, test } from 'vitest'
import { type Algorithm, algorithm } from '../strategy.ts'
import { plain } from '../sums/plain.ts'
import { asynchronous } from './asynchronous.ts'
import { fedAsync } from './fed-async.ts'
import { fedAvg } from './fed-avg.ts'
import { fedBuff } from './fed-buff.ts'
import { cyclic } from './cyclic.ts'
import { ditto } from './ditto.ts'
import { fedCon } from './fed-con.ts'
import { fedDyn } from './fed-dyn.ts'
import { fedNova } from './fed-nova.ts'
import { fedProx } from './fed-prox.ts'
import { hierarchical } from './hierarchical.ts'
import { ifca } from './ifca.ts'
import { perFedAvg, reptile } from './meta.ts'
import { qFedAvg } from './q-fed-avg.ts'
import { type Rows, regression, regressionLayout as layout } from './regression.test-support.ts'
import { scaffold } from './scaffold.ts'
import golden from './strategies.golden.json' with { type: 'json' }
import { train } from './train.test-support.ts'

export const sites: Readonly<Record<string, Rows>> = Object.fromEntries(
  golden.sites.map(({ inputs, targets, steps }, k) => [
    `site${k}`,
    { inputs: Float64Array.from(inputs), targets: Float64Array.from(targets), steps },
  ]),
)
const start = { layout, values: Float32Array.from(golden.start) }

const clustered = ifca({ layout, clusters: 2 })
/** Starts where the reference does, and shows its first model. */
const twoClusters: typeof clustered = {
  ...clustered,
  init: (params) => {
    const models = [params, { layout, values: Float32Array.of(3, -1, 0.5) }].map((each) => ({ params: each, loss: Number.NaN }))
    return { models, rows: new Float64Array(2) }
  },
  model: ({ models }) => models[0]!.params,
}

const algorithms: Readonly<Record<string, () => Algorithm<never, never, Rows>>> = {
  fedavg: () => algorithm(fedAvg({ layout }), regression, plain()) as never,
  fedprox: () => algorithm(fedProx({ layout, mu: 0.5 }), regression, plain()) as never,
  scaffold: () => algorithm(scaffold({ layout, learningRate: golden.rate }), regression, plain()) as never,
  fedcon: () => algorithm(fedCon({ layout, epsilon: 0.01 }), regression, plain()) as never,
  fednova: () => algorithm(fedNova({ layout }), regression, plain()) as never,
  feddyn: () => algorithm(fedDyn({ layout, alpha: 0.3 }), regression, plain()) as never,
  qfedavg: () => algorithm(qFedAvg({ layout, q: 2, learningRate: golden.rate }), regression, plain()) as never,
  perfedavg: () => algorithm(perFedAvg({ layout, inner: 0.5, steps: 2 }), regression, plain()) as never,
  reptile: () => algorithm(reptile({ layout, rate: 0.5 }), regression, plain()) as never,
  hierarchical: () =>
    algorithm(hierarchical({ layout, regions: { site0: 0, site1: 0, site2: 1 }, every: 2 }), regression, plain()) as never,
  cyclic: () => algorithm(cyclic({ layout, order: ['site0', 'site1', 'site2'] }), regression, plain()) as never,
  ifca: () => algorithm(twoClusters, regression, plain()) as never,
  fedbuff: () => asynchronous(fedBuff({ layout, serverRate: 0.8 }), regression, plain()) as never,
  fedasync: () => asynchronous(fedAsync({ layout, mixing: 0.6, staleness: { kind: 'hinge', a: 2, b: 1 } }), regression, plain()) as never,
}

// float32 at every step; FedCon's weights are rounded to 2^-10
const tolerance: Readonly<Record<string, number>> = { fedcon: 1e-3 }

test.each(Object.entries(algorithms))('%s: the models of an independent implementation', async (name, make) => {
  const cohort = (round: number) =>
    name === 'fedbuff' || name === 'fedasync' ? golden.windows[round - 1]!.map((k) => `site${k}`) : Object.keys(sites)
  const { models } = await train(make(), { rounds: 4, sites, start, cohort })
  const expected = golden.models[name as keyof typeof golden.models]
  for (const [round, model] of models.entries())
    for (const [i, value] of model.entries())
      expect(Math.abs(value - expected[round]![i]!), `round ${round + 1}`).toBeLessThan(tolerance[name] ?? 5e-6)
})

test('ditto: a site’s own models are those of an independent implementation, the common one is FedAvg’s', async () => {
  const strategy = ditto({ layout, lambda: 0.5 })
  for (let rounds = 1; rounds <= 4; rounds += 1) {
    const { state, locals, model } = await train(algorithm(strategy, regression, plain()), { rounds, sites, start })
    const own = strategy.modelAt(state, locals['site1']!).values
    for (const [i, value] of own.entries()) expect(Math.abs(value - golden.models.ditto[rounds - 1]![i]!)).toBeLessThan(5e-6)
    for (const [i, value] of model.entries()) expect(Math.abs(value - golden.models.fedavg[rounds - 1]![i]!)).toBeLessThan(5e-6)
  }
})
