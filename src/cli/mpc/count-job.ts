// What one of several parties does in a count, as data, with its channels to the others.
import { type Channel, monotonicMs } from '../../base/index.ts'
import { countAcross, type CountSpec } from '../../mpc/index.ts'
import { chargeQuestions } from './question-budget.ts'

/** A bound on what a peer may ask in all, and where it is written down. */
export interface QuestionBudget {
  readonly file: string
  readonly items: number
}

/** One party's job. */
export interface CountJob {
  readonly me: number
  readonly spec: CountSpec
  /** Different ones. */
  readonly items: readonly string[]
  readonly budget?: QuestionBudget
}

/** What a party learns: counts at the one that asks. */
export interface CountOutcome {
  readonly counts?: readonly number[]
  readonly wallMs: number
  readonly cpuMs: number
}

/** The hook that charges what a peer asks. */
export const chargeOf = (budget: QuestionBudget | undefined): { readonly charge?: (items: number) => Promise<void> } =>
  budget === undefined ? {} : { charge: (items) => chargeQuestions(budget.file, budget.items, items) }

/** Runs my side. */
export const runCountJob = async (channels: ReadonlyMap<number, Channel>, { me, spec, items, budget }: CountJob): Promise<CountOutcome> => {
  const start = monotonicMs()
  const before = process.cpuUsage()
  const counts = await countAcross(me, channels, spec, items, chargeOf(budget))
  const { user, system } = process.cpuUsage(before)
  return { ...(counts === undefined ? {} : { counts }), wallMs: monotonicMs() - start, cpuMs: (user + system) / 1000 }
}
