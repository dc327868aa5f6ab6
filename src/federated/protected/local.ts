// Local differential privacy for a strategy: each site clips its update and adds noise that is enough for itself, before anything leaves. Nobody need be trusted with less.
// Kasiviswanathan, Lee, Nissim, Raskhodnikova, Smith 2011, "What can we learn privately?", section 2; the Gaussian mechanism of ../../privacy.
// Unit: a site. Adjacency: the site's data are replaced by any others (that it takes part is public): two updates of length C may be 2 C apart.
// The mean of n sites carries 1/√n of one site's noise, where central noise of the same ε carries 1/n of it: it takes many sites.
import type { Layout } from '../../algebra/index.ts'
import type { Csprng } from '../../base/index.ts'
import { clip, type DpEvent, gaussian } from '../../privacy/index.ts'
import { type Mean, weightedMean } from '../folds/weighted-mean.ts'
import type { LinearStrategy } from '../strategy.ts'
import { clipped } from '../transforms/clipped.ts'
import { noised } from '../transforms/noised.ts'
import { chain, transformed } from '../transforms/transform.ts'
import type { Update } from '../update.ts'

/** Choices of {@link locallyPrivate}. */
export interface LocalOptions {
  readonly layout: Layout
  /** Noise / sensitivity of a round, the sensitivity being twice the bound. */
  readonly noiseMultiplier: number
  /** L2 bound of an update. */
  readonly clip: number
  readonly rng: Csprng
}

/**
 * Wraps a strategy whose sites send differences (`fedAvgM`, `fedAdam`, …). `event` is under the adjacency `replaceOne`.
 *
 * @throws YimengError `gaussian-noise`, `clip-bound` for options that cannot be.
 */
export const locallyPrivate = <S, Acc, N>(strategy: LinearStrategy<S, Update, Acc, Mean, N>, options: LocalOptions) => {
  const { layout, noiseMultiplier, rng } = options
  // the mechanism scales its noise by the bound, and the sensitivity is twice that
  const noise = gaussian<Update>(2 * noiseMultiplier)
  const event: DpEvent = { kind: 'gaussian', noiseMultiplier }
  return { ...transformed(strategy, chain(clipped(clip(options.clip)), noised(noise, rng)), weightedMean({ layout })), event }
}
