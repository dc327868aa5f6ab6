// Round 0 as a spec wants it: exact statistics of the columns, noised ones, or none at all, where what is declared of the columns is enough.
import type { ColumnSummary } from '../algebra/index.ts'
import { csprng, YimengError } from '../base/index.ts'
import type { Column } from '../data/index.ts'
import {
  type AtServer,
  columnStatistics,
  type ColumnStatistics,
  momentsEvent,
  privateMoments,
  type RangedColumn,
  type Round,
  type Statistics,
  type SumProtocol,
  uniformMoments,
} from '../federated/index.ts'
import { unitOf } from '../federated/spec/index.ts'
import { plan, type RoundCost } from '../privacy/index.ts'
import { analysedColumns } from './preparation.ts'
import { accountantOf } from './protection.ts'
import type { RunSpec } from './run-spec.ts'
import { columnCount, type DataSchema, isTableSchema } from './task-data.ts'

type Parts = Pick<RunSpec, 'preprocessing' | 'privacy' | 'cohort'>
type Values = Parameters<typeof columnStatistics>[0]['columns'] extends (site: never) => readonly (infer C)[] ? C : never

/** What a site shows to round 0. */
export interface AnalysedSite {
  readonly columns: readonly Values[]
}

/** What is declared of the columns of round 0, in their order: levels, and ranges of numbers. Bytes of pictures lie between black and white. */
const declared = (schema: DataSchema, options: RunSpec['preprocessing']): readonly Column[] => {
  const channel = (name: string): Column =>
    isTableSchema(schema) || schema.channels === 'last' ? { kind: 'numeric', name } : { kind: 'numeric', name, range: [0, 1] }
  const known: readonly Column[] = isTableSchema(schema) ? [...schema.features, schema.label] : [schema.label]
  return analysedColumns(schema, options).map(({ name }) => known.find((column) => column.name === name) ?? channel(name))
}

/** The numeric columns with their ranges. @throws YimengError `statistics-range`, naming the first that has none. */
const ranged = (schema: DataSchema, options: RunSpec['preprocessing']): readonly RangedColumn[] =>
  declared(schema, options).flatMap((column): readonly RangedColumn[] => {
    if (column.kind === 'categorical') return []
    if (column.range !== undefined) return [{ name: column.name, range: column.range }]
    throw new YimengError({
      code: 'statistics-range',
      cannot: `do with ${options.statistics} statistics`,
      expected: 'a declared range of every numeric column (or preprocessing.statistics: exact)',
      got: 'none of one',
      where: { column: column.name },
    })
  })

/** Levels that all parties know, as if all were as frequent. */
const levelsOf = (column: Column): ColumnSummary => ({
  kind: 'categorical',
  counts: Object.fromEntries((column.kind === 'categorical' ? column.levels : []).map((level) => [level, 1])),
  missing: 0,
})

/** What round 0 costs; undefined where it releases nothing of the data, or where nothing is accounted. */
export const statisticsCost = ({ preprocessing, privacy }: Parts, schema: DataSchema): RoundCost | undefined => {
  if (privacy === 'none' || preprocessing.statistics !== 'noised' || ranged(schema, preprocessing).length === 0) return undefined
  const { epsilon, delta, statisticsShare } = privacy
  const accountant = accountantOf(privacy)
  const { noiseMultiplier } = plan({ epsilon: epsilon * statisticsShare, delta, rounds: 1, noise: momentsEvent, accountant })
  return { event: momentsEvent(noiseMultiplier), budget: { epsilon, delta }, unit: unitOf(privacy), accountant }
}

/**
 * The statistics of round 0, in the order of the columns.
 *
 * @throws YimengError `statistics-range` for public and noised ones of a column without a range.
 */
export const statisticsOf = (
  spec: Parts,
  schema: DataSchema,
  maxSites: number,
  sums: SumProtocol<'linear'> | SumProtocol<'any'>,
): (<N>(round: Round<AnalysedSite, N>) => Promise<AtServer<Statistics>>) => {
  const { preprocessing, privacy, cohort } = spec
  const asked = analysedColumns(schema, preprocessing)
  if (preprocessing.statistics === 'exact')
    return columnStatistics<AnalysedSite>({ schema: asked, columns: (site) => site.columns, maxSites, sums })
  const columns = ranged(schema, preprocessing)
  const all = declared(schema, preprocessing)
  const whole = (numeric: readonly ColumnStatistics[]): Statistics =>
    all.map((column) => numeric.find(({ name }) => name === column.name) ?? { name: column.name, summary: levelsOf(column) })
  const cost = statisticsCost(spec, schema)
  if (cost === undefined || privacy === 'none' || cost.event.kind !== 'gaussian') {
    const known = whole(columns.map(uniformMoments))
    return (round) => round.atServer(() => known)
  }
  const [records, byRow] = isTableSchema(schema) ? [1, 1] : [schema.shape.reduce((product, side) => product * side, 1), columnCount(schema)]
  const moments = privateMoments<AnalysedSite>({
    columns,
    values: (site) => site.columns.flatMap((column) => (column.kind === 'numeric' ? [column] : [])),
    perRecord: records / byRow,
    unit: cost.unit === 'site' ? 'site' : 'record',
    by: privacy.noise === 'central' ? 'coordinator' : 'site',
    noiseMultiplier: cost.event.noiseMultiplier,
    maxRecords: cohort.maxRows,
    maxSites,
    rng: csprng(),
    sums,
  })
  return async (round) => round.atServer(whole, await moments(round))
}

/** The rows that a site shows: all, or where noise hides a patient at a time one of each patient, at random. @throws YimengError `private-patients` where none are named. */
export const analysedRows = (spec: Parts, rows: Uint32Array, patients: readonly string[] | undefined): Uint32Array => {
  const { preprocessing, privacy } = spec
  if (preprocessing.statistics === 'public') return new Uint32Array(0)
  if (preprocessing.statistics === 'exact' || privacy === 'none' || unitOf(privacy) !== 'patient') return rows
  if (patients === undefined)
    throw new YimengError({ code: 'private-patients', cannot: 'protect patients', expected: 'rows that name their patient', got: 'none' })
  const rng = csprng()
  const chosen = new Map<string, { readonly row: number; readonly seen: number }>()
  for (const row of rows) {
    const patient = patients[row] ?? ''
    const seen = (chosen.get(patient)?.seen ?? 0) + 1
    // each of the rows seen so far is the chosen one with the same chance
    chosen.set(patient, rng.integer(seen) === 0 ? { row, seen } : { row: chosen.get(patient)?.row ?? row, seen })
  }
  return Uint32Array.from([...chosen.values()].map(({ row }) => row)).sort()
}
