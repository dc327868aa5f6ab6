// A comparison on the terminal: sites by methods with intervals, all measures on all rows, and whether differences are real.
import { YimengError } from '../base/index.ts'
import type { Cell, Comparison } from '../judge/index.ts'
import { bytes, figure, isBetter, pValue, range, signed } from '../judge/words.ts'
import { confusionText, recallText } from './measure-table.ts'
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
  const many = methods.length > 3
  const best = (byMethod: (typeof scopes)[number]['cells'], measure: string, name: string, brief = false): string => {
    const text = brief ? figure(byMethod[name]?.[measure]?.mean) : cellText(byMethod[name]?.[measure])
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
      ...methods.map(({ name }) => best(cells, primary, name, many)),
    ]),
    1,
  )
  const everyone = scopes[0]
  const target =
    comparison.target === undefined ? '' : `${names.measures[comparison.target.measure] ?? ''} ${figure(comparison.target.value)}`
  const seedMean = (values: readonly (number | null)[] | undefined): number | null => {
    const known = (values ?? []).filter((value) => value !== null)
    return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length
  }
  // with many methods, a line for each: columns would run over the edge
  const manyMethods = tableText(
    terminal,
    [
      texts.compare.method,
      names.measures[primary] ?? primary,
      texts.compare.worst,
      texts.compare.spread,
      texts.compare.jain,
      texts.compare.traffic,
      ...(target === '' ? [] : [texts.compare.roundsTo(target), texts.compare.bytesTo(target)]),
    ],
    methods.map(({ name, kind, fairness, reached, bytesUp, bytesDown }) => {
      const rounds = seedMean(reached?.rounds)
      const travelled = seedMean(reached?.bytes)
      return [
        label(name),
        best(everyone?.cells ?? {}, primary, name),
        fairness === null ? '–' : figure(fairness.worst.value),
        figure(fairness?.spread),
        figure(fairness?.jain),
        kind === 'federated' ? bytes(bytesUp + bytesDown) : '–',
        ...(target === '' ? [] : [rounds === null ? '–' : rounds.toFixed(1), travelled === null ? '–' : bytes(travelled)]),
      ]
    }),
    1,
  )
  const all = tableText(
    terminal,
    [texts.table.measure, ...heads],
    measures.map((measure) => [
      names.measures[measure] ?? measure,
      ...methods.map(({ name }) => best(everyone?.cells ?? {}, measure, name, many)),
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
      // of the first seed, if that did not fail
      ...mcnemar
        .slice(0, mcnemar.length === seeds.length ? 1 : 0)
        .map(
          ({ rows, onlyFirst, onlySecond, midP }) =>
            `    ${texts.compare.mcnemar(seeds[0] ?? 0, rows, onlyFirst, onlySecond, pValue(midP))}`,
        ),
    ])
  const failures = methods.flatMap(({ name, failures: own }) =>
    own.map(({ seed, ...failure }) => paint('yellow', texts.compare.failed(label(name), seed, texts.fault.tell(new YimengError(failure))))),
  )
  // of two classes sensitivity and specificity say as much
  const classes = (comparison.classes?.length ?? 0) > 2 ? comparison.classes : null
  const recalls = recallText(
    terminal,
    methods.map(({ name, confusion }) => ({ label: label(name), confusion })),
    classes,
  )
  const first = methods.find(({ kind }) => kind === 'federated')
  const confusion = classes === null ? '' : confusionText(terminal, { ...(first?.confusion && { confusion: first.confusion }) }, classes)
  const trainRows = comparison.sites.reduce((sum, site) => sum + site.trainRows, 0)
  return [
    texts.compare.rows(trainRows, everyone?.testRows ?? 0, comparison.sites.length),
    ...(many || target !== '' ? ['', paint('bold', texts.compare.methods), manyMethods] : []),
    '',
    paint('bold', texts.compare.perSite(names.measures[primary] ?? primary)),
    sites,
    '',
    paint('bold', texts.compare.allRows(everyone?.testRows ?? 0)),
    all,
    texts.compare.intervals,
    ...(recalls === '' ? [] : ['', paint('bold', texts.compare.recalls), recalls]),
    ...(confusion === '' ? [] : ['', paint('bold', texts.compare.confusion(label(first?.name ?? ''))), confusion]),
    ...(failures.length === 0 ? [] : ['', ...failures]),
    ...(judged.length === 0 ? [] : ['', ...judged]),
  ].join('\n')
}
