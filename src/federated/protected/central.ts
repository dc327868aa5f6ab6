// Central differential privacy for a strategy: sites clip, the sum protocol adds, the server noises the mean before anything uses it.
// McMahan, Ramage, Talwar, Zhang 2018, "Learning differentially private recurrent language models", ICLR, algorithm 1 with the fixed-denominator estimator; the bound that follows a quantile:
// Andrew, Thakkar, McMahan, Ramaswamy 2021, "Differentially private learning with adaptive clipping", algorithm 1.
// Unit: a site. Adjacency: a site is there or not. Every site counts alike, and no loss travels: weights and losses would need noise of their own.
// Updates travel divided by the bound of their round, so that the fold is the same in every round: ‖u/C‖ ≤ 1. With a learned bound, each brings its vote, noised likewise.
// Who sees what: the server sees the exact mean (and with the plain sum each clipped update); everybody else only what was noised.
import type { Layout, RingVector } from '../../algebra/index.ts'
import { type Csprng, structCodec } from '../../base/index.ts'
import { type AdaptiveClip, adaptiveClip, type Bounded, clip, type DpEvent, gaussian, l2Norm, type Vector } from '../../privacy/index.ts'
import type { LinearAggregation } from '../aggregation.ts'
import { boundedMean } from '../folds/bounded-mean.ts'
import { pair } from '../folds/pair.ts'
import type { Mean } from '../folds/weighted-mean.ts'
import type { Published, Update } from '../update.ts'
import { numberCodec } from '../strategies/fed-avg.ts'
import type { LinearStrategy } from '../strategy.ts'

/** Choices of {@link centrallyPrivate}. */
export interface CentralOptions {
  readonly layout: Layout
  /** Noise / sensitivity of a round. */
  readonly noiseMultiplier: number
  /** Public number of sites in a round. */
  readonly cohort: number
  /** L2 bound of an update; with `adaptive`, of the first round. */
  readonly clip: number
  /** The bound follows this quantile of the updates' lengths. Noise on the votes: a twentieth of the cohort, at least the noise multiplier. */
  readonly adaptive?: { readonly quantile: number; readonly learningRate: number }
  readonly rng: Csprng
}

/** The strategy's state, and the bound of the next round. */
export interface PrivateState<S> {
  readonly inner: S
  readonly l2: number
}

/** A strategy together with what each of its rounds costs. */
export interface PrivateStrategy<S, U, Acc, R, N> extends LinearStrategy<PrivateState<S>, U, Acc, R, N> {
  readonly event: DpEvent
}

type Votes = readonly [RingVector, RingVector]
type Clipped = readonly [Bounded<Update>, Bounded<Update>]

/** Name of the published number that tells sites the bound of the round. */
const BOUND = 'clip'

const learned = (options: CentralOptions): AdaptiveClip | undefined => {
  const { adaptive, noiseMultiplier, cohort } = options
  if (adaptive === undefined) return undefined
  const voteStddev = Math.max(cohort / 20, noiseMultiplier)
  return adaptiveClip({ noiseMultiplier, voteStddev, initial: options.clip, ...adaptive })
}

/**
 * Wraps a strategy whose sites send differences (`fedAvgM`, `fedAdam`, …).
 *
 * @throws YimengError `gaussian-noise`, `bounded-mean`, `clip-bound`, `adaptive-clip` for options that cannot be.
 */
export const centrallyPrivate = <S, Acc, N>(
  strategy: LinearStrategy<S, Update, Acc, Mean, N>,
  options: CentralOptions,
): PrivateStrategy<S, Clipped, Votes, readonly [Bounded<Vector>, Bounded<Vector>], N> => {
  const { layout, cohort, rng } = options
  const rule = learned(options)
  const unit = clip(1)
  const ballot = clip(0.5)
  const noise = gaussian<Vector>(rule?.updateNoiseMultiplier ?? options.noiseMultiplier)
  // a vote moves the sum by 1/2 at most, so this multiplier is the rule's standard deviation
  const voteNoise = rule === undefined ? undefined : gaussian<Vector>(2 * rule.voteStddev)
  const updates = boundedMean(unit, 1, { layout, cohort })
  const fold: LinearAggregation<Clipped, Votes, readonly [Bounded<Vector>, Bounded<Vector>]> = pair(
    updates,
    boundedMean(ballot, 1, { length: 1, cohort, bits: updates.linear.bits }),
  )
  const { client } = strategy
  return {
    name: `${strategy.name} ▸ ${rule === undefined ? 'clipped' : 'clipped at a quantile'} ▸ central noise`,
    event: { kind: 'gaussian', noiseMultiplier: options.noiseMultiplier },
    init: (params) => ({ inner: strategy.init(params), l2: options.clip }),
    publish: ({ inner, l2 }) => withBound(strategy.publish(inner), l2),
    client: {
      init: client.init,
      codec: client.codec,
      update: (work) => {
        const train = client.update(work)
        return async (node, model, local) => {
          const [{ values }, next] = await train(node, model, local)
          const l2 = boundOf(model)
          const vote = rule === undefined ? 0 : rule.vote(l2Norm(values), l2)
          return [
            [unit({ values: values.map((value) => value / l2), weight: 1 }), ballot({ values: Float32Array.of(vote), weight: 1 })],
            next,
          ]
        }
      },
    },
    fold,
    step: ({ inner, l2 }, [mean, votes]) => {
      const noised = noise.perturb(mean, rng).values
      const result: Mean = {
        values: Float64Array.from(noised, (value) => value * l2),
        weight: cohort,
        loss: Number.NaN,
        contributions: cohort,
      }
      const told = voteNoise?.perturb(votes, rng).values[0]
      return {
        inner: strategy.step(inner, result),
        l2: rule === undefined || told === undefined ? l2 : rule.next(l2, told * cohort, cohort),
      }
    },
    model: ({ inner }) => strategy.model(inner),
    loss: () => Number.NaN,
    codec: structCodec<PrivateState<S>>({ inner: strategy.codec, l2: numberCodec }),
  }
}

/** The published model with the bound of the round. */
export const withBound = (model: Published, l2: number): Published => ({ ...model, numbers: { ...model.numbers, [BOUND]: l2 } })
/** The bound that the server published. */
export const boundOf = ({ numbers }: Published): number => numbers[BOUND] ?? Number.NaN
