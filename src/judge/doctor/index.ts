// The doctor: examines the sites of a task by federated analytics and says what to try first.
import { seed as rootSeed } from '../../base/index.ts'
import {
  type AnalysedSite,
  analysis,
  analysedValues,
  dataSchema,
  dealSites,
  prepareRows,
  resolveSpec,
  type RunSpecInput,
  type Task,
  taskOf,
} from '../../tasks/index.ts'
import { playOnce } from './play.ts'
import { type Finding, findingOf, methodFor, type Skew } from './rules.ts'
import { type ExaminedSite, skewProgram } from './skew.ts'

export { type Finding, findingOf, methodFor, type Skew, thresholds } from './rules.ts'

/** What the doctor says. */
export interface Diagnosis {
  readonly format: 'yimeng-diagnosis/1'
  readonly task: string
  readonly skew: Skew
  readonly finding: Finding
  /** The method to try first, as `--methods` takes it. */
  readonly method: string
}

/**
 * Examines the training rows of a spec's sites. Only sums over all sites reach the server; no model is trained. Deterministic.
 *
 * @throws YimengError as `run` does for a spec or data that cannot be used; `doctor` when a site does not answer; the signal's reason.
 */
export const examine = async (
  input: RunSpecInput,
  options: { readonly task?: Task; readonly signal?: AbortSignal } = {},
): Promise<Diagnosis> => {
  const spec = resolveSpec(input, options.task === undefined ? {} : { task: options.task })
  const task = options.task ?? taskOf(spec.task)
  const signal = options.signal ?? new AbortController().signal
  const seed = rootSeed(spec.seed)
  const dataset = await task.load()
  const schema = dataSchema(dataset)
  const sites = dealSites(dataset, spec, seed)
  const columns = await Promise.all(
    sites.map(
      async ({ name, train }): Promise<[string, AnalysedSite]> => [
        name,
        { columns: await analysedValues(dataset, schema, train, spec.preprocessing) },
      ],
    ),
  )
  const preparation = await playOnce(analysis(spec, schema), undefined, new Map(columns), undefined, seed, signal)
  if (preparation === undefined) throw new RangeError('analytics gave no preparation')
  const { label } = dataset.schema
  const classes = label.kind === 'categorical' ? label.levels.length : 1
  let width = 1
  const examined = new Map<string, ExaminedSite>()
  for (const { name, train } of sites) {
    const { rows, inputs, targets } = await prepareRows(preparation, dataset, train)
    width = inputs.length / rows
    examined.set(name, { rows, width, inputs, classes: label.kind === 'categorical' ? targets : new Float32Array(rows) })
  }
  const skew = await playOnce(skewProgram(classes, width), undefined, examined, undefined, seed, signal)
  if (skew === undefined) throw new RangeError('analytics gave no figures')
  const finding = findingOf(skew, { epochs: spec.local.steps === undefined })
  return { format: 'yimeng-diagnosis/1', task: task.name, skew, finding, method: methodFor[finding] }
}
