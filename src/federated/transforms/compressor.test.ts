// Compressors: bytes on the wire, error feedback, and that packed updates learn what plain ones do.
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { seed } from '../../base/index.ts'
import { codecLaws } from '../../base/codec.suite.ts'
import { fedAvgM } from '../strategies/fed-opt.ts'
import { regression, regressionLayout as layout, regressionSites } from '../strategies/regression.test-support.ts'
import { train } from '../strategies/train.test-support.ts'
import { algorithm } from '../strategy.ts'
import { plain } from '../sums/plain.ts'
import { compressed, packing } from './compressor.ts'
import { largest, type Sparse, sparseCodec, topK } from './top-k.ts'

const sites = regressionSites([4, 30, 11])
const node = { id: 'a', site: undefined, seed: seed(1), basedOn: 1, signal: new AbortController().signal }

const sparse: fc.Arbitrary<Sparse> = fc
  .uniqueArray(fc.nat(1e6), { maxLength: 12 })
  .map((some) => Uint32Array.from(some).sort())
  .map((indices) => ({ indices, values: Float32Array.from(indices, (index) => index / 3) }))
codecLaws('sparse', sparseCodec, sparse)

test('the k largest, as a sort finds them', () => {
  fc.assert(
    fc.property(fc.float32Array({ minLength: 1, maxLength: 30, noNaN: true }), fc.integer({ min: 1, max: 30 }), (values, k) => {
      const found = largest(values, k)
      const order = [...values.keys()].sort((a, b) => Math.abs(values[b]!) - Math.abs(values[a]!) || a - b)
      expect([...found]).toEqual(order.slice(0, k).sort((a, b) => a - b))
    }),
  )
})

test('top-k with k = n is the identity, in training too', async () => {
  const base = fedAvgM({ layout, learningRate: 1 })
  const whole = await train(algorithm(compressed(base, topK(1), { layout }), regression, plain()), { rounds: 4, sites })
  expect(whole.model).toEqual((await train(algorithm(base, regression, plain()), { rounds: 4, sites })).model)
})

test('what was sent and what is kept add up to what was wanted, round after round', async () => {
  const transform = packing(topK(0.34), 3, true)
  let [sent, wanted, lost] = [[0, 0, 0], [0, 0, 0], transform.init()]
  for (let round = 0; round < 6; round += 1) {
    const values = Float32Array.of(1, 0.5 * round, 0.25)
    const [{ packed }, next] = await transform.apply({ values, weight: 1 }, lost, node)
    expect(packed.values).toHaveLength(1)
    lost = next
    wanted = wanted.map((sum, i) => sum + values[i]!)
    sent = sent.map((sum, i) => sum + topK(1).unpack(packed, 3)[i]!)
  }
  for (const [i, sum] of wanted.entries()) expect(sent[i]! + lost[i]!).toBeCloseTo(sum, 5)
})

test('with error feedback top-k finds the optimum, not without it', async () => {
  const base = fedAvgM({ layout, learningRate: 1 })
  const far = async (feedback: boolean): Promise<number> => {
    const { model } = await train(algorithm(compressed(base, topK(0.34), { layout, feedback }), regression, plain()), { rounds: 60, sites })
    const reference = await train(algorithm(base, regression, plain()), { rounds: 60, sites })
    return Math.hypot(...model.map((value, i) => value - reference.model[i]!))
  }
  const [fed, lost] = [await far(true), await far(false)]
  expect(fed).toBeLessThan(0.05)
  expect(lost).toBeGreaterThan(3 * fed)
})

test('indices beyond the model are refused', () => {
  expect(() => topK(1).unpack({ indices: Uint32Array.of(3), values: Float32Array.of(1) }, 3)).toThrow(
    expect.objectContaining({ code: 'packed' }),
  )
  expect(() => topK(0)).toThrow(expect.objectContaining({ code: 'packed' }))
})
