// What one cell of a table says: a number, a category, nothing. Pure text rules, shared by inference, reading and prediction.
import type { Column, Schema } from './types.ts'

/** Cells that mean "missing" unless a schema says otherwise; compared without case. */
export const missingMarkers: readonly string[] = ['', 'NA', 'N/A', 'NaN', '?', 'null']

const decimal = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/
const comma = /^[+-]?(?:\d+,\d*|,\d+)(?:[eE][+-]?\d+)?$/
const grouped = /^[+-]?\d{1,3}(?:[ ,'\u00a0\u202f]\d{3})+(?:\.\d+)?$/
const wholeWithPoint = /^([+-]?\d+)\.0+$/

/** What a cell's text looks like, whatever its column. `infinite` is written as a number but larger than any double. */
export type CellShape = 'number' | 'decimal comma' | 'grouped number' | 'infinite' | 'text'

/**
 * The shape of a trimmed, non-missing cell. `1,234` is a decimal comma: nothing tells it from a grouped number, and both are refused.
 *
 * @example
 * ```ts
 * assert.deepEqual(['-1.5e3', '1,5', '1 234', '1e999', 'high'].map(cellShape), ['number', 'decimal comma', 'grouped number', 'infinite', 'text'])
 * ```
 */
export const cellShape = (cell: string): CellShape => {
  if (decimal.test(cell)) return Number.isFinite(Number(cell)) ? 'number' : 'infinite'
  if (comma.test(cell)) return 'decimal comma'
  if (grouped.test(cell)) return 'grouped number'
  return /^[+-]?inf(?:inity)?$/i.test(cell) ? 'infinite' : 'text'
}

/** What a message says about a cell that is no number: its shape, never its text. */
export const shapeFound: Readonly<Record<CellShape, string>> = {
  number: 'a number',
  'decimal comma': 'a number with a decimal comma; write 1.5, not 1,5',
  'grouped number': 'a number with group separators; write 1234, not 1 234',
  infinite: 'an infinite number',
  text: 'text',
}

/** Tests whether a trimmed cell is missing, by the table's markers and the column's own. */
export const missingTest = (schema: Pick<Schema, 'missing'>, column?: Column): ((cell: string) => boolean) => {
  const markers = new Set((schema.missing ?? missingMarkers).map((marker) => marker.toLowerCase()))
  markers.add('')
  const own = column?.missing ?? []
  const codes = column?.kind === 'numeric' ? new Set(own.filter((marker) => decimal.test(marker)).map(Number)) : new Set<number>()
  for (const marker of own) markers.add(marker.toLowerCase())
  const longest = Math.max(...Array.from(markers, (marker) => marker.length))
  return (cell) =>
    cell === '' ||
    (cell.length <= longest && markers.has(cell.toLowerCase())) ||
    (codes.size > 0 && decimal.test(cell) && codes.has(Number(cell)))
}

/** A category as it is compared: whole numbers lose a trailing `.0`, since one hospital writes `1` where the next writes `1.0`. */
export const categoryOf = (cell: string): string => wholeWithPoint.exec(cell)?.[1] ?? cell

/** Index of a trimmed cell's category among the levels; −1 when it is none of them. */
export const levelIndex = (levels: readonly string[]): ((cell: string) => number) => {
  const exact = new Map(levels.map((level, index) => [level, index]))
  const loose = new Map(levels.map((level, index) => [categoryOf(level), index]))
  return (cell) => exact.get(cell) ?? loose.get(categoryOf(cell)) ?? -1
}
