// What holds between strategies.
import { expect, test } from 'vitest'
import { algorithm, type LinearStrategy, type Strategy } from '../strategy.ts'
import { masked } from '../sums/masked.ts'
import { plain } from '../sums/plain.ts'
import { cyclic } from './cyclic.ts'
import { ditto } from './ditto.ts'
import { fedAvg } from './fed-avg.ts'
import { fedDyn } from './fed-dyn.ts'
import { fedNova } from './fed-nova.ts'
import { fedRep } from './fed-rep.ts'
import { hierarchical } from './hierarchical.ts'
import { ifca } from './ifca.ts'
import { perFedAvg, reptile } from './meta.ts'
import { fedPer } from './personal.ts'
import { qFedAvg } from './q-fed-avg.ts'
import { RATE, type Rows, regression, regressionLayout as layout, regressionSites } from './regression.test-support.ts'
import { train, trainedAlone } from './train.test-support.ts'

const sites = regressionSites([4, 30, 11])
const equal = regressionSites([8, 8, 8])
const run = <S, U, Acc, R, N>(strategy: Strategy<S, U, Acc, R, N>, rounds = 4, over: Readonly<Record<string, Rows>> = sites) =>
  train(algorithm(strategy, regression, plain()), { rounds, sites: over })
const near = (a: Float32Array, b: Float32Array, digits = 5): void => {
  for (const [i, value] of a.entries()) expect(value).toBeCloseTo(b[i]!, digits)
}

test('FedNova with as many steps everywhere is FedAvg; with others it is not', async () => {
  near((await run(fedNova({ layout }))).model, (await run(fedAvg({ layout }))).model)
  const uneven = { ...sites, site2: { ...sites['site2']!, steps: 20 } }
  const [nova, average] = [await run(fedNova({ layout }), 4, uneven), await run(fedAvg({ layout }), 4, uneven)]
  expect(Math.abs(nova.model[0]! - average.model[0]!)).toBeGreaterThan(0.01)
})

test('FedNova’s ‖a‖₁ with momentum is the sum that the paper’s closed form stands for', async () => {
  const rho = 0.6
  const strategy = fedNova({ layout, momentum: rho })
  const train5 = strategy.client.update(regression)
  const [update] = await train5(
    { site: sites['site0']! } as never,
    { values: Float32Array.of(0, 0, 0), numbers: {}, vectors: {} },
    undefined,
  )
  // a_j = (1 − ρ^(τ − j)) / (1 − ρ), j = 0 … τ − 1
  const sum = [5, 4, 3, 2, 1].reduce((total, left) => total + (1 - rho ** left) / (1 - rho), 0)
  expect(update.values[3]).toBeCloseTo(sum, 5)
})

test('sites of one size: q-FedAvg with q = 0, Reptile with rate 1 and hierarchical FedAvg with every 1 are FedAvg', async () => {
  const { model } = await run(fedAvg({ layout }), 4, equal)
  near((await run(qFedAvg({ layout, q: 0, learningRate: RATE }), 4, equal)).model, model, 4)
  near((await run(reptile({ layout, rate: 1 }), 4, equal)).model, model)
  near((await run(hierarchical({ layout, regions: { site0: 0, site1: 1, site2: 1 }, every: 1 }), 4, equal)).model, model)
})

test('IFCA with one cluster is FedAvg; with two the sites that differ part', async () => {
  near((await run(ifca({ layout, clusters: 1 }))).model, (await run(fedAvg({ layout }))).model)
  const mirrored = { ...equal, site3: { ...equal['site0']!, targets: equal['site0']!.targets.map((y) => -9 * y) } }
  const strategy = ifca({ layout, clusters: 2, spread: 1 })
  const { locals, state } = await run(strategy, 30, mirrored)
  expect(locals['site0']).toBe(locals['site1'])
  expect(locals['site3']).not.toBe(locals['site0'])
  expect(strategy.modelAt(state, locals['site3']!).values[0]).toBeLessThan(0)
})

test('q-FedAvg narrows the losses of the sites: two are alike, and the third is not left behind', async () => {
  const [alike, other] = [
    { ...equal['site0']!, steps: 1 },
    { ...equal['site2']!, steps: 1 },
  ]
  const unlike = { a: alike, b: alike, c: other }
  const spread = async (q: number): Promise<number> => {
    const { model } = await run(qFedAvg({ layout, q, learningRate: RATE }), 150, unlike)
    const losses = (await trainedAlone(unlike, model)).map(({ loss }) => loss!)
    return Math.max(...losses) - Math.min(...losses)
  }
  expect(await spread(3)).toBeLessThan(0.5 * (await spread(0)))
})

test('FedDyn finds the optimum of all sites, from which FedAvg drifts', async () => {
  const gradient = (w: Float32Array): number =>
    Math.hypot(
      ...[0, 1, 2].map((i) =>
        Object.values(equal).reduce((sum, { inputs, targets }) => {
          const errors = targets.map((target, r) => [0, 1, 2].reduce((out, k) => out + inputs[r * 3 + k]! * w[k]!, -target))
          return sum + errors.reduce((total, error, r) => total + error * inputs[r * 3 + i]!, 0) / 24
        }, 0),
      ),
    )
  const dynamic = gradient((await run(fedDyn({ layout, alpha: 0.5 }), 150, equal)).model)
  expect(dynamic).toBeLessThan(1e-3)
  expect(gradient((await run(fedAvg({ layout }), 150, equal)).model)).toBeGreaterThan(10 * dynamic)
})

test('Ditto: λ = 0 trains each site alone; a large λ holds it to the common model', async () => {
  const rounds = 3
  const alone = await run(ditto({ layout, lambda: 0 }), rounds)
  let own = (await trainedAlone({ site0: sites['site0']! }))[0]!.values
  for (let round = 1; round < rounds; round += 1) own = (await trainedAlone({ site0: sites['site0']! }, own))[0]!.values
  expect(alone.locals['site0']).toEqual(own)
  // 1 / λ = RATE: one step goes all the way
  const held = await run(ditto({ layout, lambda: 1 / RATE }), 30)
  expect(Math.hypot(...held.locals['site0']!.map((value, i) => value - held.model[i]!))).toBeLessThan(
    Math.hypot(...alone.locals['site0']!.map((value, i) => value - alone.model[i]!)),
  )
})

test('FedRep: one step of the head with the body at rest, then one of the body, by hand', async () => {
  const strategy = fedRep({ layout, personal: /bias/, headSteps: 1, bodySteps: 1 })
  const { locals, model } = await run(strategy, 1, { site0: sites['site0']! })
  const step = async (values: Float32Array) =>
    (await regression({ site: sites['site0']! } as never, { values, numbers: { steps: 1 }, vectors: {} })).values
  const start = Float32Array.of(0.5, -0.25, 0.125)
  const head = (await step(start))[2]!
  const body = await step(Float32Array.of(0.5, -0.25, head))
  expect(locals['site0']).toEqual(Float32Array.of(head))
  near(model.slice(0, 2), body.slice(0, 2), 6)
  expect((await run(fedPer({ layout, personal: /bias/ }), 1)).locals['site0']).not.toEqual(locals['site0'])
})

test('cyclic: a site that fails is passed by', async () => {
  const strategy = cyclic({ layout, order: ['site0', 'nobody', 'site1'] })
  const { models } = await run(strategy, 3)
  expect(models[1]).toEqual(models[0])
  expect(models[2]).not.toEqual(models[1])
})

test.each([
  fedNova({ layout }),
  fedDyn({ layout, alpha: 0.1 }),
  qFedAvg({ layout, q: 1, learningRate: RATE }),
  ditto({ layout, lambda: 0.1 }),
  perFedAvg({ layout, steps: 2 }),
  reptile({ layout, rate: 0.5 }),
  fedRep({ layout, personal: /bias/, headSteps: 2, bodySteps: 2 }),
] as unknown as readonly LinearStrategy<unknown, unknown, unknown, unknown, unknown>[])(
  '$name: masks change no bit, and it learns',
  async (strategy) => {
    const hidden = await train(algorithm(strategy, regression, masked()), { rounds: 2, sites })
    const open = await train(algorithm(strategy, regression, plain()), { rounds: 2, sites })
    expect(hidden.state).toEqual(open.state)
    const later = await train(algorithm(strategy, regression, plain()), { rounds: 25, sites })
    expect(later.loss).toBeLessThan(open.loss)
  },
)

test.each([
  ifca({ layout, clusters: 2 }),
  hierarchical({ layout, regions: { site0: 0, site1: 0, site2: 1 }, every: 3 }),
] as unknown as readonly Strategy<unknown, unknown, unknown, unknown, unknown>[])(
  '$name learns, and takes no masks: site2 may be alone in its group, and its sum its update',
  async (strategy) => {
    const open = await train(algorithm(strategy, regression, plain()), { rounds: 2, sites })
    const later = await train(algorithm(strategy, regression, plain()), { rounds: 25, sites })
    expect(later.loss).toBeLessThan(open.loss)
    const posing = masked() as unknown as ReturnType<typeof plain>
    await expect(train(algorithm(strategy, regression, posing), { rounds: 1, sites })).rejects.toThrow(
      expect.objectContaining({ cause: expect.objectContaining({ code: 'sum-linear' }) }),
    )
  },
)

test.each([
  () => fedNova({ layout, momentum: 1 }),
  () => fedDyn({ layout, alpha: 0 }),
  () => qFedAvg({ layout, q: -1, learningRate: 1 }),
  () => ditto({ layout, lambda: Number.NaN }),
  () => perFedAvg({ layout, steps: 0 }),
  () => reptile({ layout, rate: 0 }),
  () => ifca({ layout, clusters: 0 }),
  () => hierarchical({ layout, regions: {}, every: 0.5 }),
  () => cyclic({ layout, order: ['a', 'a'] }),
])('refuses options out of range (%#)', (make) => {
  expect(make).toThrow(expect.objectContaining({ code: 'strategy-option' }))
})
