// Trains every method on the same splits, seeds and numbers of gradient steps, one after the other, and judges them.
import { monotonicMs, now, YimengError } from '../base/index.ts'
import type { RunEvent } from '../federated/spec/index.ts'
import type { RunOptions } from '../simulation/index.ts'
import { type RunSpec, type RunSpecInput, resolveSpec, specHash } from '../tasks/index.ts'
import type { Comparison, Outcome, Target } from './comparison.ts'
import { alone, centralised, federated, type Method } from './method.ts'
import { comparisonOf, primaryMeasure } from './comparison-of.ts'
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
      /** The primary measure on all test rows, mean over the models. */
      readonly measure: string
      readonly value: number | null
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
  readonly workers?: number
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

/**
 * Compares methods on a task. Deterministic but for the times: the same spec and seeds give the same numbers.
 *
 * @throws YimengError `judge-seeds`, `judge-methods`, and whatever training throws; rejects with the signal's reason when it aborts.
 */
export const compare = async (input: RunSpecInput, options: CompareOptions = {}): Promise<Comparison> => {
  const { seeds: count = 5, methods = defaultMethods, target, home, workers, signal, onEvent = () => {} } = options
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
  const keptMethod = methods.find(({ kind }) => kind === 'federated')?.name
  for (const seed of seeds) {
    for (const { name, train } of methods) {
      signal?.throwIfAborted()
      onEvent({ kind: 'trainingStarted', seed, method: name, done, of })
      const kept = name === keptMethod && seed === spec.seed
      const trainOptions: RunOptions = {
        ...(kept ? (home === undefined ? {} : { home }) : { home: null }),
        ...(workers === undefined ? {} : { workers }),
        ...(signal === undefined ? {} : { signal }),
        onEvent: (event) => onEvent({ kind: 'runEvent', seed, method: name, event }),
      }
      const outcome: Outcome = { seed, ...(await train({ ...input, seed }, trainOptions)) }
      outcomes.get(name)?.push(outcome)
      done++
      const measure = primaryMeasure(Object.keys(outcome.pooled[0]?.metrics ?? {}))
      const values = outcome.pooled.flatMap(({ metrics }) => metrics[measure] ?? [])
      const value = values.length === 0 ? null : values.reduce((sum, one) => sum + one, 0) / values.length
      onEvent({ kind: 'trainingFinished', seed, method: name, done, of, seconds: outcome.seconds, measure, value })
    }
  }
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
