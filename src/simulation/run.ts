// A federated run in one process: the coordinator's loop and a node loop for each site, over a transport in memory that carries bytes.
// No algorithm and no second code path lives here: both sides are the projections that run over a network.
import { join } from 'node:path'
import type { Layout } from '../algebra/index.ts'
import { monotonicMs, now, sha256Hex, YimengError } from '../base/index.ts'
import { yimengHome } from '../data/node.ts'
import type { Strategy, SumProtocol } from '../federated/index.ts'
import { type Journal, openJournal, runId, tell } from '../runtime/index.ts'
import { type AnyStrategy, dataSchema, type RunSpecInput, runStages, specHash, type Task } from '../tasks/index.ts'
import { engineOf } from '../tasks/node.ts'
import { type LocalNodes, localNodes } from './local-nodes.ts'
import { paillierAmong } from './paillier-among.ts'
import { cohortSize, prepare, type Prepared } from './prepare.ts'
import { rounds } from './rounds.ts'
import type { RunOptions, RunResult } from './types.ts'

/** What may take the place of a spec's names: your own strategy, your own task. They are not in the journal: hand them to {@link resume} again. */
export interface Own<S = unknown, U = unknown, Acc = unknown, R = unknown, N = unknown> {
  /** Instead of `spec.strategy`, for a model of this layout. Its name goes into the spec's hash: it is called once with an empty layout to hear it. */
  readonly strategy?: (layout: Layout) => Strategy<S, U, Acc, R, N>
  /** Instead of the protocol that `spec.sum` names, for training; made for these sites. With it the summary's line on sums no longer holds. */
  readonly sum?: (sites: readonly string[]) => SumProtocol<'linear'>
  /** Instead of the task that `spec.task` names. */
  readonly task?: Task
}

/** The journal's file below a home folder; `null` is a journal that ends with the process. */
export const journalPath = (home: string | null = yimengHome()): string => (home === null ? ':memory:' : join(home, 'runs.sqlite'))

/**
 * Trains federated, in one process. The same spec gives the same model, whatever the number of workers.
 *
 * @throws YimengError for a spec, data or a home that cannot be used (before anything is written), and for a run that fails (`diverged`, with round and site);
 *   the signal's reason when it is stopped.
 *
 * @example
 * ```ts
 * const { metrics, modelHash } = await run({ task: 'iris', rounds: 20 }, { home: null })
 * assert.ok((metrics.accuracy ?? 0) > 0.6)
 * assert.equal((await run({ task: 'iris', rounds: 20, engine: { workers: 2 } }, { home: null })).modelHash, modelHash)
 * ```
 */
export const run = async <S, U, Acc, R, N>(input: RunSpecInput, options: RunOptions & Own<S, U, Acc, R, N> = {}): Promise<RunResult> => {
  options.signal?.throwIfAborted()
  const prepared = withStrategyName(await prepare(input, options.task), options.strategy)
  const journal = await openJournal(journalPath(options.home))
  try {
    const id = runId()
    const { spec } = prepared
    await journal.start({
      id,
      task: prepared.task.name,
      spec,
      specHash: prepared.specHash,
      dataHash: prepared.dataHash,
      rounds: spec.rounds,
      startedAt: new Date(now()).toISOString(),
    })
    return await execute(id, prepared, journal, options as RunOptions & Own)
  } finally {
    await journal.close()
  }
}

/**
 * Goes on with a run after its last committed round; a finished run is finished again without training.
 *
 * @param name - the run's name, or its beginning
 * @throws YimengError `run-unknown`, `run-ambiguous`, `run-busy`, `run-changed` when spec, task or data make another program than the run began with; and as {@link run}.
 */
export const resume = async <S, U, Acc, R, N>(name: string, options: RunOptions & Own<S, U, Acc, R, N> = {}): Promise<RunResult> => {
  const journal = await openJournal(journalPath(options.home))
  try {
    const kept = await journal.find(name)
    await journal.claim(kept.runId)
    const prepared = withStrategyName(await prepare(kept.spec as RunSpecInput, options.task), options.strategy)
    for (const [what, was, is] of [
      ['spec', kept.specHash, prepared.specHash],
      ['data', kept.dataHash, prepared.dataHash],
    ] as const)
      if (was !== is)
        throw new YimengError({
          code: 'run-changed',
          cannot: 'resume run',
          expected: `the ${what} that it began with (${was.slice(0, 12)})`,
          got: is.slice(0, 12),
          where: { run: kept.runId },
        })
    return await execute(kept.runId, prepared, journal, options as RunOptions & Own, kept.round)
  } finally {
    await journal.close()
  }
}

const withStrategyName = (prepared: Prepared, strategy: unknown): Prepared => {
  if (strategy === undefined) return prepared
  // any layout will do to hear the name
  const { name } = (strategy as (layout: Layout) => { readonly name: string })({ entries: [], size: 0 })
  return { ...prepared, specHash: sha256Hex(`${specHash(prepared.spec)} ${name}`) }
}

const execute = async (id: string, prepared: Prepared, journal: Journal, options: RunOptions & Own, after?: number): Promise<RunResult> => {
  const { spec, sites } = prepared
  const startedMs = monotonicMs()
  const signal = options.signal ?? new AbortController().signal
  const context = { run: id, journal, onEvent: options.onEvent ?? (() => undefined) }
  const engine = engineOf({ ...spec.engine, ...(options.workers === undefined ? {} : { workers: options.workers }) })
  let nodes: LocalNodes | undefined
  try {
    await tell(context, {
      kind: 'runStarted',
      task: prepared.task.name,
      specHash: prepared.specHash,
      sites: sites.map(({ name }) => name),
      rounds: spec.rounds,
      ...(after === undefined ? {} : { resumedAfter: after }),
    })
    for (const { name, train, test } of sites)
      await tell(context, { kind: 'siteReady', site: name, trainRows: train.length, testRows: test.length })
    const stages = runStages(spec, dataSchema(prepared.dataset), engine, prepared.seed, {
      strategy: options.strategy as ((layout: Layout) => AnyStrategy) | undefined,
      via: await sumAmong(prepared, options),
    })
    nodes = await localNodes(id, prepared, journal, stages, signal)
    return await rounds(
      { ...context, members: nodes.members, ready: nodes.ready, signal, ...limits(prepared) },
      prepared,
      stages,
      engine,
      startedMs,
    )
  } catch (error) {
    // what was asked for is no failure; a run that was stopped can be resumed
    if (signal.aborted) await tell(context, { kind: 'runCancelled', round: (await journal.find(id)).round })
    else await tell(context, failure(error))
    throw signal.aborted ? signal.reason : error
  } finally {
    await nodes?.close()
    await engine.close()
  }
}

const failure = (error: unknown) => {
  const { round, site } = error instanceof YimengError ? error.where : {}
  return {
    kind: 'runFailed',
    code: error instanceof YimengError ? error.code : 'unexpected',
    message: error instanceof YimengError ? error.message : error instanceof Error ? error.name : 'unexpected',
    ...(typeof round === 'number' ? { round } : {}),
    ...(typeof site === 'string' ? { site } : {}),
  } as const
}

/** What takes the place of the spec's sum in training: the caller's own, or Paillier, for which keys are dealt here. */
const sumAmong = async ({ spec, sites }: Prepared, { sum }: Own): Promise<SumProtocol<'linear'> | undefined> => {
  const names = sites.map(({ name }) => name)
  if (sum === undefined && spec.encryption === 'paillier') return paillierAmong(names, cohortSize(spec.cohort, names.length))
  return sum?.(names)
}

const limits = ({ spec, sites, seed }: Prepared) => ({
  seed,
  size: cohortSize(spec.cohort, sites.length),
  ...(spec.cohort.quorum === undefined ? {} : { quorum: spec.cohort.quorum }),
  deadlineMs: spec.cohort.deadlineSeconds * 1000,
})
