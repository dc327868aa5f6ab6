// A clipping bound that follows a quantile of the update lengths, itself learned privately (Andrew, Thakkar, McMahan, Ramaswamy 2021, "Differentially private
// learning with adaptive clipping", algorithm 1). Each contribution brings one more number: whether it was longer than the bound.
import { YimengError } from '../base/index.ts'
import type { DpEvent } from './events.ts'

/** A rule for the bound. All functions are pure; the state is the bound itself, an L2 norm. */
export interface AdaptiveClip {
  readonly initial: number
  /** What one contribution says about itself: 1/2 if it fits the bound, −1/2 if not. Its sensitivity is 1/2, half of an indicator's, by that shift. */
  readonly vote: (norm: number, l2: number) => number
  /** Noise to add to the sum of votes: a standard deviation. */
  readonly voteStddev: number
  /** Noise multiplier for the sum of updates, above the total's, because the votes take their share. */
  readonly updateNoiseMultiplier: number
  /** The bound of the next round, from the noised sum of votes of `cohort` contributions. `cohort` is public: the expected one under Poisson sampling. */
  readonly next: (l2: number, noisedVotes: number, cohort: number) => number
  /** What one round of both releases costs: exactly one Gaussian release with the total multiplier. */
  readonly event: DpEvent
}

/** Choices of {@link adaptiveClip}. */
export interface AdaptiveClipOptions {
  /** Noise multiplier of updates and votes together. Above 0. */
  readonly noiseMultiplier: number
  /** Standard deviation of the noise on the sum of votes; above `noiseMultiplier` / 2. A twentieth of the cohort is usual. */
  readonly voteStddev: number
  /** Bound of the first round. Above 0; 0.1 if left out. */
  readonly initial?: number
  /** Fraction of contributions that should fit; 0.5, the median, if left out. */
  readonly quantile?: number
  /** Rate of the geometric updates; 0.2 if left out. */
  readonly learningRate?: number
}

/**
 * Clipping at a learned quantile.
 *
 * @throws YimengError `adaptive-clip` for options out of range.
 *
 * @example
 * ```ts
 * const rule = adaptiveClip({ noiseMultiplier: 1, voteStddev: 5, initial: 1 })
 * // all of 100 contributions fitted: the bound shrinks
 * assert.ok(rule.next(1, 50, 100) < 1)
 * assert.ok(rule.updateNoiseMultiplier > 1 && rule.updateNoiseMultiplier < 1.01)
 * ```
 */
export const adaptiveClip = (options: AdaptiveClipOptions): AdaptiveClip => {
  const { noiseMultiplier: z, voteStddev, initial = 0.1, quantile = 0.5, learningRate = 0.2 } = options
  const refuse = (expected: string, got: number): YimengError =>
    new YimengError({ code: 'adaptive-clip', cannot: 'clip adaptively', expected, got: String(got) })
  if (!(z > 0 && Number.isFinite(z))) throw refuse('a noise multiplier above 0', z)
  if (!(voteStddev > z / 2 && Number.isFinite(voteStddev)))
    throw refuse(`a voteStddev above half of the noise multiplier, ${z / 2}`, voteStddev)
  if (!(initial > 0 && Number.isFinite(initial))) throw refuse('an initial bound above 0', initial)
  if (!(quantile >= 0 && quantile <= 1)) throw refuse('a quantile from 0 to 1', quantile)
  if (!(learningRate > 0 && Number.isFinite(learningRate))) throw refuse('a learning rate above 0', learningRate)
  return {
    initial,
    vote: (norm, l2) => (norm <= l2 ? 0.5 : -0.5),
    voteStddev,
    // z⁻² = z_updates⁻² + z_votes⁻², with z_votes = voteStddev / (1/2) (theorem 1)
    updateNoiseMultiplier: (z ** -2 - (2 * voteStddev) ** -2) ** -0.5,
    next: (l2, noisedVotes, cohort) => l2 * Math.exp(-learningRate * (noisedVotes / cohort + 0.5 - quantile)),
    event: { kind: 'gaussian', noiseMultiplier: z },
  }
}
