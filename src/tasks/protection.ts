// From the lines `sum` and `privacy` of a spec to the protocol, the strategy around the strategy, and what a round costs; and which combinations cannot be honest.
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
import { type Accountant, calibrate, compose, type DpEvent, rdp, type RoundCost, sampledGaussian } from '../privacy/index.ts'
import type { PrivateSteps } from './private-work.ts'
import type { RunSpec } from './run-spec.ts'
import { type AnyStrategy, strategyOf } from './strategy-of.ts'
import { sumIssues } from './sum-line.ts'

type Parts = Pick<
  RunSpec,
  | 'sum'
  | 'encryption'
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

/** Private steps of a round: as many as passes over the rows need, if the spec does not tell. */
const stepsOf = ({ sampleRate }: Private, { steps, epochs = 1 }: Parts['local']): number =>
  steps ?? Math.max(1, Math.round(epochs / sampleRate))

/** What one round releases at this noise, for a model of so many parameters. */
const eventAt = (spec: Parts, privacy: Private, dimension: number): ((noiseMultiplier: number) => DpEvent) => {
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
export const accountantOf = ({ noise }: Private): Accountant => rdp({ adjacency: noise === 'local' ? 'replaceOne' : 'addRemove' })

/** Strategies that make a round's models from nothing of a site but the model that it trained: what comes of private steps is as private as they are. */
const ofModels: readonly StrategySpec['name'][] = [
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
export const protectedStrategy = (spec: Parts, layout: Layout, own?: AnyStrategy, before?: DpEvent): ProtectedStrategy => {
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
  const who = spec.compression.kind === 'none' ? strategy.name : `${strategy.name} with ${spec.compression.kind}`
  for (const issue of sumIssues(spec, { who, linear: isLinear(spec), cohort })) refuse(...issue)
  const { statistics } = spec.preprocessing
  refuse(
    statistics === 'noised' && (privacy === 'none' || privacy.noise === 'distributed'),
    'preprocessing.statistics',
    'exact or public: noise of statistics is planned with central, local or dp-sgd noise',
  )
  if (privacy === 'none') return found
  const inSteps = privacy.noise === 'dp-sgd'
  const { adaptive, noise, noiseMultiplier, epsilon, delta } = privacy
  refuse(
    inSteps !== (unitOf(privacy) !== 'site'),
    'privacy.unit',
    inSteps
      ? 'record or patient: noise in every step hides one of them at a time'
      : 'site, or privacy.noise dp-sgd: only noise in every step is planned for single records and patients',
  )
  refuse(
    !inSteps && ofDifferences(strategy, ANY) === undefined,
    'strategy.name',
    'fedavg, fedprox, fedavgm, fedadagrad, fedadam or fedyogi: of other strategies more leaves a site than the clipped update that noise is planned for',
  )
  refuse(
    !inSteps && spec.compression.kind !== 'none',
    'compression.kind',
    'none: noise is planned for whole updates, and what a compression keeps would tell more',
  )
  refuse(
    noise !== 'central' && adaptive !== undefined,
    'privacy.adaptive',
    'nothing, or central noise: votes on the bound would leave without noise',
  )
  refuse(
    noise !== 'distributed' && privacy.colluding > 0,
    'privacy.colluding',
    '0 unless noise is distributed: elsewhere no site adds noise for others',
  )
  const shared = noise === 'central' || noise === 'distributed'
  refuse(shared && cohort === undefined, 'cohort.size', 'a number of sites: noise is planned for a public one')
  if (noise === 'distributed') {
    refuse(
      sum === 'plain',
      'sum',
      'masked or encrypted: under a plain sum the coordinator would see each site with its small share of the noise',
    )
    refuse(
      cohort !== undefined && partiesOf(privacy, cohort, spec.cohort.quorum) < 1,
      'privacy.colluding',
      'fewer sites than the quorum: no noise would be certain',
    )
  }
  refuse(
    spec.stopping.patience !== undefined || spec.stopping.keep === 'best',
    'stopping',
    'nothing: training losses, which it goes by, do not leave the sites under privacy',
  )
  if (inSteps) for (const issue of stepIssues(spec)) refuse(...issue)
  if (noiseMultiplier !== undefined && !(shared && cohort === undefined)) {
    const one = accountantOf(privacy).epsilon(eventAt(spec, { ...privacy, colluding: 0 }, 1)(noiseMultiplier), delta)
    refuse(
      one > epsilon,
      'privacy.noiseMultiplier',
      `more noise, or nothing (then it is planned): one round alone would cost ε = ${one.toPrecision(3)}`,
    )
  }
  return found
}

const repeating: readonly RunSpec['model']['kind'][] = ['gru', 'lstm', 'transformer']

/** What private steps cannot be taken with. */
const stepIssues = ({ strategy, model, local }: Parts): readonly (readonly [broken: boolean, path: string, expected: string])[] => [
  [
    !ofModels.includes(strategy.name),
    'strategy.name',
    `${ofModels.join(', ')}: of other strategies more leaves a site than the model that it trained in private steps`,
  ],
  [
    repeating.includes(model.kind),
    'model.kind',
    'logistic, mlp, cnn, tanh-cnn, brain-cnn, convnet or a resnet: gradients of single records are not known for layers that use a weight at every time step',
  ],
  [
    'norm' in model && model.norm === 'batch',
    'model.norm',
    'group or none: batch norm mixes the records of a batch, so that no gradient is one record’s',
  ],
  [local.loss.kind !== 'plain', 'local.loss.kind', 'plain: how many rows of each class a site has would be told without noise'],
  [local.augment.some(({ kind }) => kind === 'mixup'), 'local.augment', 'nothing that mixes records: no gradient would be one record’s'],
  [local.sampling !== 'shuffled', 'local.sampling', 'shuffled: noise is planned for records that are drawn independently of their class'],
]
