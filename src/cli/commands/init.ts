// `yimeng init`: looks at a person's own table, shows what it seems to hold, and writes a spec that run and compare take.
import { existsSync } from 'node:fs'
import { dirname, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Document, isMap, isScalar, isSeq, visit } from 'yaml'
import { type Column, type Inference, type InferOptions, inferSchema } from '../../data/index.ts'
import { csvFiles, stemOf } from '../../data/node.ts'
import { commandLine } from '../invocation.ts'
import type { CommonOptions } from '../options.ts'
import { resultFile } from '../results-folder.ts'
import { tableText } from '../tables.ts'
import type { Terminal } from '../terminal.ts'

/** Options of `init`. */
export interface InitOptions extends CommonOptions {
  readonly csv: readonly string[]
  readonly label: string
  readonly site?: string
  readonly patient?: string
  readonly positive?: string
  readonly categorical?: readonly string[]
  readonly leaveOut?: readonly string[]
  readonly out?: string
  readonly force?: boolean
}

/** Made-up sites for a table that names none: enough to show federated training. */
const madeUpSites = 3

/** A path as a spec writes it: relative to the spec, with slashes on every system. */
const besides = (folder: string, path: string): string => (relative(folder, resolve(path)) || '.').replaceAll('\\', '/')

const hasSites = (options: InitOptions): boolean => options.site !== undefined || options.csv.length > 1

const columnOf = (column: Column) =>
  column.kind === 'numeric' ? { kind: column.kind, name: column.name } : { kind: column.kind, name: column.name, levels: column.levels }

/** The spec as a value: what `run` and `compare` read. */
const specOf = ({ schema }: Inference, options: InitOptions, folder: string) => {
  const name = stemOf(options.csv[0] ?? '')
  const files = options.csv.map((path) =>
    options.csv.length === 1 ? besides(folder, path) : { path: besides(folder, path), site: stemOf(path) },
  )
  return {
    task: {
      table: {
        name: options.csv.length === 1 ? name : 'table',
        files,
        ...(schema.site === undefined ? {} : { site: schema.site }),
        ...(schema.patient === undefined ? {} : { patient: schema.patient }),
        label: columnOf(schema.label),
        features: schema.features.map(columnOf),
      },
    },
    partition: hasSites(options) ? { kind: 'natural' } : { kind: 'iid', sites: madeUpSites },
  }
}

/** The same as YAML: one line a column, and a first line that tells editors where the schema is. */
const yamlOf = (spec: ReturnType<typeof specOf>, folder: string, { texts }: Terminal, sites: boolean): string => {
  const document = new Document(spec)
  for (const path of [
    ['task', 'table', 'features'],
    ['task', 'table', 'files'],
  ]) {
    const list = document.getIn(path)
    if (isSeq(list)) for (const item of list.items) if (isMap(item)) item.flow = true
  }
  for (const path of [['task', 'table', 'label'], ['partition']]) {
    const record = document.getIn(path)
    if (isMap(record)) record.flow = true
  }
  // quoted, so that readers of older YAML do not take a class `no` for false
  visit(document, {
    Pair: (_, pair) => {
      if (isScalar(pair.key) && pair.key.value === 'levels' && isSeq(pair.value))
        for (const level of pair.value.items) if (isScalar(level)) level.type = 'QUOTE_SINGLE'
    },
  })
  const editorSchema = fileURLToPath(new URL('../../../schema/run-spec.schema.json', import.meta.url))
  const lines = [
    ...(existsSync(editorSchema) ? [` yaml-language-server: $schema=${besides(folder, editorSchema)}`] : []),
    ` ${texts.init.comment}`,
    ...(sites ? [] : [` ${texts.init.commentSites}`]),
  ]
  document.commentBefore = lines.join('\n')
  return document.toString({ lineWidth: 0 })
}

const shown = (levels: readonly string[] | undefined): string =>
  levels === undefined ? '' : levels.length <= 5 ? levels.join(', ') : `${levels.slice(0, 4).join(', ')}, … (${levels.length})`

const show = (inference: Inference, options: InitOptions, terminal: Terminal): void => {
  const { texts, say, paint } = terminal
  const words = texts.init
  say(words.inferred(inference.rows, inference.tables.length))
  say()
  say(
    tableText(
      terminal,
      [words.column, words.role, words.kind, words.missing, words.levels, words.note],
      inference.columns.map(({ name, role, kind, missing, levels, note }) => [
        role === 'label' ? paint('bold', name) : name,
        words.roles[role],
        role === 'left out' ? '' : texts.data.kinds[kind],
        missing === 0 ? '' : missing,
        shown(levels),
        note === undefined ? '' : words.notes[note],
      ]),
    ),
  )
  if (inference.tables.length > 1) {
    say()
    say(
      tableText(
        terminal,
        [texts.table.site, texts.table.rows],
        inference.tables.map(({ site, name, rows }) => [site ?? name, rows]),
        1,
      ),
    )
  }
  say()
  if (inference.suggestedPatient !== undefined) say(paint('yellow', words.suggestPatient(inference.suggestedPatient)))
  if (!hasSites(options)) say(paint('yellow', words.noSites(madeUpSites)))
}

/** Infers, shows, writes. */
export const init = async (options: InitOptions, terminal: Terminal): Promise<void> => {
  const { texts, say, result, paint } = terminal
  const infer: InferOptions = {
    label: options.label,
    ...(options.site === undefined ? {} : { site: options.site }),
    ...(options.patient === undefined ? {} : { patient: options.patient }),
    ...(options.positive === undefined ? {} : { positive: options.positive }),
    ...(options.categorical === undefined ? {} : { categorical: options.categorical }),
    ...(options.leaveOut === undefined ? {} : { leaveOut: options.leaveOut }),
  }
  const out = options.out ?? `${options.csv.length === 1 ? stemOf(options.csv[0] ?? '') : 'table'}.yimeng.yaml`
  const file = await resultFile(out, options.force === true)
  try {
    const inference = await inferSchema(csvFiles(options.csv), infer)
    show(inference, options, terminal)
    const folder = dirname(file.path)
    const spec = specOf(inference, options, folder)
    await file.keepText(yamlOf(spec, folder, terminal, hasSites(options)))
    say(texts.init.wrote(out))
    say()
    say(texts.init.next)
    for (const word of ['compare', 'run']) say(`  ${paint('cyan', commandLine(word, out))}`)
    result({ out, rows: inference.rows, columns: inference.columns, spec })
  } catch (error) {
    await file.drop()
    throw error
  }
}
