import { layout } from '../../algebra/index.ts'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { weightedMean } from '../folds/weighted-mean.ts'
import { play } from '../play.test-support.ts'
import { algorithm, type LocalWork } from '../strategy.ts'
import { plain } from '../sums/plain.ts'
import { fedAvg } from './fed-avg.ts'

interface Site {
  readonly rows: number
  readonly model: Float32Array
}
/** "Trains" to the site's own optimum in one go. */
const work: LocalWork<Site> = ({ site }) => ({ values: site.model, weight: site.rows, steps: 1, loss: site.rows / 10 })
const three = layout([{ name: 'w', shape: [3] }])
const start = { layout: three, values: new Float32Array(3) }
const fedavg = algorithm(fedAvg({ layout: three }), work, plain())

const round = (sites: Readonly<Record<string, Site>>) => play({ program: fedavg.program, state: fedavg.init(start), sites })

test('is the formula for n = (1, 2, 7), to 1e-9 before rounding', async () => {
  const models = [Float32Array.of(0.1, -3, 1e-6), Float32Array.of(0.7, 2.5, -1e-6), Float32Array.of(-0.3, 1.1, 3e-6)]
  const n = [1, 2, 7]
  const fold = weightedMean({ layout: three })
  const mean = fold.finish(models.map((values, k) => fold.lift({ values, weight: n[k]! }, `${k}`)).reduce(fold.sum.add))
  for (let i = 0; i < 3; i += 1) {
    const formula = models.reduce((sum, model, k) => sum + (n[k]! / 10) * model[i]!, 0)
    expect(Math.abs(mean.values[i]! - formula)).toBeLessThanOrEqual(1e-9)
  }
  const { outcome } = await round(Object.fromEntries(models.map((model, k) => [`site${k}`, { rows: n[k]!, model }])))
  if (outcome.kind !== 'committed') throw outcome.error
  expect(outcome.state.params.values).toEqual(Float32Array.from(mean.values))
  expect(outcome.counted).toEqual(['site0', 'site1', 'site2'])
  expect(fedavg.loss(outcome.state)).toBeCloseTo((0.1 + 2 * 0.2 + 7 * 0.7) / 10, 8)
})

test('its state survives bytes', () => {
  const state = { params: { layout: three, values: Float32Array.of(1, 2, 3) }, loss: 0.5 }
  expect(fedavg.stateCodec.decode(fedavg.stateCodec.encode(state))).toEqual(state)
  expect(fedavg.stateCodec.decode(fedavg.stateCodec.encode(fedavg.init(start))).loss).toBeNaN()
})

test('does not depend on the order of arrival, bit for bit', async () => {
  const { fold } = fedAvg({ length: 3 })
  const update = fc.record({
    values: fc.float32Array({ minLength: 3, maxLength: 3, min: -4096, max: 4096, noNaN: true }),
    weight: fc.integer({ min: 1, max: 1000 }),
  })
  fc.assert(
    fc.property(
      fc
        .array(update, { minLength: 1, maxLength: 8 })
        .chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length }))),
      ([all, shuffled]) => {
        const mean = (updates: typeof all) =>
          fold.finish(updates.map((each) => fold.lift(each, 'x')).reduce(fold.sum.add, fold.sum.zero())).values
        expect(mean(all)).toEqual(mean(shuffled))
      },
    ),
  )
})
