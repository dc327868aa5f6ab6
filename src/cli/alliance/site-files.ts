// A public data set dealt over practice sites: one pair of CSV files a site, so that each node holds its own rows only.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { seed as rootSeed, YimengError } from '../../base/index.ts'
import { makeFolder } from '../../base/node.ts'
import type { Column, Dataset } from '../../data/index.ts'
import { dealSites, isTable, resolveSpec, type RunSpecInput, taskOf } from '../../tasks/index.ts'

/** A site's files. */
export interface SiteFiles {
  readonly site: string
  readonly train: string
  readonly test: string
}

const quoted = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)

const cell = (column: Column, value: number): string => {
  if (Number.isNaN(value)) return ''
  // the shortest text that reads back as the same number
  if (column.kind === 'numeric') return String(value)
  return quoted(column.levels[value] ?? 'unlisted')
}

const csv = ({ schema, values, labels }: Dataset, rows: Uint32Array): string => {
  const columns = [...schema.features.map((column, j) => ({ column, of: values[j] })), { column: schema.label, of: labels }]
  const lines = Array.from(rows, (row) => columns.map(({ column, of }) => cell(column, of?.[row] ?? Number.NaN)).join(','))
  return `${[columns.map(({ column }) => quoted(column.name)).join(','), ...lines].join('\n')}\n`
}

/** Deals a task's rows as its spec says and writes each site's. @throws YimengError `data-kind` for a task that is not on tables */
export const writeSiteFiles = async (input: RunSpecInput, folder: string): Promise<readonly SiteFiles[]> => {
  const spec = resolveSpec(input)
  const dataset = await taskOf(spec.task).load()
  if (!isTable(dataset))
    throw new YimengError({ code: 'data-kind', cannot: 'write site files', expected: 'a task on tables', got: 'one on pictures or series' })
  const written: SiteFiles[] = []
  for (const { name, train, test } of dealSites(dataset, spec, rootSeed(spec.seed))) {
    const own = join(folder, name)
    await makeFolder(own)
    const files = { site: name, train: join(own, 'train.csv'), test: join(own, 'test.csv') }
    await writeFile(files.train, csv(dataset, train))
    await writeFile(files.test, csv(dataset, test))
    written.push(files)
  }
  return written
}
