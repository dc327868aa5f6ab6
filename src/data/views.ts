// Parts of a data set as data sets: some rows, some columns. Only the index lists and the kept values are new.
import { YimengError } from '../base/index.ts'
import { oneOfNames } from './close-names.ts'
import type { Dataset } from './types.ts'

/** The given rows, in the given order, as a data set of its own. A given split is dropped: it names rows of the old one. */
export const takeRows = (dataset: Dataset, rows: ArrayLike<number>): Dataset => {
  const { split: _, unknown: __, ...rest } = dataset
  const numbers = (values: Float64Array) => Float64Array.from(rows, (row) => values[row] ?? Number.NaN)
  const texts = (values: readonly string[]) => Array.from(rows, (row) => values[row] ?? '')
  return {
    ...rest,
    rows: rows.length,
    values: dataset.values.map(numbers),
    labels: numbers(dataset.labels),
    ...(dataset.patients === undefined ? {} : { patients: texts(dataset.patients) }),
    ...(dataset.sites === undefined ? {} : { sites: texts(dataset.sites) }),
    ...(dataset.lines === undefined ? {} : { lines: Uint32Array.from(rows, (row) => dataset.lines?.[row] ?? 0) }),
  }
}

/** Rows without a missing feature, ascending. */
export const completeRows = (dataset: Dataset): Uint32Array =>
  Uint32Array.from({ length: dataset.rows }, (_, row) => row).filter((row) => dataset.values.every((values) => !Number.isNaN(values[row])))

/** The data set without some features. @throws YimengError `csv-column` for a name that it does not have */
export const dropColumns = (dataset: Dataset, names: readonly string[]): Dataset => {
  const known = dataset.schema.features.map((column) => column.name)
  for (const name of names)
    if (!known.includes(name))
      throw new YimengError({
        code: 'csv-column',
        cannot: `drop column ${name}`,
        expected: oneOfNames(name, known),
        got: 'no column of that name',
      })
  const kept = known.flatMap((name, j) => (names.includes(name) ? [] : [j]))
  return {
    ...dataset,
    schema: { ...dataset.schema, features: kept.flatMap((j) => dataset.schema.features[j] ?? []) },
    values: kept.flatMap((j) => dataset.values[j] ?? []),
  }
}
