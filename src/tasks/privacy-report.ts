// What a run gave away: (ε, δ) for each site from its journal, what that figure assumes, and who could see what in this very run.
import { type PrivacySpec, type RunEvent, unitOf } from '../federated/spec/index.ts'
import { compose, type Unit } from '../privacy/index.ts'
import { type SparseMasks, sparseMasks } from './neighbours-line.ts'
import { accountantOf } from './protection.ts'
import type { RunSpec } from './run-spec.ts'

/** Who might look. */
export type Observer = 'coordinator' | 'sites' | 'modelHolders' | 'network'

/** What an observer sees of a site's training. */
export type Sight =
  | 'eachUpdate'
  | 'eachClippedUpdate'
  | 'eachNoisedUpdate'
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
  | 'statisticsPublic'
  | 'statisticsNoised'
  | 'measuresExact'
  | 'cohortsPublic'
  | 'coordinatorAddsNoise'
  | 'sitesAddNoise'
  | 'sitesAddOwnNoise'
  | 'samplesSecret'
  | 'rowsPublic'
  | 'keysOwn'
  | 'fewAccomplices'
  | 'fewAccomplicesNear'
  | 'dealerForgot'
  | 'siteIsUnit'
  | 'recordIsUnit'
  | 'patientIsUnit'

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
  /** Who masks with whom, where that is not everybody with everybody. */
  readonly neighbours?: SparseMasks
  /** Absent without differential privacy: no finite ε holds. */
  readonly budget?: {
    readonly unit: Unit
    readonly noise: Exclude<PrivacySpec, 'none'>['noise']
    readonly epsilon: number
    readonly delta: number
    /** Of the site that has spent most. */
    readonly most: Spent
    /** Each site by the attempts that it was chosen for. */
    readonly sites: Readonly<Record<string, Spent>>
    /** The round after which the budget ended the run. */
    readonly stoppedAfter?: number
  }
  readonly observers: Readonly<Record<Observer, Sight>>
  readonly assumptions: readonly Assumption[]
}

type Protection = Pick<RunSpec, 'sum' | 'encryption' | 'neighbours' | 'privacy' | 'preprocessing' | 'cohort' | 'partition'>

const observersOf = ({ sum, privacy }: Protection): PrivacyReport['observers'] => {
  const noised = privacy !== 'none'
  // noise of the sites' own is in what they send; the coordinator's comes after
  const atSites = noised && privacy.noise !== 'central'
  const alone: Sight = !noised ? 'eachUpdate' : atSites ? 'eachNoisedUpdate' : 'eachClippedUpdate'
  return {
    coordinator: sum === 'plain' ? alone : atSites ? 'noisedSum' : 'sum',
    sites: noised ? 'noisedModels' : 'models',
    modelHolders: noised ? 'noisedModel' : 'model',
    network: 'nothing',
  }
}

const who: Readonly<Record<Exclude<PrivacySpec, 'none'>['noise'], readonly Assumption[]>> = {
  central: ['coordinatorAddsNoise'],
  distributed: ['sitesAddNoise'],
  local: ['sitesAddOwnNoise'],
  'dp-sgd': ['sitesAddOwnNoise', 'samplesSecret', 'rowsPublic'],
}

const statistics = { exact: 'statisticsExact', public: 'statisticsPublic', noised: 'statisticsNoised' } as const

const assumptionsOf = ({ sum, encryption, privacy, preprocessing }: Protection, masks: SparseMasks | undefined): readonly Assumption[] => [
  statistics[preprocessing.statistics],
  'measuresExact',
  ...(privacy === 'none' ? [] : ([`${unitOf(privacy)}IsUnit`, 'cohortsPublic', ...who[privacy.noise]] as const)),
  ...(sum === 'plain' ? [] : (['keysOwn', masks === undefined ? 'fewAccomplices' : 'fewAccomplicesNear'] as const)),
  ...(encryption === 'paillier' ? (['dealerForgot'] as const) : []),
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
  const masks = sparseMasks(spec)
  const common = {
    sum,
    ...(masks === undefined ? {} : { neighbours: masks }),
    observers: observersOf(spec),
    assumptions: assumptionsOf(spec, masks),
  }
  if (privacy === 'none') return common
  const { delta, noise, epsilon } = privacy
  const accountant = accountantOf(privacy)
  const charges = events.filter((event) => event.kind === 'budgetCharged')
  const sites = new Set(charges.flatMap((event) => event.sites))
  const spentOn = (of: typeof charges): Spent => ({
    charges: of.length,
    epsilon: accountant.epsilon(compose(of.map(({ event }) => event)), delta),
  })
  const none: Spent = { charges: 0, epsilon: 0 }
  const bySite = Object.fromEntries([...sites].sort().map((site) => [site, spentOn(charges.filter((event) => event.sites.includes(site)))]))
  const stopped = events.find((event) => event.kind === 'budgetSpent')
  return {
    ...common,
    budget: {
      unit: unitOf(privacy),
      noise,
      epsilon,
      delta,
      most: Object.values(bySite).reduce((most, each) => (each.epsilon > most.epsilon ? each : most), none),
      sites: bySite,
      ...(stopped === undefined ? {} : { stoppedAfter: stopped.round }),
    },
  }
}
