// The rounds of a run, from analytics to the saved model, over members that have been admitted. Nothing here knows whether they are in this process.
import { monotonicMs } from '../base/index.ts'
import type { RunEvent } from '../federated/spec/index.ts'
import type { Engine } from '../learn/index.ts'
import { lastCounted, type Member, runAnalysis, type RunContext, runTraining, tell } from '../runtime/index.ts'
import { columnCount, contributionsOf, dataSchema, isTable, type RunStages, TRAIN, trainedModel } from '../tasks/index.ts'
import { contributionsIn, historyOf } from './history.ts'
import { personalModels } from './personal-models.ts'
import { type Prepared, siteRows, stepsOf } from './prepare.ts'
import { type Bench, testBench } from './test-bench.ts'
import type { RunResult } from './types.ts'

/** The common model's measures, and those of the sites' own models where there are any. */
type Benches = Bench & { readonly personal?: Bench }

const measuresOf = ({ pooled, bySite }: Bench) => ({
  pooled: pooled.metrics,
  sites: Object.fromEntries(Object.entries(bySite).map(([site, { metrics }]) => [site, metrics])),
})

/**
 * Runs what is not committed yet, measures on test rows, and finishes the run in the journal.
 *
 * @param startedMs - monotonic time that the run, or its going on, began at
 */
export const rounds = async (
  context: RunContext,
  prepared: Prepared,
  stages: RunStages,
  engine: Engine,
  startedMs: number,
): Promise<RunResult> => {
  const { spec, sites } = prepared
  const preprocessing = await runAnalysis(context, {
    ...stages.analysis,
    committed: () => tell(context, { kind: 'analysed', columns: columnCount(dataSchema(prepared.dataset)) }),
  })
  const stage = await stages.training(preprocessing)
  const measure = await testBench(engine, stage, preprocessing, prepared.dataset, sites)
  const { algorithm } = stage
  const counted = lastCounted(await context.journal.events(context.run))
  const modelsOf = personalModels({ context, prepared, stages, stage, preprocessing, counted })
  let measured: { readonly round: number; readonly benches: Benches } | undefined
  const evaluate = async (state: unknown, round: number): Promise<Benches> => {
    const benches: Benches = {
      ...(await measure(algorithm.model(state))),
      ...(modelsOf === undefined ? {} : { personal: await measure(modelsOf(state, round)) }),
    }
    measured = { round, benches }
    const { personal } = benches
    await tell(context, { kind: 'evaluated', round, ...measuresOf(benches), ...(personal && { personal: measuresOf(personal) }) })
    return benches
  }
  const due = (round: number) => spec.evaluate.every > 0 && round % spec.evaluate.every === 0
  const { contribution } = spec
  const shareOut = async (state: unknown, round: number): Promise<void> => {
    if (contribution === undefined) return
    const { layout } = algorithm.model(state)
    const lossOf = async (values: Float32Array) => (await measure({ layout, values })).pooled.metrics['loss'] ?? Number.NaN
    const found = await contributionsOf({ ...spec, contribution }, state, lossOf, prepared.seed.split('contribution', round))
    await tell(context, { kind: 'contributed', round, shares: Object.fromEntries(found.shares), evaluations: found.evaluations })
  }
  // a process that was killed between a commit and what follows it left a gap
  const kept = await context.journal.checkpoint(context.run, TRAIN)
  if (kept !== undefined) {
    const told = (await context.journal.events(context.run)).filter((event) => 'round' in event && event.round === kept.round)
    if (!told.some(({ kind }) => kind === 'contributed')) await shareOut(algorithm.stateCodec.decode(kept.state), kept.round)
    if (due(kept.round) && !told.some(({ kind }) => kind === 'evaluated'))
      await evaluate(algorithm.stateCodec.decode(kept.state), kept.round)
  }
  const heard = {
    ...context,
    onEvent: (event: RunEvent) => {
      counted.hear(event)
      context.onEvent(event)
    },
  }
  const {
    state,
    round: of,
    rounds: done,
  } = await runTraining(heard, {
    name: TRAIN,
    algorithm,
    initial: stage.initial,
    cost: stage.cost,
    choose: stage.inviting,
    stop: spec.stopping,
    rounds: spec.rounds,
    committed: async (current, round) => {
      await shareOut(current, round)
      if (due(round)) await evaluate(current, round)
    },
  })
  const benches = measured?.round === of ? measured.benches : await evaluate(state, of)
  const { pooled } = benches
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
  const finished = { kind: 'runFinished', rounds: done, modelHash: model.hash, metrics: pooled.metrics, ...bytes, seconds } as const
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
    ...benches,
    history,
    steps,
    rounds: done,
    seconds,
    ...bytes,
    sites: siteRows(prepared),
    ...(contribution === undefined ? {} : { contributions: contributionsIn(events) }),
    ...(isTable(prepared.dataset) && prepared.dataset.unknown !== undefined ? { unknown: prepared.dataset.unknown } : {}),
    ...('skipped' in prepared.dataset && prepared.dataset.skipped.length > 0 ? { skipped: prepared.dataset.skipped } : {}),
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
