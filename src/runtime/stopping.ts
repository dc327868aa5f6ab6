// When training ends before its last round, and which of its states it ends with: by the mean training loss that rounds commit, so that no row is kept for it and none is looked at twice.
// All that it goes by is in the journal: a run that goes on after an interruption stops where it would have.
import type { Checkpoint } from './journal/journal.ts'
import { type RunContext, tell } from './run-loop.ts'

/** When to stop, and with what. */
export interface Stopping {
  /** Rounds without a better loss after which training ends. Absent: it does not. */
  readonly patience?: number | undefined
  /** Better is lower by more than this share. Default 0. */
  readonly least?: number
  /** The state of the last round, or of the one with the lowest loss. */
  readonly keep: 'last' | 'best'
}

/** The last round of a curve that was better than all before it; 0 for none. */
const lastImprovement = (losses: readonly (readonly [round: number, loss: number | null])[], least: number): number => {
  let best = 0
  let lowest = Number.POSITIVE_INFINITY
  for (const [round, loss] of losses) {
    if (loss === null || (best > 0 && !(loss < lowest - Math.abs(lowest) * least))) continue
    lowest = loss
    best = round
  }
  return best
}

/** Follows a stage. `over`, asked between rounds, keeps the best state and says whether to stop; `best` is the state to end with, undefined for the last. */
export const stopping = (context: RunContext, stage: string, { patience, least = 0, keep }: Stopping) => {
  const kept = `${stage} best`
  const best = async (): Promise<Checkpoint | undefined> => (keep === 'best' ? context.journal.checkpoint(context.run, kept) : undefined)
  const over = async (): Promise<boolean> => {
    if (patience === undefined && keep === 'last') return false
    const events = await context.journal.events(context.run)
    const losses = events.flatMap((event) =>
      event.kind === 'roundCommitted' && event.round > 0 ? [[event.round, event.trainLoss] as const] : [],
    )
    const last = losses.at(-1)?.[0] ?? 0
    const improved = lastImprovement(losses, least)
    if (keep === 'best' && last > 0 && improved === last && (await best())?.round !== last) {
      const checkpoint = await context.journal.checkpoint(context.run, stage)
      if (checkpoint !== undefined) await tell(context, { kind: 'improved', round: last }, { checkpoint: { ...checkpoint, stage: kept } })
    }
    if (patience === undefined || improved === 0 || last - improved < patience) return false
    if (!events.some(({ kind }) => kind === 'stoppedEarly')) await tell(context, { kind: 'stoppedEarly', round: last, best: improved })
    return true
  }
  return { over, best }
}
