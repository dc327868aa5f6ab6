// From the line `privacy` of a spec to the strategy around the strategy, and what a round costs. Which combinations cannot be honest: protection-issues.ts.
import type { Layout } from '../algebra/index.ts'
import { csprng, YimengError } from '../base/index.ts'
import {
  centrallyPrivate,
  distributedEvent,
  distributedlyPrivate,
  fedAvgM,
  type LinearStrategy,
  locallyPrivate,
  type Mean,
  type Update,
} from '../federated/index.ts'
import { type PrivacySpec, type StrategySpec, unitOf } from '../federated/spec/index.ts'
import { type Accountant, calibrate, compose, type DpEvent, pld, rdp, type RoundCost, sampledGaussian } from '../privacy/index.ts'
import type { PrivateSteps } from './private-work.ts'
import type { RunSpec } from './run-spec.ts'
import { type AnyStrategy, strategyOf } from './strategy-of.ts'

/** The lines of a spec that its protection goes by. */
export type ProtectedParts = Pick<
  RunSpec,
  | 'sum'
  | 'encryption'
  | 'neighbours'
  | 'privacy'
  | 'preprocessing'
  | 'strategy'
  | 'compression'
  | 'cohort'
  | 'stopping'
  | 'partition'
  | 'rounds'
  | 'local'
  | 'model'
>

/** Sites in a round as far as the spec tells, for noise is planned before anybody joins. */
export const cohortOf = ({ cohort: { size, fraction }, partition }: Pick<RunSpec, 'cohort' | 'partition'>): number | undefined => {
  const sites = 'sites' in partition ? partition.sites : undefined
  if (size !== undefined) return size
  return sites === undefined || fraction === undefined ? sites : Math.max(1, Math.round(fraction * sites))
}

/** Server optimisers: all that they take of a round is the mean of differences. */
const servers: readonly StrategySpec['name'][] = ['fedavgm', 'fedadagrad', 'fedadam', 'fedyogi']

/** Strategies that release nothing of a round but the mean of clipped differences, each as one that sends differences; undefined for the rest. */
export const ofDifferences = (spec: StrategySpec, layout: Layout): LinearStrategy<unknown, Update, unknown, Mean, unknown> | undefined => {
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

/** Sites whose shares of noise are certain. */
export const partiesOf = ({ colluding }: Private, cohort: number, quorum: number | undefined): number =>
  Math.min(quorum ?? cohort, cohort) - colluding

/** Private steps of a round: as many as passes over the rows need, if the spec does not tell. */
const stepsOf = ({ sampleRate }: Private, { steps, epochs = 1 }: ProtectedParts['local']): number =>
  steps ?? Math.max(1, Math.round(epochs / sampleRate))

/** What one round releases at this noise, for a model of so many parameters. */
export const eventAt = (spec: ProtectedParts, privacy: Private, dimension: number): ((noiseMultiplier: number) => DpEvent) => {
  const { noise, sampleRate: probability } = privacy
  if (noise === 'dp-sgd') {
    const count = stepsOf(privacy, spec.local)
    return (noiseMultiplier) => ({ kind: 'repeated', count, event: sampledGaussian({ noiseMultiplier, probability }).event })
  }
  if (noise !== 'distributed') return (noiseMultiplier) => ({ kind: 'gaussian', noiseMultiplier })
  const parties = partiesOf(privacy, cohortOf(spec) ?? 0, spec.cohort.quorum)
  return (noiseMultiplier) => distributedEvent({ dimension, parties, noiseMultiplier })
}

/** What adds up the rounds of a run. Of local noise, a site's data are replaced, for that it takes part is no secret; else a unit is there or not. */
export const accountantOf = ({ noise, accountant = 'rdp' }: Private): Accountant => {
  const adjacency = noise === 'local' ? 'replaceOne' : 'addRemove'
  return { rdp: () => rdp({ adjacency }), pld: () => pld({ adjacency }) }[accountant]()
}

/** Strategies that make a round's models from nothing of a site but the model that it trained: what comes of private steps is as private as they are. */
export const ofModels: readonly StrategySpec['name'][] = [
  ...(['fedavg', 'fedprox', ...servers] as const),
  ...(['fedmedian', 'trimmedmean', 'krum', 'bulyan', 'rfa', 'normclipping'] as const),
]

/** A strategy that keeps to the spec's privacy, and what each of its rounds costs; without privacy, the strategy as it is. */
export interface ProtectedStrategy {
  readonly strategy: AnyStrategy
  readonly cost?: RoundCost
  /** What sites train with, where noise is in their steps. */
  readonly steps?: PrivateSteps
}

/**
 * The strategy of a spec, clipped and noised as it says.
 *
 * @param own - takes the place of the spec's strategy; privacy does not know what it releases, and refuses it
 * @param before - what was released before the first round: noise is planned for both together
 * @throws YimengError `privacy-strategy` for a strategy whose releases no noise is planned for.
 */
export const protectedStrategy = (spec: ProtectedParts, layout: Layout, own?: AnyStrategy, before?: DpEvent): ProtectedStrategy => {
  const { privacy } = spec
  const asItIs = () => strategyOf(spec.strategy, layout, spec.compression, spec.cohort.maxRows)
  if (privacy === 'none') return { strategy: own ?? asItIs() }
  const { epsilon, delta, clip, adaptive, sampleRate } = privacy
  const base = own === undefined ? ofDifferences(spec.strategy, layout) : undefined
  const cohort = cohortOf(spec)
  const inSteps = privacy.noise === 'dp-sgd'
  const shared = privacy.noise === 'central' || privacy.noise === 'distributed'
  const covered = inSteps ? own === undefined && ofModels.includes(spec.strategy.name) : base !== undefined
  if (!covered || (shared && cohort === undefined))
    throw new YimengError({
      code: 'privacy-strategy',
      cannot: 'add noise',
      expected: 'a strategy of clipped differences over a public number of sites',
      got: own?.name ?? spec.strategy.name,
    })
  const noise = eventAt(spec, privacy, layout.size)
  const accountant = accountantOf(privacy)
  const all = (multiplier: number): DpEvent =>
    compose([...(before === undefined ? [] : [before]), { kind: 'repeated', event: noise(multiplier), count: spec.rounds }])
  const noiseMultiplier = privacy.noiseMultiplier ?? calibrate({ accountant, epsilon, delta, event: all })
  const rng = csprng()
  const cost: RoundCost = { event: noise(noiseMultiplier), budget: { epsilon, delta }, unit: unitOf(privacy), accountant }
  // the types of its state are known to itself alone
  const erased = (strategy: object) => ({ strategy: strategy as AnyStrategy, cost })
  if (base === undefined || inSteps) {
    const unit = cost.unit === 'patient' ? 'patient' : 'record'
    const mechanism = sampledGaussian({ noiseMultiplier, probability: sampleRate })
    return { ...erased(asItIs()), steps: { mechanism, clip, steps: stepsOf(privacy, spec.local), unit, rng } }
  }
  const common = { layout, clip, noiseMultiplier, rng }
  if (privacy.noise === 'local' || cohort === undefined) return erased(locallyPrivate(base, common))
  if (privacy.noise === 'distributed')
    return erased(distributedlyPrivate(base, { ...common, cohort, parties: partiesOf(privacy, cohort, spec.cohort.quorum) }))
  return erased(centrallyPrivate(base, { ...common, cohort, ...(adaptive === undefined ? {} : { adaptive }) }))
}
