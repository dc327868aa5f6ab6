// Combinations of the lines of a spec that could not keep what they promise, with where and why: they are refused when the spec is read.
import type { Layout } from '../algebra/index.ts'
import { YimengError } from '../base/index.ts'
import { unitOf } from '../federated/spec/index.ts'
import { isRemedy } from './label-skew.ts'
import { accountantOf, cohortOf, eventAt, ofDifferences, ofModels, partiesOf, type ProtectedParts } from './protection.ts'
import type { RunSpec } from './run-spec.ts'
import { strategyOf } from './strategy-of.ts'
import { sumIssues } from './sum-line.ts'

/** A combination that is refused, where, and what would do instead and why. */
export interface ProtectionIssue {
  readonly path: string
  readonly expected: string
}

/** Any layout will do to see what kind of fold a strategy has. */
const ANY: Layout = { entries: [{ name: 'any', shape: [1], offset: 0, size: 1 }], size: 1 }

/** Whether its sum is a sum in a ring; true for one that cannot be made, which is refused elsewhere. */
const isLinear = ({ strategy, compression }: ProtectedParts): boolean => {
  try {
    return 'linear' in strategyOf(strategy, ANY, compression).fold
  } catch (error) {
    if (error instanceof YimengError) return true
    throw error
  }
}

/** Strategies that add up each group of sites by itself. */
const ofGroups: readonly RunSpec['strategy']['name'][] = ['ifca', 'hierarchical']

/** Combinations that could not keep what they promise. */
export const protectionIssues = (spec: ProtectedParts): readonly ProtectionIssue[] => {
  const { sum, privacy, strategy } = spec
  const cohort = cohortOf(spec)
  const found: ProtectionIssue[] = []
  const refuse = (broken: boolean, path: string, expected: string): void => {
    if (broken) found.push({ path, expected })
  }
  const who = spec.compression.kind === 'none' ? strategy.name : `${strategy.name} with ${spec.compression.kind}`
  for (const issue of sumIssues(spec, { who, linear: isLinear(spec), groups: ofGroups.includes(strategy.name), cohort })) refuse(...issue)
  const { statistics } = spec.preprocessing
  refuse(
    statistics === 'noised' && (privacy === 'none' || privacy.noise === 'distributed'),
    'preprocessing.statistics',
    'exact or public: noise of statistics is planned with central, local or dp-sgd noise',
  )
  if (privacy === 'none') return found
  const inSteps = privacy.noise === 'dp-sgd'
  const { adaptive, noise, noiseMultiplier, epsilon, delta, accountant } = privacy
  const uncounted = accountant === 'pld' && noise === 'distributed'
  refuse(uncounted, 'privacy.accountant', 'rdp, or nothing: of noise that sites share out, pld knows no exact losses')
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
  if (noiseMultiplier !== undefined && !uncounted && !(shared && cohort === undefined)) {
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
const stepIssues = ({
  strategy,
  model,
  local,
}: ProtectedParts): readonly (readonly [broken: boolean, path: string, expected: string])[] => [
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
  [isRemedy(local.loss), 'local.loss.kind', 'plain or smoothed: how many rows of each class a site has would be told without noise'],
  [local.augment.some(({ kind }) => kind === 'mixup'), 'local.augment', 'nothing that mixes records: no gradient would be one record’s'],
  [local.sampling !== 'shuffled', 'local.sampling', 'shuffled: noise is planned for records that are drawn independently of their class'],
]
