// The seams of a strategy, tried on one that uses them all: control variates at every node, a correction in the local work, two vectors in one fold.
// Karimireddy et al. 2020, "SCAFFOLD", algorithm 1 with option II and full participation, all sites weighted alike.
import { expect, test } from 'vitest'
import { describedParamsCodec, type Params, type RingVector } from '../algebra/index.ts'
import { float32Codec, structCodec } from '../base/index.ts'
import { pair } from './folds/pair.ts'
import { type Mean, weightedMean } from './folds/weighted-mean.ts'
import { play } from './play.test-support.ts'
import { regression, regressionLayout as layout, regressionSites, regressionStart } from './strategies/regression.test-support.ts'
import { algorithm, type LinearStrategy } from './strategy.ts'
import type { SumProtocol } from './sum-protocol.ts'
import { masked } from './sums/masked.ts'
import { plain } from './sums/plain.ts'
import type { Update } from './update.ts'

interface State {
  readonly params: Params
  readonly variate: Float32Array
}
const RATE = 0.1

/** With `moving` false no variate ever leaves 0. */
const scaffold = (
  moving: boolean,
): LinearStrategy<State, readonly [Update, Update], readonly [RingVector, RingVector], readonly [Mean, Mean], Float32Array> => {
  const mean = weightedMean({ layout, maxAbs: 2 ** 8, maxWeight: 2 ** 10 })
  const fold = pair(mean, mean)
  const plus = (a: Float32Array, b: ArrayLike<number>, by = 1): Float32Array => a.map((value, i) => value + by * b[i]!)
  return {
    name: 'scaffold',
    init: (params) => ({ params, variate: new Float32Array(layout.size) }),
    publish: ({ params, variate }) => ({ values: params.values, numbers: {}, vectors: { variate } }),
    client: {
      init: () => new Float32Array(layout.size),
      codec: float32Codec,
      update: (work) => async (node, model, own) => {
        const variate = model.vectors['variate']!
        const { values, steps } = await work(node, { ...model, vectors: { correction: plus(variate, own, -1) } })
        const difference = plus(values, model.values, -1)
        // option II: cᵢ⁺ = cᵢ − c + (x − yᵢ) / (K η)
        const next = moving ? plus(plus(own, variate, -1), difference, -1 / (steps * RATE)) : own
        return [
          [
            { values: difference, weight: 1 },
            { values: plus(next, own, -1), weight: 1 },
          ] as const,
          next,
        ]
      },
    },
    fold,
    step: ({ params, variate }, [model, change]) => ({
      params: { layout, values: plus(params.values, model.values) },
      variate: plus(variate, change.values),
    }),
    model: ({ params }) => params,
    loss: () => Number.NaN,
    codec: structCodec<State>({ params: describedParamsCodec, variate: float32Codec }),
  }
}

const sites = regressionSites([30, 30, 30])

const train = async (moving: boolean, via: SumProtocol<'linear'> | SumProtocol<'any'>, rounds: number) => {
  const it = algorithm(scaffold(moving), regression, via)
  let state = it.init(regressionStart)
  let locals = Object.fromEntries(Object.keys(sites).map((id) => [id, it.local.init(regressionStart)]))
  for (let round = 1; round <= rounds; round += 1) {
    const { outcome, nodes } = await play({ program: it.program, state, sites, locals, round })
    if (outcome.kind !== 'committed') throw outcome.error
    state = it.stateCodec.decode(it.stateCodec.encode(outcome.state))
    locals = Object.fromEntries([...nodes].map(([id, each]) => [id, each.kind === 'pending' ? each.local : locals[id]!]))
  }
  return { state, locals }
}

test('a strategy with node state: the server’s variate stays the mean of the nodes’', async () => {
  const { state, locals } = await train(true, masked(), 8)
  const all = Object.values(locals)
  for (const [i, value] of state.variate.entries()) {
    expect(Math.abs(value)).toBeGreaterThan(0)
    expect(Math.abs(value - all.reduce((sum, own) => sum + own[i]!, 0) / all.length)).toBeLessThan(1e-5)
  }
})

test('it finds the pooled optimum, where steps without variates drift away from it', async () => {
  const gradient = (params: Params): number =>
    Math.hypot(
      ...[0, 1, 2].map((i) =>
        Object.values(sites).reduce((sum, { inputs, targets }) => {
          const errors = targets.map((target, r) => [0, 1, 2].reduce((out, k) => out + inputs[r * 3 + k]! * params.values[k]!, -target))
          return sum + errors.reduce((total, error, r) => total + error * inputs[r * 3 + i]!, 0) / targets.length / 3
        }, 0),
      ),
    )
  const variates = await train(true, plain(), 60)
  const none = await train(false, plain(), 60)
  expect(gradient(variates.state.params)).toBeLessThan(1e-4)
  expect(gradient(none.state.params)).toBeGreaterThan(10 * gradient(variates.state.params))
})

test('masked and plain sums give the same bits', async () => {
  expect((await train(true, masked(), 3)).state).toEqual((await train(true, plain(), 3)).state)
})
