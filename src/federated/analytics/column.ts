// What a site computes from its own columns for federated analytics. Nothing here sees another site.
import { YimengError } from '../../base/index.ts'
import type { LevelCounts } from '../folds/count-levels.ts'
import type { NodeId } from '../placement.ts'

/** Numbers of a column, and how often each is there where they are counted (whole numbers, `[values]`); absent: once each. */
export interface Values {
  readonly values: Float64Array
  readonly counts?: Float64Array
}

/** A column as a site holds it: one value a row, NaN or undefined where it is missing; or each value once with its count, as for the bytes of pictures. */
export type Column =
  | ({ readonly kind: 'numeric'; readonly name: string } & Values)
  | { readonly kind: 'categorical'; readonly name: string; readonly values: readonly (string | undefined)[] }
type Numeric = Extract<Column, { kind: 'numeric' }>
type Categorical = Extract<Column, { kind: 'categorical' }>

/** A column that every site must have, as all parties know beforehand. */
export interface ColumnSchema {
  readonly kind: Column['kind']
  readonly name: string
}

/** A site's columns by kind, in the order of the schema. */
export interface Columns {
  readonly numeric: readonly Numeric[]
  readonly categorical: readonly Categorical[]
}

/**
 * The columns of a site, checked against the schema.
 *
 * @throws YimengError `analytics-schema` for a missing, unknown or misplaced column, `analytics-value` for an infinite value, naming column and row.
 */
export const checkedColumns = (columns: readonly Column[], schema: readonly ColumnSchema[], node: NodeId): Columns => {
  for (const [i, { kind, name }] of schema.entries()) {
    const column = columns[i]
    if (column?.kind !== kind || column.name !== name)
      throw new YimengError({
        code: 'analytics-schema',
        cannot: 'analyse columns',
        expected: `${kind} column ${name}`,
        got: column === undefined ? 'no column' : `${column.kind} column ${column.name}`,
        where: { node, column: i },
      })
  }
  if (columns.length > schema.length)
    throw new YimengError({
      code: 'analytics-schema',
      cannot: 'analyse columns',
      expected: `${schema.length}`,
      got: `${columns.length}`,
      where: { node },
    })
  const numeric = columns.filter((column) => column.kind === 'numeric')
  for (const { name, values } of numeric) {
    const row = values.findIndex((value) => Math.abs(value) === Number.POSITIVE_INFINITY)
    if (row >= 0)
      throw new YimengError({
        code: 'analytics-value',
        cannot: 'analyse column',
        expected: 'finite values',
        got: 'an infinite one',
        where: { node, column: name, row },
      })
  }
  return { numeric, categorical: columns.filter((column) => column.kind === 'categorical') }
}

/** The values that are there. */
export const present = ({ values, counts }: Values): Values => {
  if (counts === undefined) return { values: values.filter((value) => !Number.isNaN(value)) }
  const there = (_: number, at: number): boolean => counts[at]! > 0 && !Number.isNaN(values[at]!)
  return { values: values.filter(there), counts: counts.filter(there) }
}

/** How many values there are. */
export const size = ({ values, counts }: Values): number => (counts === undefined ? values.length : counts.reduce((sum, n) => sum + n, 0))

/** Smallest value; +Inf of none. (Not Math.min(...values): that fails on long columns.) */
export const smallest = (values: Float64Array): number => values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY)

/** Largest value; −Inf of none. */
export const largest = (values: Float64Array): number => values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY)

/**
 * How often each level is there. Levels seen fewer than `smallestCount` times are counted together as `other`, with a level of that very name, so that a rare one does not leave the site by
 * name; where even these together are fewer, they are not told at all.
 */
export const levelCounts = ({ values }: Categorical, smallestCount: number): LevelCounts => {
  const seen = new Map<string, number>()
  for (const value of values) if (value !== undefined) seen.set(value, (seen.get(value) ?? 0) + 1)
  const told = new Map<string, number>()
  for (const [level, count] of seen) {
    const name = count < smallestCount ? 'other' : level
    told.set(name, (told.get(name) ?? 0) + count)
  }
  if ((told.get('other') ?? 0) < smallestCount) told.delete('other')
  // without a prototype: a level may be called __proto__
  const counts = Object.create(null) as Record<string, number>
  for (const [level, count] of told) counts[level] = count
  return counts
}

/** Sum of terms, the rounding errors caught (Neumaier 1974): a site's sum is then as exact as its result, whatever its number of rows. */
const exactSum = (terms: Float64Array): number => {
  let sum = 0
  let lost = 0
  for (const term of terms) {
    const next = sum + term
    lost += Math.abs(sum) >= Math.abs(term) ? sum - next + term : term - next + sum
    sum = next
  }
  return sum + lost
}

/** Σ z / count and Σ z² / count over the site's rows, z = (x − centre) / scale; 0 where scale is 0. `count` is that of all sites. */
export const scaledMoments = ({ values, counts }: Values, centre: number, scale: number, count: number): readonly [number, number] => {
  if (scale === 0 || count === 0) return [0, 0]
  const z = values.map((x) => (x - centre) / scale)
  const often = (terms: Float64Array): Float64Array => (counts === undefined ? terms : terms.map((term, i) => term * counts[i]!))
  return [exactSum(often(z)) / count, exactSum(often(z.map((each) => each * each))) / count]
}

/** Edges of `bins` bins of one width. */
export const binEdges = (min: number, max: number, bins: number): Float64Array =>
  Float64Array.from({ length: bins + 1 }, (_, i) => (i === bins ? max : min + (max - min) * (i / bins)))

/** Counts in bins with these edges; bins with fewer than `smallestCount` values are withheld (0). */
export const binCounts = ({ values, counts }: Values, edges: Float64Array, smallestCount: number): Float64Array => {
  const bins = edges.length - 1
  const inBins = new Float64Array(bins)
  const [min, max] = [edges[0]!, edges[bins]!]
  for (const [i, x] of values.entries()) {
    let bin = max > min ? Math.min(bins - 1, Math.floor(((x - min) / (max - min)) * bins)) : 0
    // the division may land next door: the edges decide
    while (bin > 0 && x < edges[bin]!) bin -= 1
    while (bin < bins - 1 && x >= edges[bin + 1]!) bin += 1
    inBins[bin]! += counts?.[i] ?? 1
  }
  return inBins.map((count) => (count < smallestCount ? 0 : count))
}
