// Robust strategies: FedAvg whose mean is another fold of the updates. What holds of the fold (how many liars it bears) holds of the strategy.
// Yin et al. 2018, algorithm 1 (median, trimmed mean); Blanchard et al. 2017, section 4 (Krum); El Mhamdi et al. 2018, section 4 (Bulyan); Pillutla et al. 2022, algorithm 2 (RFA); Sun et al.
// 2019, section 4 (norm clipping); Cao et al. 2021, section IV-B (FLTrust). Titles and formulas stand at the head of each fold.
import type { Layout } from '../../algebra/index.ts'
import type { Aggregation } from '../aggregation.ts'
import { flTrust } from '../folds/fl-trust.ts'
import { type GeometricMedianOptions, geometricMedian } from '../folds/geometric-median.ts'
import { bulyan, multiKrum } from '../folds/krum.ts'
import { median } from '../folds/median.ts'
import { normClippedMean } from '../folds/norm-clipped-mean.ts'
import { trimmedMean } from '../folds/trimmed-mean.ts'
import type { NodeId } from '../placement.ts'
import type { Mean } from '../folds/weighted-mean.ts'
import type { ByNode } from '../folds/by-node.ts'
import { type Strategy, sendDifference } from '../strategy.ts'
import type { Update } from '../update.ts'
import { plus } from '../arithmetic.ts'
import { fedAvg, type ModelState } from './fed-avg.ts'

/**
 * FedAvg on differences, with `fold` in place of the mean: sites send w_k − w, the server adds what the fold makes of them. Norms and angles of differences say something
 * of a site's work; those of models do not.
 */
export const robust = <Acc>(
  name: string,
  layout: Layout,
  fold: Aggregation<Update, Acc, Mean>,
): Strategy<ModelState, Update, Acc, Mean> => ({
  ...fedAvg({ layout }),
  name,
  client: sendDifference,
  fold,
  step: ({ params }, { values, loss }) => ({ params: { layout, values: plus(params.values, values) }, loss }),
})

/** A robust strategy. */
export type RobustStrategy = Strategy<ModelState, Update, ByNode<Update>, Mean>

interface Of {
  readonly layout: Layout
}

/** FedAvg with the coordinate-wise median: bears any minority of liars. */
export const fedMedian = ({ layout }: Of): RobustStrategy => robust('fedmedian', layout, median({ layout }))

/** FedAvg with the trimmed mean: bears liars up to the share cut at each end. */
export const fedTrimmedMean = ({ layout, share }: Of & { readonly share: number }): RobustStrategy =>
  robust('fedtrimmedmean', layout, trimmedMean({ layout }, share))

/** FedAvg with Krum, or with Multi-Krum for `keep` above 1: bears `liars` if there are 2 · liars + 3 sites. */
export const fedKrum = ({ layout, liars, keep = 1 }: Of & { readonly liars: number; readonly keep?: number }): RobustStrategy =>
  robust('fedkrum', layout, multiKrum({ layout }, liars, keep))

/** FedAvg with Bulyan: bears `liars` if there are 4 · liars + 3 sites. */
export const fedBulyan = ({ layout, liars }: Of & { readonly liars: number }): RobustStrategy =>
  robust('fedbulyan', layout, bulyan({ layout }, liars))

/** RFA: FedAvg with the geometric median. */
export const rfa = (options: Omit<GeometricMedianOptions, 'layout' | 'length'> & Of): RobustStrategy =>
  robust('rfa', options.layout, geometricMedian(options))

/** FedAvg with differences cut down to a norm; by default the median of the round's. */
export const normClipping = ({ layout, most = 'median' }: Of & { readonly most?: number | 'median' }): RobustStrategy =>
  robust('normclipping', layout, normClippedMean({ layout }, most))

/** FLTrust: differences count as far as they agree with the trusted node's. */
export const flTrustStrategy = ({ layout, trusted }: Of & { readonly trusted: NodeId }): RobustStrategy =>
  robust('fltrust', layout, flTrust({ layout }, trusted))
