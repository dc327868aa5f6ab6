// The privacy budget of a run at its coordinator: a ledger for each site, asked before each attempt and charged in the journal before anything of the attempt leaves.
import type { NodeId } from '../federated/index.ts'
import type { RunEvent, RunEventOf } from '../federated/spec/index.ts'
import { type Affordable, canAfford, type Charge, charge, type Ledger, ledger, type RoundCost } from '../privacy/index.ts'

/** What is journalled of a budget. */
type BudgetEvent = Omit<RunEventOf<'budgetCharged'>, 'run' | 'at'> | Omit<RunEventOf<'budgetSpent'>, 'run' | 'at'>

/**
 * Whether one more attempt fits the budget of each site in its cohort, given all that `past` says was charged before, by this process or an earlier one. If it does, they are charged
 * (`budgetCharged`) before the promise resolves; if not, `budgetSpent` says so. An attempt that was charged before an interruption is not charged again.
 *
 * @param journal - resolves once an event is stored
 */
export const budgetOf = (
  { event, budget, unit, accountant }: RoundCost,
  past: readonly RunEvent[],
  journal: (event: BudgetEvent) => Promise<void>,
): ((round: number, attempt: number, cohort: readonly NodeId[]) => Promise<boolean>) => {
  const run = past[0]?.run ?? ''
  const books = new Map<NodeId, Ledger>()
  const bookOf = (site: NodeId): Ledger => books.get(site) ?? ledger({ run, site, unit })
  const enter = (sites: readonly NodeId[], one: Charge): void => {
    for (const site of sites) books.set(site, charge(bookOf(site), one))
  }
  for (const each of past)
    if (each.kind === 'budgetCharged') enter(each.sites, { round: each.round, attempt: each.attempt, event: each.event })

  /** Of the site that would have spent most. Sites that were chosen for the same rounds have spent alike: they are costed once. */
  const dearest = (cohort: readonly NodeId[]): Affordable => {
    const unlike = new Map(cohort.map(bookOf).map((book) => [book.charges.map(({ round, attempt }) => `${round} ${attempt}`).join(), book]))
    return [...unlike.values()]
      .map((book) => canAfford(budget, book, event, accountant))
      .reduce((most, each) => (each.after > most.after ? each : most))
  }
  return async (round, attempt, cohort) => {
    const charged = (site: NodeId) => bookOf(site).charges.some((each) => each.round === round && each.attempt === attempt)
    if (cohort.every(charged)) return true
    const { affordable, spent, after } = dearest(cohort)
    const { delta } = budget
    if (!affordable) {
      await journal({ kind: 'budgetSpent', round: round - 1, epsilon: spent, next: after, delta })
      return false
    }
    await journal({ kind: 'budgetCharged', round, attempt, unit, sites: [...cohort], event, epsilon: after, delta })
    enter(cohort, { round, attempt, event })
    return true
  }
}
