// Training curves: mean over seeds with a band of one standard deviation, one line a method. An SVG of 400 × 280.
import { scaleLinear } from 'd3-scale'
import { area, curveMonotoneX, line } from 'd3-shape'
import { type BandPoint, rangeOf } from '../comparison.ts'
import { figure } from './figures.ts'
import { element, type Markup } from './markup.ts'
import type { ReportTexts } from './messages/index.ts'
import type { Series } from './series.ts'

const width = 400
const height = 280
const margin = { top: 12, right: 14, bottom: 40, left: 46 }

/** Lowest and highest value shown. The band of an early, wild round must not flatten the rest: lines count in full, bands only within twice the lines' extent. */
const extent = (curves: readonly (readonly BandPoint[])[]): readonly [number, number] => {
  const means = curves.flat().map((point) => point.mean)
  const [low, high] = [Math.min(...means), Math.max(...means)]
  const room = Math.max((high - low) / 2, 1e-3)
  const lows = curves.flat().map((point) => Math.max(point.low, low - room))
  const highs = curves.flat().map((point) => Math.min(point.high, high + room))
  return [Math.min(low, ...lows), Math.max(high, ...highs)]
}

/** The curves of one measure; null where no method has any. */
export const curvePicture = (series: readonly Series[], measure: string, texts: ReportTexts): Markup | null => {
  const shown = series
    .map((one) => ({ ...one, points: one.method.curves[measure] ?? [] }))
    .filter(({ points }) => points.some(({ mean }) => Number.isFinite(mean)))
  if (shown.length === 0) return null
  const [low, high] = extent(shown.map(({ points }) => points))
  const x = scaleLinear()
    .domain([
      Math.min(...shown.flatMap(({ points }) => points.map(({ round }) => round))),
      Math.max(1, ...shown.flatMap(({ points }) => points.map(({ round }) => round))),
    ])
    .range([margin.left, width - margin.right])
  const [least, most] = rangeOf(measure)
  const y = scaleLinear()
    .domain([Math.max(least, low), Math.min(most, high)])
    .nice(5)
    .range([height - margin.bottom, margin.top])
  const top = y.domain()[1] ?? 1
  const bottom = y.domain()[0] ?? 0
  const clamp = (value: number) => Math.min(top, Math.max(bottom, value))
  const band = area<BandPoint>()
    .x(({ round }) => x(round))
    .y0((point) => y(clamp(point.low)))
    .y1((point) => y(clamp(point.high)))
    .curve(curveMonotoneX)
  const stroke = line<BandPoint>()
    .x(({ round }) => x(round))
    .y((point) => y(point.mean))
    .curve(curveMonotoneX)
  const name = texts.measures[measure] ?? measure
  const last = shown.map(({ label, points }) => `${label} ${figure(points.at(-1)?.mean)}`).join(', ')
  return element(
    'svg',
    { viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': `${name}: ${last}` },
    y
      .ticks(5)
      .map((tick) => [
        element('line', { class: 'grid', x1: margin.left, x2: width - margin.right, y1: y(tick), y2: y(tick) }),
        element('text', { class: 'tick', x: margin.left - 8, y: y(tick) + 4, 'text-anchor': 'end' }, y.tickFormat(5)(tick)),
      ]),
    x
      .ticks(5)
      .filter(Number.isInteger)
      .map((tick) => element('text', { class: 'tick', x: x(tick), y: height - margin.bottom + 18, 'text-anchor': 'middle' }, tick)),
    element('line', { class: 'axis', x1: margin.left, x2: width - margin.right, y1: height - margin.bottom, y2: height - margin.bottom }),
    element('text', { class: 'label', x: (margin.left + width - margin.right) / 2, y: height - 4, 'text-anchor': 'middle' }, texts.round),
    shown.map(({ colour, points }) => element('path', { d: band([...points]) ?? '', fill: colour, opacity: '0.16' })),
    // federated, the first, is drawn last: on top
    shown.toReversed().map(({ colour, label, points }) => {
      const end = points.at(-1)
      return [
        element('path', { class: 'line', d: stroke([...points]) ?? '', stroke: colour }),
        end === undefined
          ? null
          : element(
              'circle',
              { cx: x(end.round), cy: y(end.mean), r: 4, fill: colour },
              element('title', {}, `${label}: ${figure(end.mean)}`),
            ),
      ]
    }),
  )
}
