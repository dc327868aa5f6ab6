// Every strategy against an independent float64 implementation, round by round.
import { expect, test } from 'vitest'
import { type Algorithm, algorithm } from '../strategy.ts'
import { plain } from '../sums/plain.ts'
import { fedAvg } from './fed-avg.ts'
import { fedCon } from './fed-con.ts'
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

const algorithms: Readonly<Record<string, () => Algorithm<never, never, Rows>>> = {
  fedavg: () => algorithm(fedAvg({ layout }), regression, plain()) as never,
  scaffold: () => algorithm(scaffold({ layout, learningRate: golden.rate }), regression, plain()) as never,
  fedcon: () => algorithm(fedCon({ layout }), regression, plain()) as never,
}

// float32 at every step; FedCon's weights are rounded to 2^-10
const tolerance: Readonly<Record<string, number>> = { fedcon: 1e-3 }

test.each(Object.entries(algorithms))('%s: the models of an independent implementation', async (name, make) => {
  const { models } = await train(make(), { rounds: 4, sites, start })
  const expected = golden.models[name as keyof typeof golden.models]
  for (const [round, model] of models.entries())
    for (const [i, value] of model.entries())
      expect(Math.abs(value - expected[round]![i]!), `round ${round + 1}`).toBeLessThan(tolerance[name] ?? 5e-6)
})
