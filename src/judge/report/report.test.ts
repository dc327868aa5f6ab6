import { expect, test } from 'vitest'
import { exampleComparison } from '../example-outcomes.suite.ts'
import { reportFiles } from './index.ts'
import { bytes, duration, figure, type Language, pValue, range, reportTexts, signed } from '../words.ts'

const comparison = exampleComparison()
const languages = Object.keys(reportTexts) as Language[]

test.each(languages)('the page in %s is whole and needs nothing from outside', (language) => {
  const page = reportFiles(comparison, language)['report.html'] ?? ''
  expect(page).toMatch(/^<!doctype html>/)
  expect(page).not.toMatch(/https?:|src=|href=|<script|@import|url\(/)
  expect(page).not.toMatch(/undefined|NaN|\[object/)
  expect(page.match(/<svg/g)).toHaveLength(5)
  // every opened element is closed
  for (const name of ['div', 'section', 'table', 'tr', 'td', 'th', 'svg', 'text', 'g', 'small', 'b']) {
    const opened = page.match(new RegExp(`<${name}[ >]`, 'g'))?.length
    expect(page.match(new RegExp(`</${name}>`, 'g'))?.length, name).toBe(opened)
  }
})

test('who contributed how much: a piece for each site and round, below the line for what was taken away', () => {
  const contributions = [1, 2].map((round) => ({ round, shares: { north: 0.2 * round, '<b>south</b>': -0.1 }, evaluations: 4 }))
  const methods = comparison.methods.map((method) => (method.kind === 'federated' ? { ...method, contributions } : method))
  const page = reportFiles({ ...comparison, methods }, 'en')['report.html'] ?? ''
  expect(page.match(/<svg/g)).toHaveLength(6)
  const picture = /<svg[^>]*Who contributed.*?<\/svg>/s.exec(page)?.[0] ?? ''
  const pieces = [...picture.matchAll(/<rect x="[\d.]+" y="([\d.]+)" width="[\d.]+" height="([\d.]+)"/g)].map(([, y, h]) => [
    Number(y),
    Number(h),
  ])
  expect(pieces).toHaveLength(4)
  const line = Number(/class="axis" x1="[\d.]+" x2="[\d.]+" y1="([\d.]+)"/.exec(picture)?.[1])
  // sites by name: the first hangs from the line, the second stands on it, twice as high in round 2
  const [hangs, hangsToo, stands, higher] = pieces
  expect(hangs?.[0]).toBeCloseTo(line, 1)
  expect(hangsToo?.[1]).toBeCloseTo(hangs?.[1] ?? 0, 1)
  expect((stands?.[0] ?? 0) + (stands?.[1] ?? 0)).toBeCloseTo(line, 1)
  expect(higher?.[1]).toBeCloseTo(2 * (stands?.[1] ?? 0), 1)
  expect(page).toContain('north +0.600')
  expect(page).not.toContain('<b>south')
})

test('a name in the data never becomes markup', () => {
  const page = reportFiles(comparison, 'en')['report.html'] ?? ''
  expect(page).toContain('&lt;b&gt;North &amp; &quot;East&quot;&lt;/b&gt;')
  expect(page).not.toContain('<b>North')
})

test.each(languages)('says in %s that the coordinator can read updates', (language) =>
  expect(reportFiles(comparison, language)['report.html']).toContain(reportTexts[language].sum.plain),
)

test('languages name the same measures and methods', () => {
  for (const language of languages) {
    expect(Object.keys(reportTexts[language].measures)).toEqual(Object.keys(reportTexts.en.measures))
    expect(Object.keys(reportTexts[language].methods)).toEqual(Object.keys(reportTexts.en.methods))
  }
})

test('the CSV has a line for every scope, method and measure, and quotes what needs it', () => {
  const lines = (reportFiles(comparison, 'en')['table.csv'] ?? '').trimEnd().split('\r\n')
  expect(lines).toHaveLength(1 + 4 * 3 * 3)
  expect(lines[0]?.split(',')).toHaveLength(14)
  expect(lines.find((line) => line.includes('North'))).toMatch(/^"<b>North & ""East""<\/b>",20,/)
})

test('the JSON is the comparison', () =>
  expect(JSON.parse(reportFiles(comparison, 'en')['report.json'] ?? '')).toEqual(JSON.parse(JSON.stringify(comparison))))

test('a single seed, a single round, and a number instead of classes still make a page', () => {
  expect(reportFiles(exampleComparison(1, 1), 'en')['report.html']).not.toMatch(/NaN|undefined/)
  const { accuracy: _, ...rest } = comparison.scopes[0]?.cells['federated'] ?? {}
  const numbers = {
    ...comparison,
    classes: null,
    primary: 'loss',
    measures: ['loss'],
    scopes: comparison.scopes.map((scope) => ({ ...scope, cells: { ...scope.cells, federated: rest } })),
    methods: comparison.methods.map((method) => ({ ...method, confusion: null, calibration: [] })),
  }
  expect(reportFiles(numbers, 'en')['report.html']).not.toMatch(/NaN|undefined/)
})

test.each([
  [figure(0.96491), '0.965'],
  [figure(-0.5), '−0.500'],
  [figure(null), '–'],
  [figure(3053.7), '3054'],
  [signed(0.01), '+0.010'],
  [range({ low: 0.9, high: 0.95 }), '0.900–0.950'],
  [range({ low: -0.1, high: 0.1 }), '−0.100 … 0.100'],
  [pValue(0.0004), '< 0.001'],
  [pValue(0.0312), '0.031'],
  [bytes(0), '0 B'],
  [bytes(999), '999 B'],
  [bytes(15_300), '15.3 kB'],
  [bytes(2_500_000), '2.5 MB'],
  [duration(3.25), '3.3 s'],
  [duration(75), '1 min 15 s'],
])('writes %s', (written, expected) => expect(written).toBe(expected))
