// Tables made from tables, row by row: codes turned into words, tables set side by side. Nothing is held in memory.
import { YimengError } from '../base/index.ts'
import { categoryOf } from './cell.ts'
import type { Table, TableRow } from './table.ts'

/** Words for a column's codes; a code that is not listed stays as it is. `1.0` is the code `1`. */
export type Recoding = Readonly<Record<string, Readonly<Record<string, string>>>>

/**
 * The table with codes turned into words, by column name.
 *
 * @example
 * ```ts
 * const table = recoded(csvText('a.csv', 'sex\n1.0\n?\n'), { sex: { '1': 'male' } })
 * const rows = []
 * for await (const { cells } of table.rows()) rows.push(...cells)
 * assert.deepEqual(rows, ['sex', 'male', '?'])
 * ```
 */
export const recoded = (table: Table, recoding: Recoding): Table => ({
  ...table,
  rows: async function* () {
    let words: readonly (Readonly<Record<string, string>> | undefined)[] | undefined
    for await (const row of table.rows()) {
      if (words === undefined) {
        words = row.cells.map((name) => recoding[name])
        yield row
        continue
      }
      const of = words
      yield { cells: row.cells.map((cell, index) => of[index]?.[categoryOf(cell)] ?? cell), line: row.line }
    }
  },
})

/** Two tables of equally many rows side by side. @throws YimengError `table-lengths` when one ends before the other */
export const joined = (left: Table, right: Table): Table => ({
  ...left,
  rows: async function* () {
    const others = iterate(right)
    for await (const row of left.rows()) {
      const other = await others.next()
      if (other.done === true) throw lengthFault(left, right)
      yield { cells: [...row.cells, ...other.value.cells], line: row.line }
    }
    if ((await others.next()).done !== true) throw lengthFault(left, right)
  },
})

async function* iterate(table: Table): AsyncGenerator<TableRow, undefined> {
  yield* table.rows()
  return undefined
}

const lengthFault = (left: Table, right: Table): YimengError =>
  new YimengError({
    code: 'table-lengths',
    cannot: 'join tables',
    expected: 'as many rows in both',
    got: 'different numbers',
    where: { left: left.name, right: right.name },
  })
