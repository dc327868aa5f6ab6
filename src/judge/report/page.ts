// The report as one HTML page that needs nothing else: pictures are inline SVG, the style is inline, no script, no request.
import { stringify } from 'yaml'
import { neighboursLine, privacyLine } from '../../tasks/index.ts'
import type { Comparison } from '../comparison.ts'
import { barPicture } from './bar-picture.ts'
import { calibrationPicture } from './calibration-picture.ts'
import { contributionPicture, siteColour, sitesIn } from './contribution-picture.ts'
import { curvePicture } from './curve-picture.ts'
import { bytes, duration, figure, pValue, range, signed } from './figures.ts'
import { document } from './document.ts'
import { type Child, element, type Markup } from './markup.ts'
import { type Language, type ReportTexts, reportTexts } from './messages/index.ts'
import { type Series, seriesOf } from './series.ts'
import { confusionTable, costTable, crossSiteTable, fairnessTable, measureTable, siteTable, targetTable, testTable } from './tables.ts'

const section = (title: string, note: string | null, ...children: readonly Child[]): Markup =>
  element('section', {}, element('h2', {}, title), note === null ? null : element('p', { class: 'note' }, note), ...children)

const tile = (name: string, big: string, under: string, tone: string | null): Markup =>
  element(
    'div',
    { class: 'tile', style: tone === null ? null : `--tone:${tone}` },
    element('div', { class: 'name' }, name),
    element('div', { class: 'big' }, big),
    element('div', { class: 'under' }, under),
  )

const legend = (series: readonly Series[]): Markup =>
  element(
    'div',
    { class: 'legend' },
    series.map(({ label, colour }) => element('span', {}, element('span', { class: 'dot', style: `background:${colour}` }), label)),
  )

const tiles = ({ scopes, primary, methods }: Comparison, series: readonly Series[], texts: ReportTexts): Markup => {
  const everyone = scopes[0]
  const federated = methods.find(({ kind }) => kind === 'federated')
  return element(
    'div',
    { class: 'tiles' },
    series.map(({ method, label, colour }) => {
      const cell = everyone?.cells[method.name]?.[primary]
      return tile(`${label} · ${texts.measures[primary] ?? primary}`, figure(cell?.mean), range(cell?.interval ?? null), colour)
    }),
    federated === undefined
      ? null
      : tile(
          texts.transferred,
          bytes(federated.bytesUp + federated.bytesDown),
          texts.transferredNote(bytes(federated.bytesUp), bytes(federated.bytesDown)),
          null,
        ),
  )
}

const verdict = ({ tests, primary, methods }: Comparison, series: readonly Series[], texts: ReportTexts): Markup =>
  element(
    'ul',
    { class: 'verdict' },
    tests.flatMap(({ site, method, against, t }) => {
      const kind = methods.find(({ name }) => name === against)?.kind
      if (site !== null || t === null || kind === undefined) return []
      const label = series.find(({ method: one }) => one.name === method)?.label ?? method
      const than =
        kind === 'federated'
          ? texts.verdictAgainstMethod(series.find(({ method: one }) => one.name === against)?.label ?? against)
          : texts.verdictAgainst[kind]
      const interval = `${figure(t.interval.low)} … ${figure(t.interval.high)}`
      const measure = texts.measures[primary] ?? primary
      return [element('li', {}, texts.verdict(measure, label, signed(t.difference), than, interval, pValue(t.p)))]
    }),
  )

const failures = (series: readonly Series[], texts: ReportTexts): Markup | null =>
  series.every(({ method }) => method.failures.length === 0)
    ? null
    : element(
        'ul',
        { class: 'verdict' },
        series.flatMap(({ method, label }) => method.failures.map(({ seed, code }) => element('li', {}, texts.failed(label, seed, code)))),
      )

const curves = (comparison: Comparison, series: readonly Series[], texts: ReportTexts): Markup => {
  const measures = [...new Set([comparison.primary, comparison.measures.includes('auc') ? 'auc' : 'loss', 'loss'])]
  const pictures = measures.flatMap((measure) => {
    const picture = curvePicture(series, measure, texts)
    return picture === null ? [] : [element('div', {}, element('h3', {}, texts.measures[measure] ?? measure), picture)]
  })
  return pictures.length === 0
    ? section(texts.curves, texts.noCurves)
    : section(texts.curves, texts.curvesNote, legend(series), element('div', { class: 'trio' }, pictures))
}

const confusionAndCalibration = ({ classes }: Comparison, series: readonly Series[], texts: ReportTexts): Markup | null => {
  const federated = series.find(({ method }) => method.kind === 'federated') ?? series[0]
  const confusion = federated?.method.confusion ?? null
  const picture = calibrationPicture(series, texts)
  if (federated === undefined || confusion === null) return null
  return element(
    'section',
    {},
    element(
      'div',
      { class: 'pair' },
      element(
        'div',
        {},
        element('h2', {}, texts.confusion),
        element('p', { class: 'note' }, texts.confusionNote(federated.label)),
        confusionTable(confusion, classes, federated.colour),
      ),
      picture === null
        ? null
        : element(
            'div',
            {},
            element('h2', {}, texts.calibration),
            element('p', { class: 'note' }, texts.calibrationNote),
            legend(series),
            element('div', { style: 'max-width:380px' }, picture),
          ),
    ),
  )
}

const fairness = ({ primary }: Comparison, series: readonly Series[], texts: ReportTexts): Markup | null =>
  series.every(({ method }) => method.fairness === null)
    ? null
    : section(texts.fairness, texts.fairnessNote(texts.measures[primary] ?? primary), fairnessTable(series, texts))

const toTarget = ({ target }: Comparison, series: readonly Series[], texts: ReportTexts): Markup | null =>
  target === undefined
    ? null
    : section(
        texts.target(texts.measures[target.measure] ?? target.measure, figure(target.value)),
        texts.targetNote,
        targetTable(series, texts),
      )

/** A matrix of more sites than this is a carpet. */
const MOST_SITES = 30

const crossSite = ({ primary }: Comparison, series: readonly Series[], texts: ReportTexts): readonly Markup[] =>
  series.flatMap(({ method: { crossSite: matrix }, label, colour }) =>
    matrix === undefined || matrix.sites.length > MOST_SITES
      ? []
      : [section(texts.crossSite, texts.crossSiteNote(label, texts.measures[primary] ?? primary), crossSiteTable(matrix, colour))],
  )

const contribution = (series: readonly Series[], texts: ReportTexts): readonly Markup[] =>
  series.flatMap(({ method: { contributions = [] }, label }) =>
    contributions.length === 0
      ? []
      : [
          section(
            texts.contribution,
            texts.contributionNote(label),
            element(
              'div',
              { class: 'legend' },
              sitesIn(contributions).map((site, place) => {
                const total = contributions.reduce((sum, { shares }) => sum + (shares[site] ?? 0), 0)
                return element(
                  'span',
                  {},
                  element('span', { class: 'dot', style: `background:${siteColour(place)}` }),
                  `${site} ${signed(total)}`,
                )
              }),
            ),
            element('div', { class: 'scroll wide' }, contributionPicture(contributions, texts)),
          ),
        ],
  )

const facts = ({ specHash, methods, versions, at, seconds }: Comparison, texts: ReportTexts): Markup => {
  const hash = methods.find(({ kind }) => kind === 'federated')?.modelHashes[0]?.[0]
  const entries: readonly (readonly [string, string])[] = [
    [texts.specHash, specHash],
    ...(hash === undefined ? [] : ([[texts.modelHash, hash]] as const)),
    [texts.versions, `Yimeng ${versions.yimeng} · ${versions.engine} · Node ${versions.node} · ${versions.platform}`],
    [texts.made, `${at} · ${duration(seconds)}`],
  ]
  return element(
    'dl',
    {},
    entries.map(([name, value]) => [element('dt', {}, name), element('dd', {}, element('code', {}, value))]),
  )
}

/** The page, complete. */
export const page = (comparison: Comparison, language: Language): string => {
  const texts = reportTexts[language]
  const { spec, scopes, primary, sites, seeds, splitBySeed } = comparison
  const series = seriesOf(comparison.methods, texts)
  const { methods } = comparison
  const usual = methods.every(({ name }) => ['centralised', 'alone', 'federated'].includes(name))
  const near = neighboursLine(spec, language)
  const title = usual ? texts.title(comparison.task) : texts.methodsTitle(comparison.task, methods.length)
  const body = element(
    'main',
    {},
    element(
      'header',
      {},
      element('div', { class: 'brand' }, 'Yimeng 医盟'),
      element('h1', {}, title),
      element(
        'p',
        { class: 'note' },
        `${texts.subtitle(sites.length, seeds.length, spec.rounds)} · ${texts.onAllRows(scopes[0]?.testRows ?? 0)}`,
      ),
    ),
    tiles(comparison, series, texts),
    verdict(comparison, series, texts),
    failures(series, texts),
    curves(comparison, series, texts),
    section(
      texts.bars,
      texts.barsNote(texts.measures[primary] ?? primary),
      legend(series),
      element('div', { class: 'scroll wide' }, barPicture(series, scopes, primary, texts)),
    ),
    section(texts.table, texts.tableNote, element('div', { class: 'measures' }, measureTable(comparison, series, texts))),
    section(texts.tests, texts.testsNote(splitBySeed), testTable(comparison, series, texts)),
    toTarget(comparison, series, texts),
    fairness(comparison, series, texts),
    crossSite(comparison, series, texts),
    contribution(series, texts),
    confusionAndCalibration(comparison, series, texts),
    section(
      texts.protection,
      texts.stayed,
      element('div', { class: 'shield' }, texts.sum[spec.sum]),
      ...(near === undefined ? [] : [element('div', { class: 'shield' }, near)]),
      element('div', { class: 'shield' }, privacyLine(spec.privacy, language, spec.preprocessing.statistics)),
      element('p', { class: 'note' }, texts.simulated),
    ),
    section(texts.sites, null, siteTable(comparison, texts), element('h3', {}, texts.cost), costTable(series, texts)),
    section(texts.spec, null, element('pre', {}, stringify(spec)), facts(comparison, texts)),
    element('footer', {}, texts.notClinical),
  )
  return document({ locale: texts.locale, title, body })
}
