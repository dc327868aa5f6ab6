import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { gzipSync } from 'node:zlib'
import { afterAll, expect, test } from 'vitest'
import { csvFile, csvFiles, stemOf } from './csv-file.node.ts'
import { inferSchema } from './infer-schema.ts'
import { readTable } from './read-table.ts'
import { scanTable } from './scan.ts'
import type { Table } from './table.ts'

const folder = mkdtempSync(join(tmpdir(), 'yimeng-csv-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const written = (name: string, bytes: string | Uint8Array): string => {
  const path = join(folder, name)
  writeFileSync(path, bytes)
  return path
}

const cellsOf = async (table: Table): Promise<readonly (readonly string[])[]> => {
  const rows: (readonly string[])[] = []
  for await (const { cells } of table.rows()) rows.push(cells)
  return rows
}

const expected = [
  ['姓', 'dose'],
  ['陳', '1.5'],
]

test('reads UTF-8 with and without a byte order mark, UTF-16, GB 18030 by name, gzip', async () => {
  const text = '姓;dose\r\n陳;1.5\r\n'
  const gb = Uint8Array.of(0xd0, 0xd5, 0x3b, 0x64, 0x6f, 0x73, 0x65, 0x0a, 0xea, 0x90, 0x3b, 0x31, 0x2e, 0x35, 0x0a)
  expect(await cellsOf(csvFile(written('plain.csv', text)))).toEqual(expected)
  expect(await cellsOf(csvFile(written('bom.csv', `\uFEFF${text}`)))).toEqual(expected)
  expect(await cellsOf(csvFile(written('utf16.csv', Buffer.from(`\uFEFF${text}`, 'utf16le'))))).toEqual(expected)
  expect(await cellsOf(csvFile(written('gb.csv', gb), { encoding: 'gb18030' }))).toEqual(expected)
  expect(await cellsOf(csvFile(written('zipped.csv.gz', gzipSync(text))))).toEqual(expected)
  await expect(cellsOf(csvFile(join(folder, 'gb.csv')))).rejects.toThrow(/expected UTF-8 text, got bytes in another encoding/)
  await expect(cellsOf(csvFile(join(folder, 'plain.csv'), { encoding: 'klingon' }))).rejects.toThrow(/the name of an encoding/)
})

test('a missing file, a folder, a damaged gzip and broken quotes are told apart; no cell is shown', async () => {
  await expect(cellsOf(csvFile(join(folder, 'none.csv')))).rejects.toThrow(/cannot open table: expected a file, got nothing there/)
  await expect(cellsOf(csvFile(folder))).rejects.toThrow(/got a folder/)
  await expect(cellsOf(csvFile(written('cut.csv.gz', gzipSync('a,b\n1,2\n').subarray(0, 15))))).rejects.toThrow(/a whole gzip file/)
  await expect(cellsOf(csvFile(written('quote.csv', 'a,b\n1,"sec"ret\n')))).rejects.toThrow(
    /^cannot read table: expected CSV with quotes in pairs, got text after a closing quotation mark \(file quote\.csv, row 2\)$/,
  )
})

test('a table can be read again, and reading may stop half-way', async () => {
  const table = csvFile(written('twice.csv', `a,b\n${'1,2\n'.repeat(50_000)}`))
  for await (const { cells } of table.rows()) if (cells[0] === '1') break
  expect(await scanTable(table, () => () => undefined)).toBe(50_000)
})

test('several files are several sites, named by their stems', async () => {
  const paths = [written('north.csv', 'x,y\n1,a\n'), written('south.csv.gz', gzipSync('y,x\nb,2\n'))]
  const { schema, tables } = await inferSchema(csvFiles(paths), { label: 'y' })
  expect(tables.map(({ site }) => site)).toEqual(['north', 'south'])
  expect((await readTable(csvFiles(paths), schema)).sites).toEqual(['north', 'south'])
  expect(csvFiles(paths[0] ?? '')[0]?.site).toBeUndefined()
  expect(() => csvFiles(['a/x.csv', 'b/x.csv'])).toThrow(/two files named x/)
  expect(stemOf('data/va.2024.csv.gz')).toBe('va.2024')
})

test('the delimiter is found however long the first line is, and chunks do not cut characters', async () => {
  const header = Array.from({ length: 9000 }, (_, column) => `列${column}`)
  const table = csvFile(written('wide.csv', `${header.join(';')}\n${header.map((_, column) => column).join(';')}\n`))
  const [names, values] = await cellsOf(table)
  expect([names?.length, names?.at(-1), values?.at(-1)]).toEqual([9000, '列8999', '8999'])
})

test('memory stays bounded while a large file streams', async () => {
  // 60 MB of text, gzip of 0.2 MB; the text alone would be 60 MB or more
  const line = `${'123.456,'.repeat(24)}x\n`
  const header = `${Array.from({ length: 24 }, (_, column) => `c${column}`).join(',')},label\n`
  const path = written('large.csv.gz', gzipSync(header + line.repeat(300_000), { level: 1 }))
  // what is still held after a collection: resident memory would also count what nobody has collected yet
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const held = () => {
    collect()
    const { heapUsed, external } = process.memoryUsage()
    return heapUsed + external
  }
  const before = held()
  let most = 0
  let seen = 0
  const rows = await scanTable(csvFile(path), () => () => {
    seen += 1
    if (seen % 50_000 === 0) most = Math.max(most, held())
  })
  expect(rows).toBe(300_000)
  // holding every row makes this 126 MB
  expect((most - before) / 2 ** 20).toBeLessThan(20)
})
