// From the line `contribution` of a spec to the shares of a committed round.
import type { Seed } from '../base/index.ts'
import {
  gtgShapley,
  inverseLoss,
  leaveOneOut,
  roundGame,
  type Seen,
  shapley,
  type Shares,
  type Strategy,
  truncatedMonteCarlo,
  type Update,
  type Witnessed,
  witnessed,
} from '../federated/index.ts'
import type { ContributionSpec } from '../federated/spec/index.ts'
import { needsTold } from './cohort-choice.ts'
import type { RunSpec } from './run-spec.ts'
import type { AnyStrategy } from './strategy-of.ts'

type Name = RunSpec['strategy']['name']

/** Strategies whose sites send their models. */
const ofModels: readonly Name[] = ['fedavg', 'fedprox']
/** Strategies whose sites send how their models differ from the published one. */
const ofDifferences: readonly Name[] = [
  'fedavgm',
  'fedadagrad',
  'fedadam',
  'fedyogi',
  'fedmedian',
  'trimmedmean',
  'krum',
  'bulyan',
  'rfa',
  'normclipping',
  'fltrust',
]

/** Strategies whose rounds can be looked at as games: what single sites send says what model they made. */
export const witnessable: readonly Name[] = [...ofModels, ...ofDifferences]

/** The strategy, whose server keeps what single sites sent where the spec asks who contributed. */
export const witnessedIfNeeded = (spec: Pick<RunSpec, 'contribution'>, strategy: AnyStrategy): AnyStrategy =>
  // its fold is not linear: where single sites may not be seen, the round refuses it
  spec.contribution === undefined
    ? strategy
    : (witnessed(strategy as Strategy<unknown, Update, unknown, unknown, unknown>) as unknown as AnyStrategy)

const seenIn = (spec: Pick<RunSpec, 'cohort'>, state: unknown): Seen =>
  ((needsTold(spec) ? (state as { readonly own: unknown }).own : state) as Witnessed<unknown>).seen

/** The shares of a round, and how many models were measured for them. */
export interface Contributions {
  readonly shares: Shares
  readonly evaluations: number
}

/**
 * What each site added in the round that made a state.
 *
 * @param lossOf - loss of a model, `[size]`, on the rows that judge
 * @throws YimengError `game-players` for exact Shapley values of more than ten sites
 */
export const contributionsOf = async (
  spec: Pick<RunSpec, 'cohort' | 'strategy'> & { readonly contribution: ContributionSpec },
  state: unknown,
  lossOf: (values: Float32Array) => Promise<number>,
  seed: Seed,
): Promise<Contributions> => {
  const { contribution: how } = spec
  const { before, updates } = seenIn(spec, state)
  if (how.kind === 'fedCon') {
    const losses = new Map([...updates].map(([site, { loss }]) => [site, loss ?? Number.NaN]))
    return { shares: inverseLoss(losses, how.cap === undefined ? {} : { cap: how.cap }), evaluations: 0 }
  }
  const game = roundGame({
    before,
    updates,
    differences: ofDifferences.includes(spec.strategy.name),
    measure: async (values) => -(await lossOf(values)),
  })
  const sampling = 'orders' in how && how.orders !== undefined ? { seed, orders: how.orders } : { seed }
  const shares =
    how.kind === 'leaveOneOut'
      ? await leaveOneOut(game)
      : how.kind === 'shapley'
        ? await shapley(game)
        : how.kind === 'gtg'
          ? await gtgShapley(game, { ...sampling, truncation: how.truncation, roundTruncation: how.truncation })
          : await truncatedMonteCarlo(game, { ...sampling, truncation: how.truncation })
  return { shares, evaluations: game.evaluations() }
}
