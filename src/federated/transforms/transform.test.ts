import { expect, test } from 'vitest'
import { csprng, float32Codec, seed } from '../../base/index.ts'
import { clip, gaussian, l2Norm } from '../../privacy/index.ts'
import { boundedMean } from '../folds/bounded-mean.ts'
import { weightedMean } from '../folds/weighted-mean.ts'
import { play } from '../play.test-support.ts'
import type { RoundProgram } from '../round.ts'
import { fedAvg, type ModelState } from '../strategies/fed-avg.ts'
import { fedAvgM } from '../strategies/fed-opt.ts'
import { type Rows, regression, regressionLayout, regressionSites, regressionStart } from '../strategies/regression.test-support.ts'
import { algorithm } from '../strategy.ts'
import { masked } from '../sums/masked.ts'
import { plain } from '../sums/plain.ts'
import type { Update } from '../update.ts'
import { clipped } from './clipped.ts'
import { noised } from './noised.ts'
import { type Both, chain, pure, type Transform, transformed } from './transform.ts'

const layout = regressionLayout
const node = { id: 'a', site: undefined, seed: seed(1), basedOn: 1, signal: new AbortController().signal }

/** Rounds each value to a multiple of `step` and keeps what was lost for the next round: error feedback, the state that transforms are made for. */
const coarse = (step: number): Transform<Update, Update, Float32Array> => ({
  name: 'coarse',
  init: () => new Float32Array(layout.size),
  codec: float32Codec,
  apply: (update, lost) => {
    const wanted = update.values.map((value, i) => value + lost[i]!)
    const values = wanted.map((value) => step * Math.round(value / step))
    return [{ ...update, values }, wanted.map((value, i) => value - values[i]!)]
  },
})

test('a chain is its parts one after the other, states apart', async () => {
  const twice = pure<Update, Update>('twice', (update) => ({ ...update, values: update.values.map((value) => 2 * value) }))
  const whole = chain(twice, coarse(0.5), coarse(1))
  expect(whole.name).toBe('twice ▸ coarse ▸ coarse')
  const [out, state] = await whole.apply({ values: Float32Array.of(0.6, 0, 0), weight: 1 }, whole.init(), node)
  expect(out.values).toEqual(Float32Array.of(1, 0, 0))
  expect(state.second[0]).toBe(0)
  expect(state.first.second[0]).toBeCloseTo(0.2, 6)
  expect(whole.codec.decode(whole.codec.encode(state))).toEqual(state)
})

test('the state of a transform is the node’s: pending with the round, carried to the next one', async () => {
  const strategy = transformed(fedAvgM({ layout, learningRate: 1 }), coarse(0.5), weightedMean({ layout }))
  const it = algorithm(strategy, regression, masked())
  const sites = regressionSites([5, 9, 20])
  type Local = Both<void, Float32Array>
  let locals: Readonly<Record<string, Local>> = Object.fromEntries(Object.keys(sites).map((id) => [id, it.local.init(regressionStart)]))
  let state = it.init(regressionStart)
  let lost = 0
  for (let round = 1; round <= 20; round += 1) {
    const { outcome, nodes } = await play({ program: it.program, state, sites, locals, round })
    if (outcome.kind !== 'committed') throw outcome.error
    state = outcome.state
    const next: Record<string, Local> = {}
    for (const [id, each] of nodes) if (each.kind === 'pending') next[id] = it.local.codec.decode(it.local.codec.encode(each.local))
    locals = next
    lost = Math.max(...Object.values(next).flatMap(({ second }) => [...second].map(Math.abs)))
    expect(lost).toBeGreaterThan(0)
    expect(lost).toBeLessThanOrEqual(0.25)
  }
  // without the memory of what was lost, steps of 0.5 stall far from the optimum that FedAvg finds
  const plainRun = algorithm(fedAvg({ layout }), regression, plain())
  let reference: ModelState = plainRun.init(regressionStart)
  for (let round = 1; round <= 20; round += 1) {
    const { outcome } = await play({ program: plainRun.program, state: reference, sites, round })
    if (outcome.kind === 'committed') reference = outcome.state
  }
  for (const [i, value] of it.model(state).values.entries()) expect(Math.abs(value - reference.params.values[i]!)).toBeLessThan(0.5)
})

test('clip ▸ noise at the node: nothing but noised values leaves, and every site counts alike', async () => {
  const transform = chain(clipped(clip(1)), noised(gaussian<Update>(0.1), csprng()))
  const [out] = await transform.apply({ values: new Float32Array(1000).fill(9), weight: 77, loss: 0.5 }, transform.init(), node)
  expect(out).toEqual({ values: out.values, weight: 1 })
  // ‖clipped‖² = 1, plus 1000 draws of stddev 0.1: 11 ± 1 or so (beyond 6 standard deviations of 0.49: false alarm in 5e8 runs)
  expect(Math.abs(l2Norm(out.values) ** 2 - 11)).toBeLessThan(3)
})

test('central noise: clipped at the nodes, added up under masks, noised at the server', async () => {
  const bound = clip(0.5)
  const rng = csprng()
  const differences = fedAvgM({ layout, learningRate: 1 })
  const mean = boundedMean(bound, 1, { layout, cohort: 3 })
  const program = (): RoundProgram<ModelState, void, Rows> => async (round, state) => {
    const model = await round.broadcast(float32Codec, await round.atServer(({ params }) => params.values, state))
    const update = await round.atClients(
      async (me, values) => (await differences.client.update(regression)(me, { values, numbers: {}, vectors: {} }, undefined))[0],
      model,
    )
    const sum = await round.aggregate(mean, masked(), await round.atClients((_, each) => bound(each), update))
    const noise = gaussian(0.01)
    const next = await round.atServer(
      ({ params }, result): ModelState => {
        const delta = noise.perturb(result, rng).values
        return { params: { layout, values: params.values.map((value, i) => value + delta[i]!) }, loss: Number.NaN }
      },
      state,
      sum,
    )
    return { server: next, clients: round.local }
  }
  const { outcome } = await play({ program, state: { params: regressionStart, loss: Number.NaN }, sites: regressionSites([5, 9, 20]) })
  if (outcome.kind !== 'committed') throw outcome.error
  const moved = Math.hypot(...outcome.state.params.values.map((value, i) => value - regressionStart.values[i]!))
  expect(moved).toBeGreaterThan(0.2)
  // three noises of stddev 0.01 · 0.5 / 3
  expect(moved).toBeLessThan(0.5 + 0.02)
})
