// Calibration: stated probability against what came true, one dot a bin, larger with more rows. A square SVG of 340.
import { scaleLinear, scaleSqrt } from 'd3-scale'
import { line } from 'd3-shape'
import type { CalibrationBin } from '../comparison.ts'
import { figure } from './figures.ts'
import { element, type Markup } from './markup.ts'
import type { ReportTexts } from './messages/index.ts'
import type { Series } from './series.ts'

const side = 340
const margin = { top: 12, right: 14, bottom: 44, left: 50 }

/** The reliability diagram; null where nothing states probabilities. */
export const calibrationPicture = (series: readonly Series[], texts: ReportTexts): Markup | null => {
  const shown = series.filter(({ method }) => method.calibration.length > 0)
  if (shown.length === 0) return null
  const x = scaleLinear([0, 1], [margin.left, side - margin.right])
  const y = scaleLinear([0, 1], [side - margin.bottom, margin.top])
  const most = Math.max(...shown.flatMap(({ method }) => method.calibration.map(({ rows }) => rows)))
  const radius = scaleSqrt([0, most], [2, 9])
  const path = line<CalibrationBin>()
    .x(({ stated }) => x(stated))
    .y(({ observed }) => y(observed))
  const ticks = [0, 0.25, 0.5, 0.75, 1]
  return element(
    'svg',
    { viewBox: `0 0 ${side} ${side}`, role: 'img', 'aria-label': texts.calibrationNote },
    ticks.map((tick) => [
      element('line', { class: 'grid', x1: x(0), x2: x(1), y1: y(tick), y2: y(tick) }),
      element('text', { class: 'tick', x: margin.left - 8, y: y(tick) + 4, 'text-anchor': 'end' }, tick),
      element('text', { class: 'tick', x: x(tick), y: side - margin.bottom + 17, 'text-anchor': 'middle' }, tick),
    ]),
    element('line', { class: 'ideal', x1: x(0), y1: y(0), x2: x(1), y2: y(1) }),
    element('text', { class: 'label', x: (x(0) + x(1)) / 2, y: side - 6, 'text-anchor': 'middle' }, texts.stated),
    element(
      'text',
      { class: 'label', x: 12, y: (y(0) + y(1)) / 2, 'text-anchor': 'middle', transform: `rotate(-90 12 ${(y(0) + y(1)) / 2})` },
      texts.observed,
    ),
    shown
      .toReversed()
      .map(({ method, label, colour }) => [
        element('path', { class: 'line thin', d: path([...method.calibration]) ?? '', stroke: colour }),
        method.calibration.map(({ rows, stated, observed }) =>
          element(
            'circle',
            { cx: x(stated), cy: y(observed), r: radius(rows), fill: colour, opacity: '0.75' },
            element('title', {}, `${label}: ${figure(stated)} → ${figure(observed)} (n = ${rows})`),
          ),
        ),
      ]),
  )
}
