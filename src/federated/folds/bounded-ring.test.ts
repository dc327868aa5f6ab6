// The ring of the bounded mean: chosen from public bounds alone, too wide to wrap within them, and fine enough that noise hardly grows.
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { fixedPoint } from '../../algebra/index.ts'
import { csprng } from '../../base/index.ts'
import { clip } from '../../privacy/index.ts'
import { centrallyPrivate } from '../protected/central.ts'
import { fedAvgM } from '../strategies/fed-opt.ts'
import { regressionLayout as layout } from '../strategies/regression.test-support.ts'
import type { SumProtocol } from '../sum-protocol.ts'
import { masked } from '../sums/masked.ts'
import { playSum } from '../sums/masked.test-support.ts'
import { plain } from '../sums/plain.ts'
import { boundedMean } from './bounded-mean.ts'

test.each([
  [1, 1, 32],
  [1_000_000, 100, 32],
  [1_000_000, 1000, 32],
  [1_000_000, 1100, 64],
  [10_000_000, 250, 32],
  [10_000_000, 260, 64],
])('%i values from %i sites take %i bits, whatever the bound', (length, cohort, bits) => {
  for (const l2 of [2 ** -10, 1, 2 ** 10]) expect(boundedMean(clip(l2), 1, { length, cohort }).linear.bits).toBe(bits)
})

/** A vector as long as its bound: all in one value, or shared out over all. */
const extremes = (l2: number, length: number): readonly Float32Array[] => {
  const alone = new Float32Array(length)
  alone[0] = l2
  return [alone, alone.map((value) => -value), new Float32Array(length).fill(l2 / Math.sqrt(length)), new Float32Array(length)]
}

test('the largest sums that bounds allow do not wrap: every site at its bound, with its largest weight, on one side', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(0.001, 0.1, 1, 4, 1000),
      fc.integer({ min: 1, max: 3 }),
      fc.integer({ min: 1, max: 3000 }),
      fc.integer({ min: 1, max: 9 }),
      (l2, cap, cohort, length) => {
        const bound = clip(l2)
        const mean = boundedMean(bound, cap, { length, cohort, bits: 32 })
        for (const values of extremes(l2, length)) {
          const lifted = mean.lift(bound({ values, weight: cap + 1 }), 'a')
          const total = mean.sum.zero()
          // as many times one lifted vector, in place, by doubling
          for (let left = cohort; left > 0; left = Math.floor(left / 2)) {
            if (left % 2 === 1) mean.sum.add(total, lifted)
            mean.sum.add(lifted, lifted.slice())
          }
          const { value, l2: told } = mean.finish(total)
          for (const [i, each] of value.values.entries()) expect(Math.abs(each - values[i]!)).toBeLessThanOrEqual(2 ** -11 * l2)
          expect(Math.hypot(...value.values)).toBeLessThanOrEqual(cohort * told)
        }
      },
    ),
    { numRuns: 100, seed: 3 },
  )
})

test('one fraction bit more is refused, and would have wrapped', () => {
  for (const cohort of [1, 3, 100, 1000]) {
    const bounds = { bits: 32, maxAbs: 1, maxWeight: cohort } as const
    const { fractionBits } = fixedPoint(bounds)
    expect(() => fixedPoint({ ...bounds, fractionBits: fractionBits + 1 })).toThrow(expect.objectContaining({ code: 'fixed-point-bounds' }))
    const sum = (bits: number): number => Number(BigInt.asIntN(32, BigInt(cohort) * 2n ** BigInt(bits)))
    expect(sum(fractionBits)).toBeGreaterThan(0)
    expect(sum(fractionBits + 1)).toBeLessThan(0)
  }
})

test('in 32 bits the mean differs from that in 64 by no more than was stated, and noise grows by no more than its share', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 12 }).chain((cohort) => fc.tuple(fc.constant(cohort), fc.constantFrom(0.1, 1, 50))),
      fc.array(fc.float32Array({ minLength: 6, maxLength: 6, min: -100, max: 100, noNaN: true }), { minLength: 1, maxLength: 12 }),
      ([cohort, l2], vectors) => {
        const bound = clip(l2)
        const given = vectors.slice(0, cohort).map((values) => bound({ values, weight: 1 }))
        const [narrow, wide] = [undefined, 64 as const].map((bits) => {
          const mean = boundedMean(bound, 1, { length: 6, cohort, ...(bits && { bits }) })
          expect(mean.linear.bits).toBe(bits ?? 32)
          return mean.finish(given.map((each) => mean.lift(each, 'a')).reduce(mean.sum.add, mean.sum.zero()))
        })
        const apart = Math.hypot(...narrow!.value.values.map((value, i) => value - wide!.value.values[i]!))
        expect(apart).toBeLessThanOrEqual((2 ** -12 + 2 ** -23) * l2)
        expect(narrow!.l2 / wide!.l2).toBeLessThanOrEqual(1 + 2 ** -12)
      },
    ),
    { numRuns: 200, seed: 4 },
  )
})

test.each([undefined, { quantile: 0.5, learningRate: 0.2 }])(
  'a private round in 32 bits: masked as plain, bit for bit, with sites lost in each phase; votes on the bound (%j) in the same ring',
  async (adaptive) => {
    const strategy = centrallyPrivate(fedAvgM({ layout, learningRate: 1 }), {
      layout,
      noiseMultiplier: 1,
      cohort: 6,
      clip: 1,
      rng: csprng(),
      ...(adaptive && { adaptive }),
    })
    const how = strategy.fold
    expect(how.linear.bits).toBe(32)
    // the plain sum poses as one that hides
    const openly = { ...plain(), carries: 'linear' } as SumProtocol<'linear'>
    const [unit, ballot] = [clip(1), clip(0.5)]
    const inputs = Object.fromEntries(
      Array.from({ length: 6 }, (_, k) => [
        `n${k}`,
        [
          unit({ values: Float32Array.from({ length: layout.size }, (__, i) => Math.sin(i + k)), weight: 1 }),
          ballot({ values: Float32Array.of(k % 2 === 0 ? 0.5 : -0.5), weight: 1 }),
        ] as const,
      ]),
    )
    for (const lostAt of [0, 1, 2, 3, 4]) {
      const { collected, seen } = await playSum({
        how,
        inputs,
        protocol: () => masked(),
        quorum: 5,
        line: ({ node, way, phase, frame }) => (node === 'n2' && way === 'up' && phase === lostAt ? 'cut' : frame),
      })
      const summed = Object.entries(inputs).filter(([node]) => node !== 'n2' || lostAt === 0 || lostAt === 4)
      const open = await playSum({ how, inputs: Object.fromEntries(summed), protocol: () => openly })
      expect(collected).toEqual({ ...open.collected, refused: collected.refused })
      // four bytes an element: the update, its count, the vote and its count
      expect(seen.find(({ way, phase }) => way === 'up' && phase === 3)!.frame.length).toBe(4 * (layout.size + 3))
    }
  },
)
