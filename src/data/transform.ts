// Applies a preprocessing: to a Dataset when training, to raw rows of text when predicting. Both give the same numbers for the same row.
import { YimengError } from '../base/index.ts'
import type { Batchable } from '../learn/index.ts'
import { oneOfNames } from './close-names.ts'
import type { Preprocessing } from './preprocessing.ts'
import { cellReader } from './read-table.ts'
import { columnPosition, scanTable } from './scan.ts'
import type { Table } from './table.ts'
import type { Dataset } from './types.ts'

/** Raw rows turned into inputs, and what was met on the way. */
export interface RawInputs {
  readonly rows: number
  /** Row-major `[rows, inputs]`. */
  readonly inputs: Float32Array
  /** Missing cells that were filled in, by column name; columns without are absent. */
  readonly missing: Readonly<Record<string, number>>
  /** Cells with a category that training never saw, by column name; columns without are absent. */
  readonly unknown: Readonly<Record<string, number>>
}

/**
 * The inputs of one row, as a function of the row's columns in `preprocessing.columns` order: numbers, level indices, NaN for missing, −1 for unknown.
 * Returned as a function that writes them at an offset.
 */
const writer = (preprocessing: Preprocessing): ((read: (column: number) => number, into: Float32Array, at: number) => void) => {
  const indexOf = new Map(preprocessing.columns.map((column, index) => [column.name, index]))
  const plan = preprocessing.inputs.map((input) => {
    const column = indexOf.get(input.column) ?? 0
    const source = preprocessing.columns[column]
    const level = input.kind === 'level' && source?.kind === 'categorical' ? source.levels.indexOf(input.level) : 0
    return { input, column, level }
  })
  return (read, into, at) => {
    for (const [k, { input, column, level }] of plan.entries()) {
      const value = read(column)
      const raw =
        input.kind === 'value'
          ? Number.isNaN(value)
            ? input.fill
            : value
          : Number(input.kind === 'level' ? value === level : Number.isNaN(value))
      into[at + k] = input.spread === 0 ? 0 : (raw - input.centre) / input.spread
    }
  }
}

const refuse = (expected: string, got: string, column: string): never => {
  throw new YimengError({ code: 'transform-column', cannot: 'transform data set', expected, got, where: { column } })
}

/** Reads column by column of a data set in the preprocessing's terms: columns by name, levels by name. */
const columnReaders = (preprocessing: Preprocessing, dataset: Dataset): readonly ((row: number) => number)[] =>
  preprocessing.columns.map((column) => {
    const names = dataset.schema.features.map((feature) => feature.name)
    const j = names.indexOf(column.name)
    const [feature, values] = [dataset.schema.features[j], dataset.values[j]]
    if (feature === undefined || values === undefined) return refuse(oneOfNames(column.name, names), 'no column of that name', column.name)
    if (column.kind === 'numeric')
      return feature.kind === 'numeric' ? (row) => values[row] ?? Number.NaN : refuse('numbers', 'categories', column.name)
    if (feature.kind === 'numeric') return refuse('categories', 'numbers', column.name)
    const levels = feature.levels.map((level) => column.levels.indexOf(level))
    return (row) => {
      const value = values[row] ?? Number.NaN
      return Number.isNaN(value) ? value : (levels[value] ?? -1)
    }
  })

const targetReader = (preprocessing: Preprocessing, dataset: Dataset): ((row: number) => number) => {
  const [label, own] = [preprocessing.label, dataset.schema.label]
  if (label.kind === 'numeric')
    return own.kind === 'numeric'
      ? (row) => (label.spread === 0 ? 0 : ((dataset.labels[row] ?? Number.NaN) - label.centre) / label.spread)
      : refuse('a label of numbers', 'classes', own.name)
  if (own.kind === 'numeric') return refuse(`classes ${label.levels.join(', ')}`, 'a label of numbers', own.name)
  const classes = own.levels.map((level) => label.levels.indexOf(level))
  return (row) => {
    const found = classes[dataset.labels[row] ?? -1] ?? -1
    return found >= 0 ? found : refuse(`classes ${label.levels.join(', ')}`, 'another class', own.name)
  }
}

/**
 * Rows of a data set (all by default) as a model takes them: inputs `[rows, inputs]`, targets `[rows]` (class index or number).
 * Columns and levels are matched by name, so the data set may order them otherwise or have more.
 *
 * @throws YimengError `transform-column` when a column or class does not fit
 */
export const transform = (preprocessing: Preprocessing, dataset: Dataset, rows?: ArrayLike<number>): Batchable => {
  const chosen = rows ?? Uint32Array.from({ length: dataset.rows }, (_, row) => row)
  const width = preprocessing.inputs.length
  const inputs = new Float32Array(chosen.length * width)
  const targets = new Float32Array(chosen.length)
  const write = writer(preprocessing)
  const columns = columnReaders(preprocessing, dataset)
  const target = targetReader(preprocessing, dataset)
  for (let i = 0; i < chosen.length; i += 1) {
    const row = chosen[i] ?? 0
    if (!(row >= 0 && row < dataset.rows)) refuse(`rows below ${dataset.rows}`, String(row), dataset.name)
    write((column) => columns[column]?.(row) ?? Number.NaN, inputs, i * width)
    targets[i] = target(row)
  }
  return { rows: chosen.length, inputShape: [width], inputs, targets, targetShape: [] }
}

/**
 * Raw rows of text, as of a CSV to predict: columns are found by name, a label is not needed. An unknown category is all zeros and counted; with `strict` it is refused.
 *
 * @throws YimengError `csv-column`, `csv-number`, `category-unknown`, and what {@link scanTable} throws
 */
export const transformTable = async (
  preprocessing: Preprocessing,
  table: Table,
  options: { readonly strict?: boolean } = {},
): Promise<RawInputs> => {
  const width = preprocessing.inputs.length
  const write = writer(preprocessing)
  const missing: Record<string, number> = {}
  const unknown: Record<string, number> = {}
  let inputs = new Float32Array(256 * width)
  let rows = 0
  await scanTable(table, (header) => {
    const columns = preprocessing.columns.map((column) => {
      const fault = (code: string) => (expected: string, got: string, line: number) => {
        throw new YimengError({ code, cannot: `read column ${column.name}`, expected, got, where: { file: table.name, row: line } })
      }
      const markers = preprocessing.missing === undefined ? {} : { missing: preprocessing.missing }
      const { missing: own, ...plain } = column
      const read = cellReader(markers, own === undefined ? plain : { ...plain, missing: own }, fault('csv-number'))
      return { at: columnPosition(table, header, column.name, 'column'), column, read, fault }
    })
    const values = new Float64Array(columns.length)
    return (cells, line) => {
      for (const [index, { at, column, read, fault }] of columns.entries()) {
        const value = read(cells[at] ?? '', line)
        if (Number.isNaN(value)) missing[column.name] = (missing[column.name] ?? 0) + 1
        if (column.kind === 'categorical' && value === -1) {
          if (options.strict === true) fault('category-unknown')(`one of ${column.levels.length} known categories`, 'another one', line)
          unknown[column.name] = (unknown[column.name] ?? 0) + 1
        }
        values[index] = value
      }
      if ((rows + 1) * width > inputs.length) {
        const larger = new Float32Array(inputs.length * 2)
        larger.set(inputs)
        inputs = larger
      }
      write((column) => values[column] ?? Number.NaN, inputs, rows * width)
      rows += 1
    }
  })
  return { rows, inputs: inputs.slice(0, rows * width), missing, unknown }
}

/** {@link transformTable} for rows in memory: `header` names the cells of each row. */
export const transformRaw = (
  preprocessing: Preprocessing,
  header: readonly string[],
  rows: readonly (readonly string[])[],
  options: { readonly strict?: boolean } = {},
): Promise<RawInputs> => {
  const name = 'rows'
  return transformTable(
    preprocessing,
    { name, rows: () => [header, ...rows].map((cells, index) => ({ cells: cells.map((cell) => cell.trim()), line: index + 1 })) },
    options,
  )
}
