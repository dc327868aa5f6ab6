// Splits of rows into those to learn from and those to judge by: stratified by label (and site), whole patients only, the same for the same seed.
import { type Seed, YimengError } from '../base/index.ts'
import { columnPosition, scanTable } from './scan.ts'
import { strataOf } from './strata.ts'
import type { Table } from './table.ts'
import type { Labelled, Partition, Split } from './types.ts'

/** Rows that must stay together, and the stratum they are counted in. */
interface Group {
  readonly rows: number[]
  stratum: number
}

/** What is split and by what. `rows` defaults to all; `sites` stratifies within each site too. */
interface SplitSource {
  readonly dataset: Labelled
  readonly rows?: ArrayLike<number>
  readonly sites?: Partition
  readonly seed: Seed
}

const refuse = (expected: string, got: string): never => {
  throw new YimengError({ code: 'split', cannot: 'split rows', expected, got })
}

/**
 * Groups by stratum, in the order of their first rows. A group's stratum is its largest class (a patient who was once ill is an ill patient) at its first row's site.
 */
const groupsByStratum = ({ dataset, rows, sites }: SplitSource): ReadonlyMap<number, readonly Group[]> => {
  const classes = strataOf(dataset)
  const width = classes.reduce((most, value) => Math.max(most, value), 0) + 1
  const siteOf = new Uint32Array(dataset.rows)
  for (const [site, list] of (sites ?? []).entries()) for (const row of list) siteOf[row] = site
  const groups = new Map<string | number, Group>()
  for (const row of Array.from(rows ?? Array.from({ length: dataset.rows }, (_, index) => index)).sort((a, b) => a - b)) {
    if (!Number.isInteger(row) || row < 0 || row >= dataset.rows) refuse(`rows below ${dataset.rows}`, String(row))
    const patient = dataset.patients?.[row]
    const key = patient === undefined || patient === '' ? row : patient
    const stratum = (classes[row] ?? 0) + width * (siteOf[row] ?? 0)
    const group = groups.get(key)
    if (group === undefined) groups.set(key, { rows: [row], stratum })
    else {
      if (group.rows.at(-1) === row) refuse('each row once', `row ${row} twice`)
      group.rows.push(row)
      const site = Math.floor(group.stratum / width)
      group.stratum = Math.max(group.stratum, (classes[row] ?? 0) + width * site)
    }
  }
  const strata = new Map<number, Group[]>()
  for (const group of groups.values()) {
    const list = strata.get(group.stratum)
    if (list === undefined) strata.set(group.stratum, [group])
    else list.push(group)
  }
  return new Map([...strata].sort(([a], [b]) => a - b))
}

const sizeOf = (groups: readonly Group[]): number => groups.reduce((sum, group) => sum + group.rows.length, 0)

/** Whole numbers that add up to `total`, as near to `share` of each size as can be (largest remainders). */
const allot = (sizes: readonly number[], total: number): readonly number[] => {
  const all = sizes.reduce((sum, size) => sum + size, 0)
  const exact = sizes.map((size) => (all === 0 ? 0 : (size * total) / all))
  const whole = exact.map(Math.floor)
  let left = total - whole.reduce((sum, value) => sum + value, 0)
  const order = exact
    .map((value, index) => ({ index, rest: value - Math.floor(value) }))
    .sort((a, b) => b.rest - a.rest || a.index - b.index)
  for (const { index } of order) {
    if (left <= 0) break
    whole[index] = (whole[index] ?? 0) + 1
    left -= 1
  }
  return whole
}

/** Takes groups in order until about `target` rows are taken: a group that would lead further away is passed over. */
const take = (groups: readonly Group[], target: number): { readonly taken: readonly Group[]; readonly rest: readonly Group[] } => {
  let size = 0
  const taken: Group[] = []
  const rest: Group[] = []
  for (const group of groups) {
    const after = size + group.rows.length
    if (size < target && after - target <= target - size) {
      taken.push(group)
      size = after
    } else rest.push(group)
  }
  return { taken, rest }
}

const rowsOf = (groups: readonly Group[]): Uint32Array => Uint32Array.from(groups.flatMap((group) => group.rows)).sort()

const shuffledGroups = (groups: readonly Group[], stratum: number, seed: Seed): readonly Group[] =>
  Array.from(seed.split('stratum', stratum).random().permutation(groups.length), (at) => groups[at]).filter((group) => group !== undefined)

const checkShare = (share: number, name: string): void => {
  if (!(share >= 0 && share < 1)) refuse(`${name} from 0 to below 1`, String(share))
}

/**
 * Splits rows: `testShare` of them to judge by, `validationShare` to choose by, the rest to learn from. Shares are met exactly when each patient has one row.
 *
 * @throws YimengError `split` for shares out of range or a side left without rows
 */
export const splitRows = ({
  testShare = 0.2,
  validationShare = 0,
  ...source
}: SplitSource & { readonly testShare?: number; readonly validationShare?: number }): Split => {
  checkShare(testShare, 'testShare')
  checkShare(validationShare, 'validationShare')
  checkShare(testShare + validationShare, 'testShare and validationShare together')
  const strata = [...groupsByStratum(source)].map(([stratum, groups]) => shuffledGroups(groups, stratum, source.seed))
  const sizes = strata.map(sizeOf)
  const total = sizes.reduce((sum, size) => sum + size, 0)
  const tests = allot(sizes, Math.round(testShare * total))
  const validations = allot(sizes, Math.round(validationShare * total))
  const parts = strata.map((groups, at) => {
    const { taken: test, rest } = take(groups, tests[at] ?? 0)
    const { taken: validation, rest: train } = take(rest, validations[at] ?? 0)
    return { test, validation, train }
  })
  const split = {
    train: rowsOf(parts.flatMap(({ train }) => train)),
    validation: rowsOf(parts.flatMap(({ validation }) => validation)),
    test: rowsOf(parts.flatMap(({ test }) => test)),
  }
  if (split.train.length === 0) refuse('rows to learn from', `none of ${total}`)
  if (testShare > 0 && split.test.length === 0) refuse('rows to judge by', `none of ${total}`)
  if (validationShare > 0 && split.validation.length === 0) refuse('rows to choose by', `none of ${total}`)
  return split
}

/** The part of a partition's each site that stands in `rows`; lists may come out empty. */
export const withinSites = (sites: Partition, rows: ArrayLike<number>): Partition => {
  const kept = new Set(Array.from(rows))
  return sites.map((list) => list.filter((row) => kept.has(row)))
}

/** Splits each site's rows, stratified by label within the site; a patient known to two sites still stands on one side. One split a site. */
export const splitSites = (
  options: Omit<SplitSource, 'rows'> & { readonly sites: Partition; readonly testShare?: number; readonly validationShare?: number },
): readonly Split[] => {
  const split = splitRows({ ...options, rows: options.sites.flatMap((list) => Array.from(list)) })
  return splitWithin(options.sites, split)
}

/** One split over all rows, seen from each site. */
export const splitWithin = (sites: Partition, split: Split): readonly Split[] => {
  const [train, validation, test] = [split.train, split.validation, split.test].map((rows) => withinSites(sites, rows))
  const none = new Uint32Array(0)
  return sites.map((_, site) => ({ train: train?.[site] ?? none, validation: validation?.[site] ?? none, test: test?.[site] ?? none }))
}

/**
 * k-fold cross-validation: k splits whose test rows are disjoint and together all rows; stratified and grouped as {@link splitRows}.
 *
 * @throws YimengError `split` for k below 2 or above the number of patients
 */
export const foldRows = ({ k, ...source }: SplitSource & { readonly k: number }): readonly Split[] => {
  if (!Number.isInteger(k) || k < 2) refuse('at least 2 folds', String(k))
  const strata = [...groupsByStratum(source)]
  const groups = strata.reduce((sum, [, list]) => sum + list.length, 0)
  if (groups < k) refuse(`at least ${k} patients for ${k} folds`, String(groups))
  const folds: Group[][] = Array.from({ length: k }, () => [])
  const totals = folds.map(() => 0)
  for (const [stratum, list] of strata) {
    const counts = folds.map(() => 0)
    // the largest first: a large group placed last would unbalance its fold
    for (const group of shuffledGroups(list, stratum, source.seed).toSorted((a, b) => b.rows.length - a.rows.length)) {
      let best = 0
      for (let fold = 1; fold < k; fold += 1) {
        const [here, there] = [counts[fold] ?? 0, counts[best] ?? 0]
        if (here < there || (here === there && (totals[fold] ?? 0) < (totals[best] ?? 0))) best = fold
      }
      folds[best]?.push(group)
      counts[best] = (counts[best] ?? 0) + group.rows.length
      totals[best] = (totals[best] ?? 0) + group.rows.length
    }
  }
  const tests = folds.map(rowsOf)
  return tests.map((test, fold) => ({
    test,
    validation: new Uint32Array(0),
    train: rowsOf(folds.filter((_, other) => other !== fold).flat()),
  }))
}

/**
 * A split given by a table: each of its rows names a site and a line of the source and one of the sets `train`, `validation`, `test`; any other word leaves the row out.
 *
 * @throws YimengError `csv-column`, or `split` for a line that the data set does not have
 */
export const givenSplit = async (
  dataset: Labelled,
  table: Table,
  columns: { readonly site?: string; readonly line: string; readonly set: string },
): Promise<Split> => {
  const rowOf = new Map(
    Array.from({ length: dataset.rows }, (_, row) => [
      `${columns.site === undefined ? '' : dataset.sites?.[row]}/${dataset.lines?.[row]}`,
      row,
    ]),
  )
  const lists: Record<'train' | 'validation' | 'test', number[]> = { train: [], validation: [], test: [] }
  await scanTable(table, (header) => {
    const position = (name: string): number => columnPosition(table, header, name, 'column')
    const [siteAt, lineAt, setAt] = [
      columns.site === undefined ? -1 : position(columns.site),
      position(columns.line),
      position(columns.set),
    ]
    return (cells) => {
      const set = cells[setAt]
      if (set !== 'train' && set !== 'validation' && set !== 'test') return
      const row = rowOf.get(`${siteAt < 0 ? '' : cells[siteAt]}/${cells[lineAt]}`)
      if (row === undefined) refuse('lines of the data set', `line ${cells[lineAt]} of ${cells[siteAt] ?? 'the table'}`)
      else lists[set].push(row)
    }
  })
  const rows = (list: readonly number[]) => Uint32Array.from(list).sort()
  return { train: rows(lists.train), validation: rows(lists.validation), test: rows(lists.test) }
}
