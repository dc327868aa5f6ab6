// The coordinator's loop: rounds as transactions. Each attempt has fresh streams and a number of its own; the state changes only in the transaction that commits it.
import { type Codec, monotonicMs, now, type Seed } from '../base/index.ts'
import { type Candidate, type NodeId, type RoundProgram, uniform } from '../federated/index.ts'
import type { RunEvent } from '../federated/spec/index.ts'
import type { RoundCost } from '../privacy/index.ts'
import { attemptRound } from './attempt-round.ts'
import { budgetOf } from './budget.ts'
import type { Checkpoint, Journal } from './journal/journal.ts'
import type { Member } from './members.ts'

/** An event without what every event has. */
export type Happening = RunEvent extends infer E ? (E extends RunEvent ? Omit<E, 'run' | 'at'> : never) : never

/** What all stages of one run share. */
export interface RunContext {
  readonly run: string
  readonly members: readonly Member[]
  readonly journal: Journal
  /** The run's seed. */
  readonly seed: Seed
  /** Nodes chosen for a round, of those there are. Absent: all. */
  readonly size?: number
  /** Fewest counted nodes. Absent: all chosen ones. */
  readonly quorum?: number
  readonly deadlineMs: number
  /** Waits, before each attempt, until `needed` of these nodes can take part. Absent: they can. */
  readonly ready?: (cohort: readonly NodeId[], needed: number) => Promise<void>
  readonly onEvent: (event: RunEvent) => void
  /** Stops the run after the last committed round. */
  readonly signal: AbortSignal
}

/** Rounds of one program. */
export interface Stage<S, N, Site> {
  readonly name: string
  /** Number of the first round; rounds of different stages do not overlap. */
  readonly firstRound: number
  readonly lastRound: number
  readonly program: () => RoundProgram<S, N, Site>
  readonly initial: S
  readonly codec: Codec<S>
  /** Whether every member takes part in each round and must be counted, whatever the cohort says. */
  readonly everyone?: boolean
  /** Who takes part in a round, `size` of the members, from the state before it. Absent: chance. `enough`: updates with which the round is over; absent: all. */
  readonly choose?: (
    state: S,
    members: readonly Candidate[],
    size: number,
    round: number,
  ) => { readonly cohort: readonly NodeId[]; readonly enough?: number }
  /** Asked before each round: whether the stage is over already. */
  readonly over?: () => Promise<boolean>
  /** What each round costs. The stage ends before the round that would exceed the budget. */
  readonly cost?: RoundCost
  /** What `roundCommitted` tells. */
  readonly loss?: (state: S) => number
  /** After each commit, and before the next round: measures, for example. It must not depend on what an interrupted process forgot. */
  readonly committed?: (state: S, round: number) => Promise<void>
}

const MOST_ATTEMPTS = 3

/** Stamps an event, journals it with what belongs to it, then tells it. */
export const tell = async (
  context: Pick<RunContext, 'run' | 'journal' | 'onEvent'>,
  happening: Happening,
  also?: Parameters<Journal['append']>[1],
): Promise<void> => {
  const event = { ...happening, run: context.run, at: new Date(now()).toISOString() } as RunEvent
  await context.journal.append(event, also)
  context.onEvent(event)
}

/**
 * The nodes of a round: `size` of all, uniformly, from the seed and the round alone. Sorted.
 *
 * @example
 * ```ts
 * const ids = ['va', 'basel', 'zurich']
 * assert.equal(chooseCohort(ids, 2, seed(1), 5).length, 2)
 * assert.deepEqual(chooseCohort(ids, 3, seed(1), 5), ['basel', 'va', 'zurich'])
 * ```
 */
export const chooseCohort = (ids: readonly NodeId[], size: number, seed: Seed, round: number): readonly NodeId[] => {
  return uniform({ sites: ids.map((id) => ({ id })), size, seed: seed.split('cohort', round) })
}

/**
 * Runs the rounds of a stage that are not committed yet, and returns the state after the last: of the stage, or that its budget allows. Each committed round is in the journal before the next begins.
 *
 * @throws the signal's reason when the run is stopped; YimengError when a round cannot be finished: at once for a failure that would repeat (a diverging site: its error,
 *   with round and site), after three attempts else (`round-quorum`, `round-lost-node`).
 */
export const runStage = async <S, N, Site>(context: RunContext, stage: Stage<S, N, Site>): Promise<S> => {
  const kept = await context.journal.checkpoint(context.run, stage.name)
  let state = kept === undefined ? stage.initial : stage.codec.decode(kept.state)
  const affords =
    stage.cost === undefined ? undefined : budgetOf(stage.cost, await context.journal.events(context.run), (event) => tell(context, event))
  for (let round = kept === undefined ? stage.firstRound : kept.round + 1; round <= stage.lastRound; round += 1) {
    if (await stage.over?.()) return state
    const { cohort, quorum, enough } = inviting(context, stage, state, round)
    const ids = cohort.map(({ id }) => id)
    const first = (await context.journal.lastAttempt(context.run, round)) + 1
    for (let attempt = first; ; attempt += 1) {
      await context.ready?.(ids, quorum)
      context.signal.throwIfAborted()
      // written ahead: an attempt that dies right after this stays charged
      if (affords !== undefined && !(await affords(round, attempt, ids))) return state
      const before = traffic(context.members)
      const startedMs = monotonicMs()
      await tell(context, { kind: 'roundStarted', round, attempt, cohort: ids })
      const outcome = await attemptRound({
        run: context.run,
        stage: stage.name,
        round,
        attempt,
        program: stage.program,
        state,
        cohort,
        quorum,
        enough,
        deadlineMs: context.deadlineMs,
        signal: context.signal,
      })
      if (outcome.kind === 'aborted') {
        const { error, site } = outcome
        await tell(context, { kind: 'roundAborted', round, attempt, cause: error.message, ...(site === undefined ? {} : { site }) })
        if (outcome.fatal || attempt - first + 1 >= MOST_ATTEMPTS) throw error
        continue
      }
      state = outcome.state
      const { counted, refused } = outcome
      const after = traffic(context.members)
      const checkpoint: Checkpoint = { stage: stage.name, round, attempt, counted, state: stage.codec.encode(state) }
      await tell(
        context,
        {
          kind: 'roundCommitted',
          round,
          attempt,
          counted,
          ...(refused.size === 0 ? {} : { refused: Object.fromEntries(refused) }),
          trainLoss: finite(stage.loss?.(state)),
          bytesUp: after.received - before.received,
          bytesDown: after.sent - before.sent,
          seconds: (monotonicMs() - startedMs) / 1000,
        },
        { checkpoint },
      )
      const told = cohort.map(({ id, control }) =>
        control.send({ kind: 'commit', stage: stage.name, round, attempt, counted: counted.includes(id) }),
      )
      // a node that is gone hears of it when it is admitted again
      await Promise.allSettled(told)
      await stage.committed?.(state, round)
      break
    }
  }
  return state
}

/** The members of a round, sorted, the fewest of them that must be counted, and how many are enough. */
const inviting = <S, N, Site>(
  { members, size = members.length, quorum, seed }: RunContext,
  stage: Stage<S, N, Site>,
  state: S,
  round: number,
) => {
  if (stage.everyone === true) return { cohort: sorted(members), quorum: members.length, enough: undefined }
  const candidates = members.map(({ id, trainRows }) => ({ id, rows: trainRows }))
  const { cohort: chosen, enough } = stage.choose?.(state, candidates, size, round) ?? {
    cohort: chooseCohort(
      members.map(({ id }) => id),
      size,
      seed,
      round,
    ),
    enough: undefined,
  }
  const names = new Set(chosen)
  const cohort = sorted(members.filter(({ id }) => names.has(id)))
  const most = Math.min(cohort.length, enough ?? cohort.length)
  return { cohort, quorum: Math.min(quorum ?? most, most), enough }
}

const sorted = (members: readonly Member[]): readonly Member[] => [...members].sort((a, b) => (a.id < b.id ? -1 : 1))

const finite = (loss: number | undefined): number | null => (loss === undefined || !Number.isFinite(loss) ? null : loss)

const traffic = (members: readonly Member[]): { readonly sent: number; readonly received: number } =>
  members.reduce(
    (sum, member) => {
      const { sent, received } = member.traffic()
      return { sent: sum.sent + sent, received: sum.received + received }
    },
    { sent: 0, received: 0 },
  )
