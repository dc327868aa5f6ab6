// What federated training is compared with, on the same splits, seeds and numbers of gradient steps: all rows in one place, and each site by itself.
// Both run the very work that a site runs in a round; only who trains on what differs.
import { monotonicMs } from '../base/index.ts'
import { summariseColumn } from '../data/index.ts'
import { nodeSeed } from '../federated/index.ts'
import type { Engine } from '../learn/index.ts'
import { chooseCohort } from '../runtime/index.ts'
import {
  analysedValues,
  dataSchema,
  type DealtSite,
  fitPreparation,
  initialSeed,
  learnerOf,
  localWork,
  type RunSpecInput,
  type Task,
  trainedModel,
  trainingRows,
  trainingSite,
} from '../tasks/index.ts'
import { engineOf } from '../tasks/node.ts'
import { cohortSize, prepare, type Prepared, stepsOf } from './prepare.ts'
import { testBench } from './test-bench.ts'
import type { HistoryPoint, RunOptions, Trained } from './types.ts'

type BaselineOptions = Pick<RunOptions, 'signal' | 'workers'> & { readonly task?: Task }

/** Steps of each site in each round of the federated run, which the baselines take too. */
const plan = ({ spec, sites, seed }: Prepared): readonly ReadonlyMap<string, number>[] => {
  const names = sites.map(({ name }) => name)
  const rows = new Map(sites.map(({ name, train }) => [name, train.length]))
  const size = cohortSize(spec.cohort, sites.length)
  return Array.from(
    { length: spec.rounds },
    (_, i) => new Map(chooseCohort(names, size, seed, i + 1).map((name) => [name, stepsOf(spec.local, rows.get(name) ?? 0)])),
  )
}

/** Trains one model on some rows, `steps[i]` steps in round i + 1, and measures it as a run would. */
const trainOn = async (
  prepared: Prepared,
  engine: Engine,
  name: string,
  rows: Uint32Array,
  steps: readonly number[],
  sites: readonly DealtSite[],
  signal: AbortSignal | undefined,
): Promise<Trained> => {
  const { spec, dataset, seed } = prepared
  const startedMs = monotonicMs()
  // whoever trains alone has only its own rows to standardise by
  const schema = dataSchema(dataset)
  const summaries = (await analysedValues(dataset, schema, rows, spec.preprocessing)).map(summariseColumn)
  const preprocessing = fitPreparation(schema, summaries, spec.preprocessing)
  const learner = learnerOf(spec, preprocessing)
  const trainer = await engine.trainer(learner.model, learner.loss, learner.optimiser)
  const measure = await testBench(engine, learner, preprocessing, dataset, sites)
  const site = trainingSite(await trainingRows(preprocessing, dataset, rows, spec.local), spec.local, learner.classes?.length)
  let params = learner.model.init(initialSeed(seed))
  const history: HistoryPoint[] = []
  let bench = await measure(params)
  for (const [i, count] of steps.entries()) {
    signal?.throwIfAborted()
    const round = i + 1
    const roundMs = monotonicMs()
    let trainLoss = history.at(-1)?.trainLoss ?? null
    if (count > 0) {
      const { layout } = params
      const work = localWork(trainer, layout, { ...spec.local, epochs: undefined, steps: count })
      const node = { id: name, site, seed: nodeSeed(seed, round, name), basedOn: round, signal: signal ?? new AbortController().signal }
      const { values, loss } = await work(node, { values: params.values, numbers: {}, vectors: {} })
      params = { layout, values }
      trainLoss = loss ?? null
    }
    const due = round === spec.rounds || (spec.evaluate.every > 0 && round % spec.evaluate.every === 0)
    if (due) bench = await measure(params)
    const point = { round, trainLoss, seconds: (monotonicMs() - roundMs) / 1000, bytesUp: 0, bytesDown: 0 }
    const metrics = Object.fromEntries(Object.entries(bench.bySite).map(([where, evaluation]) => [where, evaluation.metrics]))
    history.push(due ? { ...point, test: bench.pooled.metrics, sites: metrics } : point)
  }
  const model = trainedModel({ task: prepared.task.name, choice: spec.model, preprocessing, params, specHash: prepared.specHash })
  return { model, history, steps: steps.reduce((sum, count) => sum + count, 0), seconds: (monotonicMs() - startedMs) / 1000, ...bench }
}

const withEngine = async <T>(prepared: Prepared, options: BaselineOptions, work: (engine: Engine) => Promise<T>): Promise<T> => {
  const engine = engineOf({ ...prepared.spec.engine, ...(options.workers === undefined ? {} : { workers: options.workers }) })
  try {
    return await work(engine)
  } finally {
    await engine.close()
  }
}

/**
 * All training rows in one place, as many gradient steps as all sites of the federated run take together: as many rows are looked at.
 *
 * @throws as {@link run} for a spec or data that cannot be used; `diverged`; the signal's reason.
 */
export const trainCentralised = async (input: RunSpecInput, options: BaselineOptions = {}): Promise<Trained> => {
  const prepared = await prepare(input, options.task)
  const rows = Uint32Array.from(prepared.sites.flatMap(({ train }) => Array.from(train))).sort()
  const steps = plan(prepared).map((round) => [...round.values()].reduce((sum, count) => sum + count, 0))
  return withEngine(prepared, options, (engine) => trainOn(prepared, engine, 'centralised', rows, steps, prepared.sites, options.signal))
}

/**
 * Each site by itself, from its own rows alone (standardisation too), with the steps that it takes in the federated run. By site; `pooled` is on all sites' test rows.
 *
 * @throws as {@link trainCentralised}.
 */
export const trainAlone = async (input: RunSpecInput, options: BaselineOptions = {}): Promise<Readonly<Record<string, Trained>>> => {
  const prepared = await prepare(input, options.task)
  const rounds = plan(prepared)
  return withEngine(prepared, options, async (engine) => {
    const alone = await Promise.all(
      prepared.sites.map(async ({ name, train }): Promise<[string, Trained]> => {
        const steps = rounds.map((round) => round.get(name) ?? 0)
        return [name, await trainOn(prepared, engine, name, train, steps, prepared.sites, options.signal)]
      }),
    )
    return Object.fromEntries(alone)
  })
}
