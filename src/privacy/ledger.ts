// What a run has released about the units of one site (or of all sites, at the coordinator), and whether it may release more. A ledger is written ahead: the charge
// is stored before the noised value leaves. What an aborted attempt released stays charged; a value that never left may have been charged, never the reverse.
import { YimengError } from '../base/index.ts'
import type { Accountant } from './accountant.ts'
import { type Budget, checkBudget } from './calibration.ts'
import { compose, keyOf } from './composition.ts'
import type { DpEvent } from './events.ts'

/** Whose presence is hidden. `record`: one row of one site; `patient`: one patient's rows at one site; `site`: everything of one site. */
export type Unit = 'record' | 'patient' | 'site'

/** One charge. The same attempt of the same round is charged once, however often its journal is replayed. */
export interface Charge {
  readonly round: number
  readonly attempt: number
  readonly event: DpEvent
}

/** The charges of one run at one site, in order. Plain data: it survives JSON. */
export interface Ledger {
  readonly run: string
  readonly site: string
  readonly unit: Unit
  readonly charges: readonly Charge[]
}

/** Whether one more release fits. `after` is ε with it. */
export type Affordable =
  | { readonly affordable: true; readonly spent: number; readonly after: number }
  | { readonly affordable: false; readonly spent: number; readonly after: number }

/** What each round of a run costs, and what the run may cost in all. */
export interface RoundCost {
  readonly event: DpEvent
  readonly budget: Budget
  readonly unit: Unit
  readonly accountant: Accountant
}

/** A ledger without charges. */
export const ledger = (of: { readonly run: string; readonly site: string; readonly unit: Unit }): Ledger => ({ ...of, charges: [] })

/**
 * The ledger with one more charge; unchanged if that very charge is there.
 *
 * @throws YimengError `ledger-conflict` where the same attempt was charged with another event.
 */
export const charge = (to: Ledger, next: Charge): Ledger => {
  const before = to.charges.find(({ round, attempt }) => round === next.round && attempt === next.attempt)
  if (before === undefined) return { ...to, charges: [...to.charges, next] }
  if (keyOf(before.event) === keyOf(next.event)) return to
  throw new YimengError({
    code: 'ledger-conflict',
    cannot: 'charge ledger',
    expected: 'one event for one attempt',
    got: 'two different ones',
    where: { run: to.run, site: to.site, round: next.round, attempt: next.attempt },
  })
}

/** All that was released, composed. */
export const released = (from: Ledger): DpEvent => compose(from.charges.map(({ event }) => event))

/** ε spent so far at `delta`. */
export const spent = (from: Ledger, accountant: Accountant, delta: number): number => accountant.epsilon(released(from), delta)

/**
 * Whether `next` can be released without exceeding the budget. To be asked before the round begins; the run stops on `affordable: false`.
 *
 * @example
 * ```ts
 * const round: DpEvent = { kind: 'gaussian', noiseMultiplier: 5 }
 * const budget = { epsilon: 2, delta: 1e-5 }
 * let book = ledger({ run: 'r1', site: 'a', unit: 'site' })
 * let rounds = 0
 * while (canAfford(budget, book, round, rdp()).affordable) {
 *   book = charge(book, { round: rounds, attempt: 0, event: round })
 *   rounds += 1
 * }
 * assert.ok(spent(book, rdp(), 1e-5) <= 2)
 * assert.ok(rdp().epsilon({ kind: 'repeated', event: round, count: rounds + 1 }, 1e-5) > 2)
 * ```
 */
export const canAfford = (budget: Budget, from: Ledger, next: DpEvent, accountant: Accountant): Affordable => {
  checkBudget(budget)
  const before = released(from)
  const after = accountant.epsilon(compose([before, next]), budget.delta)
  return { affordable: after <= budget.epsilon, spent: accountant.epsilon(before, budget.delta), after }
}

/**
 * How many more releases like `next` fit: 0 if none, +Infinity if they cost nothing. By doubling and bisection, so cheap also for thousands.
 */
export const roundsLeft = (budget: Budget, from: Ledger, next: DpEvent, accountant: Accountant): number => {
  checkBudget(budget)
  const before = released(from)
  const fits = (count: number): boolean =>
    accountant.epsilon(compose([before, { kind: 'repeated', event: next, count }]), budget.delta) <= budget.epsilon
  if (!fits(1)) return 0
  let enough = 1
  while (fits(enough * 2)) {
    enough *= 2
    if (enough > 2 ** 40) return Number.POSITIVE_INFINITY
  }
  for (let step = enough / 2; step >= 1; step /= 2) if (fits(enough + step)) enough += step
  return enough
}
