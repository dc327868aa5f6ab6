// Who added how much in each round: a stacked bar a round, a piece a site; what a site took away hangs below the line. An SVG of 820 × 280.
import { scaleBand, scaleLinear } from 'd3-scale'
import { stack, stackOffsetDiverging } from 'd3-shape'
import type { RoundShares } from '../../simulation/index.ts'
import { figure } from './figures.ts'
import { element, type Markup } from './markup.ts'
import type { ReportTexts } from './messages/index.ts'

const width = 820
const height = 280
const margin = { top: 12, right: 14, bottom: 40, left: 56 }

/** A site's colour; there are eight, used again for more. */
export const siteColour = (place: number): string => `var(--other-${place % 8})`

/** The sites of a ledger, sorted by name. */
export const sitesIn = (rounds: readonly RoundShares[]): readonly string[] =>
  [...new Set(rounds.flatMap(({ shares }) => Object.keys(shares)))].sort()

/** The picture. At least one round. */
export const contributionPicture = (rounds: readonly RoundShares[], texts: ReportTexts): Markup => {
  const sites = sitesIn(rounds)
  const layers = stack<RoundShares>()
    .keys([...sites])
    .value(({ shares }, site) => shares[site] ?? 0)
    .offset(stackOffsetDiverging)([...rounds])
  const ends = layers.flatMap((layer) => layer.flatMap(([from, to]) => [from, to]))
  const x = scaleBand(
    rounds.map(({ round }) => round),
    [margin.left, width - margin.right],
  ).padding(0.12)
  const y = scaleLinear()
    .domain([Math.min(0, ...ends), Math.max(1e-9, ...ends)])
    .nice(5)
    .range([height - margin.bottom, margin.top])
  const every = Math.ceil(rounds.length / 15)
  return element(
    'svg',
    { viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': texts.contribution },
    y
      .ticks(5)
      .map((tick) => [
        element('line', { class: 'grid', x1: margin.left, x2: width - margin.right, y1: y(tick), y2: y(tick) }),
        element('text', { class: 'tick', x: margin.left - 8, y: y(tick) + 4, 'text-anchor': 'end' }, y.tickFormat(5)(tick)),
      ]),
    layers.map((layer, place) =>
      layer.map(({ 0: from, 1: to, data: { round, shares } }) =>
        element(
          'rect',
          {
            x: x(round) ?? 0,
            y: y(Math.max(from, to)),
            width: x.bandwidth(),
            height: Math.abs(y(from) - y(to)),
            fill: siteColour(place),
            opacity: '0.85',
          },
          element('title', {}, `${texts.round} ${round} · ${layer.key}: ${figure(shares[layer.key])}`),
        ),
      ),
    ),
    element('line', { class: 'axis', x1: margin.left, x2: width - margin.right, y1: y(0), y2: y(0) }),
    rounds.map(({ round }, i) =>
      i % every === 0
        ? element(
            'text',
            { class: 'tick', x: (x(round) ?? 0) + x.bandwidth() / 2, y: height - margin.bottom + 18, 'text-anchor': 'middle' },
            round,
          )
        : null,
    ),
    element('text', { class: 'label', x: (margin.left + width - margin.right) / 2, y: height - 4, 'text-anchor': 'middle' }, texts.round),
  )
}
