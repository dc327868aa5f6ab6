// What strategies ask of local work beside a model. The loss of a model on a site's own rows: local work with a learning rate of 0, which moves nothing and tells the loss.
import { YimengError } from '../../base/index.ts'
import type { NodeContext } from '../round.ts'
import type { LocalWork } from '../strategy.ts'
import type { Trained } from '../update.ts'

/**
 * Mean loss of a model over the rows that a round's work goes through.
 *
 * @throws YimengError `work-loss` for local work that tells no loss.
 */
export const lossAt = async <Site>(work: LocalWork<Site>, node: NodeContext<Site>, values: Float32Array): Promise<number> => {
  const { loss } = await work(node, { values, numbers: { rate: 0 }, vectors: {} })
  if (loss !== undefined) return loss
  throw new YimengError({ code: 'work-loss', cannot: 'measure loss', expected: 'local work that tells its loss', got: 'none' })
}

/**
 * The learning rate of a site's steps: the strategy's option, or else what the work tells.
 *
 * @throws YimengError `work-rate` when neither says it.
 */
export const rateOf = (of: string, option: number | undefined, { learningRate }: Trained): number => {
  const rate = option ?? learningRate
  if (rate !== undefined) return rate
  throw new YimengError({
    code: 'work-rate',
    cannot: `train with ${of}`,
    expected: 'sites that take steps of SGD',
    got: 'another optimiser',
  })
}
