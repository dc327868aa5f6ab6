import { expect, test } from 'vitest'
import { type Csprng, csprng, seed } from '../../base/index.ts'
import { rdp } from '../../privacy/index.ts'
import { integerSum } from '../folds/integer-sum.ts'
import { play } from '../play.test-support.ts'
import { fedAvgM } from '../strategies/fed-opt.ts'
import { regression, regressionLayout as layout, regressionSites, regressionStart } from '../strategies/regression.test-support.ts'
import { algorithm } from '../strategy.ts'
import type { SumProtocol } from '../sum-protocol.ts'
import { masked } from '../sums/masked.ts'
import { plain } from '../sums/plain.ts'
import { centrallyPrivate } from './central.ts'
import { distributedlyPrivate, gridSteps } from './distributed.ts'

const rng = csprng()
const base = () => fedAvgM({ layout, learningRate: 1 })
const sites = regressionSites([5, 9, 20, 7])
const cohort = 4

/** Model and state after some rounds. */
const train = async (it: ReturnType<typeof made>, rounds: number) => {
  let state = it.init(regressionStart)
  for (let round = 1; round <= rounds; round += 1) {
    const { outcome } = await play({ program: it.program, state, sites, round })
    if (outcome.kind !== 'committed') throw outcome.error
    state = it.stateCodec.decode(it.stateCodec.encode(outcome.state))
  }
  return { state, model: it.model(state).values, loss: it.loss(state) }
}
const made = (options: Partial<Parameters<typeof centrallyPrivate>[1]>, via = masked) =>
  algorithm(centrallyPrivate(base(), { layout, noiseMultiplier: 1e-9, cohort, clip: 1000, rng, ...options }), regression, via())

test('without noise to speak of and with a bound that nobody meets, a private run is FedAvg of sites that count alike', async () => {
  const one = await train(made({}), 1)
  // each site alone, from the same start: their mean is the expected model
  const alone = await Promise.all(
    Object.entries(sites).map(async ([id, rows]) => {
      const { outcome } = await play({
        program: algorithm(base(), regression, plain()).program,
        state: base().init(regressionStart),
        sites: { [id]: rows },
      })
      if (outcome.kind !== 'committed') throw outcome.error
      return outcome.state.model.params.values
    }),
  )
  for (const [i, value] of one.model.entries()) expect(value).toBeCloseTo(alone.reduce((sum, values) => sum + values[i]!, 0) / cohort, 4)
  expect(one.loss).toBeNaN()
})

test('the step of a round is no longer than the bound, and noise is in proportion to it', async () => {
  const clipped = await train(made({ clip: 0.01 }), 1)
  const moved = Math.hypot(...clipped.model.map((value, i) => value - regressionStart.values[i]!))
  expect(moved).toBeLessThanOrEqual(0.01 * 1.0001)
  const steps = await Promise.all(
    Array.from({ length: 60 }, async () => {
      const { model } = await train(made({ clip: 0.01, noiseMultiplier: 100 }, masked), 1)
      return model.map((value, i) => value - clipped.model[i]!)
    }),
  )
  // 180 draws of stddev 100 · 0.01 / 4: their variance is within ±50 % of it but for chance below 1e-5
  const square = steps.flatMap((step) => [...step]).reduce((sum, value) => sum + value * value, 0) / (60 * layout.size)
  expect(Math.sqrt(square)).toBeGreaterThan(0.25 * 0.7)
  expect(Math.sqrt(square)).toBeLessThan(0.25 * 1.3)
})

test('a learned bound comes down to the length of the updates, and costs no more than a fixed one', async () => {
  const options = { clip: 1000, adaptive: { quantile: 0.5, learningRate: 0.5 } }
  const { state } = await train(made(options), 30)
  expect(state.l2).toBeLessThan(10)
  const event = centrallyPrivate(base(), { layout, noiseMultiplier: 2, cohort, rng, ...options }).event
  expect(event).toEqual({ kind: 'gaussian', noiseMultiplier: 2 })
})

test('distributed noise: whole numbers under masks, noise of all shares together as planned', async () => {
  const options = { layout, clip: 0.5, cohort, parties: 4, rng }
  const strategy = distributedlyPrivate(base(), { ...options, noiseMultiplier: 1 })
  // planned for 4 parties, so that their sum costs what one Gaussian of multiplier 1 costs
  expect(rdp().epsilon(strategy.event, 1e-5)).toBeCloseTo(rdp().epsilon({ kind: 'gaussian', noiseMultiplier: 1 }, 1e-5), 6)
  const run = async (noiseMultiplier: number) => {
    const it = algorithm(distributedlyPrivate(base(), { ...options, noiseMultiplier }), regression, masked())
    const { outcome } = await play({ program: it.program, state: it.init(regressionStart), sites })
    if (outcome.kind !== 'committed') throw outcome.error
    return it.model(outcome.state).values
  }
  const quiet = await run(1e-5)
  const reference = (await train(made({ clip: 0.5 }), 1)).model
  // each coordinate of each site is rounded by less than one step
  for (const [i, value] of quiet.entries()) expect(Math.abs(value - reference[i]!)).toBeLessThan((0.5 / gridSteps(layout.size)) * 1.01)
  const draws = await Promise.all(Array.from({ length: 60 }, () => run(20)))
  const square = draws
    .flatMap((values) => Array.from(values, (value, i) => value - quiet[i]!))
    .reduce((sum, value) => sum + value * value, 0)
  const stddev = Math.sqrt(square / (60 * layout.size))
  expect(stddev).toBeGreaterThan((20 * 0.5 * 0.7) / cohort)
  expect(stddev).toBeLessThan((20 * 0.5 * 1.3) / cohort)
})

/** Numbers that can be drawn again: for tests alone. */
const replayed = (of: number): Csprng => {
  const random = seed(of).random()
  const fill = (bytes: Uint8Array): void => {
    for (let i = 0; i < bytes.length; i += 1) bytes[i] = random.uint32() & 255
  }
  const { uint32, uniform } = random
  return { ...csprng(), fill, uint32, uniform, integer: (below) => Math.floor(random.uniform() * below) }
}

test('distributed noise below masks gives the model of the same noise in the open, bit for bit: a curve of accuracy may be drawn without masks', async () => {
  const run = async (of: number, via: typeof masked | typeof plain) => {
    const strategy = distributedlyPrivate(base(), { layout, clip: 0.5, cohort, parties: 3, noiseMultiplier: 2, rng: replayed(of) })
    // the plain sum poses as one that hides
    const it = algorithm(strategy, regression, { ...via(), carries: 'linear' } as SumProtocol<'linear'>)
    const { outcome } = await play({ program: it.program, state: it.init(regressionStart), sites })
    if (outcome.kind !== 'committed') throw outcome.error
    return it.model(outcome.state).values
  }
  for (const of of [1, 2, 3]) expect(await run(of, masked)).toEqual(await run(of, plain))
  expect(await run(1, masked)).not.toEqual(await run(2, masked))
})

test('integer sums refuse what is beyond their bounds, and take the wider ring where they must', () => {
  expect(integerSum({ length: 1, maxAbs: 2 ** 20, cohort: 100 }).linear.bits).toBe(32)
  const wide = integerSum({ length: 2, maxAbs: 2 ** 30, cohort: 100 })
  expect(wide.linear.bits).toBe(64)
  const lifted = wide.lift({ values: Int32Array.of(-5, 2 ** 30) }, 'a')
  expect(wide.finish(wide.sum.add(wide.sum.zero(), lifted))).toEqual({ values: Float64Array.of(-5, 2 ** 30), contributions: 1 })
  const { input } = wide
  expect(input.decode(input.encode({ values: Int32Array.of(-1, 7) }))).toEqual({ values: Int32Array.of(-1, 7) })
  expect(() => wide.lift({ values: Int32Array.of(0, 2 ** 30 + 1) }, 'b')).toThrow(expect.objectContaining({ code: 'update-values' }))
  expect(() => wide.lift({ values: Int32Array.of(0) }, 'b')).toThrow(expect.objectContaining({ code: 'update-length' }))
  expect(() => integerSum({ length: 1, maxAbs: 2 ** 52, cohort: 4 })).toThrow(expect.objectContaining({ code: 'integer-sum' }))
})
