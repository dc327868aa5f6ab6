// From the lines `sum` and `privacy` of a spec to the protocol, the strategy around the strategy, and what a round costs; and which combinations cannot be honest.
import type { Layout } from '../algebra/index.ts'
import { csprng, YimengError } from '../base/index.ts'
import {
  centrallyPrivate,
  distributedEvent,
  distributedlyPrivate,
  fedAvgM,
  type LinearStrategy,
  type Mean,
  masked,
  plain,
  type SumProtocol,
  type Update,
} from '../federated/index.ts'
import type { PrivacySpec, StrategySpec } from '../federated/spec/index.ts'
import { type DpEvent, plan, rdp, type RoundCost } from '../privacy/index.ts'
import type { RunSpec } from './run-spec.ts'
import { type AnyStrategy, strategyOf } from './strategy-of.ts'

/** Fewest sites of a masked sum: of two, each could subtract its own. */
export const SMALLEST_MASKED = 3

/** The sum protocol of a spec. */
export const sumOf = ({ sum }: Pick<RunSpec, 'sum'>): SumProtocol<'linear'> | SumProtocol<'any'> =>
  sum === 'masked' ? masked({ smallestCohort: SMALLEST_MASKED }) : plain()

type Parts = Pick<RunSpec, 'sum' | 'privacy' | 'strategy' | 'compression' | 'cohort' | 'partition' | 'rounds'>

/** Sites in a round as far as the spec tells, for noise is planned before anybody joins. */
export const cohortOf = ({ cohort: { size, fraction }, partition }: Pick<RunSpec, 'cohort' | 'partition'>): number | undefined => {
  const sites = 'sites' in partition ? partition.sites : undefined
  if (size !== undefined) return size
  return sites === undefined || fraction === undefined ? sites : Math.max(1, Math.round(fraction * sites))
}

/** Server optimisers: all that they take of a round is the mean of differences. */
const servers: readonly StrategySpec['name'][] = ['fedavgm', 'fedadagrad', 'fedadam', 'fedyogi']

/** Strategies that release nothing of a round but the mean of clipped differences, each as one that sends differences; undefined for the rest. */
const ofDifferences = (spec: StrategySpec, layout: Layout): LinearStrategy<unknown, Update, unknown, Mean, unknown> | undefined => {
  const known = (strategy: object) => strategy as LinearStrategy<unknown, Update, unknown, Mean, unknown>
  const average = fedAvgM({ layout, learningRate: 1 })
  // the mean of the models is the old model plus the mean of the differences
  if (spec.name === 'fedavg') return known({ ...average, name: 'fedavg' })
  if (spec.name === 'fedprox') {
    const publish: typeof average.publish = (state) => ({ ...average.publish(state), numbers: { proximal: spec.mu } })
    return known({ ...average, name: 'fedprox', publish })
  }
  return servers.includes(spec.name) ? known(strategyOf(spec, layout)) : undefined
}

type Private = Exclude<PrivacySpec, 'none'>

const partiesOf = ({ colluding }: Private, cohort: number, quorum: number | undefined): number =>
  Math.min(quorum ?? cohort, cohort) - colluding

/** What one round releases at this noise. */
const eventAt =
  (privacy: Private, dimension: number, parties: number) =>
  (noiseMultiplier: number): DpEvent =>
    privacy.noise === 'central' ? { kind: 'gaussian', noiseMultiplier } : distributedEvent({ dimension, parties, noiseMultiplier })

/** A strategy that keeps to the spec's privacy, and what each of its rounds costs; without privacy, the strategy as it is. */
export interface ProtectedStrategy {
  readonly strategy: AnyStrategy
  readonly cost?: RoundCost
}

/**
 * The strategy of a spec, clipped and noised as it says.
 *
 * @param own - takes the place of the spec's strategy; privacy does not know what it releases, and refuses it
 * @throws YimengError `privacy-strategy` for a strategy whose releases no noise is planned for.
 */
export const protectedStrategy = (spec: Parts, layout: Layout, own?: AnyStrategy): ProtectedStrategy => {
  const { privacy } = spec
  if (privacy === 'none') return { strategy: own ?? strategyOf(spec.strategy, layout, spec.compression, spec.cohort.maxRows) }
  const base = own === undefined ? ofDifferences(spec.strategy, layout) : undefined
  const cohort = cohortOf(spec)
  if (base === undefined || cohort === undefined)
    throw new YimengError({
      code: 'privacy-strategy',
      cannot: 'add noise',
      expected: 'a strategy of clipped differences over a public number of sites',
      got: own?.name ?? spec.strategy.name,
    })
  const { epsilon, delta, clip, adaptive } = privacy
  const parties = partiesOf(privacy, cohort, spec.cohort.quorum)
  const noise = eventAt(privacy, layout.size, parties)
  const noiseMultiplier = privacy.noiseMultiplier ?? plan({ epsilon, delta, rounds: spec.rounds, noise }).noiseMultiplier
  const common = { layout, clip, cohort, noiseMultiplier, rng: csprng() }
  const strategy =
    privacy.noise === 'central'
      ? centrallyPrivate(base, { ...common, ...(adaptive === undefined ? {} : { adaptive }) })
      : distributedlyPrivate(base, { ...common, parties })
  const cost: RoundCost = { event: strategy.event, budget: { epsilon, delta }, unit: 'site', accountant: rdp() }
  // the types of its state are known to itself alone
  return { strategy: strategy as unknown as AnyStrategy, cost }
}

/** A combination that is refused, where, and what would do instead and why. */
export interface ProtectionIssue {
  readonly path: string
  readonly expected: string
}

/** Any layout will do to see what kind of fold a strategy has. */
const ANY: Layout = { entries: [{ name: 'any', shape: [1], offset: 0, size: 1 }], size: 1 }

/** Whether its sum is a sum in a ring; true for one that cannot be made, which is refused elsewhere. */
const isLinear = ({ strategy, compression }: Parts): boolean => {
  try {
    return 'linear' in strategyOf(strategy, ANY, compression).fold
  } catch (error) {
    if (error instanceof YimengError) return true
    throw error
  }
}

/** Combinations that could not keep what they promise. */
export const protectionIssues = (spec: Parts): readonly ProtectionIssue[] => {
  const { sum, privacy, strategy } = spec
  const cohort = cohortOf(spec)
  const found: ProtectionIssue[] = []
  const refuse = (broken: boolean, path: string, expected: string): void => {
    if (broken) found.push({ path, expected })
  }
  if (sum === 'masked') {
    const who = spec.compression.kind === 'none' ? strategy.name : `${strategy.name} with ${spec.compression.kind}`
    refuse(!isLinear(spec), 'sum', `plain: ${who} needs each site’s own update, which masks hide`)
    refuse(
      (cohort ?? SMALLEST_MASKED) < SMALLEST_MASKED,
      'sum',
      `plain, or at least ${SMALLEST_MASKED} sites in a round: of two, each could subtract its own update from the sum`,
    )
    refuse(
      (spec.cohort.quorum ?? SMALLEST_MASKED) < SMALLEST_MASKED,
      'cohort.quorum',
      `at least ${SMALLEST_MASKED} with masks: of two, each could subtract its own update from the sum`,
    )
  }
  if (privacy === 'none') return found
  refuse(
    ofDifferences(strategy, ANY) === undefined,
    'strategy.name',
    'fedavg, fedprox, fedavgm, fedadagrad, fedadam or fedyogi: of other strategies more leaves a site than the clipped update that noise is planned for',
  )
  refuse(
    spec.compression.kind !== 'none',
    'compression.kind',
    'none: noise is planned for whole updates, and what a compression keeps would tell more',
  )
  refuse(cohort === undefined, 'cohort.size', 'a number of sites: noise is planned for a public one')
  if (privacy.noise === 'distributed') {
    refuse(sum !== 'masked', 'sum', 'masked: under a plain sum the coordinator would see each site with its small share of the noise')
    refuse(privacy.adaptive !== undefined, 'privacy.adaptive', 'nothing, or central noise: votes on the bound would leave without noise')
    refuse(
      cohort !== undefined && partiesOf(privacy, cohort, spec.cohort.quorum) < 1,
      'privacy.colluding',
      'fewer sites than the quorum: no noise would be certain',
    )
  } else refuse(privacy.colluding > 0, 'privacy.colluding', '0 with central noise: only the coordinator adds it')
  const { noiseMultiplier, epsilon, delta } = privacy
  if (noiseMultiplier !== undefined) {
    const one = rdp().epsilon({ kind: 'gaussian', noiseMultiplier }, delta)
    refuse(
      one > epsilon,
      'privacy.noiseMultiplier',
      `more noise, or nothing (then it is planned): one round alone would cost ε = ${one.toPrecision(3)}`,
    )
  }
  return found
}
