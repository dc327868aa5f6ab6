// Which rows each site holds, for training and for testing: the same for federated, centralised and alone.
import { seed as rootSeed, type Seed, YimengError } from '../base/index.ts'
import {
  type Labelled,
  type Partition,
  type Partitioner,
  partition,
  siteNames,
  type Split,
  splitRows,
  splitWithin,
  strataOf,
} from '../data/index.ts'
import type { PartitionSpec, RunSpec } from './run-spec.ts'

/** A site's rows, as indices into the data set. */
export interface DealtSite {
  readonly name: string
  readonly train: Uint32Array
  readonly test: Uint32Array
}

type Dealt = Exclude<PartitionSpec, { readonly kind: 'natural' }>

/** The partitioner of each kind: a total table, so that a kind without one does not compile. */
const partitioners: { readonly [K in Dealt['kind']]: (choice: Extract<Dealt, { readonly kind: K }>, classes: number) => Partitioner } = {
  iid: () => partition.iid,
  dirichlet: ({ alpha }) => partition.dirichlet(alpha),
  classDirichlet: ({ alpha, minimumRows }) => partition.classDirichlet(alpha, minimumRows),
  labelShards: ({ shardsPerSite }) => partition.labelShards(shardsPerSite),
  missingClasses: ({ sites, classesPerSite }, classes) => {
    const all = Array.from({ length: classes }, (_, label) => label)
    // site i has the classes i, i+1, …, counted round
    return partition.missingClasses(
      Array.from({ length: sites }, (_, site) => all.filter((label) => (label - site + classes * sites) % classes >= classesPerSite)),
    )
  },
  quantitySkew: ({ alpha, minimumRows }) => partition.quantitySkew(alpha, minimumRows),
}

const partitionOf = (
  dataset: Labelled,
  spec: PartitionSpec,
  seed: Seed,
): { readonly names: readonly string[]; readonly rows: Partition } => {
  if (spec.kind === 'natural') {
    const column = dataset.sites
    if (column === undefined)
      throw new YimengError({
        code: 'partition-natural',
        cannot: `deal ${dataset.name} over sites`,
        expected: 'data that name the site of each row (or partition.kind iid, dirichlet, …)',
        got: 'none',
        where: { field: 'partition.kind' },
      })
    const names = siteNames(column)
    return { names, rows: partition.byColumn(column)(strataOf(dataset), names.length, seed) }
  }
  if (spec.sites > dataset.rows)
    throw new YimengError({
      code: 'partition-sites',
      cannot: `deal ${dataset.name} over sites`,
      expected: `at most ${dataset.rows} sites, one for each row`,
      got: String(spec.sites),
      where: { field: 'partition.sites' },
    })
  const labels = strataOf(dataset)
  const classes = labels.reduce((most, label) => Math.max(most, label), 0) + 1
  const deal = partitioners[spec.kind] as (choice: PartitionSpec, classes: number) => Partitioner
  return { names: dealtNames(spec.sites), rows: deal(spec, classes)(labels, spec.sites, seed) }
}

/** Names of sites that rows are dealt over. */
export const dealtNames = (sites: number): readonly string[] => {
  const width = String(sites).length
  return Array.from({ length: sites }, (_, i) => `site-${String(i + 1).padStart(width, '0')}`)
}

/** A split with so many of its training rows, stratified by label. */
const fewer = (dataset: Labelled, split: Split, trainRows: number, seed: Seed): Split => {
  const all = split.train.length
  if (trainRows === all) return split
  if (trainRows > all)
    throw new YimengError({
      code: 'split',
      cannot: 'split rows',
      expected: `at most ${all} training rows`,
      got: String(trainRows),
      where: { field: 'split.trainRows' },
    })
  const { train } = splitRows({ dataset, rows: split.train, testShare: 1 - trainRows / all, seed: seed.split('trainRows') })
  return { ...split, train }
}

/**
 * Deals the rows of a data set over sites and splits them, as a spec says. Sites come in order of their names.
 *
 * @param seed - the run's
 * @throws YimengError `partition-natural`, `partition`, `split`; `split-given` when the data bring no split; `site-empty` for a site without training rows;
 *   `label-one-class` when all training rows are of one class.
 */
export const dealSites = (dataset: Labelled, spec: Pick<RunSpec, 'partition' | 'split'>, seed: Seed): readonly DealtSite[] => {
  const { names, rows } = partitionOf(dataset, spec.partition, seed.split('partition'))
  const split = () => {
    if (spec.split.kind === 'random')
      // within each site: a small site has test rows too
      return splitRows({
        dataset,
        rows: rows.flatMap((list) => Array.from(list)),
        sites: rows,
        testShare: spec.split.testShare,
        seed: spec.split.seed === undefined ? seed.split('split') : rootSeed(spec.split.seed),
      })
    if (dataset.split !== undefined)
      return spec.split.trainRows === undefined ? dataset.split : fewer(dataset, dataset.split, spec.split.trainRows, seed)
    throw new YimengError({
      code: 'split-given',
      cannot: `split ${dataset.name}`,
      expected: 'data with a split of their own',
      got: 'none',
      where: { field: 'split.kind' },
    })
  }
  const parts = splitWithin(rows, split())
  const sites = names.map((name, i) => ({ name, train: parts[i]?.train ?? new Uint32Array(0), test: parts[i]?.test ?? new Uint32Array(0) }))
  const empty = sites.find(({ train }) => train.length === 0)
  if (empty !== undefined)
    throw new YimengError({
      code: 'site-empty',
      cannot: 'train',
      expected: 'training rows at every site',
      got: 'none at one',
      where: { site: empty.name },
    })
  const { label } = dataset.schema
  const [first] = sites[0]?.train ?? []
  if (label.kind === 'categorical' && sites.every(({ train }) => train.every((row) => dataset.labels[row] === dataset.labels[first ?? 0])))
    throw new YimengError({
      code: 'label-one-class',
      cannot: `learn label ${label.name}`,
      expected: 'training rows of at least two classes',
      got: 'one class',
      where: { table: dataset.name },
    })
  return sites.sort((a, b) => (a.name < b.name ? -1 : 1))
}
