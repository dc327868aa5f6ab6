// A party's own table: a CSV file with a header line.
import { readFileSync } from 'node:fs'
import { parse } from 'csv-parse/sync'
import { YimengError } from '../../base/index.ts'

/** Rows by column name. @throws YimengError `mpc-table` for a file that is not there or no table. */
export const readRecords = (path: string): readonly Readonly<Record<string, string>>[] => {
  const refused = (expected: string, cause: unknown): YimengError =>
    new YimengError({ code: 'mpc-table', cannot: 'read table', expected, got: 'none', where: { file: path }, cause })
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (cause) {
    throw refused('a readable file', cause)
  }
  try {
    const records = parse(text, { columns: true, skip_empty_lines: true, bom: true }) as readonly Readonly<Record<string, string>>[]
    if (records.length > 0) return records
  } catch (cause) {
    throw refused('rows under a header line', cause)
  }
  throw refused('rows under a header line', undefined)
}

/** @throws YimengError `vertical-column` for a table without one of these columns. */
export const requireColumns = (records: readonly Readonly<Record<string, string>>[], wanted: readonly string[]): void => {
  const names = Object.keys(records[0] ?? {})
  const missing = wanted.filter((name) => !names.includes(name))
  if (missing.length > 0)
    throw new YimengError({
      code: 'vertical-column',
      cannot: 'read table',
      expected: `a column ${missing.join(', ')}`,
      got: names.join(', '),
    })
}

/** The numbers of a column. @throws YimengError `vertical-number` for a cell that is none. */
export const numbersOfColumn = (records: readonly Readonly<Record<string, string>>[], name: string): readonly number[] =>
  records.map((record, row) => {
    const value = Number(record[name])
    if (record[name] === '' || !Number.isFinite(value))
      throw new YimengError({
        code: 'vertical-number',
        cannot: 'read table',
        expected: 'a number',
        got: 'other text',
        where: { column: name, row },
      })
    return value
  })
