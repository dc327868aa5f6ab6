// A table as a stream of rows of text: what inference and reading work on, wherever the text comes from.
// Here from text in memory (any browser); from files and in bounded memory in csv-file.node.ts.
import { parse } from 'csv-parse/browser/esm/sync'
import { YimengError } from '../base/index.ts'

/** A row of trimmed cells and the 1-based line of the source that it ends on. */
export interface TableRow {
  readonly cells: readonly string[]
  readonly line: number
}

/** A table that can be read again and again. The first row holds the column names. */
export interface Table {
  /** For messages: a file's name. */
  readonly name: string
  /** The site that all rows belong to, when each site has its own table. */
  readonly site?: string
  readonly rows: () => AsyncIterable<TableRow> | Iterable<TableRow>
}

/** How a CSV text is written. All of it is found out unless given. */
export interface CsvFormat {
  /** `,` `;` tab, `|` or a space. Default: detected from the first lines. */
  readonly delimiter?: string
  /** Column names of a text that has none. */
  readonly header?: readonly string[]
  /** Lines before the table. */
  readonly skipLines?: number
  /** As TextDecoder names it: `utf-8` (default), `gb18030`, `big5`, `utf-16le`, … */
  readonly encoding?: string
}

const delimiters = [',', ';', '\t', '|'] as const

/** How often a delimiter stands outside quotes in each of the text's complete lines. */
const countsOf = (text: string, delimiter: string): readonly number[] => {
  const counts: number[] = []
  let count = 0
  let quoted = false
  let blank = true
  for (const char of text) {
    if (char === '"') quoted = !quoted
    if (char === '\n' && !quoted) {
      if (!blank) counts.push(count)
      if (counts.length === 20) return counts
      count = 0
      blank = true
      continue
    }
    if (char === delimiter && !quoted) count += 1
    if (char !== '\r' && char !== '\n') blank = false
  }
  // a text cut in the middle of a line would vote with a partial count, a text of one line must vote
  if (!blank && counts.length === 0) counts.push(count)
  return counts
}

/**
 * The delimiter that cuts the first lines (up to 20) into equally many cells; the comma when none does.
 *
 * @example
 * ```ts
 * assert.equal(detectDelimiter('name;dose\n"a;b,c";1,5\n'), ';')
 * ```
 */
export const detectDelimiter = (text: string): string => {
  let best: { readonly delimiter: string; readonly score: number } = { delimiter: ',', score: 0 }
  for (const delimiter of delimiters) {
    const counts = countsOf(text, delimiter)
    const first = counts[0] ?? 0
    const agreeing = counts.filter((count) => count === first).length / Math.max(1, counts.length)
    // agreement first: in `1,5;2,5` both marks appear, but only the true one appears equally often in every line
    const score = first === 0 ? 0 : agreeing * 1000 + Math.min(first, 999)
    if (score > best.score) best = { delimiter, score }
  }
  return best.delimiter
}

/** The parser's options for a format, shared by both ways of parsing. */
export const parserOptions = (format: CsvFormat, delimiter: string) => ({
  bom: true,
  delimiter,
  from_line: (format.skipLines ?? 0) + 1,
  info: true as const,
  relax_column_count: true,
  skip_empty_lines: true,
  trim: delimiter !== ' ',
})

/** A fault of the CSV syntax. The parser's own message may quote cells, so only its code and line are kept. */
export const syntaxFault = (name: string, error: unknown): YimengError => {
  const { code, lines } = error as { readonly code?: string; readonly lines?: number }
  const got =
    code === 'CSV_QUOTE_NOT_CLOSED'
      ? 'a quotation mark that is never closed'
      : code === 'INVALID_OPENING_QUOTE'
        ? 'a quotation mark inside an unquoted cell'
        : code === 'CSV_INVALID_CLOSING_QUOTE'
          ? 'text after a closing quotation mark'
          : 'text that is not CSV'
  return new YimengError({
    code: 'csv-syntax',
    cannot: 'read table',
    expected: 'CSV with quotes in pairs',
    got,
    where: { file: name, ...(lines === undefined ? {} : { row: lines }) },
  })
}

/** One record as csv-parse gives it with `info`. */
export interface ParsedRecord {
  readonly record: readonly string[]
  readonly info: { readonly lines: number }
}

/** Trims cells and tells the line. */
export const tableRow = ({ record, info }: ParsedRecord): TableRow => ({ cells: record.map((cell) => cell.trim()), line: info.lines })

/** Refuses text that a decoder could not read, which shows as U+FFFD. */
export const encodingFault = (name: string): YimengError =>
  new YimengError({
    code: 'csv-encoding',
    cannot: 'read table',
    expected: 'UTF-8 text',
    got: 'bytes in another encoding (saved by a Chinese Excel: gb18030 or big5; save as "CSV UTF-8")',
    where: { file: name },
  })

/**
 * A table from CSV text in memory.
 *
 * @example
 * ```ts
 * const rows = []
 * for await (const { cells } of csvText('a.csv', 'age;sex\n63;f\n').rows()) rows.push(cells)
 * assert.deepEqual(rows, [['age', 'sex'], ['63', 'f']])
 * ```
 */
export const csvText = (name: string, text: string, format: CsvFormat & { readonly site?: string } = {}): Table => ({
  name,
  ...(format.site === undefined ? {} : { site: format.site }),
  rows: function* () {
    if (format.header !== undefined) yield { cells: format.header, line: 0 }
    const delimiter = format.delimiter ?? detectDelimiter(text)
    let records: readonly ParsedRecord[]
    try {
      records = parse(text, parserOptions(format, delimiter)) as unknown as readonly ParsedRecord[]
    } catch (error) {
      throw syntaxFault(name, error)
    }
    for (const record of records) yield tableRow(record)
  },
})
