// Columns as analytics see them, and the summary of pooled rows: the reference that a federated summary must equal.
import type { ColumnSummary } from '../algebra/index.ts'
import type { Column, Dataset } from './types.ts'

/**
 * One column's values over some rows: NaN or undefined where missing. With `counts`, each value once and how often it is there, as for the bytes of pictures, which are many
 * rows of few values.
 */
export type ColumnValues =
  | { readonly kind: 'numeric'; readonly name: string; readonly values: Float64Array; readonly counts?: Float64Array }
  | { readonly kind: 'categorical'; readonly name: string; readonly values: readonly (string | undefined)[] }

const valuesOf = (column: Column, values: Float64Array, rows: ArrayLike<number>): ColumnValues => {
  const { name } = column
  const picked = Float64Array.from(rows, (row) => values[row] ?? Number.NaN)
  if (column.kind === 'numeric') return { kind: 'numeric', name, values: picked }
  // an unlisted category (−1) has no name left: missing, as far as sums can tell
  return { kind: 'categorical', name, values: Array.from(picked, (index) => column.levels[index]) }
}

const allRows = (dataset: Dataset): Uint32Array => Uint32Array.from({ length: dataset.rows }, (_, row) => row)

/**
 * The feature columns over some rows (all by default), in the schema's order; with `label`, the label's column last.
 *
 * @example
 * ```ts
 * const schema = { features: [{ kind: 'categorical', name: 'sex', levels: ['f', 'm'] }], label: { kind: 'numeric', name: 'y' } } as const
 * const dataset = await readTable(csvText('a.csv', 'sex,y\nm,1\n,2\n'), schema)
 * assert.deepEqual(columnsOf(dataset), [{ kind: 'categorical', name: 'sex', values: ['m', undefined] }])
 * ```
 */
export const columnsOf = (
  dataset: Dataset,
  rows: ArrayLike<number> = allRows(dataset),
  options: { readonly label?: boolean } = {},
): readonly ColumnValues[] => [
  ...dataset.schema.features.map((column, j) => valuesOf(column, dataset.values[j] ?? new Float64Array(0), rows)),
  ...(options.label === true ? [valuesOf(dataset.schema.label, dataset.labels, rows)] : []),
]

/** Summary of one column; the variance is computed in two passes. */
export const summariseColumn = (column: ColumnValues): ColumnSummary => {
  if (column.kind === 'categorical') {
    const counts = new Map<string, number>()
    let missing = 0
    for (const value of column.values) {
      if (value === undefined) missing += 1
      else counts.set(value, (counts.get(value) ?? 0) + 1)
    }
    return { kind: 'categorical', counts: Object.fromEntries(counts), missing }
  }
  const { values, counts } = column
  const often = (at: number): number => counts?.[at] ?? 1
  let [count, missing, sum, min, max] = [0, 0, 0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (const [at, value] of values.entries()) {
    if (Number.isNaN(value)) missing += often(at)
    if (Number.isNaN(value) || often(at) === 0) continue
    count += often(at)
    sum += value * often(at)
    min = Math.min(min, value)
    max = Math.max(max, value)
  }
  const mean = sum / count
  const squares = values.reduce((total, value, at) => (Number.isNaN(value) ? total : total + often(at) * (value - mean) ** 2), 0)
  return { kind: 'numeric', count, missing, mean, variance: squares / count, min, max }
}

/** Summaries of the columns that {@link columnsOf} gives, over pooled rows. */
export const summarise = (
  dataset: Dataset,
  rows: ArrayLike<number> = allRows(dataset),
  options: { readonly label?: boolean } = {},
): readonly ColumnSummary[] => columnsOf(dataset, rows, options).map(summariseColumn)
