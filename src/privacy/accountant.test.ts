import { readFileSync } from 'node:fs'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Accountant, type Adjacency } from './accountant.ts'
import { accountantSuite } from './accountant.suite.ts'
import { parseDpEvent } from './event-codec.ts'
import type { DpEvent } from './events.ts'
import { pld } from './pld/pld.ts'
import { discreteGaussianCurve, discreteLaplaceCurve } from './rdp/curves.ts'
import { rdp } from './rdp/rdp.ts'
import { poissonCurve } from './rdp/sampling.ts'
import { normalTail } from './special.ts'

accountantSuite('rdp', () => rdp())
accountantSuite('pld', () => pld({ interval: 1e-3 }))

interface Golden {
  readonly settings: readonly {
    readonly name: string
    readonly adjacency: Adjacency
    readonly orders?: readonly number[]
    readonly event: unknown
    readonly expected: readonly {
      readonly accountant: 'rdp' | 'pld'
      readonly delta: number
      readonly epsilon: number | null
      readonly at?: number
      readonly deltaAt?: number
    }[]
  }[]
}
const golden = JSON.parse(readFileSync(new URL('privacy.golden.json', import.meta.url), 'utf8')) as Golden

test('the golden grid is as large as promised', () => {
  expect(golden.settings.length).toBeGreaterThanOrEqual(60)
})

test.each(golden.settings)('as dp-accounting: $name', ({ adjacency, orders, event, expected }) => {
  const accountants: Record<'rdp' | 'pld', Accountant> = {
    rdp: rdp({ adjacency, ...(orders === undefined ? {} : { orders }) }),
    pld: pld({ adjacency }),
  }
  const ours = parseDpEvent(event)
  for (const { accountant, delta, epsilon, at, deltaAt } of expected) {
    const measured = accountants[accountant].epsilon(ours, delta)
    // measured when written: 2e-12 (rdp), 7e-8 (pld)
    expect(Math.abs(measured - (epsilon ?? Number.POSITIVE_INFINITY))).toBeLessThanOrEqual(1e-6 * (epsilon ?? 0))
    if (at !== undefined && deltaAt !== undefined)
      expect(Math.abs(accountants[accountant].delta(ours, at) / deltaAt - 1)).toBeLessThan(1e-3)
  }
})

const gaussian = (noiseMultiplier: number): DpEvent => ({ kind: 'gaussian', noiseMultiplier })
const repeated = (count: number, event: DpEvent): DpEvent => ({ kind: 'repeated', count, event })

test('the reference case: 1645 steps of 256 out of 60000 with noise 0.7 cost 3.46 by whole orders 2 … 255', () => {
  const step: DpEvent = { kind: 'poissonSampled', probability: 256 / 60000, event: gaussian(0.7) }
  const whole = rdp({ orders: Array.from({ length: 254 }, (_, i) => i + 2) })
  expect(Math.abs(whole.epsilon(repeated(1645, step), 1e-5) - 3.46)).toBeLessThan(0.05)
  expect(Math.abs(whole.epsilon(repeated(235, step), 1e-5) - 2.43)).toBeLessThan(0.05)
  // fractional orders prove less
  expect(rdp().epsilon(repeated(1645, step), 1e-5)).toBeCloseTo(3.272, 3)
})

test('one normal release: the exact δ of Balle and Wang 2018, theorem 8', () => {
  fc.assert(
    fc.property(fc.double({ min: 0.3, max: 8, noNaN: true }), fc.double({ min: 0, max: 4, noNaN: true }), (z, epsilon) => {
      const below = (x: number): number => (x <= 0 ? normalTail(x) : 1 - normalTail(x))
      const exact = below(1 / (2 * z) - epsilon * z) - Math.exp(epsilon) * below(-1 / (2 * z) - epsilon * z)
      fc.pre(exact > 1e-12)
      const accounted = pld({ interval: 1e-3 }).delta(gaussian(z), epsilon)
      expect(accounted).toBeGreaterThan(exact * (1 - 1e-9))
      expect(accounted).toBeLessThan(exact * 1.003 + 1e-8)
      expect(rdp().delta(gaussian(z), epsilon)).toBeGreaterThan(exact)
    }),
    { numRuns: 40 },
  )
})

test('the true ε lies between rounding down and connecting dots, which lies below rounding up and below rdp', () => {
  fc.assert(
    fc.property(
      fc.record({
        z: fc.double({ min: 0.8, max: 4, noNaN: true }),
        q: fc.double({ min: 0.01, max: 1, noNaN: true }),
        count: fc.integer({ min: 1, max: 60 }),
      }),
      fc.constantFrom('gaussian' as const, 'laplace' as const),
      ({ z, q, count }, kind) => {
        const event = repeated(count, { kind: 'poissonSampled', probability: q, event: { kind, noiseMultiplier: z } })
        const at = (rounding: 'up' | 'down' | 'connect'): number => pld({ interval: 2e-3, rounding }).epsilon(event, 1e-5)
        const [down, connect, up] = [at('down'), at('connect'), at('up')]
        expect(down).toBeLessThanOrEqual(connect)
        expect(connect).toBeLessThanOrEqual(up + 1e-12)
        expect(up - down).toBeLessThan(2e-3 * (count + 1))
        // rdp bounds from above as well; only its slack and the grid stand between them
        expect(connect).toBeLessThan(rdp().epsilon(event, 1e-5) + 2e-3)
      },
    ),
    { numRuns: 15 },
  )
})

test('a sum of discrete Gaussians costs at least one with all the noise, and nearly the same when the noise is wide', () => {
  const one: DpEvent = { kind: 'discreteGaussian', noiseMultiplier: 1, sensitivity: 100, dimension: 10 ** 6 }
  const many = (sensitivity: number): DpEvent => ({
    kind: 'distributedDiscreteGaussian',
    noiseMultiplier: 1,
    sensitivity,
    dimension: 10 ** 6,
    parties: 50,
  })
  const single = rdp().epsilon(one, 1e-5)
  expect(single).toBe(rdp().epsilon(gaussian(1), 1e-5))
  expect(rdp().epsilon(many(100), 1e-5)).toBeCloseTo(single, 12)
  expect(rdp().epsilon(many(8), 1e-5)).toBeGreaterThan(single * 1.01)
  // σ of one party below half a step: no theorem
  expect(rdp().refusal(many(3))?.why).toMatch(/finer grid/)
  expect(pld().refusal(many(100))?.path).toBe('distributedDiscreteGaussian')
  expect(pld().refusal(one)?.why).toMatch(/more than one integer/)
})

test('samples of fixed size: replaceOne only, whole samples cost what the noise costs, samples with replacement are refused', () => {
  const replaced = rdp({ adjacency: 'replaceOne' })
  const draw = (sample: number, replacement?: boolean): DpEvent => ({
    kind: 'fixedSizeSampled',
    population: 100,
    sample,
    ...(replacement === undefined ? {} : { replacement }),
    event: gaussian(2),
  })
  expect(replaced.epsilon(draw(100), 1e-5)).toBe(replaced.epsilon(gaussian(2), 1e-5))
  expect(replaced.epsilon(draw(0), 1e-5)).toBe(0)
  expect(replaced.epsilon(draw(10), 1e-5)).toBeLessThan(replaced.epsilon(draw(20), 1e-5))
  // other noise: by the general bound, which is looser for normal noise
  const discrete: DpEvent = {
    kind: 'fixedSizeSampled',
    population: 100,
    sample: 10,
    event: { kind: 'discreteGaussian', noiseMultiplier: 2, sensitivity: 50, dimension: 9 },
  }
  const general = replaced.epsilon(repeated(50, discrete), 1e-5)
  expect(general).toBeGreaterThanOrEqual(replaced.epsilon(repeated(50, draw(10)), 1e-5))
  expect(general).toBeLessThan(replaced.epsilon(repeated(50, gaussian(2)), 1e-5))
  expect(replaced.refusal(draw(10, true))?.why).toMatch(/with replacement/)
  expect(replaced.refusal({ kind: 'poissonSampled', probability: 0.1, event: gaussian(1) })?.why).toMatch(/needs adjacency addRemove/)
  expect(rdp().refusal(draw(10))?.why).toMatch(/needs adjacency replaceOne/)
})

test('discrete noise by rdp and pld: the looser is never below the tighter, and both approach the continuous noise on fine grids', () => {
  const discrete: DpEvent = { kind: 'discreteLaplace', noiseMultiplier: 2, sensitivity: 1000 }
  expect(rdp().epsilon(repeated(5, discrete), 1e-5)).toBeCloseTo(
    rdp().epsilon(repeated(5, { kind: 'laplace', noiseMultiplier: 2 }), 1e-5),
    4,
  )
  for (const event of [discrete, { kind: 'discreteLaplace', noiseMultiplier: 0.7, sensitivity: 1 } as const])
    expect(rdp().epsilon(repeated(5, event), 1e-5)).toBeGreaterThan(pld().epsilon(repeated(5, event), 1e-5))
})

test('sampled integer noise by rdp: not below the divergences in either direction, summed over the integers, and tight at whole orders', () => {
  const [sigma, scale] = [1.5, 1.2]
  const noises = [
    {
      event: { kind: 'discreteGaussian', noiseMultiplier: sigma / 2, sensitivity: 2, dimension: 1 } as const,
      weight: (x: number) => -(x * x) / (2 * sigma * sigma),
      slack: 1e-6,
    },
    {
      event: { kind: 'discreteLaplace', noiseMultiplier: scale / 2, sensitivity: 2 } as const,
      weight: (x: number) => -Math.abs(x) / scale,
      slack: 1e-9,
    },
  ]
  for (const { event, weight, slack } of noises) {
    const points = Array.from({ length: 401 }, (_, i) => i - 200)
    const total = points.reduce((sum, x) => sum + Math.exp(weight(x)), 0)
    for (const q of [0.02, 0.3, 0.8]) {
      for (const order of [1.5, 2, 3, 7, 7.4]) {
        const curve = poissonCurve(
          q,
          event.kind === 'discreteGaussian' ? discreteGaussianCurve(event) : discreteLaplaceCurve(event),
          true,
        )(order)
        const divergence = (removed: boolean): number => {
          const moment = points.reduce((sum, x) => {
            const base = Math.exp(weight(x)) / total
            const mixture = (1 - q) * base + (q * Math.exp(weight(x - 2))) / total
            const [above, below] = removed ? [mixture, base] : [base, mixture]
            // masses that underflow hold nothing
            return above === 0 || below === 0 ? sum : sum + Math.exp(order * Math.log(above) + (1 - order) * Math.log(below))
          }, 0)
          return Math.log(moment) / (order - 1)
        }
        expect(divergence(false)).toBeLessThanOrEqual(divergence(true) * (1 + 1e-9))
        expect(curve).toBeGreaterThanOrEqual(divergence(true) * (1 - 1e-9))
        if (Number.isInteger(order))
          expect(curve / divergence(true)).toBeLessThan(1 + slack + (event.kind === 'discreteGaussian' ? 1e-3 : 0))
      }
    }
  }
})

test('sampled discrete Gaussians cost by rdp what normal noise costs, but for fractional orders', () => {
  for (const q of [0.01, 0.2]) {
    const cost = (event: DpEvent): number => rdp().epsilon(repeated(100, { kind: 'poissonSampled', probability: q, event }), 1e-5)
    const discrete = cost({ kind: 'discreteGaussian', noiseMultiplier: 1.5, sensitivity: 1000, dimension: 10_000 })
    expect(discrete).toBeGreaterThanOrEqual(cost(gaussian(1.5)))
    expect(discrete).toBeLessThan(cost(gaussian(1.5)) * 1.03)
  }
})
