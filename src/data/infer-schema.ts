// What a table seems to hold: one pass that counts, then rules that a person can read and overrule. Cell values leave only as categories of categorical columns.
import { YimengError } from '../base/index.ts'
import { missingTest } from './cell.ts'
import { oneOfNames } from './close-names.ts'
import { count, mostlyNumbers, refuseNotation, type Tally, tally } from './column-tally.ts'
import { columnPosition, scanTable } from './scan.ts'
import type { Table } from './table.ts'
import type { Column, Schema } from './types.ts'

/** What the person knows about the table. */
export interface InferOptions {
  /** The column to predict. */
  readonly label: string
  /** Column that names the site of a row. */
  readonly site?: string
  /** Column that names the patient; only suggested when absent. */
  readonly patient?: string
  /** The class that counts as positive: made the last of the classes. */
  readonly positive?: string
  /** Columns to read as categories though they hold numbers (codes). */
  readonly categorical?: readonly string[]
  /** Columns to leave out. */
  readonly leaveOut?: readonly string[]
  /** Most categories of a text column; more are taken for identifiers or free text. Default 50. */
  readonly mostLevels?: number
  /** Cells that mean "missing". */
  readonly missing?: readonly string[]
}

/** Why a column was judged as it was, where that is not plain. Stable texts, to translate by. */
export type InferenceNote =
  | 'no values'
  | 'too many categories: an identifier, a date or free text'
  | 'a different number in every row: a row identifier'
  | 'looks like a patient identifier'
  | 'left out as told'
  | 'whole numbers with few different values: a code? then name it as categorical'
  | 'mostly numbers, but some text'
  | 'the same value in every row'

/** What was found out about one column. */
export interface InferredColumn {
  readonly name: string
  readonly role: 'feature' | 'label' | 'site' | 'patient' | 'left out'
  readonly kind: 'numeric' | 'categorical'
  readonly missing: number
  /** Different values, counted up to a limit. */
  readonly distinct: number
  readonly levels?: readonly string[]
  readonly note?: InferenceNote
}

/** What was inferred, to print and to confirm. */
export interface Inference {
  readonly schema: Schema
  readonly rows: number
  readonly tables: readonly { readonly name: string; readonly site?: string; readonly rows: number }[]
  readonly columns: readonly InferredColumn[]
  /** A column that looks like a patient identifier, when none was named. */
  readonly suggestedPatient?: string
}

const patientName =
  /^(?:patient|subject|person|pat|pid|mrn|uniquepid|病人|患者|病歷|病历)[\s_-]?(?:id|no|nr|num|number|key|code|编号|編號|号|號)?$|^(?:patient|subject|person).*(?:id|nbr|number|no)$/i
const rowName = /^(?:column \d+|id|idx|index|row|row.?(?:id|no|nr|num|number)|record.?id|no\.?|nr\.?|序号|編號|编号)$/i

/** Categories in the order people expect: numbers by size, then text by code point. */
const ordered = (levels: Iterable<string>): readonly string[] =>
  [...levels].sort((a, b) => {
    const [x, y] = [Number(a), Number(b)]
    if (!Number.isNaN(x) && !Number.isNaN(y) && x !== y) return x - y
    return a < b ? -1 : a > b ? 1 : 0
  })

const classesOf = (name: string, found: Tally, options: InferOptions): readonly string[] => {
  const levels = ordered(found.distinct)
  if (levels.length < 2)
    throw new YimengError({
      code: 'label-one-class',
      cannot: `learn label ${name}`,
      expected: 'at least two classes',
      got: levels.length === 0 ? 'no values' : 'one class in all rows',
    })
  if (options.positive === undefined) return levels
  if (!levels.includes(options.positive))
    throw new YimengError({
      code: 'label-positive',
      cannot: `take ${options.positive} as the positive class`,
      expected: oneOfNames(options.positive, levels),
      got: 'no such class',
      where: { column: name },
    })
  return [...levels.filter((level) => level !== options.positive), options.positive]
}

const labelColumn = (name: string, found: Tally, options: InferOptions): Column => {
  const classes = options.categorical?.includes(name) === true || options.positive !== undefined || !mostlyNumbers(found)
  if (!classes && !(found.whole && found.distinct.size <= 20)) return { kind: 'numeric', name }
  const levels = classesOf(name, found, options)
  if (levels.length <= 100) return { kind: 'categorical', name, levels }
  throw new YimengError({
    code: 'label-many-classes',
    cannot: `learn label ${name}`,
    expected: 'at most 100 classes, or numbers',
    got: `${levels.length} different texts`,
  })
}

const judge = (name: string, found: Tally, options: InferOptions): { readonly column?: Column; readonly info: InferredColumn } => {
  const base = { name, missing: found.missing, distinct: found.distinct.size }
  const numeric = mostlyNumbers(found) && options.categorical?.includes(name) !== true
  const kind = numeric ? ('numeric' as const) : ('categorical' as const)
  const leftOut = (note: InferenceNote, role: InferredColumn['role'] = 'left out') => ({ info: { ...base, role, kind, note } })
  const unique = !found.repeats && found.present > 20
  if (name === options.patient) return { info: { ...base, role: 'patient', kind } }
  if (name === options.site) return { info: { ...base, role: 'site', kind: 'categorical' } }
  if (options.leaveOut?.includes(name) === true) return leftOut('left out as told')
  if (found.present === 0) return leftOut('no values')
  if (patientName.test(name)) return leftOut('looks like a patient identifier')
  if (numeric) {
    if (unique && found.whole && rowName.test(name)) return leftOut('a different number in every row: a row identifier')
    const note: InferenceNote | undefined =
      found.numbers < found.present
        ? 'mostly numbers, but some text'
        : found.distinct.size === 1
          ? 'the same value in every row'
          : found.whole && found.distinct.size > 2 && found.distinct.size <= 8
            ? 'whole numbers with few different values: a code? then name it as categorical'
            : undefined
    return { column: { kind: 'numeric', name }, info: { ...base, role: 'feature', kind, ...(note === undefined ? {} : { note }) } }
  }
  // half as many categories as values: names or codes of single rows, however few rows there are
  const scattered = found.present > 20 && found.distinct.size > found.present / 2
  if (scattered || found.distinct.size > (options.mostLevels ?? 50))
    return leftOut('too many categories: an identifier, a date or free text')
  const levels = ordered(found.distinct)
  const note: InferenceNote | undefined = levels.length === 1 ? 'the same value in every row' : undefined
  return {
    column: { kind: 'categorical', name, levels },
    info: { ...base, role: 'feature', kind, levels, ...(note === undefined ? {} : { note }) },
  }
}

/**
 * Infers a schema from tables: kinds, categories, missing values, and which columns cannot be features. Columns that not every table has are refused.
 * Numbers stay numeric, whole ones with few values too; a label of whole numbers with at most 20 different values is taken for classes.
 *
 * @throws YimengError `csv-column`, `csv-number` for decimal commas, `label-one-class`, `label-many-classes`, and what {@link scanTable} throws
 *
 * @example
 * ```ts
 * const { schema } = await inferSchema(csvText('a.csv', 'age,sex,ill\n63,f,no\n41,m,yes\n'), { label: 'ill' })
 * assert.deepEqual(schema.features.map((column) => column.kind), ['numeric', 'categorical'])
 * assert.deepEqual(schema.label, { kind: 'categorical', name: 'ill', levels: ['no', 'yes'] })
 * ```
 */
export const inferSchema = async (source: Table | readonly Table[], options: InferOptions): Promise<Inference> => {
  const tables: readonly Table[] = 'rows' in source ? [source] : source
  const missing = missingTest(options.missing === undefined ? {} : { missing: options.missing })
  const tallies = new Map<string, Tally>()
  const sizes: { readonly name: string; readonly site?: string; readonly rows: number }[] = []
  for (const table of tables) {
    const rows = await scanTable(table, (header) => {
      requireNames(table, header, options)
      if (sizes.length === 0) for (const name of header) tallies.set(name, tally())
      else for (const name of tallies.keys()) columnPosition(table, header, name, 'column')
      const into = header.map((name) => tallies.get(name))
      return (cells, line) => {
        for (const [index, cell] of cells.entries()) {
          const found = into[index]
          if (found === undefined) continue
          if (missing(cell)) found.missing += 1
          else count(found, cell, line, table)
        }
      }
    })
    sizes.push({ name: table.name, ...(table.site === undefined ? {} : { site: table.site }), rows })
  }
  return conclude(tallies, sizes, options)
}

const requireNames = (table: Table, header: readonly string[], options: InferOptions): void => {
  columnPosition(table, header, options.label, 'label column')
  if (options.site !== undefined && table.site === undefined) columnPosition(table, header, options.site, 'site column')
  if (options.patient !== undefined) columnPosition(table, header, options.patient, 'patient column')
  for (const name of [...(options.categorical ?? []), ...(options.leaveOut ?? [])]) columnPosition(table, header, name, 'column')
}

const conclude = (tallies: ReadonlyMap<string, Tally>, tables: Inference['tables'], options: InferOptions): Inference => {
  const features: Column[] = []
  const columns: InferredColumn[] = []
  let label: Column | undefined
  let suggestedPatient: string | undefined
  for (const [name, found] of tallies) {
    if (name !== options.site && name !== options.patient && options.leaveOut?.includes(name) !== true) refuseNotation(name, found)
    if (name === options.label) {
      label = labelColumn(name, found, options)
      columns.push({
        name,
        role: 'label',
        kind: label.kind,
        missing: found.missing,
        distinct: found.distinct.size,
        ...(label.kind === 'categorical' ? { levels: label.levels } : {}),
      })
      continue
    }
    const { column, info } = judge(name, found, options)
    if (column !== undefined) features.push(column)
    if (info.note === 'looks like a patient identifier') suggestedPatient ??= name
    columns.push(info)
  }
  if (label === undefined || features.length === 0)
    throw new YimengError({
      code: 'table-no-features',
      cannot: 'infer a schema',
      expected: 'at least one column to predict from',
      got: 'none',
      where: { columns: tallies.size },
    })
  return {
    schema: {
      features,
      label,
      ...(options.patient === undefined ? {} : { patient: options.patient }),
      ...(options.site === undefined ? {} : { site: options.site }),
      ...(options.missing === undefined ? {} : { missing: options.missing }),
    },
    rows: tables.reduce((sum, table) => sum + table.rows, 0),
    tables,
    columns,
    ...(suggestedPatient === undefined || options.patient !== undefined ? {} : { suggestedPatient }),
  }
}
