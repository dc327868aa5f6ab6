// One attempt of a round, as the coordinator sees it: fresh streams, the server's projection, and the word of every node that its part is over.
import { channelClosed, YimengError } from '../base/index.ts'
import { type NodeId, openedBefore, type RoundOutcome, type RoundProgram, serverSide } from '../federated/index.ts'
import type { Report } from './control.ts'
import type { Member } from './members.ts'

/** What an attempt needs. */
export interface Attempt<S, N, Site> {
  readonly run: string
  readonly stage: string
  readonly round: number
  readonly attempt: number
  readonly program: () => RoundProgram<S, N, Site>
  readonly state: S
  readonly cohort: readonly Member[]
  readonly quorum: number
  /** Updates with which a sum is over. Absent: when all have answered. */
  readonly enough: number | undefined
  /** For each step that waits for nodes. */
  readonly deadlineMs: number
  readonly signal: AbortSignal
}

/** How an attempt ended. `fatal`: trying again would end the same way. */
export type Attempted<S> =
  | { readonly kind: 'committed'; readonly state: S; readonly counted: readonly NodeId[]; readonly refused: ReadonlyMap<NodeId, string> }
  | { readonly kind: 'aborted'; readonly site?: NodeId; readonly error: YimengError; readonly fatal: boolean }

/** How long nodes may take to say that they have stopped. Training that cannot be interrupted is left behind: it answers to an attempt that is over. */
const FAREWELL_MS = 2000

/** The longest that a timer waits (24 days): a longer one would go off at once. */
const LONGEST_MS = 2 ** 31 - 1

/** A timer for each step that waits; all are gone when the attempt is over. */
const deadlines = (ms: number) => {
  const timers = new Set<NodeJS.Timeout>()
  return {
    next: (): AbortSignal => {
      const controller = new AbortController()
      timers.add(setTimeout(() => controller.abort(new Error('deadline')), Math.min(ms, LONGEST_MS)))
      return controller.signal
    },
    clear: (): void => {
      for (const timer of timers) clearTimeout(timer)
    },
  }
}

/** The report that ends this attempt for a node; reports of older attempts are passed over. Undefined when it does not come. */
const endOf = async (
  member: Member,
  { round, attempt }: { readonly round: number; readonly attempt: number },
  signal: AbortSignal,
): Promise<Report | undefined> => {
  try {
    for (;;) {
      const report = await member.control.receive(signal)
      if (report.kind !== 'hello' && report.round === round && report.attempt === attempt) return report
    }
  } catch {
    return undefined
  }
}

type Ends = ReadonlyMap<NodeId, Report | undefined>

/** The first node whose own work failed, as an error that names round and site. */
const ownFault = (ends: Ends, round: number): YimengError | undefined => {
  for (const [site, end] of ends)
    if (end?.kind === 'failed' && end.fault !== undefined)
      return new YimengError({ ...end.fault, where: { ...end.fault.where, round, site } })
  return undefined
}

const aborted = (error: YimengError, fatal: boolean): Attempted<never> => {
  const { site } = error.where
  return { kind: 'aborted', error, fatal, ...(typeof site === 'string' ? { site } : {}) }
}

/** Causes that another attempt may not meet: who was late may be in time, who was cut off may be back. */
const passing: ReadonlySet<string> = new Set([
  'not in time',
  'not needed',
  channelClosed('receive frame').message,
  channelClosed('send frame').message,
  // a sum that was opened before opens again once all its nodes are back
  openedBefore().message,
])

/** Why the server's side ended without a result, when no node's own work failed. */
const serverFault = <S>(
  { round, quorum, cohort }: Pick<Attempt<S, unknown, unknown>, 'round' | 'quorum' | 'cohort'>,
  outcome: Extract<RoundOutcome<S>, { readonly kind: 'aborted' }>,
): Attempted<S> => {
  const { cause, error } = outcome
  if (cause === 'failed') {
    const { code, cannot, expected, got, where } =
      error instanceof YimengError
        ? error
        : {
            code: 'round-failed',
            cannot: 'finish round',
            expected: 'a program that works',
            got: error instanceof Error ? error.message : 'a failure',
            where: {},
          }
    return aborted(new YimengError({ code, cannot, expected, got, where: { ...where, round }, cause: error }), true)
  }
  // an update that the server refuses would be refused again
  const refused = [...outcome.refused].find(([, why]) => !passing.has(why))
  const [site, why] = refused ?? [...outcome.refused][0] ?? []
  const expected = `${quorum} of ${cohort.length} sites`
  const where = { round, ...(site === undefined ? {} : { site }) }
  return aborted(
    new YimengError({ code: 'round-quorum', cannot: 'finish round', expected, got: why ?? 'fewer', where, cause: error }),
    refused !== undefined,
  )
}

/**
 * Runs one attempt. A round commits only when every counted node has said that its new state is in safety; else all nodes are told to forget it.
 *
 * @throws the signal's reason when it aborts.
 */
export const attemptRound = async <S, N, Site>(it: Attempt<S, N, Site>): Promise<Attempted<S>> => {
  const { run, round, attempt, cohort, quorum, signal } = it
  const at = { stage: it.stage, round, attempt }
  const timers = deadlines(it.deadlineMs)
  const streams = cohort.map((member) => ({ member, ...member.freshStream() }))
  const links = new Map(streams.map(({ member, channel }) => [member.id, channel]))
  const abort = () => Promise.allSettled(cohort.map(({ control }) => control.send({ kind: 'abort', ...at })))
  const endsOf = async (members: readonly Member[], waiting: AbortSignal): Promise<Ends> =>
    new Map(await Promise.all(members.map(async (member) => [member.id, await endOf(member, at, waiting)] as const)))
  try {
    // a node that cannot be reached shows as one that does not answer
    await Promise.allSettled(streams.map(({ member, stream }) => member.control.send({ kind: 'begin', ...at, stream })))
    const outcome = await serverSide({
      run,
      round,
      attempt,
      program: it.program,
      state: it.state,
      cohort: { links, quorum, signal, deadline: timers.next, ...(it.enough === undefined ? {} : { enough: it.enough }) },
    })
    if (outcome.kind === 'aborted') {
      await abort()
      const fault = ownFault(await endsOf(cohort, AbortSignal.timeout(FAREWELL_MS)), round)
      signal.throwIfAborted()
      return fault === undefined ? serverFault(it, outcome) : aborted(fault, true)
    }
    const { state, counted, refused } = outcome
    const live = cohort.filter(({ id }) => counted.includes(id))
    const ends = await endsOf(live, timers.next())
    const lost = live.find(({ id }) => ends.get(id)?.kind !== 'pending')
    if (lost === undefined) return { kind: 'committed', state, counted, refused }
    await abort()
    const fault = ownFault(ends, round)
    if (fault !== undefined) return aborted(fault, true)
    const where = { round, site: lost.id }
    return aborted(
      new YimengError({
        code: 'round-lost-node',
        cannot: 'commit round',
        expected: 'word of every counted node',
        got: 'none of one',
        where,
      }),
      false,
    )
  } finally {
    timers.clear()
    for (const link of links.values()) await link.close()
  }
}
