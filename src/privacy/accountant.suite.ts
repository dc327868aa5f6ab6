// What every accountant must do, whatever it computes with.
import { expect, test } from 'vitest'
import type { Accountant } from './accountant.ts'
import { compose } from './composition.ts'
import type { DpEvent } from './events.ts'

const gaussian = (noiseMultiplier: number): DpEvent => ({ kind: 'gaussian', noiseMultiplier })
const laplace = (noiseMultiplier: number): DpEvent => ({ kind: 'laplace', noiseMultiplier })
const poisson = (probability: number, event: DpEvent): DpEvent => ({ kind: 'poissonSampled', probability, event })
const repeated = (count: number, event: DpEvent): DpEvent => ({ kind: 'repeated', count, event })
const composed = (...events: readonly DpEvent[]): DpEvent => ({ kind: 'composed', events })

/** Tests of an accountant with adjacency addRemove. `make` gives a fresh one. */
export const accountantSuite = (name: string, make: () => Accountant): void => {
  const accountant = make()
  const events: readonly DpEvent[] = [
    gaussian(1.3),
    laplace(2),
    { kind: 'discreteGaussian', noiseMultiplier: 2, sensitivity: 3, dimension: 1 },
    { kind: 'discreteLaplace', noiseMultiplier: 2, sensitivity: 3 },
    { kind: 'exponential', epsilon: 0.4 },
    poisson(0.1, gaussian(1)),
    poisson(0.1, laplace(1)),
    poisson(0.1, { kind: 'discreteGaussian', noiseMultiplier: 2, sensitivity: 1, dimension: 1 }),
    poisson(0.1, composed(gaussian(2), repeated(2, gaussian(3)))),
  ]

  test(`${name}: nothing released costs nothing`, () => {
    for (const event of [
      { kind: 'none' } as const,
      composed(),
      repeated(0, gaussian(1)),
      poisson(0, gaussian(1)),
      poisson(0.5, { kind: 'none' }),
    ]) {
      expect(accountant.epsilon(event, 1e-5)).toBe(0)
      expect(accountant.epsilon(event, 0)).toBe(0)
      expect(accountant.delta(event, 0)).toBe(0)
    }
  })

  test(`${name}: releases without protection have no finite ε`, () => {
    for (const event of [
      { kind: 'nonPrivate' } as const,
      gaussian(0),
      laplace(0),
      poisson(0.1, gaussian(0)),
      composed(gaussian(1), { kind: 'nonPrivate' }),
    ]) {
      expect(accountant.epsilon(event, 1e-5)).toBe(Number.POSITIVE_INFINITY)
      expect(accountant.delta(event, 3)).toBe(1)
    }
    expect(accountant.epsilon(repeated(0, { kind: 'nonPrivate' }), 1e-5)).toBe(0)
  })

  test(`${name}: δ and ε are inverse, ε falls with δ, and δ with ε`, () => {
    for (const event of events.map((e) => repeated(3, e))) {
      const [loose, tight] = [accountant.epsilon(event, 1e-3), accountant.epsilon(event, 1e-7)]
      expect(loose).toBeLessThanOrEqual(tight)
      expect(accountant.delta(event, tight)).toBeLessThanOrEqual(1e-7 * 1.0001)
      expect(accountant.delta(event, tight * 0.999)).toBeGreaterThan(1e-7 * 0.99)
      expect(accountant.delta(event, loose)).toBeGreaterThanOrEqual(accountant.delta(event, tight))
    }
  })

  test(`${name}: more releases, less noise and larger samples cost more`, () => {
    for (const event of events) {
      const [once, twice, often] = [1, 2, 20].map((count) => accountant.epsilon(repeated(count, event), 1e-6)) as [number, number, number]
      expect(once).toBeGreaterThan(0)
      expect(twice).toBeGreaterThan(once)
      expect(often).toBeGreaterThan(twice)
      // never worse than adding up ε and δ (basic composition), but for the grid
      expect(twice).toBeLessThanOrEqual(2 * accountant.epsilon(event, 5e-7) + 1e-3)
    }
    for (const noise of [gaussian, laplace]) {
      const by = (z: number, q: number): number => accountant.epsilon(repeated(10, poisson(q, noise(z))), 1e-6)
      expect(by(1, 0.1)).toBeGreaterThan(by(1.1, 0.1))
      expect(by(1, 0.1)).toBeGreaterThan(by(1, 0.05))
      expect(by(1, 1)).toBeGreaterThan(by(1, 0.9))
      expect(by(1, 1)).toBeCloseTo(accountant.epsilon(repeated(10, noise(1)), 1e-6), 9)
    }
  })

  test(`${name}: how a composition is written down does not matter`, () => {
    const [a, b] = [gaussian(2), laplace(3)]
    const spellings = [
      composed(a, b, a, b),
      composed(repeated(2, a), repeated(2, b)),
      repeated(2, composed(b, a)),
      composed(composed(b, composed(a)), repeated(1, composed(a, { kind: 'none' }, b))),
      compose([a, b, b, a]),
    ]
    const expected = accountant.epsilon(spellings[0]!, 1e-5)
    for (const event of spellings) expect(accountant.epsilon(event, 1e-5)).toBeCloseTo(expected, 10)
  })

  test(`${name}: an event it cannot cost is refused by name and place`, () => {
    const bad: DpEvent = { kind: 'unsupported', what: 'a quantum leak' }
    const event = composed(gaussian(1), repeated(3, composed(laplace(1), bad)))
    expect(accountant.refusal(event)).toEqual({ path: 'composed[1].repeated.composed[1].unsupported', why: 'a quantum leak' })
    expect(() => accountant.epsilon(event, 1e-5)).toThrow(/a quantum leak \(event composed\[1\]\.repeated\.composed\[1\]\.unsupported\)/)
    expect(() => accountant.delta(event, 1)).toThrow(expect.objectContaining({ code: 'event-unsupported' }))
    expect(accountant.refusal(composed(...events))).toBeUndefined()
    const nested = composed(laplace(1), poisson(0.1, poisson(0.1, gaussian(1))))
    expect(accountant.refusal(nested)?.path).toMatch(/^composed\[1\]\.poissonSampled/)
    const drawn: DpEvent = { kind: 'fixedSizeSampled', population: 10, sample: 2, event: gaussian(1) }
    expect(accountant.refusal(drawn)?.path).toBe('fixedSizeSampled')
  })

  test(`${name}: δ outside [0, 1) and negative ε are refused`, () => {
    for (const delta of [-1e-9, 1, Number.NaN]) expect(() => accountant.epsilon(gaussian(1), delta)).toThrow(/cannot take delta/)
    for (const epsilon of [-1, Number.NaN]) expect(() => accountant.delta(gaussian(1), epsilon)).toThrow(/cannot take epsilon/)
  })

  test(`${name}: events with numbers out of range are refused, however they were made`, () => {
    for (const event of [
      gaussian(-1),
      gaussian(Number.NaN),
      poisson(1.5, gaussian(1)),
      repeated(-1, gaussian(1)),
      composed(laplace(-2), gaussian(1)),
    ])
      expect(() => accountant.epsilon(event, 1e-5)).toThrow(expect.objectContaining({ code: 'dp-event' }))
  })

  test(`${name}: pure ε-privacy holds at δ = 0 only if it is pure`, () => {
    expect(accountant.epsilon(gaussian(1), 0)).toBe(Number.POSITIVE_INFINITY)
  })
}
