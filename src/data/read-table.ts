// Tables of text into a Dataset, by a schema: one pass, one Float64Array a column, the text itself is not kept.
import { YimengError } from '../base/index.ts'
import { cellShape, levelIndex, missingTest, shapeFound } from './cell.ts'
import { columnPosition, placeOf, scanTable } from './scan.ts'
import type { Table } from './table.ts'
import type { Column, Dataset, Schema } from './types.ts'

/** How strict reading is. */
export interface ReadOptions {
  /** Name of the data set. Default: the first table's. */
  readonly name?: string
  /** A label with only one class in all rows: nothing can be learned from it, but a single site of many may hold such a table. Default: refuse. */
  readonly oneClass?: 'refuse' | 'allow'
  /** Categories that the schema does not list: counted in `Dataset.unknown` (default), or refused. */
  readonly unknown?: 'count' | 'refuse'
}

/** A Float64Array that grows. */
const growing = () => {
  let values = new Float64Array(256)
  let length = 0
  return {
    push: (value: number) => {
      if (length === values.length) {
        const larger = new Float64Array(length * 2)
        larger.set(values)
        values = larger
      }
      values[length] = value
      length += 1
    },
    done: () => values.slice(0, length),
  }
}

/**
 * Reads one trimmed cell of a column: the number, the level's index, −1 for an unlisted category, NaN where it is missing.
 * A cell that is no number is refused through `refuse`, which hears its shape and never its text.
 */
export const cellReader = (
  schema: Pick<Schema, 'missing'>,
  column: Column,
  refuse: (expected: string, got: string, line: number) => never,
): ((cell: string, line: number) => number) => {
  const missing = missingTest(schema, column)
  if (column.kind === 'categorical') {
    const index = levelIndex(column.levels)
    return (cell) => (missing(cell) ? Number.NaN : index(cell))
  }
  return (cell, line) => {
    if (missing(cell)) return Number.NaN
    const shape = cellShape(cell)
    return shape === 'number' ? Number(cell) : refuse('a number', shapeFound[shape], line)
  }
}

/**
 * Reads tables into one data set, in the order given. Columns are found by name: each table may order them as it likes and have more.
 * With several tables the site of a row is its table's `site`, or the schema's site column.
 *
 * @throws YimengError `csv-column`, `csv-number`, `label-missing`, `label-unknown`, `label-one-class`, `category-unknown`, `site-missing`, `schema-roles`, and what {@link scanTable} throws
 *
 * @example
 * ```ts
 * const schema = { features: [{ kind: 'numeric', name: 'age' }], label: { kind: 'categorical', name: 'ill', levels: ['no', 'yes'] } } as const
 * const { rows, values, labels } = await readTable(csvText('a.csv', 'ill,age\nno,63\nyes,NA\n'), schema)
 * assert.deepEqual([rows, [...values[0]], [...labels]], [2, [63, NaN], [0, 1]])
 * ```
 */
export const readTable = async (source: Table | readonly Table[], schema: Schema, options: ReadOptions = {}): Promise<Dataset> => {
  const tables: readonly Table[] = 'rows' in source ? [source] : source
  refuseRoles(schema)
  const columns = schema.features.map(growing)
  const labels = growing()
  const lines = growing()
  const patients: string[] = []
  const sites: string[] = []
  const unknown: Record<string, number> = {}
  const withSites = schema.site !== undefined || tables.some((table) => table.site !== undefined)

  const begin = (table: Table) => (header: readonly string[]) => {
    const fault = (code: string, cannot: string) => (expected: string, got: string, line: number) => {
      throw new YimengError({ code, cannot, expected, got, where: { ...placeOf(table), row: line } })
    }
    const reader = (column: Column) => cellReader(schema, column, fault('csv-number', `read column ${column.name}`))
    const features = schema.features.map((column, j) => ({
      at: columnPosition(table, header, column.name, 'column'),
      column,
      read: reader(column),
      values: columns[j],
    }))
    const labelAt = columnPosition(table, header, schema.label.name, 'label column')
    const readLabel = reader(schema.label)
    const patientAt = schema.patient === undefined ? -1 : columnPosition(table, header, schema.patient, 'patient column')
    const siteAt = schema.site === undefined || table.site !== undefined ? -1 : columnPosition(table, header, schema.site, 'site column')
    return (cells: readonly string[], line: number): void => {
      for (const { at, column, read, values } of features) {
        const value = read(cells[at] ?? '', line)
        if (value === -1 && column.kind === 'categorical') {
          if (options.unknown === 'refuse')
            fault('category-unknown', `read column ${column.name}`)(`one of ${column.levels.length} known categories`, 'another one', line)
          unknown[column.name] = (unknown[column.name] ?? 0) + 1
        }
        values?.push(value)
      }
      const label = readLabel(cells[labelAt] ?? '', line)
      if (Number.isNaN(label)) fault('label-missing', `read label ${schema.label.name}`)('a label in every row', 'a missing value', line)
      if (label === -1 && schema.label.kind === 'categorical')
        fault('label-unknown', `read label ${schema.label.name}`)(`one of ${schema.label.levels.join(', ')}`, 'another class', line)
      labels.push(label)
      lines.push(line)
      if (patientAt >= 0) patients.push(cells[patientAt] ?? '')
      if (!withSites) return
      const site = table.site ?? cells[siteAt] ?? ''
      if (site === '') fault('site-missing', `read site column ${schema.site ?? ''}`)('a site in every row', 'a missing value', line)
      sites.push(site)
    }
  }

  let rows = 0
  for (const table of tables) rows += await scanTable(table, begin(table))
  const name = options.name ?? tables[0]?.name ?? 'table'
  const labelValues = labels.done()
  if (options.oneClass !== 'allow') refuseOneClass(name, schema.label, labelValues)
  return {
    name,
    schema,
    rows,
    values: columns.map((column) => column.done()),
    labels: labelValues,
    lines: Uint32Array.from(lines.done()),
    ...(schema.patient === undefined ? {} : { patients }),
    ...(withSites ? { sites } : {}),
    ...(Object.keys(unknown).length === 0 ? {} : { unknown }),
  }
}

/** A label among the features would be predicted from itself, and a site or patient would be learned by heart. */
const refuseRoles = ({ features, label, patient, site }: Schema): void => {
  const names = features.map((column) => column.name)
  const twice = names.find((name, index) => names.indexOf(name) !== index || name === label.name || name === patient || name === site)
  if (twice !== undefined)
    throw new YimengError({
      code: 'schema-roles',
      cannot: 'read table',
      expected: 'a schema that uses each column once, as a feature, label, patient or site',
      got: `${twice} twice`,
    })
}

const refuseOneClass = (name: string, label: Column, labels: Float64Array): void => {
  if (label.kind === 'numeric' || labels.some((value) => value !== labels[0])) return
  throw new YimengError({
    code: 'label-one-class',
    cannot: `learn label ${label.name}`,
    expected: 'at least two classes',
    got: `one class in all ${labels.length} rows`,
    where: { table: name },
  })
}
