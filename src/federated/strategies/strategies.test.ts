// What holds between strategies, and what holds for all of them.
import { expect, test } from 'vitest'
import { play } from '../play.test-support.ts'
import { type Algorithm, algorithm } from '../strategy.ts'
import { plain } from '../sums/plain.ts'
import { fedAvg } from './fed-avg.ts'
import golden from './fed-opt.golden.json' with { type: 'json' }
import { fedAdagrad, fedAdam, fedAvgM, fedYogi } from './fed-opt.ts'
import { fedProx } from './fed-prox.ts'
import { type Rows, regression, regressionLayout, regressionSites, regressionStart } from './regression.test-support.ts'

const layout = regressionLayout
const sites = regressionSites([1, 2, 7, 40])

/** Model after some rounds, each from the bytes of the state before. */
const train = async <S, N>(it: Algorithm<S, N, Rows>, rounds: number): Promise<{ readonly model: Float32Array; readonly loss: number }> => {
  let state = it.init(regressionStart)
  for (let round = 1; round <= rounds; round += 1) {
    const { outcome } = await play({ program: it.program, state, sites, round })
    if (outcome.kind !== 'committed') throw outcome.error
    state = it.stateCodec.decode(it.stateCodec.encode(outcome.state))
  }
  return { model: it.model(state).values, loss: it.loss(state) }
}

/** Distance in units of the last place that float32 has at the size of the larger operand. */
const ulps = (a: number, b: number, size: number): number => Math.abs(a - b) / 2 ** (Math.floor(Math.log2(size)) - 23)

test('FedProx with μ = 0 is FedAvg bit for bit, and with μ > 0 it is not', async () => {
  const average = await train(algorithm(fedAvg({ layout }), regression, plain()), 5)
  expect(await train(algorithm(fedProx({ layout, mu: 0 }), regression, plain()), 5)).toEqual(average)
  expect((await train(algorithm(fedProx({ layout, mu: 0.5 }), regression, plain()), 5)).model).not.toEqual(average.model)
})

test('server SGD with rate 1, a mean of differences, is FedAvg, a mean of models, to 2 ulp of the operands', async () => {
  const one = { layout, maxAbs: 16, maxWeight: 64 }
  const { model: models } = await train(algorithm(fedAvg(one), regression, plain()), 1)
  const { model: differences } = await train(algorithm(fedAvgM({ ...one, learningRate: 1 }), regression, plain()), 1)
  for (const [i, value] of models.entries()) {
    const size = Math.max(Math.abs(value), Math.abs(regressionStart.values[i]!))
    expect(ulps(value, differences[i]!, size)).toBeLessThanOrEqual(2)
  }
})

const makers = { fedAvgM, fedAdagrad, fedAdam, fedYogi }

test.each(golden.cases)('$name takes the steps of an independent implementation', ({ name, options, models }) => {
  const length = golden.start.length
  // bounds so tight that the fold is exact to 2^-50: what is compared is the optimiser
  const bounds = { length, maxAbs: 8, maxWeight: 10 }
  const strategy = makers[name as keyof typeof makers]({ ...bounds, ...(options as { learningRate: number }) })
  const flat = { entries: [{ name: 'w', shape: [length], offset: 0, size: length }], size: length }
  let state = strategy.init({ layout: flat, values: Float32Array.from(golden.start) })
  for (const [t, expected] of models.entries()) {
    const lifted = golden.differences[t]!.map((values, k) =>
      strategy.fold.lift({ values: Float32Array.from(values), weight: golden.weights[k]! }, `site${k}`),
    )
    state = strategy.step(state, strategy.fold.finish(lifted.reduce(strategy.fold.sum.add)))
    for (const [i, value] of strategy.model(state).values.entries())
      expect(ulps(value, expected[i]!, Math.abs(expected[i]!))).toBeLessThanOrEqual(1)
  }
})

test.each([
  algorithm(fedAvg({ layout }), regression, plain()),
  algorithm(fedProx({ layout, mu: 0.01 }), regression, plain()),
  algorithm(fedAvgM({ layout, learningRate: 1, momentum: 0.5 }), regression, plain()),
  algorithm(fedAdagrad({ layout, learningRate: 0.3 }), regression, plain()),
  algorithm(fedAdam({ layout, learningRate: 0.1 }), regression, plain()),
  algorithm(fedYogi({ layout, learningRate: 0.1 }), regression, plain()),
])('$name learns, and tells its training loss', async (it) => {
  expect((it as Algorithm<unknown, void, Rows>).loss((it as Algorithm<unknown, void, Rows>).init(regressionStart))).toBeNaN()
  const first = await train(it as Algorithm<unknown, void, Rows>, 1)
  const later = await train(it as Algorithm<unknown, void, Rows>, 15)
  expect(later.loss).toBeLessThan(first.loss * 0.8)
})

test.each([
  () => fedAvgM({ layout, learningRate: 0 }),
  () => fedAdam({ layout, learningRate: 0.1, beta2: 1 }),
  () => fedYogi({ layout, learningRate: 0.1, tau: 0 }),
  () => fedAdagrad({ layout, learningRate: 0.1, beta1: -0.1 }),
])('refuses options out of range (%#)', (make) => {
  expect(make).toThrow(expect.objectContaining({ code: 'fedopt-option' }))
})
