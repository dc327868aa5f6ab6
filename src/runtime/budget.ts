// The privacy budget of a run at its coordinator: asked before each attempt, charged in the journal before anything of the attempt leaves.
import type { RunEvent, RunEventOf } from '../federated/spec/index.ts'
import { canAfford, charge, type Ledger, ledger, type RoundCost } from '../privacy/index.ts'

/** What is journalled of a budget. */
type BudgetEvent = Omit<RunEventOf<'budgetCharged'>, 'run' | 'at'> | Omit<RunEventOf<'budgetSpent'>, 'run' | 'at'>

/**
 * Whether one more attempt fits, given all that `past` says was charged before, by this process or an earlier one. If it does, it is charged (`budgetCharged`) before the promise resolves;
 * if not, `budgetSpent` says so. An attempt that was charged before an interruption is not charged again.
 *
 * @param journal - resolves once an event is stored
 */
export const budgetOf = (
  { event, budget, unit, accountant }: RoundCost,
  past: readonly RunEvent[],
  journal: (event: BudgetEvent) => Promise<void>,
): ((round: number, attempt: number) => Promise<boolean>) => {
  // one ledger for all sites: each round is charged to everybody, whoever took part
  let book: Ledger = ledger({ run: past[0]?.run ?? '', site: '*', unit })
  for (const each of past)
    if (each.kind === 'budgetCharged') book = charge(book, { round: each.round, attempt: each.attempt, event: each.event })
  return async (round, attempt) => {
    if (book.charges.some((each) => each.round === round && each.attempt === attempt)) return true
    const { affordable, spent, after } = canAfford(budget, book, event, accountant)
    const { delta } = budget
    if (!affordable) {
      await journal({ kind: 'budgetSpent', round: round - 1, epsilon: spent, next: after, delta })
      return false
    }
    await journal({ kind: 'budgetCharged', round, attempt, unit, event, epsilon: after, delta })
    book = charge(book, { round, attempt, event })
    return true
  }
}
