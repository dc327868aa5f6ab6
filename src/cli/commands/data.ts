// `yimeng data …`: the data sets that tasks come with.
import { YimengError } from '../../base/index.ts'
import type { Column } from '../../data/index.ts'
import { dataSets } from '../../data/node.ts'
import { tableText } from '../tables.ts'
import type { Terminal } from '../terminal.ts'

/** Lists what there is and whether it is here. */
export const dataList = async (terminal: Terminal): Promise<void> => {
  const { texts, say, result } = terminal
  const list = dataSets.list()
  const { name, title, rows, sites, place, places } = texts.data
  say(
    tableText(
      terminal,
      [name, title, place, rows, sites],
      list.map((one) => [one.name, one.title, places[one.state], one.rows, one.sites.length === 0 ? '–' : one.sites.length]),
      3,
    ),
  )
  result({ dataSets: list })
}

const levelsOf = (column: Column, most: number): string =>
  column.kind === 'numeric'
    ? ''
    : column.levels.length <= most
      ? column.levels.join(', ')
      : `${column.levels.slice(0, most).join(', ')}, … (${column.levels.length})`

/** Columns, sites, origin and licence of one data set. Counts only, no row. */
export const dataDescribe = async (name: string, terminal: Terminal): Promise<void> => {
  const { texts, paint, say, result } = terminal
  const words = texts.data
  const found = await dataSets.describe(name)
  const { content, schema } = found
  say(`${paint('bold', found.name)}  ${found.title}`)
  say(found.description)
  say()
  const facts: readonly (readonly [string, string])[] = [
    [words.rows, String(found.rows)],
    ...(found.shape === undefined ? [] : [[words.shape, found.shape.join(' × ')] as const]),
    [words.place, words.places[found.state]],
    [words.origin, found.source],
    [words.licence, found.licence],
    [words.cite, found.citation],
  ]
  say(tableText({ paint: (_, text) => text }, ['', ''], facts).replace(/^\s*\n/, ''))
  const counts = (title: string, table: Readonly<Record<string, number>>) => {
    if (Object.keys(table).length === 0) return
    say()
    say(tableText(terminal, [title, words.rows], Object.entries(table), 1))
  }
  counts(`${words.label}: ${schema.label.name}`, content?.classes ?? {})
  counts(words.sites, content?.sites ?? {})
  const { train, validation, test } = content?.split ?? { train: 0, validation: 0, test: 0 }
  const split = { [words.split.train]: train, [words.split.validation]: validation, [words.split.test]: test }
  counts(words.split.title, Object.fromEntries(Object.entries(split).filter(([, rows]) => rows > 0)))
  result({ ...found })
  // pictures and series have no columns to describe
  if (schema.features.length === 0) return
  say()
  say(
    tableText(
      terminal,
      [words.column, words.kind, words.missing, words.levels],
      schema.features.map((column) => [
        column.unit === undefined ? column.name : `${column.name} (${column.unit})`,
        words.kinds[column.kind],
        content?.missing[column.name] ?? '–',
        [levelsOf(column, 6), column.description ?? ''].filter((text) => text !== '').join('; '),
      ]),
    ),
  )
}

/** Fetches what is missing, with checksum. */
export const dataGet = async (name: string, { texts, note, say, result }: Terminal): Promise<void> => {
  const states = await dataSets.get(name, { onRequest: (url) => note(url) })
  for (const { file, path } of states) say(texts.data.got(file.path, path ?? ''))
  result({ name, files: states.map(({ file, state, path }) => ({ file: file.path, state, path })) })
}

/** Compares with the published checksums. Without names: all that are here. */
export const dataVerify = async (names: readonly string[], { texts, say, result }: Terminal): Promise<void> => {
  const here = dataSets.list().filter(({ state }) => state !== 'absent')
  const asked = names.length === 0 ? here.map(({ name }) => name) : names
  const report = []
  for (const name of asked) {
    const states = await dataSets.verify(name)
    const wrong = states.filter(({ state }) => state !== 'ok')
    if (wrong.length === 0) say(texts.data.verified(name, states.length))
    for (const { file, state, path } of wrong)
      say(`${name}: ${path ?? file.path}: ${state === 'missing' ? texts.data.places.absent : texts.data.changed}`)
    report.push(...states.map(({ file, state }) => ({ name, file: file.path, state })))
  }
  const wrong = report.filter(({ state }) => state !== 'ok')
  const first = wrong[0]
  if (first !== undefined)
    throw new YimengError({
      code: 'data-unverified',
      cannot: 'verify data sets',
      expected: 'every file as published',
      got: `${wrong.length} of ${report.length} files missing or changed`,
      where: { file: first.file },
    })
  result({ files: report })
}
