// Federated analytics: statistics of the columns of all sites' tables, without a row leaving its site. The second user of the verbs, after training.
//   1  every site: smallest and largest value, levels with their counts, numbers of values and of missing ones     server: min, max, N, centre = (min + max)/2, scale = half the range
//   2  every site: Σz/N and Σz²/N for z = (x − centre)/scale, histogram                                            server: mean = centre + scale·Σz/N, variance = scale²·(Σz²/N − (Σz/N)²)
//   3  the same around that mean, in units of that standard deviation, which takes the cancellation out of the variance and the scale of outliers out of the mean
// Sums are taken in a ring: the result is the same bit for bit in whatever order sites answer, and within about 1e-15 per site of the exact one, relative to the deviation.
// What leaves a site: under `sums: plain` all of the above; under masked sums only what needs single contributions (min, max and levels: step 1 is plain in any case).
// A smallest or largest value is one patient's. `smallestCount` keeps rare levels and thin bins at home, nothing else.
import { float64Codec, structCodec, YimengError } from '../../base/index.ts'
import { countLevels } from '../folds/count-levels.ts'
import { maximum, minimum } from '../folds/extremes.ts'
import { pair } from '../folds/pair.ts'
import { countSum, realSum } from '../folds/sum.ts'
import type { AtServer } from '../placement.ts'
import type { Round, RoundProgram } from '../round.ts'
import type { SumProtocol } from '../sum-protocol.ts'
import { plain } from '../sums/plain.ts'
import {
  binCounts,
  binEdges,
  type Column,
  type ColumnSchema,
  type Columns,
  checkedColumns,
  largest,
  levelCounts,
  present,
  scaledMoments,
  size,
  smallest,
} from './column.ts'
import type { ColumnStatistics, Statistics } from './statistics.ts'

/** Options of {@link analytics}. */
export interface AnalyticsOptions<Site> {
  /** The columns every site must have, in this order. */
  readonly schema: readonly ColumnSchema[]
  /** A site's columns. This room knows no tables. */
  readonly columns: (site: Site) => readonly Column[]
  /** Bins of the histograms of numeric columns. Default 0: none. */
  readonly bins?: number
  /** Levels seen fewer times at a site are told together as `other`, or not at all where they are fewer even so; thinner bins as empty. Default 1: nothing is withheld. */
  readonly smallestCount?: number
  /** Largest number of sites. Default 2^10; more cost the sums a bit of precision for each doubling. */
  readonly maxSites?: number
  /** How sums travel. Default plain. */
  readonly sums?: SumProtocol<'linear'> | SumProtocol<'any'>
}

/** What the server tells for a pass over the numeric columns: `[columns]` each. */
interface Pass {
  readonly centre: Float64Array
  readonly scale: Float64Array
  readonly count: Float64Array
  readonly min: Float64Array
  readonly max: Float64Array
}
const passCodec = structCodec<Pass>({
  centre: float64Codec,
  scale: float64Codec,
  count: float64Codec,
  min: float64Codec,
  max: float64Codec,
})

interface Extent {
  readonly min: Float64Array
  readonly max: Float64Array
}

/**
 * Federated analytics as a part of a program: takes its steps in a round and gives the {@link Statistics} at the server, to go on with (fit preprocessing, broadcast it).
 * A site that does not have the columns, or holds an infinite value, is refused by name. The sites must stay the same through all steps: the round fails with
 * `analytics-cohort` if one is lost on the way.
 *
 * @throws YimengError `analytics-options` for bins or a smallest count that are no whole numbers.
 */
export const columnStatistics = <Site>({
  schema,
  columns,
  bins = 0,
  smallestCount = 1,
  maxSites = 2 ** 10,
  sums = plain(),
}: AnalyticsOptions<Site>): (<N>(round: Round<Site, N>) => Promise<AtServer<Statistics>>) => {
  for (const [name, value] of Object.entries({ bins, smallestCount, maxSites }))
    if (!Number.isSafeInteger(value) || value < 0)
      throw new YimengError({
        code: 'analytics-options',
        cannot: 'make analytics',
        expected: `${name} a whole number from 0`,
        got: String(value),
      })

  const names = (kind: Column['kind']): readonly string[] => schema.flatMap((column) => (column.kind === kind ? [column.name] : []))
  const numeric = names('numeric').length
  const categorical = names('categorical').length
  // every fold also counts its contributions: equal numbers of a cohort that only shrinks are equal cohorts
  const one = Float64Array.of(1)
  const extremes = pair(pair(minimum(numeric), maximum(numeric)), pair(countLevels(categorical), countSum(1, maxSites)))
  const tally = pair(countSum(numeric + schema.length, maxSites), countSum(1, maxSites))
  // |Σz/N| and Σz²/N are at most 1 over all sites, but for rounding
  const moments = pair(
    realSum({ length: 2 * numeric, maxAbs: 2, maxContributions: maxSites }),
    pair(countSum(numeric * bins, maxSites), countSum(1, maxSites)),
  )

  const momentsOf = (table: Columns, { centre, scale, count }: Pass): Float64Array => {
    const each = table.numeric.map((column, i) => scaledMoments(present(column), centre[i]!, scale[i]!, count[i]!))
    return Float64Array.from([...each.map(([first]) => first), ...each.map(([, second]) => second)])
  }
  const binsOf = (table: Columns, { min, max }: Pass): Float64Array =>
    Float64Array.from(
      bins === 0
        ? []
        : table.numeric.flatMap((column, i) => [...binCounts(present(column), binEdges(min[i]!, max[i]!, bins), smallestCount)]),
    )
  const rows = ({ numeric: all, categorical: others }: Columns): Float64Array => {
    const missing = [
      ...all.map((column) => size(column) - size(present(column))),
      ...others.map(({ values }) => values.filter((x) => x === undefined).length),
    ]
    return Float64Array.from([...all.map((column) => size(present(column))), ...missing])
  }

  return async (round) => {
    const tables = await round.atClients(({ id, site }) => checkedColumns(columns(site), schema, id))

    const found = await round.aggregate(
      extremes,
      plain(),
      await round.atClients((_node, table) => {
        const values = table.numeric.map((column) => present(column).values)
        const extent = [Float64Array.from(values, smallest), Float64Array.from(values, largest)] as const
        return [extent, [table.categorical.map((column) => levelCounts(column, smallestCount)), one]] as const
      }, tables),
    )
    const counted = await round.aggregate(tally, sums, await round.atClients((_node, table) => [rows(table), one] as const, tables))

    const first = await round.atServer(([[min, max]], [counts]) => around({ min, max }, counts.subarray(0, numeric)), found, counted)
    const firstPass = await round.broadcast(passCodec, first)
    const rough = await round.aggregate(
      moments,
      sums,
      await round.atClients((_node, table, pass) => [momentsOf(table, pass), [binsOf(table, pass), one]] as const, tables, firstPass),
    )

    const second = await round.atServer((pass, [sum]) => refined(pass, sum), first, rough)
    const secondPass = await round.broadcast(passCodec, second)
    const fine = await round.aggregate(
      moments,
      sums,
      await round.atClients(
        (_node, table, pass) => [momentsOf(table, pass), [new Float64Array(numeric * bins), one]] as const,
        tables,
        secondPass,
      ),
    )

    return round.atServer(
      ([, [levels, [nodesFound]]], [counts, [nodesCounted]], [, [inBins, [nodesRough]]], pass, [sum, [, [nodesFine]]]): Statistics => {
        if (new Set([nodesFound, nodesCounted, nodesRough, nodesFine]).size > 1)
          throw new YimengError({
            code: 'analytics-cohort',
            cannot: 'finish analytics',
            expected: 'the same sites in every step',
            got: 'fewer in a later one',
          })
        const { centre: mean, scale: stddev } = refined(pass, sum)
        let number = 0
        let level = 0
        return schema.map(({ kind, name }): ColumnStatistics => {
          if (kind === 'categorical') {
            const at = level++
            return { name, summary: { kind, counts: levels[at]!, missing: counts[2 * numeric + at]! } }
          }
          const at = number++
          const [min, max, count] = [pass.min[at]!, pass.max[at]!, pass.count[at]!]
          const summary = { kind, count, missing: counts[numeric + at]!, min, max, mean: mean[at]!, variance: stddev[at]! ** 2 }
          if (bins === 0 || count === 0) return { name, summary }
          return {
            name,
            summary,
            histogram: { edges: [...binEdges(min, max, bins)], counts: [...inBins.subarray(at * bins, (at + 1) * bins)] },
          }
        })
      },
      found,
      counted,
      rough,
      second,
      fine,
    )
  }
}

/** {@link columnStatistics} as a whole program, for one round of any run loop: the server's state becomes the statistics, the nodes keep theirs. */
export const analytics = <Site, N = void>(options: AnalyticsOptions<Site>): (() => RoundProgram<Statistics, N, Site>) => {
  const find = columnStatistics(options)
  return () => async (round) => ({ server: await find(round), clients: round.local })
}

/** The first pass: around the middle of the range, in units of half of it. Halves first: the sum of two large numbers may overflow. */
const around = ({ min, max }: Extent, count: Float64Array): Pass => ({
  centre: min.map((low, i) => low / 2 + max[i]! / 2),
  scale: min.map((low, i) => (count[i] === 0 ? 0 : max[i]! / 2 - low / 2)),
  count: count.slice(),
  min,
  max,
})

/** The pass after one with these sums: around the mean it found, in units of the standard deviation it found. */
const refined = (pass: Pass, sums: Float64Array): Pass => {
  const columns = pass.centre.length
  return {
    ...pass,
    centre: pass.centre.map((centre, i) => centre + pass.scale[i]! * sums[i]!),
    scale: pass.scale.map((scale, i) =>
      pass.count[i] === 0 ? Number.NaN : scale * Math.sqrt(Math.max(0, sums[columns + i]! - sums[i]! ** 2)),
    ),
  }
}
