// The two stages of every run, whoever coordinates it: sums over all sites, then rounds of training until the last, or as many as the privacy budget allows.
import { YimengError } from '../base/index.ts'
import type { Algorithm } from '../federated/index.ts'
import type { RoundCost } from '../privacy/index.ts'
import { type RunContext, runStage, type Stage } from './run-loop.ts'
import { type Stopping, stopping } from './stopping.ts'

/**
 * Runs a stage that every member takes part in, and which makes something out of nothing.
 *
 * @throws YimengError `analysis` when it made nothing; and as {@link runStage}.
 */
export const runAnalysis = async <T, N, Site>(context: RunContext, stage: Stage<T | undefined, N, Site>): Promise<T> => {
  const found = await runStage(context, { ...stage, everyone: true })
  if (found !== undefined) return found
  throw new YimengError({ code: 'analysis', cannot: 'train', expected: 'statistics of the columns', got: 'none' })
}

/** Rounds 1 … `rounds` of an algorithm. */
export interface Training<S, N, Site> extends Pick<Stage<S, N, Site>, 'name' | 'initial' | 'committed'> {
  readonly algorithm: Algorithm<S, N, Site>
  readonly rounds: number
  readonly cost?: RoundCost | undefined
  readonly choose?: Stage<S, N, Site>['choose'] | undefined
  /** When it ends earlier, and with which state. Absent: never, and the last. */
  readonly stop?: Stopping
}

/** What training comes to. */
export interface TrainedState<S> {
  readonly state: S
  /** The round that it is of. */
  readonly round: number
  /** Rounds in all. */
  readonly rounds: number
}

/**
 * Runs the rounds that are not committed yet: fewer than asked for where the privacy budget, or a loss that gets no better, ends the run.
 *
 * @throws YimengError `privacy-budget` for a budget that allows no round; and as {@link runStage}.
 */
export const runTraining = async <S, N, Site>(context: RunContext, training: Training<S, N, Site>): Promise<TrainedState<S>> => {
  const { algorithm, rounds: lastRound, cost, choose, stop = { keep: 'last' }, ...stage } = training
  const { program, stateCodec: codec, loss } = algorithm
  const { over, best } = stopping(context, stage.name, stop)
  const state = await runStage(context, {
    ...stage,
    firstRound: 1,
    lastRound,
    program,
    codec,
    loss,
    over,
    ...(cost === undefined ? {} : { cost }),
    ...(choose === undefined ? {} : { choose }),
  })
  await over()
  const rounds = (await context.journal.checkpoint(context.run, stage.name))?.round ?? 0
  const kept = await best()
  if (kept !== undefined) return { state: codec.decode(kept.state), round: kept.round, rounds }
  if (rounds > 0) return { state, round: rounds, rounds }
  throw new YimengError({
    code: 'privacy-budget',
    cannot: 'train',
    expected: 'a budget for one round',
    got: 'a smaller one',
    where: { run: context.run },
  })
}
