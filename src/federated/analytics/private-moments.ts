// Means and variances of numeric columns under differential privacy, in one step: no minima, no levels, nothing of a single site or row that is exact.
// Each value is put into the column's public range and scaled to z in [−1, 1]. A unit brings, for each of k columns, (whether it has a value, its mean z, its mean z²): a vector
// of L2 norm √(3 k) at most. The sum of these vectors over all units carries normal noise, of each site for its own sum, or of the coordinator for all (Dwork and Roth 2014,
// section 3.5.3). What is fitted from the noised sum is as private as the sum is.
// Units: a record, or a patient of one record a site (whoever calls gives one row each), or a site as the means of its rows. What leaves a site: the vector; nothing else.
import { type Csprng, YimengError } from '../../base/index.ts'
import { type DpEvent, sampledGaussian } from '../../privacy/index.ts'
import { realSum } from '../folds/sum.ts'
import type { AtServer } from '../placement.ts'
import type { Round } from '../round.ts'
import type { SumProtocol } from '../sum-protocol.ts'
import { plain } from '../sums/plain.ts'
import { present, scaledMoments, size, type Values } from './column.ts'
import type { ColumnStatistics, Statistics } from './statistics.ts'

/** A numeric column whose range all parties know without looking at the data. */
export interface RangedColumn {
  readonly name: string
  readonly range: readonly [smallest: number, largest: number]
}

/** Options of {@link privateMoments}. */
export interface PrivateMomentsOptions<Site> {
  readonly columns: readonly RangedColumn[]
  /** A site's values of them, in this order. */
  readonly values: (site: Site) => readonly Values[]
  /** Values of a column that one record has: 1, or the pixels of a picture. Default 1. */
  readonly perRecord?: number
  readonly unit: 'record' | 'site'
  /** Who adds the noise. */
  readonly by: 'site' | 'coordinator'
  /** Noise / sensitivity. The sensitivity of noise by a site for the site as a whole is twice the bound, since that it takes part is no secret. */
  readonly noiseMultiplier: number
  /** Most records of all sites together: a public bound on sums. */
  readonly maxRecords: number
  /** Largest number of sites. Default 2^10. */
  readonly maxSites?: number
  readonly rng: Csprng
  readonly sums?: SumProtocol<'linear'> | SumProtocol<'any'>
}

/** What one release of moments costs. */
export const momentsEvent = (noiseMultiplier: number): DpEvent => ({ kind: 'gaussian', noiseMultiplier })

/** Of each column: presence, z and z². */
const PARTS = 3
/** Noise beyond this many standard deviations is refused as out of bounds, which happens to one number with chance 1e-32. */
const TAIL = 12

/** Federated moments as a part of a program: one step of a round, which gives {@link Statistics} at the server. @throws YimengError `moments-range` for a range that is none. */
export const privateMoments = <Site>(
  options: PrivateMomentsOptions<Site>,
): (<N>(round: Round<Site, N>) => Promise<AtServer<Statistics>>) => {
  const { columns, values, perRecord = 1, unit, by, noiseMultiplier, maxRecords, maxSites, rng, sums = plain() } = options
  const wrong = columns.find(({ range: [smallest, largest] }) => !(largest > smallest && Number.isFinite(largest - smallest)))
  if (wrong !== undefined)
    throw new YimengError({
      code: 'moments-range',
      cannot: 'make private statistics',
      expected: 'a finite range, the smaller end first',
      got: wrong.range.join(' … '),
      where: { column: wrong.name },
    })
  const length = PARTS * columns.length
  const bound = Math.sqrt(length) * (unit === 'site' && by === 'site' ? 2 : 1)
  const mechanism = sampledGaussian({ noiseMultiplier, probability: 1 })
  const noised = (sum: Float64Array): Float64Array => {
    const noise = mechanism.noise({ steps: 1, length, clip: bound }, rng)
    return sum.map((value, i) => value + noise[i]!)
  }
  const fold = realSum({
    length,
    maxAbs: maxRecords + TAIL * noiseMultiplier * bound,
    ...(maxSites === undefined ? {} : { maxContributions: maxSites }),
  })

  /** Sums over the records of a site, or their means. */
  const vectorOf = (site: Site): Float64Array => {
    const each = values(site).map((column, i): readonly [number, number, number] => {
      const [smallest, largest] = columns[i]!.range
      const there = present(column)
      const inside = { ...there, values: there.values.map((x) => Math.min(largest, Math.max(smallest, x))) }
      const count = size(there)
      if (count === 0) return [0, 0, 0]
      const [z, squares] = scaledMoments(inside, (smallest + largest) / 2, (largest - smallest) / 2, count)
      const records = unit === 'site' ? 1 : count / perRecord
      return [records, records * z, records * squares]
    })
    const vector = Float64Array.from(each.flat())
    return by === 'site' ? noised(vector) : vector
  }

  return async (round) => {
    const total = await round.aggregate(fold, sums, await round.atClients(({ site }) => vectorOf(site)))
    return round.atServer((sum): Statistics => {
      const told = by === 'coordinator' ? noised(sum) : sum
      return columns.map((column, i) => statisticsOf(column, told.subarray(PARTS * i, PARTS * (i + 1))))
    }, total)
  }
}

/** The least spread that noise leaves a column, as a share of its range: below it, a column that noise made constant would be blown up. */
const LEAST_SPREAD = 0.01

/** Statistics of a column from its noised sums. */
const statisticsOf = ({ name, range: [smallest, largest] }: RangedColumn, [records, sum, squares]: Float64Array): ColumnStatistics => {
  const [middle, half] = [(smallest + largest) / 2, (largest - smallest) / 2]
  const count = Math.max(1, Math.round(records!))
  const mean = Math.min(1, Math.max(-1, sum! / count))
  const variance = Math.max((2 * LEAST_SPREAD) ** 2, Math.min(1, squares! / count) - mean ** 2)
  return {
    name,
    summary: {
      kind: 'numeric',
      count,
      missing: 0,
      min: smallest,
      max: largest,
      mean: middle + half * mean,
      variance: half ** 2 * variance,
    },
  }
}

/** Statistics of a column of which no more is known than its range: as if all values in it were as likely. */
export const uniformMoments = ({ name, range: [smallest, largest] }: RangedColumn): ColumnStatistics => ({
  name,
  summary: {
    kind: 'numeric',
    count: 1,
    missing: 0,
    min: smallest,
    max: largest,
    mean: (smallest + largest) / 2,
    variance: (largest - smallest) ** 2 / 12,
  },
})
