// What the cells of one column look like, counted in one pass and bounded memory: the ground that inference stands on.
import { YimengError } from '../base/index.ts'
import { categoryOf, cellShape, shapeFound } from './cell.ts'
import { placeOf } from './scan.ts'
import type { Table } from './table.ts'

// more different values than this are not told apart: memory stays bounded whatever the table's length
const distinctLimit = 2000

/** Counts of one column's cells. */
export interface Tally {
  present: number
  missing: number
  numbers: number
  whole: boolean
  repeats: boolean
  readonly distinct: Set<string>
  /** First cell that is a number in a notation we refuse. */
  refused?: { readonly shape: 'decimal comma' | 'grouped number'; readonly line: number; readonly table: Table }
  refusals: number
}

/** Of no cells yet. */
export const tally = (): Tally => ({ present: 0, missing: 0, numbers: 0, whole: true, repeats: false, distinct: new Set(), refusals: 0 })

/** Counts a cell that is not missing. */
export const count = (into: Tally, cell: string, line: number, table: Table): void => {
  into.present += 1
  const shape = cellShape(cell)
  if (shape === 'number') {
    into.numbers += 1
    if (into.whole && !Number.isInteger(Number(cell))) into.whole = false
  } else if (shape === 'decimal comma' || shape === 'grouped number') {
    into.refusals += 1
    into.refused ??= { shape, line, table }
  }
  const category = categoryOf(cell)
  if (into.distinct.has(category)) into.repeats = true
  else if (into.distinct.size < distinctLimit) into.distinct.add(category)
}

/** Numbers, by the share of cells that are: a stray text in a column of numbers is for the reader to refuse by its row. */
export const mostlyNumbers = (found: Tally): boolean => found.numbers > 0 && found.numbers >= 0.9 * found.present

/** A column in a notation that would be read wrongly is refused before anything is judged. @throws YimengError `csv-number` */
export const refuseNotation = (name: string, found: Tally): void => {
  if (found.refused === undefined || found.numbers + found.refusals < 0.9 * found.present) return
  throw new YimengError({
    code: 'csv-number',
    cannot: `read column ${name}`,
    expected: 'a number',
    got: shapeFound[found.refused.shape],
    where: { ...placeOf(found.refused.table), row: found.refused.line },
  })
}
