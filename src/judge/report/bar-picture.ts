// Site by site: one group of bars a site, one bar a method, whiskers for the 95 % interval. An SVG 820 wide, as high as it needs.
import { scaleLinear } from 'd3-scale'
import { rangeOf, type Scope } from '../comparison.ts'
import { figure, range } from './figures.ts'
import { element, type Markup } from './markup.ts'
import type { ReportTexts } from './messages/index.ts'
import type { Series } from './series.ts'

const width = 820
const margin = { top: 6, right: 150, bottom: 28, left: 170 }
const barHeight = 15
const gap = 16

/** Shortens a name that would run into the bars. CJK signs count double. */
const shortened = (name: string): string => {
  let room = 22
  let kept = ''
  for (const sign of name) {
    room -= (sign.codePointAt(0) ?? 0) > 0x2e7f ? 2 : 1
    if (room < 0) return `${kept}…`
    kept += sign
  }
  return name
}

/** Bars of the primary measure on every set of test rows. Bars start at 0, so lengths compare; negative values (R²) are drawn as nothing and written, infinite ones (a run that failed) as all. */
export const barPicture = (series: readonly Series[], scopes: readonly Scope[], measure: string, texts: ReportTexts): Markup => {
  const cells = scopes.flatMap(({ cells: byMethod }) => series.map(({ method }) => byMethod[method.name]?.[measure]))
  const high = Math.max(...cells.map((cell) => cell?.interval?.high ?? cell?.mean ?? 0).filter(Number.isFinite), 0)
  const x = scaleLinear()
    .domain([0, rangeOf(measure)[1] === 1 && high > 0.5 ? 1 : high || 1])
    .range([margin.left, width - margin.right])
  const groupHeight = series.length * (barHeight + 2) + gap
  const height = margin.top + scopes.length * groupHeight + margin.bottom
  const end = x.range()[1] ?? width
  return element(
    'svg',
    { viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': texts.barsNote(texts.measures[measure] ?? measure) },
    x
      .ticks(5)
      .map((tick) => [
        element('line', { class: 'grid', x1: x(tick), x2: x(tick), y1: margin.top, y2: height - margin.bottom }),
        element('text', { class: 'tick', x: x(tick), y: height - margin.bottom + 18, 'text-anchor': 'middle' }, x.tickFormat(5)(tick)),
      ]),
    scopes.map(({ site, testRows, cells: byMethod }, group) => {
      const y = margin.top + group * groupHeight + gap / 2
      const middle = y + (series.length * (barHeight + 2)) / 2
      return element(
        'g',
        {},
        element(
          'text',
          { class: site === null ? 'name strong' : 'name', x: margin.left - 12, y: middle - 2, 'text-anchor': 'end' },
          shortened(site ?? texts.allSites),
        ),
        element('text', { class: 'tick', x: margin.left - 12, y: middle + 13, 'text-anchor': 'end' }, `n = ${testRows}`),
        series.map(({ method, label, colour }, i) => {
          const cell = byMethod[method.name]?.[measure]
          const top = y + i * (barHeight + 2)
          if (cell === undefined || cell.mean === null) return null
          const { interval, mean } = cell
          const centre = top + barHeight / 2
          return [
            element(
              'rect',
              {
                x: margin.left,
                y: top,
                width: Math.max(0, Math.min(end, x(mean)) - margin.left),
                height: barHeight,
                rx: 3,
                fill: colour,
                opacity: '0.85',
              },
              element('title', {}, `${label}: ${figure(mean)} ${range(interval)}`),
            ),
            interval === null || interval.high < 0
              ? null
              : [
                  element('line', { class: 'whisker', x1: x(Math.max(0, interval.low)), x2: x(interval.high), y1: centre, y2: centre }),
                  [Math.max(0, interval.low), interval.high].map((at) =>
                    element('line', { class: 'whisker', x1: x(at), x2: x(at), y1: centre - 3.5, y2: centre + 3.5 }),
                  ),
                ],
            element(
              'text',
              { class: 'value', x: end + 10, y: centre + 4 },
              figure(mean),
              interval === null ? null : element('tspan', { class: 'faint' }, `  ${range(interval)}`),
            ),
          ]
        }),
      )
    }),
  )
}
