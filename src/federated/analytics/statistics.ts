// What federated analytics finds out, and how it travels.
import type { ColumnSummary } from '../../algebra/index.ts'
import { type Codec, jsonCodec, YimengError } from '../../base/index.ts'

/** Counts of values in bins of one width: bin i holds `edges[i] ≤ x < edges[i+1]`, the last one its upper edge too. Bins withheld by a site count 0 there. */
export interface Histogram {
  /** `[bins + 1]`, from the smallest value to the largest. */
  readonly edges: readonly number[]
  /** `[bins]`. */
  readonly counts: readonly number[]
}

/** What is known of one column over all sites. `histogram`: of a numeric column with values, where bins were asked for. */
export interface ColumnStatistics {
  readonly name: string
  readonly summary: ColumnSummary
  readonly histogram?: Histogram
}

/** One for each column, in the order of the schema. */
export type Statistics = readonly ColumnStatistics[]

/** JSON has no NaN and no infinities, which summaries of empty columns are made of: they travel as these words. */
const words: ReadonlyMap<string, number> = new Map(['NaN', 'Infinity', '-Infinity'].map((word) => [word, Number(word)]))
const measures = ['count', 'missing', 'mean', 'variance', 'min', 'max'] as const

const spell = (value: number): number | string => (Number.isFinite(value) ? value : String(value))

const refused = (): YimengError =>
  new YimengError({ code: 'statistics', cannot: 'read statistics', expected: 'columns with their summaries', got: 'something else' })

const numberOf = (value: unknown): number => {
  const number = typeof value === 'string' ? words.get(value) : value
  if (typeof number === 'number') return number
  throw refused()
}

const numbersOf = (value: unknown): readonly number[] => {
  if (Array.isArray(value)) return value.map(numberOf)
  throw refused()
}

const columnOf = (value: unknown): ColumnStatistics => {
  const { name, summary, histogram } = Object(value) as Readonly<Record<string, unknown>>
  const { kind, counts, missing, ...rest } = Object(summary) as Readonly<Record<string, unknown>>
  if (typeof name !== 'string') throw refused()
  if (kind === 'categorical' && typeof counts === 'object' && counts !== null)
    return {
      name,
      summary: {
        kind,
        counts: Object.fromEntries(Object.entries(counts).map(([level, count]) => [level, numberOf(count)])),
        missing: numberOf(missing),
      },
    }
  if (kind !== 'numeric') throw refused()
  const fields: Readonly<Record<string, unknown>> = { ...rest, missing }
  const read = (measure: (typeof measures)[number]): number => numberOf(fields[measure])
  const numbers = {
    count: read('count'),
    missing: read('missing'),
    mean: read('mean'),
    variance: read('variance'),
    min: read('min'),
    max: read('max'),
  }
  const numeric: ColumnStatistics = { name, summary: { kind, ...numbers } }
  if (histogram === undefined) return numeric
  const { edges, counts: inBins } = Object(histogram) as Readonly<Record<string, unknown>>
  return { ...numeric, histogram: { edges: numbersOf(edges), counts: numbersOf(inBins) } }
}

const wire = jsonCodec((value) => value)

/** {@link Statistics} as bytes, to keep or to broadcast. */
export const statisticsCodec: Codec<Statistics> = {
  encode: (statistics) =>
    wire.encode(
      statistics.map(({ summary, ...rest }) => ({
        ...rest,
        summary:
          summary.kind === 'categorical'
            ? summary
            : { kind: summary.kind, ...Object.fromEntries(measures.map((measure) => [measure, spell(summary[measure])])) },
      })),
    ),
  decode: (bytes) => {
    const columns = wire.decode(bytes)
    if (Array.isArray(columns)) return columns.map(columnOf)
    throw refused()
  },
}
