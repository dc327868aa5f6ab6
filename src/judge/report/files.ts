// A comparison as files: the page for people, the table for spreadsheets, everything for programs.
import type { Comparison } from '../comparison.ts'
import type { Language } from './messages/index.ts'
import { page } from './page.ts'

const quoted = (text: string): string => (/[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)

/**
 * The table as CSV (RFC 4180): one line for each set of test rows, method and measure, with mean, sd, interval and each seed's value. Empty where undefined.
 * An empty `site` means all sites' test rows.
 */
const tableCsv = ({ scopes, seeds }: Comparison): string => {
  const number = (value: number | null | undefined) => (value === null || value === undefined || Number.isNaN(value) ? '' : String(value))
  const head = [
    'site',
    'test_rows',
    'method',
    'measure',
    'mean',
    'sd',
    'low95',
    'high95',
    'interval',
    ...seeds.map((seed) => `seed_${seed}`),
  ]
  const lines = scopes.flatMap(({ site, testRows, cells }) =>
    Object.entries(cells).flatMap(([method, byMeasure]) =>
      Object.entries(byMeasure).map(([measure, { mean, sd, interval, values }]) =>
        [
          quoted(site ?? ''),
          String(testRows),
          quoted(method),
          measure,
          number(mean),
          number(sd),
          number(interval?.low),
          number(interval?.high),
          interval?.how ?? '',
          ...values.map(number),
        ].join(','),
      ),
    ),
  )
  return `${[head.join(','), ...lines].join('\r\n')}\r\n`
}

/** File names and contents of a report: `report.html` in the given language, `table.csv`, `report.json`. */
export const reportFiles = (comparison: Comparison, language: Language): Readonly<Record<string, string>> => ({
  'report.html': page(comparison, language),
  'table.csv': tableCsv(comparison),
  // NaN and infinite statistics (a paired t without spread) have no JSON: they become null
  'report.json': `${JSON.stringify(comparison, null, 1)}\n`,
})
