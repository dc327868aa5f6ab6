// A federated run in one process: the coordinator's loop and a node loop for each site, over a transport in memory that carries bytes.
// No algorithm and no second code path lives here: both sides are the projections that run over a network.
import { join } from 'node:path'
import type { Layout } from '../algebra/index.ts'
import { memoryChannels, monotonicMs, now, sha256Hex, YimengError } from '../base/index.ts'
import { yimengHome } from '../data/node.ts'
import type { Strategy } from '../federated/index.ts'
import type { RunEvent } from '../federated/spec/index.ts'
import type { Engine } from '../learn/index.ts'
import { admit, type Journal, type Member, nodeLoop, openJournal, type RunContext, runId, runStage, tell } from '../runtime/index.ts'
import { type AnyStrategy, preprocessingCodec, type RunSpecInput, specHash, type Task, trainedModel } from '../tasks/index.ts'
import { engineOf } from './engine.ts'
import { historyOf } from './history.ts'
import { cohortSize, prepare, type Prepared, siteRows, stepsOf } from './prepare.ts'
import { ANALYSE, type RunStages, runStages, TRAIN } from './stages.ts'
import { type Bench, testBench } from './test-bench.ts'
import type { RunOptions, RunResult } from './types.ts'

/** What may take the place of a spec's names: your own strategy, your own task. They are not in the journal: hand them to {@link resume} again. */
export interface Own<S = unknown, U = unknown, Acc = unknown, R = unknown, N = unknown> {
  /** Instead of `spec.strategy`, for a model of this layout. Its name goes into the spec's hash: it is called once with an empty layout to hear it. */
  readonly strategy?: (layout: Layout) => Strategy<S, U, Acc, R, N>
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
    await journal.claim(kept.runId)
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

/** The processes of a run in one: nodes that loop, and the members that they are to the coordinator. */
const startNodes = async (id: string, prepared: Prepared, journal: Journal, stages: RunStages, signal: AbortSignal) => {
  const last = await Promise.all([ANALYSE, TRAIN].map((stage) => journal.checkpoint(id, stage)))
  const stop = new AbortController()
  const loops: Promise<void>[] = []
  const members: Member[] = []
  for (const site of prepared.sites) {
    const [here, there] = memoryChannels()
    loops.push(
      nodeLoop({
        id: site.name,
        run: id,
        specHash: prepared.specHash,
        trainRows: site.train.length,
        testRows: site.test.length,
        seed: prepared.seed,
        channel: there,
        store: journal.nodeStore(id, site.name),
        stage: (name, committed) => stages.node(site, name, () => committed(ANALYSE, preprocessingCodec)),
        signal: stop.signal,
      }),
    )
    const admission = {
      run: id,
      specHash: prepared.specHash,
      last: async (node: string) =>
        last.flatMap((kept) =>
          kept === undefined ? [] : [{ stage: kept.stage, round: kept.round, attempt: kept.attempt, counted: kept.counted.includes(node) }],
        ),
    }
    members.push(await admit(here, admission, signal))
  }
  return {
    members,
    close: async () => {
      await Promise.all(members.map((member) => member.control.send({ kind: 'finish' }).catch(() => undefined)))
      stop.abort(new YimengError({ code: 'node-stopped', cannot: 'go on', expected: 'a run', got: 'its end' }))
      await Promise.allSettled(loops)
      await Promise.all(members.map((member) => member.close()))
    },
  }
}

const execute = async (id: string, prepared: Prepared, journal: Journal, options: RunOptions & Own, after?: number): Promise<RunResult> => {
  const { spec, sites } = prepared
  const startedMs = monotonicMs()
  const signal = options.signal ?? new AbortController().signal
  const context = { run: id, journal, onEvent: options.onEvent ?? (() => undefined) }
  const engine = engineOf({ ...spec.engine, ...(options.workers === undefined ? {} : { workers: options.workers }) })
  let nodes: Awaited<ReturnType<typeof startNodes>> | undefined
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
    const stages = runStages(prepared, engine, options.strategy as ((layout: Layout) => AnyStrategy) | undefined)
    nodes = await startNodes(id, prepared, journal, stages, signal)
    return await rounds({ ...context, members: nodes.members, signal, ...limits(prepared) }, prepared, stages, engine, startedMs)
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

const limits = ({ spec, sites, seed }: Prepared) => ({
  seed,
  size: cohortSize(spec.cohort, sites.length),
  ...(spec.cohort.quorum === undefined ? {} : { quorum: spec.cohort.quorum }),
  deadlineMs: spec.cohort.deadlineSeconds * 1000,
})

const rounds = async (
  context: RunContext,
  prepared: Prepared,
  stages: RunStages,
  engine: Engine,
  startedMs: number,
): Promise<RunResult> => {
  const { spec, sites } = prepared
  const { preprocessing, stage } = await stages.server(context)
  const measure = await testBench(engine, stage, preprocessing, prepared.dataset, sites)
  const { algorithm } = stage
  let measured: { readonly round: number; readonly bench: Bench } | undefined
  const evaluate = async (state: unknown, round: number): Promise<Bench> => {
    const bench = await measure(algorithm.model(state))
    measured = { round, bench }
    const bySite = Object.fromEntries(Object.entries(bench.bySite).map(([site, { metrics }]) => [site, metrics]))
    await tell(context, { kind: 'evaluated', round, pooled: bench.pooled.metrics, sites: bySite })
    return bench
  }
  const due = (round: number) => spec.evaluate.every > 0 && round % spec.evaluate.every === 0
  // a process that was killed between a commit and its evaluation left a gap in the curve
  const kept = await context.journal.checkpoint(context.run, TRAIN)
  if (
    kept !== undefined &&
    due(kept.round) &&
    !(await context.journal.events(context.run)).some((event) => event.kind === 'evaluated' && event.round === kept.round)
  )
    await evaluate(algorithm.stateCodec.decode(kept.state), kept.round)
  const state = await runStage(context, {
    name: TRAIN,
    firstRound: 1,
    lastRound: spec.rounds,
    program: algorithm.program as never,
    initial: stage.initial,
    codec: algorithm.stateCodec,
    loss: algorithm.loss,
    committed: async (current, round) => {
      if (due(round)) await evaluate(current, round)
    },
  })
  const { pooled, bySite } = measured?.round === spec.rounds ? measured.bench : await evaluate(state, spec.rounds)
  const model = trainedModel({
    task: prepared.task.name,
    choice: spec.model,
    preprocessing,
    params: algorithm.model(state),
    specHash: prepared.specHash,
  })
  const events = await context.journal.events(context.run)
  const history = historyOf(events)
  const bytes = traffic(events, context.members)
  const seconds = (monotonicMs() - startedMs) / 1000
  const finished = { kind: 'runFinished', rounds: spec.rounds, modelHash: model.hash, metrics: pooled.metrics, ...bytes, seconds } as const
  await tell(context, finished, { model: { hash: model.hash, bytes: model.bytes } })
  const trainRows = new Map(sites.map(({ name, train }) => [name, train.length]))
  const steps = events.reduce(
    (sum, event) =>
      sum +
      (event.kind === 'roundCommitted' && event.round > 0
        ? event.counted.reduce((all, site) => all + stepsOf(spec.local, trainRows.get(site) ?? 0), 0)
        : 0),
    0,
  )
  return {
    runId: context.run,
    specHash: prepared.specHash,
    modelHash: model.hash,
    model,
    metrics: pooled.metrics,
    pooled,
    bySite,
    history,
    steps,
    rounds: spec.rounds,
    seconds,
    ...bytes,
    sites: siteRows(prepared),
  }
}

/** Bytes of this process's channels, and what earlier processes of a resumed run committed. */
const traffic = (events: readonly RunEvent[], members: readonly Member[]): { readonly bytesUp: number; readonly bytesDown: number } => {
  const began = events.findLastIndex(({ kind }) => kind === 'runStarted')
  const earlier = events.slice(0, began).filter((event) => event.kind === 'roundCommitted')
  const here = members.map((member) => member.traffic())
  return {
    bytesUp: earlier.reduce((sum, { bytesUp }) => sum + bytesUp, 0) + here.reduce((sum, { received }) => sum + received, 0),
    bytesDown: earlier.reduce((sum, { bytesDown }) => sum + bytesDown, 0) + here.reduce((sum, { sent }) => sum + sent, 0),
  }
}
