// The attack self-test as a page: rows and what attackers make of them, side by side, and areas under curves.
import { privacyLine } from '../../tasks/index.ts'
import { document } from '../report/document.ts'
import { figure } from '../report/figures.ts'
import type { Language } from '../words.ts'
import { element, type Markup } from '../report/markup.ts'
import type { Area } from '../statistics/index.ts'
import { type AttackReport, type Inversion, type View, views } from './attack.ts'
import { pngUri } from './png.ts'
import { type AttackTexts, attackTexts } from './texts.ts'

/** From which correlation on a row counts as recognised. */
const RECOGNISED = 0.9

/** Rows that a view gives away. */
export const recognised = ({ samples }: Inversion, view: View): number =>
  samples.filter(({ correlations }) => correlations[view] > RECOGNISED).length
/** Mean over the rows. */
export const meanCorrelation = ({ samples }: Inversion, view: View): number =>
  samples.reduce((sum, { correlations }) => sum + correlations[view], 0) / samples.length
/** `0.512 (0.478 … 0.546)` */
export const areaText = ({ area, interval }: Area): string =>
  interval === undefined ? figure(area) : `${figure(area)} (${figure(interval.low)} … ${figure(interval.high)})`

/** Width and height of a row drawn as a picture: as it is, the middle slice of a volume, a table's row as a strip. */
const frameOf = (shape: readonly number[]) => {
  const [channels = 1, ...sides] = shape.length >= 3 ? shape : [1, 1, shape.reduce((product, length) => product * length, 1)]
  const [height = 1, width = 1] = sides.slice(-2)
  const depth = sides.length === 3 ? (sides[0] ?? 1) : 1
  return { width, height, depth, colours: channels === 3 && depth === 1 ? (3 as const) : (1 as const) }
}

/** Each from its own lowest to its own highest value: a scaled row is as good as the row. */
const picture = (values: Float64Array, shape: readonly number[]): Markup => {
  const { width, height, depth, colours } = frameOf(shape)
  const area = width * height
  const start = colours === 3 ? 0 : Math.floor(depth / 2) * area
  const shown = values.subarray(start, start + area * colours)
  const [low, high] = [Math.min(...shown), Math.max(...shown)]
  const pixels = Uint8Array.from({ length: area * colours }, (_, i) => {
    const value = shown[(i % colours) * area + Math.floor(i / colours)]!
    return high === low ? 128 : Math.round((255 * (value - low)) / (high - low))
  })
  const size = height === 1 ? 'width:150px;height:28px' : `width:96px;height:${Math.round((96 * height) / width)}px`
  return element('img', {
    src: pngUri(pixels, { width, height, channels: colours }),
    alt: '',
    style: `display:block;image-rendering:pixelated;${size}`,
  })
}

const table = (head: readonly string[], rows: readonly (readonly (string | Markup)[])[]): Markup =>
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
          head.map((cell) => element('th', {}, cell)),
        ),
      ),
      element(
        'tbody',
        {},
        rows.map((cells) =>
          element(
            'tr',
            {},
            cells.map((cell, i) => element(i === 0 ? 'th' : 'td', {}, cell)),
          ),
        ),
      ),
    ),
  )

const inversionSection = (inversion: AttackReport['inversion'], texts: AttackTexts): Markup => {
  if (typeof inversion === 'string')
    return element('section', {}, element('h2', {}, texts.inversion), element('p', { class: 'note' }, texts.omitted[inversion]))
  const { how, shape, samples, noise, own, updates } = inversion
  const under = (view: View) => element('div', { class: 'note' }, texts.recognised(recognised(inversion, view), samples.length))
  return element(
    'section',
    {},
    element('h2', {}, texts.inversion),
    element('p', { class: 'note' }, texts.inversionNote(how)),
    table(
      [texts.site, texts.original, ...views.map((view) => texts.views[view])],
      [
        ...samples.map(({ site, original, rebuilt, correlations }) => [
          site,
          picture(original, shape),
          ...views.map((view) => element('div', {}, picture(rebuilt[view], shape), element('small', {}, figure(correlations[view])))),
        ]),
        [
          texts.correlation,
          '',
          ...views.map((view) =>
            element('div', {}, element('span', { class: 'strong' }, figure(meanCorrelation(inversion, view))), under(view)),
          ),
        ],
      ],
    ),
    element('p', { class: 'note' }, texts.noise(String(noise.epsilon), String(noise.delta), figure(noise.multiplier), String(noise.clip))),
    updates === undefined
      ? null
      : element('p', { class: 'note' }, texts.updates(updates.sites, figure(updates.closest), figure(updates.mean))),
    element('div', { class: 'shield' }, texts.own(texts.views[own])),
  )
}

const membershipSection = (
  { members, others, shadows, models }: AttackReport['membership'],
  texts: AttackTexts,
  language: Language,
): Markup =>
  element(
    'section',
    {},
    element('h2', {}, texts.membership),
    element('p', { class: 'note' }, texts.membershipNote(members, others, shadows)),
    table(
      [texts.model, texts.byLoss, texts.byReference],
      models.map(({ name, found }) => [texts.models[name], areaText(found.byLoss), areaText(found.byReference)]),
    ),
    models.map(({ name, privacy }) => element('p', { class: 'note' }, `${texts.models[name]}: ${privacyLine(privacy, language)}`)),
    element('p', { class: 'note' }, texts.masks),
  )

/** The page, complete. */
export const attackPage = (report: AttackReport, language: Language): string => {
  const texts = attackTexts[language]
  const title = texts.title(report.task, report.run)
  const body = element(
    'main',
    {},
    element('header', {}, element('div', { class: 'brand' }, 'Yimeng 医盟'), element('h1', {}, title)),
    element('div', { class: 'shield' }, texts.care),
    inversionSection(report.inversion, texts),
    membershipSection(report.membership, texts, language),
    element('footer', {}, texts.notClinical),
  )
  return document({ locale: texts.locale, title, body, pictures: true })
}

/** What a program reads: the report without the rows. */
export const attackRecord = ({ inversion, ...report }: AttackReport) => ({
  ...report,
  inversion:
    typeof inversion === 'string'
      ? { omitted: inversion }
      : {
          how: inversion.how,
          own: inversion.own,
          noise: inversion.noise,
          views: Object.fromEntries(
            views.map((view) => [view, { correlation: meanCorrelation(inversion, view), recognised: recognised(inversion, view) }]),
          ),
          rows: inversion.samples.length,
          ...(inversion.updates === undefined ? {} : { updates: inversion.updates }),
        },
})
