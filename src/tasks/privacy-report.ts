// What a run gave away: (ε, δ) for each site from its journal, what that figure assumes, and who could see what in this very run.
import type { RunEvent } from '../federated/spec/index.ts'
import { compose, rdp, type Unit } from '../privacy/index.ts'
import type { RunSpec } from './run-spec.ts'

/** Who might look. */
export type Observer = 'coordinator' | 'sites' | 'modelHolders' | 'network'

/** What an observer sees of a site's training. */
export type Sight =
  | 'eachUpdate'
  | 'eachClippedUpdate'
  | 'sum'
  | 'noisedSum'
  | 'models'
  | 'noisedModels'
  | 'model'
  | 'noisedModel'
  | 'nothing'

/** What a figure relies on. */
export type Assumption =
  | 'statisticsExact'
  | 'measuresExact'
  | 'cohortsPublic'
  | 'coordinatorAddsNoise'
  | 'sitesAddNoise'
  | 'keysPassedOn'
  | 'fewAccomplices'
  | 'siteIsUnit'

/** Privacy spent on one unit. */
export interface Spent {
  /** Attempts charged: committed and aborted ones. */
  readonly charges: number
  /** ε at the budget's δ. */
  readonly epsilon: number
}

/** The report of a run. */
export interface PrivacyReport {
  readonly sum: RunSpec['sum']
  /** Absent without differential privacy: no finite ε holds. */
  readonly budget?: {
    readonly unit: Unit
    readonly noise: 'central' | 'distributed'
    readonly epsilon: number
    readonly delta: number
    readonly run: Spent
    /** Each site by the rounds that it was chosen for. */
    readonly sites: Readonly<Record<string, Spent>>
    /** The round after which the budget ended the run. */
    readonly stoppedAfter?: number
  }
  readonly observers: Readonly<Record<Observer, Sight>>
  readonly assumptions: readonly Assumption[]
}

type Protection = Pick<RunSpec, 'sum' | 'privacy'>

const observersOf = ({ sum, privacy }: Protection): PrivacyReport['observers'] => {
  const noised = privacy !== 'none'
  const masked = sum === 'masked'
  const summed: Sight = noised && privacy.noise === 'distributed' ? 'noisedSum' : 'sum'
  return {
    coordinator: masked ? summed : noised ? 'eachClippedUpdate' : 'eachUpdate',
    sites: noised ? 'noisedModels' : 'models',
    modelHolders: noised ? 'noisedModel' : 'model',
    network: 'nothing',
  }
}

const assumptionsOf = ({ sum, privacy }: Protection): readonly Assumption[] => [
  'statisticsExact',
  'measuresExact',
  ...(privacy === 'none'
    ? []
    : (['siteIsUnit', 'cohortsPublic', privacy.noise === 'central' ? 'coordinatorAddsNoise' : 'sitesAddNoise'] as const)),
  ...(sum === 'masked' ? (['keysPassedOn', 'fewAccomplices'] as const) : []),
]

/**
 * The report of a run from its spec and events.
 *
 * @example
 * ```ts
 * const spec = resolveSpec({ task: 'iris', sum: 'masked' })
 * assert.equal(privacyReport(spec, []).observers.coordinator, 'sum')
 * assert.equal(privacyReport(spec, []).budget, undefined)
 * ```
 */
export const privacyReport = (spec: Protection, events: readonly RunEvent[]): PrivacyReport => {
  const { sum, privacy } = spec
  const common = { sum, observers: observersOf(spec), assumptions: assumptionsOf(spec) }
  if (privacy === 'none') return common
  const { delta, noise, epsilon } = privacy
  const charges = events.filter((event) => event.kind === 'budgetCharged')
  const cohorts = new Map(
    events.filter((event) => event.kind === 'roundStarted').map(({ round, attempt, cohort }) => [`${round} ${attempt}`, cohort] as const),
  )
  const sites = new Set([...cohorts.values()].flat())
  const spentOn = (of: typeof charges): Spent => ({
    charges: of.length,
    epsilon: of.length === 0 ? 0 : rdp().epsilon(compose(of.map(({ event }) => event)), delta),
  })
  // a charge whose round never started concerns everybody
  const concerns = (site: string) => charges.filter(({ round, attempt }) => cohorts.get(`${round} ${attempt}`)?.includes(site) ?? true)
  const stopped = events.find((event) => event.kind === 'budgetSpent')
  return {
    ...common,
    budget: {
      unit: 'site',
      noise,
      epsilon,
      delta,
      run: spentOn(charges),
      sites: Object.fromEntries([...sites].sort().map((site) => [site, spentOn(concerns(site))])),
      ...(stopped === undefined ? {} : { stoppedAfter: stopped.round }),
    },
  }
}
