// Who takes part in a round, beyond chance. Each rule is a function of what is public, what the run's seed says, and what sites have told in committed rounds: a run that goes on after
// an interruption chooses as it would have.
import type { Seed } from '../../base/index.ts'
import type { NodeId } from '../placement.ts'
import type { Candidate, Clock } from './clock.ts'
import type { Told } from './told.ts'

/** What a rule chooses from, and by. */
export interface Choosing {
  readonly sites: readonly Candidate[]
  readonly size: number
  /** Of this round's choice. */
  readonly seed: Seed
  readonly round: number
  /** What sites told when they last took part. */
  readonly told: Told
  readonly clock: Clock
}

/** Sites of a round. */
export type CohortRule = (from: Choosing) => readonly NodeId[]

const ids = (sites: readonly Candidate[]): readonly NodeId[] => sites.map(({ id }) => id).sort()

/** The first `size` by a number, the smallest first; equals by name. */
const least = (sites: readonly Candidate[], size: number, by: (site: Candidate) => number): readonly Candidate[] => {
  const ranked = sites.map((site) => ({ site, rank: by(site) }))
  return ranked
    .sort((a, b) => a.rank - b.rank || (a.site.id < b.site.id ? -1 : 1))
    .slice(0, size)
    .map(({ site }) => site)
}

/** `size` sites without replacement, each draw in proportion to the weights: the first arrivals of exponential races (Efraimidis and Spirakis 2006, algorithm A). */
const drawn = (sites: readonly Candidate[], size: number, seed: Seed, weight: (site: Candidate) => number): readonly Candidate[] =>
  least(sites, size, (site) => -Math.log1p(-seed.split(site.id).random().uniform()) / weight(site))

/** Chance alone. */
export const uniform = ({
  sites,
  size,
  seed,
}: Pick<Choosing, 'size' | 'seed'> & { readonly sites: readonly Pick<Candidate, 'id'>[] }): readonly NodeId[] => {
  const sorted = sites.map(({ id }) => id).sort()
  if (size >= sorted.length) return sorted
  return Array.from(seed.random().permutation(sorted.length).subarray(0, size), (at) => sorted[at]!).sort()
}

/** By size: a site with twice the rows is drawn first twice as often. Li et al. 2020, "On the convergence of FedAvg on non-IID data", ICLR, section 3.3 (scheme I draws by share). */
export const bySize: CohortRule = ({ sites, size, seed }) => ids(drawn(sites, size, seed, ({ rows }) => rows))

/**
 * Power-of-choice: `candidates` are drawn by size, and those of them with the highest loss take part.
 * Cho, Wang, Joshi 2022, "Towards understanding biased client selection in federated learning", AISTATS, section 3, variant rpow-d: losses are those that sites told when they last took
 * part, and a site that has not yet counts as the highest.
 */
export const powerOfChoice =
  (candidates: number): CohortRule =>
  ({ sites, size, seed, told }) => {
    const some = drawn(sites, Math.max(size, candidates), seed, ({ rows }) => rows)
    return ids(least(some, size, ({ id }) => -(told.get(id)?.loss ?? Number.POSITIVE_INFINITY)))
  }

/** Options of {@link utility}. */
export interface UtilityOptions {
  /** ε: share of places for sites that have never taken part, the fastest first. */
  readonly exploration: number
  /** T: a round's work should take no longer, in seconds; absent: time does not count. */
  readonly seconds?: number | undefined
  /** α: how much slower sites lose. */
  readonly penalty: number
}

/**
 * By utility: rows · loss, less for slow sites, more for sites that have not been heard of for long.
 * Lai, Zhu, Madhyastha, Chowdhury 2021, "Oort: efficient federated learning via guided participant selection", OSDI, section 4 and algorithm 1:
 *   U(i) = |Bᵢ|·loss + √(0.1·ln R / L(i)),  times (T/tᵢ)^α where T < tᵢ;  L(i) the round in which i last took part.
 * The mean loss stands for the root mean square over rows, and the best take part instead of a draw among those within 5 % of the best.
 */
export const utility =
  ({ exploration, seconds = Number.POSITIVE_INFINITY, penalty }: UtilityOptions): CohortRule =>
  ({ sites, size, told, clock, round }) => {
    const fresh = sites.filter(({ id }) => !told.has(id))
    const known = sites.filter(({ id }) => told.has(id))
    const most = Math.max(...known.map(({ id, rows }) => rows * (told.get(id)?.loss ?? 0)), Number.MIN_VALUE)
    const of = (site: Candidate): number => {
      const { loss = 0, round: last = 1 } = told.get(site.id) ?? {}
      const expected = clock(site, 0)
      const worth = (site.rows * loss) / most + Math.sqrt((0.1 * Math.log(round)) / last)
      return worth * (expected > seconds ? (seconds / expected) ** penalty : 1)
    }
    const exploring = Math.min(fresh.length, Math.max(Math.round(exploration * size), size - known.length))
    const explored = least(fresh, exploring, (site) => clock(site, 0))
    return ids([...explored, ...least(known, size - exploring, (site) => -of(site))])
  }

/**
 * By resources: chance among the sites whose work is expected to be done in time; where these are too few, the fastest of the others too.
 * Nishio, Yonetani 2019, "Client selection for federated learning with heterogeneous resources in mobile edge", ICC, algorithm 3 (FedCS), for sites that work side by side.
 */
export const withinTime =
  (seconds: number): CohortRule =>
  ({ sites, size, seed, clock }) => {
    const inTime = drawn(
      sites.filter((site) => clock(site, 0) <= seconds),
      size,
      seed,
      () => 1,
    )
    const late = least(
      sites.filter((site) => clock(site, 0) > seconds),
      size - inTime.length,
      (site) => clock(site, 0),
    )
    return ids([...inTime, ...late])
  }
