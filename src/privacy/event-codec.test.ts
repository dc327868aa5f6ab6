import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { compose, keyOf, terms } from './composition.ts'
import { dpEventCodec, parseDpEvent } from './event-codec.ts'
import type { DpEvent } from './events.ts'

const { event: anyEvent } = fc.letrec<{ event: DpEvent }>((tie) => {
  const amount = fc.double({ min: 0, max: 1e6, noNaN: true, noDefaultInfinity: true }).map((x) => x + 0)
  const whole = fc.integer({ min: 1, max: 1e6 })
  const event = tie('event')
  return {
    event: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fc.constant({ kind: 'none' } as const),
      fc.constant({ kind: 'nonPrivate' } as const),
      fc.record({ kind: fc.constant('unsupported' as const), what: fc.string() }),
      fc.record({ kind: fc.constantFrom('gaussian' as const, 'laplace' as const), noiseMultiplier: amount }),
      fc.record({ kind: fc.constant('discreteGaussian' as const), noiseMultiplier: amount, sensitivity: whole, dimension: whole }),
      fc.record({
        kind: fc.constant('distributedDiscreteGaussian' as const),
        noiseMultiplier: amount,
        sensitivity: whole,
        dimension: whole,
        parties: whole,
      }),
      fc.record({ kind: fc.constant('discreteLaplace' as const), noiseMultiplier: amount, sensitivity: whole }),
      fc.record({ kind: fc.constant('exponential' as const), epsilon: amount }),
      fc.record({ kind: fc.constant('poissonSampled' as const), probability: fc.double({ min: 0, max: 1, noNaN: true }), event }),
      fc.record({ kind: fc.constant('fixedSizeSampled' as const), population: fc.constant(1e6), sample: whole, event }),
      fc.record({
        kind: fc.constant('fixedSizeSampled' as const),
        population: whole,
        sample: whole,
        replacement: fc.constant(true),
        event,
      }),
      fc.record({ kind: fc.constant('repeated' as const), count: fc.nat(1000), event }),
      fc.record({ kind: fc.constant('composed' as const), events: fc.array(event, { maxLength: 4 }) }),
    ),
  }
})

test('every event survives its codec', () => {
  fc.assert(
    fc.property(anyEvent, (event) => {
      expect(keyOf(dpEventCodec.decode(dpEventCodec.encode(event)))).toBe(keyOf(event))
    }),
  )
})

test('composition keeps the releases, and composing again changes nothing', () => {
  fc.assert(
    fc.property(fc.array(anyEvent, { maxLength: 4 }), (events) => {
      const counts = (event: DpEvent): ReadonlyMap<string, number> => new Map(terms(event).map((term) => [keyOf(term.event), term.count]))
      const once = compose(events)
      expect(counts(once)).toEqual(counts({ kind: 'composed', events }))
      expect(compose([once])).toEqual(once)
    }),
  )
})

test.each([
  [{ kind: 'gausian', noiseMultiplier: 1 }, /a known kind, got gausian \(path \$\.kind\)/],
  [{ kind: 'gaussian' }, /path \$\.noiseMultiplier/],
  [{ kind: 'gaussian', noiseMultiplier: -1 }, /from 0, got -1/],
  [{ kind: 'gaussian', noiseMultiplier: Number.NaN }, /got NaN/],
  [{ kind: 'gaussian', noiseMultiplier: '1' }, /got 1/],
  [{ kind: 'gaussian', noiseMultiplier: 1, clip: 2 }, /only fields of gaussian, got clip/],
  [
    { kind: 'composed', events: [{ kind: 'none' }, { kind: 'repeated', count: 1.5, event: { kind: 'none' } }] },
    /path \$\.events\[1\]\.count/,
  ],
  [{ kind: 'fixedSizeSampled', population: 10, sample: 11, event: { kind: 'none' } }, /an integer from 0 to 10/],
  [{ kind: 'poissonSampled', probability: 1.01, event: { kind: 'none' } }, /from 0 to 1/],
  [{ kind: 'discreteLaplace', noiseMultiplier: 1, sensitivity: 0.5 }, /an integer from 1/],
  [[], /a record with a kind/],
  [null, /a record with a kind/],
])('what is no event is refused by field: %j', (value, message) => {
  expect(() => parseDpEvent(value)).toThrow(message)
})
