// Tables on the terminal; widths count CJK signs double.
import Table from 'cli-table3'
import type { Terminal } from './terminal.ts'

const light = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '  ',
}

/** A table without lines: `head` in bold, columns from `numbersFrom` on to the right. */
export const tableText = (
  { paint }: Pick<Terminal, 'paint'>,
  head: readonly string[],
  rows: readonly (readonly (string | number)[])[],
  numbersFrom: number = head.length,
): string => {
  const table = new Table({
    head: head.map((name) => paint('bold', name)),
    chars: light,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
    colAligns: head.map((_, i) => (i >= numbersFrom ? 'right' : 'left')),
  })
  table.push(...rows.map((row) => row.map(String)))
  return table
    .toString()
    .split('\n')
    .map((line) => `  ${line.trimEnd()}`)
    .join('\n')
}
