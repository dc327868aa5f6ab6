// A comparison on the terminal: sites by methods with intervals, all measures on all rows, and whether differences are real.
import { type Cell, type Comparison, figure, isBetter, pValue, range, signed } from '../judge/index.ts'
import { tableText } from './tables.ts'
import type { Terminal } from './terminal.ts'

const cellText = (cell: Cell | undefined): string =>
  cell === undefined || cell.mean === null
    ? '–'
    : cell.interval === null
      ? figure(cell.mean)
      : `${figure(cell.mean)} (${range(cell.interval)})`

/** The text, without a last line break. */
export const comparisonText = (comparison: Comparison, terminal: Terminal): string => {
  const { texts, names, paint } = terminal
  const { scopes, methods, measures, primary, tests, seeds } = comparison
  const label = (name: string) => names.methods[name] ?? name
  const best = (byMethod: (typeof scopes)[number]['cells'], measure: string, name: string): string => {
    const text = cellText(byMethod[name]?.[measure])
    const mean = byMethod[name]?.[measure]?.mean ?? null
    const beaten = methods.some((other) => {
      const rival = byMethod[other.name]?.[measure]?.mean ?? null
      return mean === null || (rival !== null && isBetter(measure, rival, mean))
    })
    return beaten ? text : paint('green', text)
  }
  const heads = methods.map(({ name }) => label(name))
  const sites = tableText(
    terminal,
    [texts.table.site, texts.table.testRows, ...heads],
    scopes.map(({ site, testRows, cells }) => [
      site ?? paint('bold', texts.table.allSites),
      testRows,
      ...methods.map(({ name }) => best(cells, primary, name)),
    ]),
    1,
  )
  const everyone = scopes[0]
  const all = tableText(
    terminal,
    [texts.table.measure, ...heads],
    measures.map((measure) => [
      names.measures[measure] ?? measure,
      ...methods.map(({ name }) => best(everyone?.cells ?? {}, measure, name)),
    ]),
    1,
  )
  const judged = tests
    .filter(({ site }) => site === null)
    .flatMap(({ method, against, t, mcnemar, adjusted }) => [
      ...(t === null
        ? []
        : [
            `  ${texts.compare.difference(label(method), label(against), signed(t.difference), `${figure(t.interval.low)} … ${figure(t.interval.high)}`)}`,
            `    ${texts.compare.paired(pValue(t.p), pValue(adjusted), t.pairs)}`,
          ]),
      ...mcnemar
        .slice(0, 1)
        .map(
          ({ rows, onlyFirst, onlySecond, midP }) =>
            `    ${texts.compare.mcnemar(seeds[0] ?? 0, rows, onlyFirst, onlySecond, pValue(midP))}`,
        ),
    ])
  const trainRows = comparison.sites.reduce((sum, site) => sum + site.trainRows, 0)
  return [
    texts.compare.rows(trainRows, everyone?.testRows ?? 0, comparison.sites.length),
    '',
    paint('bold', texts.compare.perSite(names.measures[primary] ?? primary)),
    sites,
    '',
    paint('bold', texts.compare.allRows(everyone?.testRows ?? 0)),
    all,
    ...(judged.length === 0 ? [] : ['', ...judged]),
  ].join('\n')
}
