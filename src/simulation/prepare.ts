// From a spec to data at sites: what federated runs and baselines share, so that they train on the same rows.
import { type Seed, seed, YimengError } from '../base/index.ts'
import {
  checkNames,
  dataHash,
  type DealtSite,
  dealSites,
  resolveSpec,
  type RunSpec,
  type RunSpecInput,
  specHash,
  type Task,
  type TaskData,
  taskOf,
} from '../tasks/index.ts'
import type { SiteRows } from './types.ts'

/** A run before it starts. */
export interface Prepared {
  readonly spec: RunSpec
  readonly specHash: string
  readonly task: Task
  readonly dataset: TaskData
  /** SHA-256 of the rows: a run is resumed on the same ones only. */
  readonly dataHash: string
  readonly sites: readonly DealtSite[]
  /** The run's seed. */
  readonly seed: Seed
}

/** Refuses a cohort that could hold more rows than the sums' public bound, before anybody trains. */
const checkRows = ({ cohort }: RunSpec, sites: readonly DealtSite[]): void => {
  const largestFirst = sites.map(({ train }) => train.length).sort((a, b) => b - a)
  const rows = largestFirst.slice(0, cohortSize(cohort, sites.length)).reduce((sum, length) => sum + length, 0)
  if (rows > cohort.maxRows)
    throw new YimengError({
      code: 'cohort-rows',
      cannot: 'train this cohort',
      expected: `at most ${cohort.maxRows} training rows (set cohort.maxRows higher)`,
      got: String(rows),
      where: { field: 'cohort.maxRows' },
    })
}

/** Completes the spec, loads the data and deals them over the sites. Throws what is wrong with either; nothing has been written then. */
export const prepare = async (input: RunSpecInput, task?: Task): Promise<Prepared> => {
  const spec = resolveSpec(input, task === undefined ? {} : { task })
  const chosen = task ?? taskOf(spec.task)
  const root = seed(spec.seed)
  const dataset = await chosen.load()
  const sites = dealSites(dataset, spec, root)
  checkRows(spec, sites)
  checkNames(
    spec,
    sites.map(({ name }) => name),
  )
  return {
    spec,
    specHash: specHash(spec),
    task: chosen,
    dataset,
    dataHash: await dataHash(dataset),
    sites,
    seed: root,
  }
}

/** Steps that a site takes in one round. */
export const stepsOf = ({ epochs, steps, batch }: RunSpec['local'], rows: number): number =>
  steps ?? (epochs ?? 1) * Math.ceil(rows / batch)

/** Sites chosen for a round. */
export const cohortSize = ({ size, fraction }: RunSpec['cohort'], sites: number): number =>
  Math.min(sites, size ?? (fraction === undefined ? sites : Math.max(1, Math.round(fraction * sites))))

/** Rows and classes of each site. */
export const siteRows = ({ dataset, sites }: Prepared): readonly SiteRows[] => {
  const { label } = dataset.schema
  return sites.map(({ name, train, test }) => ({
    site: name,
    trainRows: train.length,
    testRows: test.length,
    ...(label.kind === 'numeric'
      ? {}
      : { classes: label.levels.map((_, k) => train.reduce((count, row) => count + (dataset.labels[row] === k ? 1 : 0), 0)) }),
  }))
}
