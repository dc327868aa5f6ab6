// A person's own table as a task.
import { type Column, readTable, type Schema } from '../data/index.ts'
import { csvFile, stemOf } from '../data/node.ts'
import type { TableSpec } from './run-spec.ts'
import type { Task } from './task.ts'

/** The record without the keys whose value is undefined: zod's optional keys may be undefined, the data room's may only be absent. */
const present = <T extends object>(record: { readonly [K in keyof T]?: T[K] | undefined }): T =>
  Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)) as T

/** The table's columns as the data room takes them. */
export const schemaOf = ({ features, label, site, patient, missing }: TableSpec): Schema =>
  present<Schema>({ features: features.map((column) => present<Column>(column)), label: present<Column>(label), site, patient, missing })

/**
 * The task of a table. Natural sites where the table has any, else three sites by chance; logistic regression, which small tables bear.
 * `load` throws what the data room throws for a broken table, a file without rows among it.
 */
export const tableTask = (table: TableSpec): Task => {
  const several = table.files.length > 1
  const sources = table.files.map((file) =>
    typeof file === 'string' ? { path: file, site: several && table.site === undefined ? stemOf(file) : undefined } : file,
  )
  const natural = table.site !== undefined || sources.some(({ site }) => site !== undefined)
  const told = { en: table.name, 'zh-CN': table.name, 'zh-TW': table.name }
  return {
    name: table.name,
    title: told,
    about: told,
    defaults: {
      partition: natural ? { kind: 'natural' } : { kind: 'iid', sites: 3 },
      split: { kind: 'random', testShare: 0.2 },
      model: { kind: 'logistic' },
      local: { epochs: 2, batch: 16, optimiser: { name: 'sgd', learningRate: 0.05 } },
      rounds: 30,
    },
    load: async () => {
      const format = present<object>({ delimiter: table.delimiter, encoding: table.encoding })
      const tables = sources.map(({ path, site }) => csvFile(path, { ...format, ...(site === undefined ? {} : { site }) }))
      return readTable(tables, schemaOf(table), { name: table.name })
    },
  }
}
