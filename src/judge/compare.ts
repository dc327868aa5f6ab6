// Trains every method on the same splits, seeds and numbers of gradient steps, one after the other, and judges them.
import { monotonicMs, now, YimengError } from '../base/index.ts'
import type { RunEvent } from '../federated/spec/index.ts'
import { type RunSpec, type RunSpecInput, resolveSpec, specHash, taskOf } from '../tasks/index.ts'
import type { Comparison, Outcome, Target } from './comparison.ts'
import { alone, centralised, federated, type Method, type TrainOptions } from './method.ts'
import { comparisonOf, primaryMeasure } from './comparison-of.ts'
import { type Failure, failureOf } from './failure.ts'
import { inParallel } from './in-parallel.ts'
import { type KeptOutcomes, keptOutcomes } from './kept-outcomes.ts'
import { readOnce } from './read-once.ts'
import type { MethodOutcomes } from './summary.ts'
import { versionsOf } from './versions.ts'

/** What happens in a comparison. `done` of `of` pieces of work (a method on a seed) are finished. */
export type CompareEvent =
  | { readonly kind: 'trainingStarted'; readonly seed: number; readonly method: string; readonly done: number; readonly of: number }
  | { readonly kind: 'runEvent'; readonly seed: number; readonly method: string; readonly event: RunEvent }
  | {
      readonly kind: 'trainingFinished'
      readonly seed: number
      readonly method: string
      readonly done: number
      readonly of: number
      readonly seconds: number
      /** The primary measure on all test rows, mean over the models; null where it is not defined, and where training failed. */
      readonly measure: string
      readonly value: number | null
      readonly failure?: Failure
    }

/** Options of {@link compare}. */
export interface CompareOptions {
  /** Number of seeds: `spec.seed`, `spec.seed + 1`, … Default 5. */
  readonly seeds?: number
  /** Default: centralised, alone, federated. At least one must be federated, and no two of one name. The first federated one is what the others are tested against. */
  readonly methods?: readonly Method[]
  /** Then it is told after how many rounds and bytes each method first reached it. */
  readonly target?: Target
  /** Where the first seed's federated run is journalled, so that its model can be used; the others are not kept. */
  readonly home?: string | null
  /**
   * A folder of finished trainings: what is there is not trained again, what is trained is put there. So a comparison that was stopped goes on, and one that several processes trained parts of
   * (by seeds or by methods) is put together. Of methods that {@link Method.change change} the spec only; for the same spec, data and versions only.
   */
  readonly keep?: string
  readonly workers?: number
  /** Trainings side by side, each with engines of its own; they do not change the result, but what one takes in seconds. Default 1. */
  readonly atOnce?: number
  readonly signal?: AbortSignal
  readonly onEvent?: (event: CompareEvent) => void
}

/** The methods that every comparison shows. */
export const defaultMethods: readonly Method[] = [centralised, alone, federated()]

/** A report is passed on: it names the files of a table, not the folders of the machine that it was made on. */
const withoutFolders = (spec: RunSpec): RunSpec => {
  if (typeof spec.task === 'string') return spec
  const named = (path: string) => path.split(/[/\\]/).at(-1) ?? path
  if ('images' in spec.task) {
    const { folder, npz, ...images } = spec.task.images
    return {
      ...spec,
      task: {
        images: {
          ...images,
          ...(folder === undefined ? {} : { folder: named(folder) }),
          ...(npz === undefined ? {} : { npz: named(npz) }),
        },
      },
    }
  }
  const files = spec.task.table.files.map((file) => (typeof file === 'string' ? named(file) : { ...file, path: named(file.path) }))
  return { ...spec, task: { table: { ...spec.task.table, files } } }
}

/** The primary measure of an outcome on all test rows, mean over its models; null where it is not defined. */
export const primaryValue = ({ pooled }: Pick<Outcome, 'pooled'>): { readonly measure: string; readonly value: number | null } => {
  const measure = primaryMeasure(Object.keys(pooled[0]?.metrics ?? {}))
  const values = pooled.flatMap(({ metrics }) => metrics[measure] ?? [])
  return { measure, value: values.length === 0 ? null : values.reduce((sum, one) => sum + one, 0) / values.length }
}

/** What a failed training leaves behind. */
const failed = (failure: Failure, seconds: number): Omit<Outcome, 'seed'> => ({
  failure,
  pooled: [],
  bySite: {},
  curve: [],
  steps: 0,
  seconds,
  bytesUp: 0,
  bytesDown: 0,
  modelHashes: [],
})

/** One training: taken from where finished ones are kept, or done. */
const trained = async (
  method: Method,
  input: RunSpecInput,
  options: TrainOptions,
  kept: KeptOutcomes | undefined,
): Promise<Omit<Outcome, 'seed'>> => {
  const before = await kept?.find(method, input)
  if (before !== undefined) return before
  const started = monotonicMs()
  let outcome: Omit<Outcome, 'seed'>
  try {
    outcome = await method.train(input, options)
  } catch (error) {
    const failure = failureOf(error)
    if (failure === undefined || options.signal?.aborted === true) throw error
    outcome = failed(failure, (monotonicMs() - started) / 1000)
  }
  // what lost a node or was late may go well another time; what diverges does so again
  if (outcome.failure === undefined || outcome.failure.code === 'diverged') await kept?.keep(method, input, outcome)
  return outcome
}

/**
 * Compares methods on a task. Deterministic but for the times: the same spec and seeds give the same numbers.
 *
 * Training that {@link failureOf fails} is an outcome too: it counts as the worst.
 *
 * @throws YimengError `judge-seeds`, `judge-methods`, whatever training throws that is no failure, and the failure where nothing else came about; rejects with the signal's
 *   reason when it aborts.
 */
export const compare = async (input: RunSpecInput, options: CompareOptions = {}): Promise<Comparison> => {
  const { seeds: count = 5, methods = defaultMethods, target, home, keep, workers, atOnce = 1, signal, onEvent = () => {} } = options
  if (!(Number.isInteger(count) && count >= 1 && count <= 1000))
    throw new YimengError({ code: 'judge-seeds', cannot: 'compare', expected: 'between 1 and 1000 seeds', got: String(count) })
  if (!methods.some(({ kind }) => kind === 'federated'))
    throw new YimengError({
      code: 'judge-methods',
      cannot: 'compare',
      expected: 'a federated method',
      got: methods.map(({ name }) => name).join(', '),
    })
  const twice = methods.find(({ name }, i) => methods.findIndex((other) => other.name === name) < i)
  if (twice !== undefined)
    throw new YimengError({ code: 'judge-methods', cannot: 'compare', expected: 'methods of different names', got: `${twice.name} twice` })
  const spec = resolveSpec(input)
  const seeds = Array.from({ length: count }, (_, i) => spec.seed + i)
  const started = monotonicMs()
  const of = seeds.length * methods.length
  const outcomes = new Map<string, Outcome[]>(methods.map(({ name }) => [name, []]))
  let done = 0
  const task = readOnce(taskOf(spec.task))
  const journalled = methods.find(({ kind }) => kind === 'federated')?.name
  const kept = keep === undefined ? undefined : await keptOutcomes(keep, task, spec.engine.kind)
  // who fails stops the others: what they would come to is not asked any more
  const stop = new AbortController()
  const stopped = signal === undefined ? stop.signal : AbortSignal.any([signal, stop.signal])
  const train = async ({ seed, method }: { readonly seed: number; readonly method: Method }): Promise<Outcome> => {
    const { name } = method
    stopped.throwIfAborted()
    onEvent({ kind: 'trainingStarted', seed, method: name, done, of })
    const trainOptions: TrainOptions = {
      task,
      ...(name === journalled && seed === spec.seed ? (home === undefined ? {} : { home }) : { home: null }),
      ...(workers === undefined ? {} : { workers }),
      signal: stopped,
      onEvent: (event) => onEvent({ kind: 'runEvent', seed, method: name, event }),
    }
    const outcome: Outcome = { seed, ...(await trained(method, { ...input, seed }, trainOptions, kept)) }
    done++
    const { seconds, failure } = outcome
    const { measure, value } = primaryValue(outcome)
    const ended = failure === undefined ? {} : { failure }
    onEvent({ kind: 'trainingFinished', seed, method: name, done, of, seconds, measure, value, ...ended })
    return outcome
  }
  const jobs = seeds.flatMap((seed) => methods.map((method) => ({ seed, method })))
  const trainings = await inParallel(jobs, atOnce, (job) =>
    train(job).catch((error: unknown) => {
      stop.abort(error)
      throw error
    }),
  )
  for (const [i, outcome] of trainings.entries()) outcomes.get(jobs[i]?.method.name ?? '')?.push(outcome)
  const all = [...outcomes.values()].flat()
  const [failure] = all.flatMap((outcome) => outcome.failure ?? [])
  if (failure !== undefined && all.every((outcome) => outcome.failure !== undefined)) throw new YimengError(failure)
  const found: readonly MethodOutcomes[] = methods.map(({ name, kind }) => ({ name, kind, outcomes: outcomes.get(name) ?? [] }))
  return comparisonOf(found, {
    spec: withoutFolders(spec),
    specHash: specHash(spec),
    seeds,
    at: new Date(now()).toISOString(),
    seconds: (monotonicMs() - started) / 1000,
    ...(target === undefined ? {} : { target }),
    versions: versionsOf(spec.engine.kind),
  })
}
