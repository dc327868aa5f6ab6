// Partitioners: ways to deal one table's rows over sites, to study what unlike data do to federated learning. Pure functions of labels, sites and seed.
// Labels are class indices `[rows]`; every result is a list of `sites` ascending index lists, disjoint, complete, and no list empty.
// Sources: McMahan et al. 2017 (shards), Hsu, Qi and Brown 2019 (arXiv 1909.06335), Yurochkin et al. 2019, Li et al. 2022 (NIID-Bench: names and quantity skew).
// A patient's rows may be dealt to several sites, as patients do visit several hospitals; `splitRows` still keeps each patient on one side.
import { type Random, YimengError } from '../base/index.ts'
import type { Partition, Partitioner } from './types.ts'

const refuse = (expected: string, got: string): never => {
  throw new YimengError({ code: 'partition', cannot: 'deal rows over sites', expected, got })
}

const checkSites = (rows: number, sites: number, minimumRows: number): void => {
  if (!Number.isInteger(sites) || sites < 1) refuse('a whole number of sites, at least 1', String(sites))
  if (!Number.isInteger(minimumRows) || minimumRows < 1) refuse('a minimum of at least 1 row a site', String(minimumRows))
  if (rows < sites * minimumRows)
    refuse(`at least ${sites * minimumRows} rows for ${sites} sites of ${minimumRows} or more`, `${rows} rows`)
}

const checkAlpha = (alpha: number): void => {
  if (!(alpha > 0 && alpha < Number.POSITIVE_INFINITY)) refuse('alpha above 0', String(alpha))
}

/** Rows of each class, ascending: index c holds class c, which may be empty. */
const rowsByClass = (labels: ArrayLike<number>): readonly (readonly number[])[] => {
  const classes: number[][] = []
  for (let row = 0; row < labels.length; row += 1) {
    const label = labels[row] ?? Number.NaN
    if (!Number.isInteger(label) || label < 0 || label > 65_535)
      refuse('class indices as labels (cut numbers into bins first, see strataOf)', 'another number')
    while (classes.length <= label) classes.push([])
    classes[label]?.push(row)
  }
  return classes
}

const shuffled = (rows: readonly number[], random: Random): readonly number[] =>
  Array.from(random.permutation(rows.length), (at) => rows[at] ?? 0)

const ascending = (lists: readonly (readonly number[])[]): Partition => lists.map((list) => Uint32Array.from(list).sort())

/** One draw from the Dirichlet distribution; entries of concentration 0 stay 0. */
const dirichletDraw = (concentrations: readonly number[], random: Random): readonly number[] => {
  const gammas = concentrations.map((shape) => (shape > 0 ? random.gamma(shape) : 0))
  const total = gammas.reduce((sum, value) => sum + value, 0)
  if (total > 0) return gammas.map((value) => value / total)
  // concentrations near 0 underflow; the limit is one whole share, drawn by the concentrations
  const chosen = pick(concentrations, random)
  return concentrations.map((_, index) => (index === chosen ? 1 : 0))
}

/** Index drawn in proportion to the weights, which are not all 0. */
const pick = (weights: readonly number[], random: Random): number => {
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  let left = random.uniform() * total
  let last = 0
  for (const [index, weight] of weights.entries()) {
    if (weight === 0) continue
    last = index
    left -= weight
    if (left < 0) return index
  }
  return last
}

/** Cuts a list at the cumulated shares: part i gets about `shares[i]` of it, and nothing is lost. */
const cut = (rows: readonly number[], shares: readonly number[]): readonly (readonly number[])[] => {
  let sum = 0
  let from = 0
  return shares.map((share, index) => {
    sum += share
    const to = index === shares.length - 1 ? rows.length : Math.min(rows.length, Math.round(sum * rows.length))
    const part = rows.slice(from, to)
    from = Math.max(from, to)
    return part
  })
}

/** Moves single rows from the largest list to the smallest until none is below the minimum. */
const topUp = (lists: readonly number[][], minimumRows: number): readonly number[][] => {
  for (;;) {
    const smallest = lists.reduce((least, list) => (list.length < least.length ? list : least))
    if (smallest.length >= minimumRows) return lists
    const largest = lists.reduce((most, list) => (list.length > most.length ? list : most))
    smallest.push(largest.pop() ?? refuse('enough rows', 'none left'))
  }
}

const evenShares = (sites: number): readonly number[] => Array.from({ length: sites }, () => 1 / sites)

/** Uniformly at random, sizes as equal as can be. */
const iid: Partitioner = (labels, sites, seed) => {
  checkSites(labels.length, sites, 1)
  return ascending(cut(Array.from(seed.random().permutation(labels.length)), evenShares(sites)))
}

/**
 * Equal sizes, unlike class mixes: site i draws qᵢ ~ Dirichlet(alpha · p), p the classes' shares in the whole table, and takes its rows by qᵢ without replacement
 * (Hsu et al. 2019, section 3). A class that runs out leaves the draw, so the sites filled last (in random order) take what is left. Large alpha: like IID.
 */
const dirichlet =
  (alpha: number): Partitioner =>
  (labels, sites, seed) => {
    checkAlpha(alpha)
    checkSites(labels.length, sites, 1)
    const random = seed.random()
    const left = rowsByClass(labels).map((rows) => [...shuffled(rows, random)])
    const mixes = Array.from({ length: sites }, () =>
      dirichletDraw(
        left.map((rows) => (alpha * rows.length) / labels.length),
        random,
      ),
    )
    const lists: number[][] = mixes.map(() => [])
    for (const site of random.permutation(sites)) {
      const size = Math.floor(labels.length / sites) + (site < labels.length % sites ? 1 : 0)
      for (let dealt = 0; dealt < size; dealt += 1) {
        const wanted = left.map((rows, label) => (rows.length > 0 ? (mixes[site]?.[label] ?? 0) : 0))
        const weights = wanted.some((weight) => weight > 0) ? wanted : left.map((rows) => rows.length)
        lists[site]?.push(left[pick(weights, random)]?.pop() ?? refuse('a row left', 'none'))
      }
    }
    return ascending(lists)
  }

/**
 * Unlike class mixes and unlike sizes: each class is cut over the sites by shares ~ Dirichlet(alpha, …, alpha) (Yurochkin et al. 2019, and most simulators since).
 * Sites that got fewer than `minimumRows` are topped up by single rows of the largest.
 */
const classDirichlet =
  (alpha: number, minimumRows = 1): Partitioner =>
  (labels, sites, seed) => {
    checkAlpha(alpha)
    checkSites(labels.length, sites, minimumRows)
    const random = seed.random()
    const lists: number[][] = Array.from({ length: sites }, () => [])
    for (const rows of rowsByClass(labels)) {
      const shares = dirichletDraw(
        lists.map(() => alpha),
        random,
      )
      for (const [site, part] of cut(shuffled(rows, random), shares).entries()) lists[site]?.push(...part)
    }
    return ascending(topUp(lists, minimumRows))
  }

/** Rows sorted by label, cut into `sites · shards` equal shards, `shards` of them to each site at random (McMahan et al. 2017, section 3): few classes a site. */
const labelShards =
  (shards: number): Partitioner =>
  (labels, sites, seed) => {
    if (!Number.isInteger(shards) || shards < 1) refuse('at least 1 shard a site', String(shards))
    checkSites(labels.length, sites, shards)
    const random = seed.random()
    // shuffled within a class: two shards of one class are then alike
    const sorted = rowsByClass(labels).flatMap((rows) => shuffled(rows, random))
    const pieces = cut(sorted, evenShares(sites * shards))
    const order = random.permutation(pieces.length)
    return ascending(
      Array.from({ length: sites }, (_, site) =>
        Array.from(order.subarray(site * shards, (site + 1) * shards)).flatMap((at) => pieces[at] ?? []),
      ),
    )
  }

/** Site i never sees the classes in `missing[i]`; each class is dealt evenly over the sites that may see it. */
const missingClasses =
  (missing: readonly (readonly number[])[]): Partitioner =>
  (labels, sites, seed) => {
    checkSites(labels.length, sites, 1)
    if (missing.length !== sites) refuse(`a list of missing classes for each of ${sites} sites`, `${missing.length} lists`)
    const random = seed.random()
    const lists: number[][] = Array.from({ length: sites }, () => [])
    for (const [label, rows] of rowsByClass(labels).entries()) {
      if (rows.length === 0) continue
      const open = lists.filter((_, site) => missing[site]?.includes(label) !== true)
      if (open.length === 0) refuse(`a site for class ${label}`, 'it is missing everywhere')
      for (const [at, part] of cut(shuffled(rows, random), evenShares(open.length)).entries()) open[at]?.push(...part)
    }
    const empty = lists.findIndex((list) => list.length === 0)
    if (empty >= 0) refuse('rows at every site', `none at site ${empty}: all its classes are missing`)
    return ascending(lists)
  }

/** Like rows, unlike sizes: shares ~ Dirichlet(alpha, …, alpha) of what remains after `minimumRows` for each (Li et al. 2022, "quantity skew"). */
const quantitySkew =
  (alpha: number, minimumRows = 1): Partitioner =>
  (labels, sites, seed) => {
    checkAlpha(alpha)
    checkSites(labels.length, sites, minimumRows)
    const random = seed.random()
    const rows = Array.from(random.permutation(labels.length))
    const floor = sites * minimumRows
    const shares = dirichletDraw(
      evenShares(sites).map(() => alpha),
      random,
    )
    const rest = cut(rows.slice(floor), shares)
    return ascending(rest.map((part, site) => [...rows.slice(site * minimumRows, (site + 1) * minimumRows), ...part]))
  }

/** Natural sites: one for each different value of a column `[rows]`, in {@link siteNames} order. The number of sites must be the number of values. */
const byColumn =
  (column: readonly string[]): Partitioner =>
  (labels, sites) => {
    if (column.length !== labels.length) refuse(`a site for each of ${labels.length} rows`, `${column.length}`)
    const names = siteNames(column)
    if (names.length !== sites) refuse(`${names.length} sites, as many as the column names`, String(sites))
    const at = new Map(names.map((name, index) => [name, index]))
    const lists: number[][] = names.map(() => [])
    for (const [row, name] of column.entries()) lists[at.get(name) ?? 0]?.push(row)
    return ascending(lists)
  }

/** The different values of a column of site names, by code point: the order does not depend on the order of rows. */
export const siteNames = (column: readonly string[]): readonly string[] => [...new Set(column)].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))

/**
 * The partitioners by name.
 *
 * @throws YimengError `partition` when the rows cannot be dealt as asked: too few of them, no site for a class, alpha not above 0
 */
export const partition: {
  readonly iid: Partitioner
  readonly dirichlet: (alpha: number) => Partitioner
  readonly classDirichlet: (alpha: number, minimumRows?: number) => Partitioner
  readonly labelShards: (shards: number) => Partitioner
  readonly missingClasses: (missing: readonly (readonly number[])[]) => Partitioner
  readonly quantitySkew: (alpha: number, minimumRows?: number) => Partitioner
  readonly byColumn: (column: readonly string[]) => Partitioner
} = { iid, dirichlet, classDirichlet, labelShards, missingClasses, quantitySkew, byColumn }
