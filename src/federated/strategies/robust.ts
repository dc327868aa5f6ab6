// Robust strategies: FedAvg whose mean is another fold of the updates. What holds of the fold (how many liars it bears) holds of the strategy.
import type { Layout } from '../../algebra/index.ts'
import type { Aggregation } from '../aggregation.ts'
import { median } from '../folds/median.ts'
import type { RobustFold } from '../folds/single-updates.ts'
import type { Mean } from '../folds/weighted-mean.ts'
import type { ByNode } from '../folds/by-node.ts'
import { type Strategy, sendDifference } from '../strategy.ts'
import type { Update } from '../update.ts'
import { plus } from './arithmetic.ts'
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

const of = (name: string, layout: Layout, fold: RobustFold): RobustStrategy => robust(name, layout, fold)

/** FedAvg with the coordinate-wise median: bears any minority of liars. */
export const fedMedian = ({ layout }: { readonly layout: Layout }): RobustStrategy => of('fedmedian', layout, median({ layout }))
