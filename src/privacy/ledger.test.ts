import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { DpEvent } from './events.ts'
import { canAfford, charge, ledger, released, roundsLeft, spent } from './ledger.ts'
import { pld } from './pld/pld.ts'
import { rdp } from './rdp/rdp.ts'

const events: fc.Arbitrary<DpEvent> = fc.oneof(
  fc.record({ kind: fc.constant('gaussian' as const), noiseMultiplier: fc.double({ min: 0.8, max: 8, noNaN: true }) }),
  fc.record({ kind: fc.constant('laplace' as const), noiseMultiplier: fc.double({ min: 1, max: 20, noNaN: true }) }),
  fc.record({
    kind: fc.constant('poissonSampled' as const),
    probability: fc.double({ min: 0.01, max: 1, noNaN: true }),
    event: fc.record({ kind: fc.constant('gaussian' as const), noiseMultiplier: fc.double({ min: 0.8, max: 4, noNaN: true }) }),
  }),
)
const open = (): ReturnType<typeof ledger> => ledger({ run: 'r1', site: 'north', unit: 'patient' })

test('the round that would exceed ε never runs: whatever rounds cost, however attempts fail', () => {
  const accountant = rdp()
  fc.assert(
    fc.property(
      fc.array(fc.record({ event: events, aborted: fc.boolean() }), { minLength: 1, maxLength: 30 }),
      fc.double({ min: 0.3, max: 10, noNaN: true }),
      (rounds, epsilon) => {
        const budget = { epsilon, delta: 1e-5 }
        let book = open()
        const ran: DpEvent[] = []
        let stopped = false
        for (const [round, { event, aborted }] of rounds.entries()) {
          for (const attempt of aborted ? [0, 1] : [0]) {
            const verdict = canAfford(budget, book, event, accountant)
            if (!verdict.affordable) {
              stopped = true
              // the verdict is exact: with it, the budget would be exceeded
              expect(accountant.epsilon({ kind: 'composed', events: [...ran, event] }, 1e-5)).toBeGreaterThan(epsilon)
              break
            }
            book = charge(book, { round, attempt, event })
            ran.push(event)
          }
          if (stopped) break
        }
        expect(spent(book, accountant, 1e-5)).toBeLessThanOrEqual(epsilon)
        // aborted attempts were charged too
        expect(book.charges.length).toBe(ran.length)
      },
    ),
    { numRuns: 100 },
  )
})

test('the number of rounds left is exact, by both accountants', () => {
  for (const accountant of [rdp(), pld({ interval: 2e-3 })]) {
    for (const noiseMultiplier of [2, 10]) {
      const event: DpEvent = { kind: 'poissonSampled', probability: 0.2, event: { kind: 'gaussian', noiseMultiplier } }
      const budget = { epsilon: 2, delta: 1e-6 }
      const book = charge(open(), { round: 0, attempt: 0, event: { kind: 'laplace', noiseMultiplier: 4 } })
      const left = roundsLeft(budget, book, event, accountant)
      const costs = (count: number): number =>
        accountant.epsilon({ kind: 'composed', events: [released(book), { kind: 'repeated', count, event }] }, 1e-6)
      expect(left).toBeGreaterThan(5)
      expect(costs(left)).toBeLessThanOrEqual(2)
      expect(costs(left + 1)).toBeGreaterThan(2)
    }
  }
  expect(roundsLeft({ epsilon: 0.1, delta: 1e-6 }, open(), { kind: 'gaussian', noiseMultiplier: 1 }, rdp())).toBe(0)
  expect(roundsLeft({ epsilon: 0.1, delta: 1e-6 }, open(), { kind: 'none' }, rdp())).toBe(Number.POSITIVE_INFINITY)
})

test('a journal replayed twice charges once; one attempt cannot have two costs; ledgers survive JSON', () => {
  const round = { round: 3, attempt: 0, event: { kind: 'gaussian', noiseMultiplier: 2 } as const }
  const once = charge(open(), round)
  expect(charge(once, round)).toBe(once)
  expect(charge(once, { ...round, attempt: 1 }).charges).toHaveLength(2)
  expect(() => charge(once, { ...round, event: { kind: 'gaussian', noiseMultiplier: 3 } })).toThrow(
    expect.objectContaining({ code: 'ledger-conflict' }),
  )
  expect(JSON.parse(JSON.stringify(once))).toEqual(once)
  expect(open().charges).toHaveLength(0)
})

test('thousands of equal rounds stay one term', () => {
  let book = open()
  const event: DpEvent = { kind: 'gaussian', noiseMultiplier: 40 }
  for (let round = 0; round < 2000; round++) book = { ...book, charges: [...book.charges, { round, attempt: 0, event }] }
  expect(released(book)).toEqual({ kind: 'repeated', event, count: 2000 })
})
