// CSV files as tables, read in a stream: memory does not grow with the file. Gzip by the name's ending, encodings by byte order mark or by name.
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { basename, extname } from 'node:path'
import { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { parse } from 'csv-parse'
import { YimengError } from '../base/index.ts'
import {
  type CsvFormat,
  detectDelimiter,
  encodingFault,
  type ParsedRecord,
  parserOptions,
  syntaxFault,
  type Table,
  tableRow,
} from './table.ts'

// enough for 20 lines of any table that a person made, little enough to hold
const headChars = 65_536

/** The file's bytes, unzipped. */
const bytesOf = async function* (path: string): AsyncGenerator<Uint8Array> {
  const file = createReadStream(path)
  const bytes = path.toLowerCase().endsWith('.gz') ? file.pipe(createGunzip()) : file
  if (bytes !== file) file.on('error', (error) => bytes.destroy(error))
  try {
    for await (const chunk of bytes) yield chunk as Uint8Array
  } finally {
    file.destroy()
  }
}

const encodingOf = (first: Uint8Array): string | undefined => {
  if (first[0] === 0xff && first[1] === 0xfe) return 'utf-16le'
  return first[0] === 0xfe && first[1] === 0xff ? 'utf-16be' : undefined
}

const textOf = async function* (path: string, encoding: string | undefined): AsyncGenerator<string> {
  let decoder: TextDecoder | undefined
  try {
    for await (const chunk of bytesOf(path)) {
      decoder ??= new TextDecoder(encoding ?? encodingOf(chunk) ?? 'utf-8', { fatal: true })
      const text = decoder.decode(chunk, { stream: true })
      if (text !== '') yield text
    }
    const rest = decoder?.decode() ?? ''
    if (rest !== '') yield rest
  } catch (error) {
    if (error instanceof RangeError)
      throw new YimengError({
        code: 'csv-encoding-name',
        cannot: 'read table',
        expected: 'the name of an encoding',
        got: encoding ?? '',
        where: { file: basename(path) },
      })
    if (error instanceof TypeError) throw encodingFault(basename(path))
    throw error
  }
}

const requireFile = async (path: string): Promise<void> => {
  const found = await stat(path).catch(() => undefined)
  if (found?.isFile() === true) return
  const got = found === undefined ? 'nothing there' : found.isDirectory() ? 'a folder' : 'something else'
  throw new YimengError({ code: 'file-missing', cannot: 'open table', expected: 'a file', got, where: { file: path } })
}

/** The first characters and the whole text, from one pass. */
const withHead = async (texts: AsyncGenerator<string>): Promise<{ readonly head: string; readonly all: AsyncGenerator<string> }> => {
  let head = ''
  let ended = false
  while (head.length < headChars && !ended) {
    const next = await texts.next()
    if (next.done === true) ended = true
    else head += next.value
  }
  const all = async function* () {
    yield head
    if (!ended) yield* texts
  }
  return { head, all: all() }
}

const isParserError = (error: unknown): boolean => {
  const { code } = error as { readonly code?: unknown }
  return typeof code === 'string' && (code.startsWith('CSV_') || code.startsWith('INVALID_'))
}

/** A gunzip error in words; others as they are. */
const readingFault = (name: string, error: unknown): unknown => {
  if (isParserError(error)) return syntaxFault(name, error)
  const { code } = error as { readonly code?: unknown }
  if (typeof code === 'string' && code.startsWith('Z_'))
    return new YimengError({
      code: 'csv-gzip',
      cannot: 'read table',
      expected: 'a whole gzip file',
      got: 'a damaged one',
      where: { file: name },
    })
  return error
}

/**
 * A CSV file as a table: `.csv`, `.tsv`, `.txt`, each also with `.gz`. Nothing is opened before rows are asked for.
 *
 * @throws YimengError when read: `file-missing`, `csv-encoding`, `csv-gzip`, `csv-syntax`
 */
export const csvFile = (path: string, format: CsvFormat & { readonly site?: string } = {}): Table => {
  const name = basename(path)
  return {
    name,
    ...(format.site === undefined ? {} : { site: format.site }),
    rows: async function* () {
      await requireFile(path)
      if (format.header !== undefined) yield { cells: format.header, line: 0 }
      const open: { destroy: () => unknown }[] = []
      try {
        const { head, all } = await withHead(textOf(path, format.encoding))
        const parser = parse(parserOptions(format, format.delimiter ?? detectDelimiter(head)))
        const text = Readable.from(all)
        open.push(text, parser)
        text.on('error', (error) => parser.destroy(error))
        text.pipe(parser)
        for await (const record of parser) yield tableRow(record as ParsedRecord)
      } catch (error) {
        throw readingFault(name, error)
      } finally {
        // a reader that stops half-way must not keep the file open
        for (const stream of open) stream.destroy()
      }
    },
  }
}

/** A file's name without folder and endings: `data/va.csv.gz` is `va`. */
export const stemOf = (path: string): string => {
  const name = basename(path)
  const plain = name.toLowerCase().endsWith('.gz') ? name.slice(0, -3) : name
  return basename(plain, extname(plain))
}

/**
 * CSV files as tables. Several files are several sites, named by the files' stems.
 *
 * @throws YimengError `csv-site-names` when two files have the same stem
 */
export const csvFiles = (paths: string | readonly string[], format: CsvFormat = {}): readonly Table[] => {
  if (typeof paths === 'string') return [csvFile(paths, format)]
  if (paths.length === 1) return paths.map((path) => csvFile(path, format))
  const stems = paths.map(stemOf)
  const twice = stems.find((stem, index) => stems.indexOf(stem) !== index)
  if (twice !== undefined || paths.length === 0)
    throw new YimengError({
      code: 'csv-site-names',
      cannot: 'name the sites by their files',
      expected: 'at least one file, and names that differ',
      got: twice === undefined ? 'no file' : `two files named ${twice}`,
    })
  return paths.map((path, index) => csvFile(path, { ...format, site: stems[index] ?? path }))
}
