// One pass over a table: header checked, ragged rows refused, each row handed on. Everything that reads tables goes through here.
import { YimengError } from '../base/index.ts'
import { oneOfNames } from './close-names.ts'
import type { Table, TableRow } from './table.ts'

/** Where a table is, for messages. */
export const placeOf = (table: Table): Readonly<Record<string, string>> =>
  table.site === undefined || table.site === table.name ? { file: table.name } : { file: table.name, site: table.site }

const headerOf = (cells: readonly string[], table: Table): readonly string[] => {
  const seen = new Set<string>()
  return cells.map((cell, index) => {
    // spreadsheets and data frames write row numbers under a blank name
    const name = cell === '' ? `column ${index + 1}` : cell
    if (seen.has(name))
      throw new YimengError({
        code: 'csv-duplicate-column',
        cannot: 'read table',
        expected: 'column names that differ',
        got: `the name ${name} twice`,
        where: { ...placeOf(table), column: index + 1 },
      })
    seen.add(name)
    return name
  })
}

/** Cells of one row under the header, or a fault that says how many came. Blank cells beyond the header are let go: spreadsheets write them. */
const fitted = (row: TableRow, width: number, table: Table): readonly string[] => {
  if (row.cells.length === width) return row.cells
  if (row.cells.length > width && row.cells.slice(width).every((cell) => cell === '')) return row.cells.slice(0, width)
  throw new YimengError({
    code: 'csv-ragged-row',
    cannot: 'read table',
    expected: `${width} cells in every row`,
    got: `${row.cells.length}`,
    where: { ...placeOf(table), row: row.line },
  })
}

/**
 * Reads a table once: `begin` gets the column names and returns what is done with each row's cells (`cells.length` = number of names).
 *
 * @returns the number of rows, at least 1
 * @throws YimengError `csv-empty` without a header, `table-no-rows` without rows, `csv-duplicate-column`, `csv-ragged-row`, `csv-syntax`, `csv-encoding`
 */
export const scanTable = async (
  table: Table,
  begin: (header: readonly string[]) => (cells: readonly string[], line: number) => void,
): Promise<number> => {
  let take: ((cells: readonly string[], line: number) => void) | undefined
  let width = 0
  let rows = 0
  for await (const row of table.rows()) {
    if (take === undefined) {
      const header = headerOf(row.cells, table)
      width = header.length
      take = begin(header)
      continue
    }
    take(fitted(row, width, table), row.line)
    rows += 1
  }
  if (take === undefined)
    throw new YimengError({
      code: 'csv-empty',
      cannot: 'read table',
      expected: 'a row of column names',
      got: 'no text',
      where: placeOf(table),
    })
  if (rows === 0)
    throw new YimengError({
      code: 'table-no-rows',
      cannot: 'read table',
      expected: 'at least one row of data',
      got: 'none',
      where: placeOf(table),
    })
  return rows
}

/** Position of a column in the header. @throws YimengError `csv-column` that lists the close names */
export const columnPosition = (table: Table, header: readonly string[], name: string, what: string): number => {
  const at = header.indexOf(name)
  if (at >= 0) return at
  throw new YimengError({
    code: 'csv-column',
    cannot: `find ${what} ${name}`,
    expected: oneOfNames(name, header),
    got: 'no column of that name',
    where: placeOf(table),
  })
}
