import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { calibrate } from './calibration.ts'
import type { DpEvent } from './events.ts'
import { pld } from './pld/pld.ts'
import { plan } from './plan.ts'
import { rdp } from './rdp/rdp.ts'

const gaussian = (noiseMultiplier: number): DpEvent => ({ kind: 'gaussian', noiseMultiplier })
const sampled = (probability: number, count: number, event: DpEvent): DpEvent => ({
  kind: 'repeated',
  count,
  event: { kind: 'poissonSampled', probability, event },
})

const budgets = fc.record({ epsilon: fc.double({ min: 0.05, max: 30, noNaN: true }), delta: fc.constantFrom(1e-4, 1e-6, 1e-9) })

test('rdp: calibration inverts accounting, from the safe side, and a little less noise is too little', () => {
  const accountant = rdp()
  fc.assert(
    fc.property(
      budgets,
      fc.integer({ min: 1, max: 5000 }),
      fc.double({ min: 0.001, max: 1, noNaN: true }),
      ({ epsilon, delta }, rounds, q) => {
        const event = (z: number): DpEvent => sampled(q, rounds, gaussian(z))
        const noise = calibrate({ accountant, epsilon, delta, event })
        expect(accountant.epsilon(event(noise), delta)).toBeLessThanOrEqual(epsilon)
        expect(accountant.epsilon(event(noise * (1 - 1.1e-6)), delta)).toBeGreaterThan(epsilon)
      },
    ),
    { numRuns: 30 },
  )
})

test('pld: the same, with Laplace and Gaussian noise', () => {
  const accountant = pld({ interval: 2e-3 })
  fc.assert(
    fc.property(
      fc.double({ min: 0.2, max: 8, noNaN: true }),
      fc.integer({ min: 1, max: 200 }),
      fc.constantFrom(0.01, 0.3, 1),
      fc.constantFrom('gaussian' as const, 'laplace' as const),
      (epsilon, rounds, q, kind) => {
        const event = (z: number): DpEvent => sampled(q, rounds, { kind, noiseMultiplier: z })
        const noise = calibrate({ accountant, epsilon, delta: 1e-6, event, tolerance: 1e-4 })
        expect(accountant.epsilon(event(noise), 1e-6)).toBeLessThanOrEqual(epsilon)
        expect(accountant.epsilon(event(noise * (1 - 1.1e-4)), 1e-6)).toBeGreaterThan(epsilon)
      },
    ),
    { numRuns: 12 },
  )
})

test('budgets that are none, and tasks that no noise solves, are refused', () => {
  const fits = { accountant: rdp(), event: gaussian }
  for (const epsilon of [0, -1, Number.NaN, Number.POSITIVE_INFINITY])
    expect(() => calibrate({ ...fits, epsilon, delta: 1e-5 })).toThrow(/cannot take privacy budget/)
  for (const delta of [0, 1, Number.NaN]) expect(() => calibrate({ ...fits, epsilon: 1, delta })).toThrow(/cannot take privacy budget/)
  expect(() => calibrate({ accountant: rdp(), event: () => ({ kind: 'nonPrivate' }), epsilon: 1, delta: 1e-5 })).toThrow(
    /cannot calibrate noise/,
  )
  expect(() => calibrate({ accountant: rdp(), event: () => ({ kind: 'none' }), epsilon: 1, delta: 1e-5 })).toThrow(/cannot calibrate noise/)
})

test('a plan keeps its budget, says what it assumes, and costs grow along its curve', () => {
  for (const sampling of [
    { kind: 'all' } as const,
    { kind: 'poisson', probability: 0.05 } as const,
    { kind: 'fixedSize', population: 100, sample: 5 } as const,
  ]) {
    const planned = plan({ epsilon: 3, delta: 1e-5, rounds: 50, sampling })
    expect(planned.epsilon).toBeLessThanOrEqual(3)
    expect(planned.epsilon).toBeGreaterThan(2.9999)
    expect(planned.adjacency).toBe(sampling.kind === 'fixedSize' ? 'replaceOne' : 'addRemove')
    expect(planned.noisePerClip / planned.noiseMultiplier).toBe(sampling.kind === 'fixedSize' ? 2 : 1)
    expect(planned.curve.map(({ round }) => round)).toEqual([1, 5, 10, 15, 20, 25, 30, 35, 40, 45, 50])
    expect(planned.curve.at(-1)?.epsilon).toBe(planned.epsilon)
    for (const [i, { epsilon }] of planned.curve.entries()) if (i > 0) expect(epsilon).toBeGreaterThan(planned.curve[i - 1]!.epsilon)
  }
  const noises = (accountant: ReturnType<typeof rdp>): number =>
    plan({ epsilon: 1, delta: 1e-5, rounds: 1, noise: 'laplace', accountant }).noiseMultiplier
  expect(noises(pld())).toBeLessThan(noises(rdp()))
  expect(noises(pld())).toBeGreaterThan(0.99)
  expect(() => plan({ epsilon: 1, delta: 1e-5, rounds: 0.5 })).toThrow(/integer number of rounds/)
  const mismatched = {
    epsilon: 1,
    delta: 1e-5,
    rounds: 5,
    sampling: { kind: 'fixedSize', population: 10, sample: 2 } as const,
    accountant: rdp(),
  }
  expect(() => plan(mismatched)).toThrow(/adjacency replaceOne/)
})
