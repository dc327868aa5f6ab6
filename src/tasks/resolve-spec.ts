// From what a person wrote to a complete spec: the task's defaults beneath, the schema's defaults beneath those.
import { canonicalJson, sha256Hex, YimengError } from '../base/index.ts'
import { closeNames } from '../data/index.ts'
import { builtInTasks } from './built-in.ts'
import { dealtNames } from './deal-sites.ts'
import { baseName, withoutFolder } from './model-schema.ts'
import { protectionIssues } from './protection-issues.ts'
import { type RunSpec, type RunSpecInput, runSpecSchema } from './run-spec.ts'
import { type Language, specError, type SpecIssue, specIssues } from './spec-issues.ts'
import { nameIssues, strategyIssues } from './strategy-issues.ts'
import { imagesTask } from './images-task.ts'
import { tableTask } from './table-task.ts'
import type { Task } from './task.ts'

type Json = Readonly<Record<string, unknown>>
const isRecord = (x: unknown): x is Json => typeof x === 'object' && x !== null && !Array.isArray(x)

/** Keys of which at most one may stand: writing one drops the other from what lies beneath. */
const rivals: readonly (readonly [string, string])[] = [
  ['epochs', 'steps'],
  ['size', 'fraction'],
]
/** A record with another tag is another thing: nothing of the one beneath shows through. */
const tags = ['kind', 'name']

/** `above` laid over `below`, record by record; lists and plain values replace what is beneath. */
export const laidOver = (below: unknown, above: unknown): unknown => {
  if (above === undefined) return below
  if (!isRecord(below) || !isRecord(above)) return above
  if (tags.some((tag) => above[tag] !== undefined && below[tag] !== undefined && above[tag] !== below[tag])) return above
  const dropped = rivals.flatMap(([a, b]) => [...(a in above ? [b] : []), ...(b in above ? [a] : [])])
  const kept = Object.fromEntries(Object.entries(below).filter(([key]) => !dropped.includes(key)))
  return Object.fromEntries(
    [...new Set([...Object.keys(kept), ...Object.keys(above)])].map((key) => [key, laidOver(kept[key], above[key])]),
  )
}

/**
 * The task that a spec names: built in, or made of its table.
 *
 * @throws YimengError `task-unknown` for a name that no task has.
 */
export const taskOf = (task: RunSpec['task']): Task => {
  if (typeof task !== 'string') return 'table' in task ? tableTask(task.table) : imagesTask(task.images)
  const found = builtInTasks.find(({ name }) => name === task)
  if (found !== undefined) return found
  const names = builtInTasks.map(({ name }) => name)
  const near = closeNames(task, names)
  throw new YimengError({
    code: 'task-unknown',
    cannot: 'find task',
    expected: `one of ${names.join(', ')}`,
    got: `${JSON.stringify(task)}${near.length === 0 ? '' : `; did you mean ${near.join(' or ')}?`}`,
    where: { field: 'task' },
  })
}

/** Rules between fields, which the schema of one field cannot tell. */
const ruleIssues = (spec: RunSpec): readonly SpecIssue[] => {
  const { epochs, steps } = spec.local
  const { size, fraction, quorum } = spec.cohort
  const sites = 'sites' in spec.partition ? spec.partition.sites : Number.POSITIVE_INFINITY
  const rule = (path: string, broken: boolean, expected: string): readonly SpecIssue[] =>
    broken ? [{ path, kind: 'value', expected, message: expected, near: [] }] : []
  return [
    ...rule('local.steps', epochs !== undefined && steps !== undefined, 'epochs or steps, not both'),
    ...rule('cohort.fraction', size !== undefined && fraction !== undefined, 'size or fraction, not both'),
    ...rule('cohort.size', size !== undefined && size > sites, `at most ${sites}, the number of sites`),
    ...[
      ...protectionIssues(spec),
      ...('sites' in spec.partition ? nameIssues(spec, dealtNames(spec.partition.sites)) : []),
      ...strategyIssues(spec),
    ].flatMap(({ path, expected }) => rule(path, true, expected)),
    ...rule('cohort.quorum', quorum !== undefined && quorum > Math.min(size ?? sites, sites), 'at most the size of the cohort'),
  ]
}

/** How {@link resolveSpec} reads a spec. */
export interface ResolveOptions {
  /** A task of your own; then `spec.task` is only its name. */
  readonly task?: Task
  /** Language of the issues' messages. */
  readonly language?: Language
  /** File that the spec came from, for messages. */
  readonly file?: string
}

/**
 * A complete spec: the task's defaults under what was written, the schema's under both.
 *
 * @throws SpecError `spec-unknown-key` or `spec-value`, with every issue; YimengError `task-unknown`.
 *
 * @example
 * ```ts
 * const spec = resolveSpec({ task: 'iris', strategy: { name: 'fedprox' } })
 * assert.deepEqual(spec.strategy, { name: 'fedprox', mu: 0.01 })
 * assert.equal(spec.cohort.size, 5)
 * assert.throws(() => resolveSpec({ task: 'iris', rounds: 0 }), /expected at least 1, got 0 \(field rounds\)/)
 * ```
 */
export const resolveSpec = (input: RunSpecInput, options: ResolveOptions = {}): RunSpec => {
  const language = options.language ?? 'en'
  const named = runSpecSchema.pick({ task: true }).strip().safeParse(input)
  // without a task there are no defaults to lay beneath, so the schema alone says what is wrong
  const merged = named.success ? laidOver((options.task ?? taskOf(named.data.task)).defaults, input) : input
  const issues = specIssues(runSpecSchema, merged, language)
  if (issues.length > 0) throw specError(issues, merged, options.file)
  const spec = runSpecSchema.parse(merged)
  const broken = ruleIssues(spec)
  if (broken.length > 0) throw specError(broken, spec, options.file)
  const { epochs, steps, optimiser } = spec.local
  const local = epochs === undefined && steps === undefined ? { ...spec.local, epochs: 1 } : spec.local
  const strategy =
    spec.strategy.name === 'fednova' && spec.strategy.momentum === undefined
      ? { ...spec.strategy, momentum: optimiser.name === 'sgd' ? optimiser.momentum : 0 }
      : spec.strategy
  return { ...spec, local, strategy }
}

/**
 * Refuses a spec that names sites which are not there: for those whose names only the data tell.
 *
 * @throws SpecError `spec-value`.
 */
export const checkNames = (spec: RunSpec, names: readonly string[]): void => {
  const broken = nameIssues(spec, names).map(
    ({ path, expected }): SpecIssue => ({ path, kind: 'value', expected, message: expected, near: [] }),
  )
  if (broken.length > 0) throw specError(broken, spec)
}

/**
 * SHA-256 of the complete spec in canonical JSON: equal for specs that promise the same model. Left out is what cannot change it: worker threads, how often is
 * measured, editor hints, and the folders of files.
 */
export const specHash = (spec: RunSpec): string => {
  const { $schema: _, evaluate: __, engine, task, model, ...rest } = spec
  const named = (): unknown => {
    if (typeof task === 'string') return task
    if ('images' in task) {
      const { folder, npz, ...images } = task.images
      return {
        images: {
          ...images,
          ...(folder === undefined ? {} : { folder: baseName(folder) }),
          ...(npz === undefined ? {} : { npz: baseName(npz) }),
        },
      }
    }
    const files = task.table.files.map((file) => (typeof file === 'string' ? baseName(file) : { ...file, path: baseName(file.path) }))
    return { table: { ...task.table, files } }
  }
  return sha256Hex(canonicalJson({ ...rest, engine: { kind: engine.kind }, model: withoutFolder(model), task: named() }))
}
