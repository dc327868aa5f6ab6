// The report's tables in HTML.
import type { Cell, Comparison, MethodSummary } from '../comparison.ts'
import { mean as meanOf } from '../statistics/index.ts'
import { bytes, duration, figure, isBetter, pValue, range, signed } from './figures.ts'
import { type Child, element, type Markup } from './markup.ts'
import type { ReportTexts } from './messages/index.ts'
import type { Series } from './series.ts'

const table = (head: readonly Child[], rows: readonly (readonly Child[])[], numeric: number = 1): Markup =>
  element(
    'div',
    { class: 'scroll' },
    element(
      'table',
      {},
      element(
        'thead',
        {},
        element(
          'tr',
          {},
          head.map((child, i) => element('th', { class: i >= numeric ? 'number' : null, scope: 'col' }, child)),
        ),
      ),
      element(
        'tbody',
        {},
        rows.map((cells) =>
          element(
            'tr',
            {},
            cells.map((child, i) =>
              element(i === 0 ? 'th' : 'td', { class: i >= numeric ? 'number' : null, scope: i === 0 ? 'row' : null }, child),
            ),
          ),
        ),
      ),
    ),
  )

const dot = (colour: string) => element('span', { class: 'dot', style: `background:${colour}` })

/** Every measure of every method on every set of test rows; the best of each column's group in bold. */
export const measureTable = ({ scopes, measures }: Comparison, series: readonly Series[], texts: ReportTexts): Markup =>
  table(
    [texts.site, texts.method, ...measures.map((measure) => texts.measures[measure] ?? measure)],
    scopes.flatMap(({ site, testRows, cells }) =>
      series.map(({ method, label, colour }, i) => [
        i === 0 ? [site ?? texts.allSites, element('small', {}, ` n = ${testRows}`)] : null,
        [dot(colour), label],
        ...measures.map((measure) => {
          const cell: Cell | undefined = cells[method.name]?.[measure]
          const mean = cell?.mean ?? null
          const best =
            mean !== null &&
            series.every(({ method: other }) => {
              const rival = cells[other.name]?.[measure]?.mean ?? null
              return rival === null || !isBetter(measure, rival, mean)
            })
          const interval = cell?.interval ?? null
          return [element(best ? 'b' : 'span', {}, figure(mean)), interval === null ? null : element('small', {}, ` ${range(interval)}`)]
        }),
      ]),
    ),
    2,
  )

/** Paired tests. */
export const testTable = ({ tests }: Comparison, series: readonly Series[], texts: ReportTexts): Markup => {
  const label = (name: string) => series.find(({ method }) => method.name === name)?.label ?? name
  return table(
    [texts.site, texts.comparison, texts.difference, texts.pairedT, texts.signedRank, texts.mcnemar, texts.adjusted],
    tests.map(({ site, method, against, t, rank, mcnemar, adjusted }, i) => {
      const first = mcnemar[0]
      return [
        i > 0 && tests[i - 1]?.site === site ? null : (site ?? texts.allSites),
        texts.versus(label(method), label(against)),
        t === null ? '–' : [signed(t.difference), element('small', {}, ` ${figure(t.interval.low)} … ${figure(t.interval.high)}`)],
        pValue(t?.p),
        pValue(rank?.p),
        first === undefined ? '–' : [`${first.onlyFirst} : ${first.onlySecond}`, element('small', {}, ` p ${pValue(first.midP)}`)],
        pValue(adjusted),
      ]
    }),
    2,
  )
}

/** What each method took. */
export const costTable = (series: readonly Series[], texts: ReportTexts): Markup =>
  table(
    [texts.method, texts.steps, texts.seconds, texts.up, texts.down],
    series.map(({ method, label, colour }) => [
      [dot(colour), label],
      Math.round(method.steps),
      duration(method.seconds),
      method.kind === 'federated' ? bytes(method.bytesUp) : '–',
      method.kind === 'federated' ? bytes(method.bytesDown) : '–',
    ]),
  )

/** How alike the sites fare under each method. */
export const fairnessTable = (series: readonly Series[], texts: ReportTexts): Markup =>
  table(
    [texts.method, texts.worst, texts.spread, texts.jain],
    series.flatMap(({ method: { fairness }, label, colour }) =>
      fairness === null
        ? []
        : [
            [
              [dot(colour), label],
              [figure(fairness.worst.value), element('small', {}, ` ${fairness.worst.site}`)],
              figure(fairness.spread),
              figure(fairness.jain),
            ],
          ],
    ),
  )

const known = (values: readonly (number | null)[]): readonly number[] => values.filter((value): value is number => value !== null)

/** After how many rounds and bytes each method first reached the target. */
export const targetTable = (series: readonly Series[], texts: ReportTexts): Markup =>
  table(
    [texts.method, texts.toTargetRounds, texts.toTargetBytes, texts.toTargetSeeds],
    series.flatMap(({ method: { reached }, label, colour }) => {
      if (reached === undefined) return []
      const rounds = known(reached.rounds)
      const travelled = known(reached.bytes)
      return [
        [
          [dot(colour), label],
          rounds.length === 0 ? '–' : meanOf(rounds).toFixed(1),
          travelled.length === 0 ? '–' : bytes(meanOf(travelled)),
          `${rounds.length} / ${reached.rounds.length}`,
        ],
      ]
    }),
  )

/** Each site's model on each site's rows, shaded from the worst to the best. */
export const crossSiteTable = ({ sites, values }: NonNullable<MethodSummary['crossSite']>, colour: string): Markup => {
  const all = known(values.flat())
  const [low, high] = [Math.min(...all), Math.max(...all)]
  const share = (value: number) => (high === low ? 0 : (value - low) / (high - low))
  return element(
    'div',
    { class: 'scroll' },
    element(
      'table',
      { class: 'confusion' },
      element(
        'thead',
        {},
        element(
          'tr',
          {},
          element('td', {}),
          sites.map((site) => element('th', { scope: 'col' }, site)),
        ),
      ),
      element(
        'tbody',
        {},
        values.map((row, i) =>
          element(
            'tr',
            {},
            element('th', { scope: 'row' }, sites[i] ?? ''),
            row.map((value, j) =>
              element(
                'td',
                value === null ? {} : { style: `background:color-mix(in srgb, ${colour} ${Math.round(share(value) * 55)}%, transparent)` },
                element(i === j ? 'b' : 'span', {}, figure(value)),
              ),
            ),
          ),
        ),
      ),
    ),
  )
}

/** Who holds how many rows. */
export const siteTable = ({ sites, classes }: Comparison, texts: ReportTexts): Markup =>
  table(
    [texts.site, texts.trainRows, texts.testRows, ...(classes === null ? [] : [`${texts.perClass} (${classes.join(' / ')})`])],
    sites.map(({ site, trainRows, testRows, classes: counts }) => [
      site,
      trainRows,
      testRows,
      ...(classes === null ? [] : [counts === undefined ? '–' : counts.join(' / ')]),
    ]),
  )

/** Rows of each true class by predicted class, shaded by the share of the true class. */
export const confusionTable = (confusion: readonly (readonly number[])[], classes: readonly string[] | null, colour: string): Markup => {
  const name = (i: number) => classes?.[i] ?? String(i)
  return element(
    'div',
    { class: 'scroll' },
    element(
      'table',
      { class: 'confusion' },
      element(
        'thead',
        {},
        element(
          'tr',
          {},
          element('td', {}),
          confusion.map((_, j) => element('th', { scope: 'col' }, name(j))),
        ),
      ),
      element(
        'tbody',
        {},
        confusion.map((row, i) => {
          const total = row.reduce((sum, count) => sum + count, 0)
          return element(
            'tr',
            {},
            element('th', { scope: 'row' }, name(i)),
            row.map((count) => {
              const share = total === 0 ? 0 : count / total
              return element(
                'td',
                { style: `background:color-mix(in srgb, ${colour} ${Math.round(share * 55)}%, transparent)` },
                element('b', {}, count),
                element('small', {}, ` ${(share * 100).toFixed(1)} %`),
              )
            }),
          )
        }),
      ),
    ),
  )
}
