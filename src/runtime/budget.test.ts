import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { RunEvent } from '../federated/spec/index.ts'
import { type DpEvent, rdp, type RoundCost } from '../privacy/index.ts'
import { budgetOf } from './budget.ts'

const event: DpEvent = { kind: 'gaussian', noiseMultiplier: 4 }
const costOf = (epsilon: number): RoundCost => ({ event, budget: { epsilon, delta: 1e-5 }, unit: 'site', accountant: rdp() })

const sites = ['a', 'b']

/** A journal in memory. */
const book = () => {
  const events: RunEvent[] = []
  return { events, write: async (one: object) => void events.push({ run: 'r', at: '2026-01-01T00:00:00Z', ...one } as RunEvent) }
}

test('the round that would exceed ε never begins, however attempts fail and processes die on the way', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.double({ min: 1.1, max: 6, noNaN: true }),
      fc.array(fc.constantFrom('committed', 'aborted', 'killed'), { minLength: 40, maxLength: 40 }),
      async (epsilon, fates) => {
        const { events, write } = book()
        let affords = budgetOf(costOf(epsilon), [], write)
        let [round, attempt, began] = [1, 1, 0]
        for (const fate of fates) {
          if (!(await affords(round, attempt, sites))) break
          began += 1
          if (fate === 'committed') [round, attempt] = [round + 1, 1]
          else if (fate === 'aborted') attempt += 1
          else {
            // a process that died after the charge: the next one begins from the journal, with a new attempt
            affords = budgetOf(costOf(epsilon), events, write)
            attempt += 1
          }
        }
        const after = (count: number): number => rdp().epsilon({ kind: 'repeated', event, count }, 1e-5)
        expect(after(began)).toBeLessThanOrEqual(epsilon)
        if (began < fates.length) expect(after(began + 1)).toBeGreaterThan(epsilon)
        const charges = events.filter(({ kind }) => kind === 'budgetCharged')
        expect(charges).toHaveLength(began)
        if (began < fates.length) expect(events.at(-1)).toMatchObject({ kind: 'budgetSpent', round: round - 1, next: after(began + 1) })
      },
    ),
    { numRuns: 30 },
  )
})

test('an attempt is charged before it is allowed, and once', async () => {
  const order: string[] = []
  const { events, write } = book()
  const affords = budgetOf(costOf(5), [], async (one) => {
    await Promise.resolve()
    order.push('stored')
    await write(one)
  })
  expect(await affords(1, 1, sites).then((yes) => (order.push('allowed'), yes))).toBe(true)
  expect(order).toEqual(['stored', 'allowed'])
  expect(await affords(1, 1, sites)).toBe(true)
  expect(await budgetOf(costOf(5), events, write)(1, 1, sites)).toBe(true)
  expect(events).toHaveLength(1)
})

test('each site pays for the rounds that it was chosen for only; the run ends when one that is chosen cannot pay', async () => {
  const { events, write } = book()
  const two = rdp().epsilon({ kind: 'repeated', event, count: 2 }, 1e-5)
  const affords = budgetOf(costOf(two), [], write)
  expect(await affords(1, 1, ['a', 'b'])).toBe(true)
  expect(await affords(2, 1, ['b', 'c'])).toBe(true)
  expect(await affords(3, 1, ['a', 'c'])).toBe(true)
  expect(events.map((each) => (each.kind === 'budgetCharged' ? each.sites : []))).toEqual([
    ['a', 'b'],
    ['b', 'c'],
    ['a', 'c'],
  ])
  // d has paid nothing, but b has nothing left; a process that begins from the journal knows it too
  expect(await budgetOf(costOf(two), events, write)(4, 1, ['b', 'd'])).toBe(false)
  expect(events.at(-1)).toMatchObject({ kind: 'budgetSpent', round: 3, epsilon: two })
})
