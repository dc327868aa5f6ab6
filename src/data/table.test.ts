import { expect, test } from 'vitest'
import { YimengError } from '../base/index.ts'
import { categoryOf, cellShape, missingTest } from './cell.ts'
import { scanTable } from './scan.ts'
import { type CsvFormat, csvText, detectDelimiter } from './table.ts'

const cellsOf = async (text: string, format: CsvFormat = {}): Promise<readonly (readonly string[])[]> => {
  const rows: (readonly string[])[] = []
  for await (const { cells } of csvText('t.csv', text, format).rows()) rows.push(cells)
  return rows
}

/** The fault that an action throws. */
const faultOf = async (act: () => Promise<unknown>): Promise<YimengError> => {
  const error = await act().then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  if (error instanceof YimengError) return error
  throw new Error(`no YimengError: ${String(error)}`)
}

const scan = (text: string, format: CsvFormat = {}) => scanTable(csvText('t.csv', text, format), () => () => undefined)

test('reads quotes, delimiters inside quotes, doubled quotes, line breaks inside quotes, CRLF and a byte order mark', async () => {
  expect(await cellsOf('\uFEFFa,b\r\n"x, y","say ""no"""\r\n"two\nlines", 3 \r\n')).toEqual([
    ['a', 'b'],
    ['x, y', 'say "no"'],
    ['two\nlines', '3'],
  ])
})

test('tells the line that each row ends on, blank lines and quoted line breaks counted', async () => {
  const lines: number[] = []
  for await (const { line } of csvText('t.csv', 'a,b\n\n1,"x\ny"\n2,3').rows()) lines.push(line)
  expect(lines).toEqual([1, 4, 5])
})

test.each([
  ['a,b\n1,2\n', ','],
  ['a;b\n1,5;2,5\n2,5;1\n', ';'],
  ['a\tb c\n1\t2,3\n', '\t'],
  ['a|b\n1|2\n', '|'],
  ['only\n1\n2\n', ','],
  ['"a;b";c\n"1;2";3\n', ';'],
  ['a,b', ','],
  ['', ','],
])('detects the delimiter of %j', (text, delimiter) => {
  expect(detectDelimiter(text)).toBe(delimiter)
})

test('a text without header gets names, lines before the table are skipped', async () => {
  expect(await cellsOf('3,2,x,y\n1,2\n', { header: ['a', 'b'], skipLines: 1 })).toEqual([
    ['a', 'b'],
    ['1', '2'],
  ])
})

test.each([
  ['', 'csv-empty', /a row of column names/],
  ['a,b\n', 'table-no-rows', /at least one row/],
  ['a,a\n1,2\n', 'csv-duplicate-column', /the name a twice/],
  ['a,b\n1,2\n3\n', 'csv-ragged-row', /expected 2 cells in every row, got 1 \(file t\.csv, row 3\)/],
  ['a,b\n1,2,3\n', 'csv-ragged-row', /got 3/],
  ['a,b\n1,"secret\n', 'csv-syntax', /never closed/],
  ['a,b\n1,"secret"x\n', 'csv-syntax', /after a closing/],
  ['a,b\n1,sec"ret\n', 'csv-syntax', /inside an unquoted/],
])('refuses %j as %s', async (text, code, message) => {
  const fault = await faultOf(() => scan(text))
  expect(fault.code).toBe(code)
  expect(fault.message).toMatch(message)
  expect(fault.message).not.toMatch(/sec/)
})

test('blank cells beyond the header and a blank first name, as spreadsheets and data frames write them, are let through', async () => {
  const seen: unknown[] = []
  const rows = await scanTable(csvText('t.csv', ',b\n0,1,\n1,2,,\n'), (header) => {
    seen.push(header)
    return (cells) => seen.push(cells)
  })
  expect(rows).toBe(2)
  expect(seen).toEqual([
    ['column 1', 'b'],
    ['0', '1'],
    ['1', '2'],
  ])
})

test('cell shapes: what is a number and what only looks like one', () => {
  for (const cell of ['0', '-1', '+1.5', '.5', '1.', '1e3', '1.5E-7']) expect(cellShape(cell), cell).toBe('number')
  for (const cell of ['1,5', '-,5', '1,234']) expect(cellShape(cell), cell).toBe('decimal comma')
  for (const cell of ['1 234', '1,234,567', "1'234.5"]) expect(cellShape(cell), cell).toBe('grouped number')
  for (const cell of ['1e999', 'inf', '-Infinity']) expect(cellShape(cell), cell).toBe('infinite')
  for (const cell of ['0x10', '1_000', 'high', '1.2.3', '2024-01-01', '<5', '５']) expect(cellShape(cell), cell).toBe('text')
})

test('missing markers compare without case; a column adds its own, as numbers when it is numeric', () => {
  const usual = missingTest({})
  expect(['', 'NA', 'na', 'NaN', '?', 'NULL', 'n/a'].every(usual)).toBe(true)
  expect(['0', 'none', '-', 'nano'].some(usual)).toBe(false)
  const coded = missingTest({}, { kind: 'numeric', name: 'x', missing: ['-1', 'unmeasured'] })
  expect(['-1', '-1.0', 'Unmeasured', '?'].every(coded)).toBe(true)
  expect(['1', '-10'].some(coded)).toBe(false)
  const own = missingTest({ missing: ['.'] })
  expect([own('.'), own(''), own('NA')]).toEqual([true, true, false])
})

test('categories: 1.0 is 1, but 01 and 1.50 stay as they are', () => {
  expect(['1.0', '-2.00', '01', '1.50', 'A.0'].map(categoryOf)).toEqual(['1', '-2', '01', '1.50', 'A.0'])
})
