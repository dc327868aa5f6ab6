// The coordinator's loop: rounds as transactions. Each attempt has fresh streams and a number of its own; the state changes only in the transaction that commits it.
import { type Codec, monotonicMs, now, type Seed, YimengError } from '../base/index.ts'
import { type NodeId, type RoundProgram, serverSide } from '../federated/index.ts'
import type { RunEvent } from '../federated/spec/index.ts'
import type { Report } from './control.ts'
import type { Checkpoint, Journal } from './journal.ts'
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
  readonly onEvent: (event: RunEvent) => void
  /** Stops the run after the last committed round. */
  readonly signal: AbortSignal
}

/** Rounds of one program. */
export interface Stage<S> {
  readonly name: string
  /** Number of the first round; rounds of different stages do not overlap. */
  readonly firstRound: number
  readonly lastRound: number
  readonly program: () => RoundProgram<S, unknown, unknown>
  readonly initial: S
  readonly codec: Codec<S>
  /** Whether every member takes part in each round, whatever the cohort says. */
  readonly everyone?: boolean
  /** What `roundCommitted` tells. */
  readonly loss?: (state: S) => number
  /** After each commit, and before the next round: measures, for example. It must not depend on what an interrupted process forgot. */
  readonly committed?: (state: S, round: number) => Promise<void>
}

const MOST_ATTEMPTS = 3

/** The same fault, with the round that it happened in. */
const inRound = ({ code, cannot, expected, got, where, cause }: YimengError, round: number): YimengError =>
  new YimengError({ code, cannot, expected, got, where: { ...where, round }, cause })

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
  const sorted = [...ids].sort()
  if (size >= sorted.length) return sorted
  const order = seed.split('cohort', round).random().permutation(sorted.length)
  return Array.from(order.subarray(0, size), (at) => sorted[at] ?? '').sort()
}

/** How an attempt ended. `fatal`: trying again would end the same way. */
type Attempted<S> =
  | { readonly kind: 'committed'; readonly state: S; readonly counted: readonly NodeId[]; readonly refused: ReadonlyMap<NodeId, string> }
  | { readonly kind: 'aborted'; readonly cause: string; readonly site?: NodeId; readonly error: YimengError; readonly fatal: boolean }

/** A timer for each step that waits; all are gone when the attempt is over. */
const deadlines = (ms: number) => {
  const timers = new Set<NodeJS.Timeout>()
  return {
    next: (): AbortSignal => {
      const controller = new AbortController()
      timers.add(setTimeout(() => controller.abort(new Error('deadline')), ms))
      return controller.signal
    },
    clear: (): void => {
      for (const timer of timers) clearTimeout(timer)
    },
  }
}

/** The report that ends this attempt for a node; reports of older attempts are passed over. Undefined when it does not come. */
const endOf = async (member: Member, round: number, attempt: number, signal: AbortSignal): Promise<Report | undefined> => {
  try {
    for (;;) {
      const report = await member.control.receive(signal)
      if (report.kind !== 'hello' && report.round === round && report.attempt === attempt) return report
    }
  } catch {
    return undefined
  }
}

const attemptRound = async <S>(
  context: RunContext,
  stage: Stage<S>,
  state: S,
  cohort: readonly Member[],
  round: number,
  attempt: number,
): Promise<Attempted<S>> => {
  const at = { stage: stage.name, round, attempt }
  const timers = deadlines(context.deadlineMs)
  const streams = cohort.map((member) => ({ member, ...member.freshStream() }))
  const links = new Map(streams.map(({ member, channel }) => [member.id, channel]))
  const quorum = Math.min(context.quorum ?? cohort.length, cohort.length)
  try {
    await Promise.all(streams.map(({ member, stream }) => member.control.send({ kind: 'begin', ...at, stream })))
    const outcome = await serverSide({
      run: context.run,
      round,
      attempt,
      program: stage.program,
      state,
      cohort: { links, quorum, signal: context.signal, deadline: timers.next },
    })
    const ending = timers.next()
    const live = outcome.kind === 'committed' ? new Set(outcome.counted) : new Set<NodeId>()
    if (outcome.kind === 'aborted')
      await Promise.all(cohort.map((member) => member.control.send({ kind: 'abort', ...at }).catch(() => undefined)))
    // a round commits only when every counted node has its new state in safety
    const ends = await Promise.all(
      cohort.map(async (member) => ({
        member,
        end:
          live.has(member.id) || outcome.kind === 'aborted'
            ? await endOf(member, round, attempt, outcome.kind === 'aborted' ? AbortSignal.timeout(2000) : ending)
            : undefined,
      })),
    )
    for (const { member, end } of ends)
      if (end?.kind === 'failed' && end.fault !== undefined && (outcome.kind === 'aborted' || live.has(member.id))) {
        const error = new YimengError({ ...end.fault, where: { ...end.fault.where, round, site: member.id } })
        return { kind: 'aborted', cause: error.message, site: member.id, error, fatal: true }
      }
    if (outcome.kind === 'committed') {
      const lost = ends.find(({ member, end }) => live.has(member.id) && end?.kind !== 'pending')
      if (lost === undefined) return { kind: 'committed', state: outcome.state, counted: outcome.counted, refused: outcome.refused }
      const error = new YimengError({
        code: 'round-lost-node',
        cannot: 'commit round',
        expected: 'word of every counted node',
        got: 'none of one',
        where: { round, site: lost.member.id },
      })
      return { kind: 'aborted', cause: error.message, site: lost.member.id, error, fatal: false }
    }
    context.signal.throwIfAborted()
    const refused = [...outcome.refused].find(([, cause]) => cause !== 'not in time')
    const [site, cause] = refused ?? [...outcome.refused][0] ?? []
    const error =
      outcome.cause === 'failed' && outcome.error instanceof YimengError
        ? inRound(outcome.error, round)
        : new YimengError({
            code: outcome.cause === 'failed' ? 'round-failed' : 'round-quorum',
            cannot: 'finish round',
            expected: outcome.cause === 'failed' ? 'a program that works' : `${quorum} of ${cohort.length} sites`,
            got: cause ?? (outcome.error instanceof Error ? outcome.error.message : 'a failure'),
            where: { round, ...(site === undefined ? {} : { site }) },
            cause: outcome.error,
          })
    return {
      kind: 'aborted',
      cause: error.message,
      ...(site === undefined ? {} : { site }),
      error,
      fatal: outcome.cause === 'failed' || refused !== undefined,
    }
  } finally {
    timers.clear()
    for (const link of links.values()) await link.close()
  }
}

/**
 * Runs the rounds of a stage that are not committed yet, and returns the state after the last. Each committed round is in the journal before the next begins.
 *
 * @throws the signal's reason when the run is stopped; YimengError when a round cannot be finished: at once for a failure that would repeat (a diverging site: its error,
 *   with round and site), after three attempts else (`round-quorum`, `round-lost-node`).
 */
export const runStage = async <S>(context: RunContext, stage: Stage<S>): Promise<S> => {
  const kept = await context.journal.checkpoint(context.run, stage.name)
  let state = kept === undefined ? stage.initial : stage.codec.decode(kept.state)
  for (let round = kept === undefined ? stage.firstRound : kept.round + 1; round <= stage.lastRound; round += 1) {
    const ids = context.members.map(({ id }) => id)
    const chosen = new Set(chooseCohort(ids, stage.everyone === true ? ids.length : (context.size ?? ids.length), context.seed, round))
    const cohort = context.members.filter(({ id }) => chosen.has(id)).sort((a, b) => (a.id < b.id ? -1 : 1))
    const first = (await context.journal.lastAttempt(context.run, round)) + 1
    for (let attempt = first; ; attempt += 1) {
      context.signal.throwIfAborted()
      const before = traffic(context.members)
      const startedMs = monotonicMs()
      await tell(context, { kind: 'roundStarted', round, attempt, cohort: cohort.map(({ id }) => id) })
      const outcome = await attemptRound(context, stage, state, cohort, round, attempt)
      if (outcome.kind === 'aborted') {
        const { cause, site } = outcome
        await tell(context, { kind: 'roundAborted', round, attempt, cause, ...(site === undefined ? {} : { site }) })
        if (outcome.fatal || attempt - first + 1 >= MOST_ATTEMPTS) throw outcome.error
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
      await Promise.all(
        cohort.map((member) =>
          member.control.send({ kind: 'commit', stage: stage.name, round, attempt, counted: counted.includes(member.id) }),
        ),
      )
      await stage.committed?.(state, round)
      break
    }
  }
  return state
}

const finite = (loss: number | undefined): number | null => (loss === undefined || !Number.isFinite(loss) ? null : loss)

const traffic = (members: readonly Member[]): { readonly sent: number; readonly received: number } =>
  members.reduce(
    (sum, member) => {
      const { sent, received } = member.traffic()
      return { sent: sum.sent + sent, received: sum.received + received }
    },
    { sent: 0, received: 0 },
  )
