// The glue: a trainer of the learn room becomes the local work of a federated round.
import type { Layout } from '../algebra/index.ts'
import { YimengError } from '../base/index.ts'
import type { LocalWork } from '../federated/index.ts'
import { balancedOrder, batchOrder, type Trainer } from '../learn/index.ts'
import type { TrainingSite } from './label-skew.ts'
import type { LocalSpec } from './run-spec.ts'
import { rateAt } from './schedule.ts'
import { epochOver } from './training-rows.ts'

/** How far steps with momentum m go on a steady gradient, against as many without: mean of (1 − m^j) / (1 − m) over j = 1 … steps, since each round starts at rest. */
const travel = (steps: number, m: number): number => (m === 0 ? 1 : (steps - (m * (1 - m ** steps)) / (1 - m)) / (1 - m) / steps)

/**
 * Trains the received model on the site's rows: one call into the engine, with a fresh optimiser. Weight: the rows. Honours `proximal`, `rate`,
 * `steps`, `anchor` and `correction`.
 *
 * Rejects with YimengError `diverged` when a loss or parameter is not finite (from the engine), or the vector is not the model's.
 */
export const localWork =
  (
    trainer: Trainer,
    layout: Layout,
    local: Pick<LocalSpec, 'epochs' | 'steps' | 'batch' | 'optimiser' | 'schedule'>,
  ): LocalWork<TrainingSite> =>
  async (node, published) => {
    if (published.values.length !== layout.size)
      throw new YimengError({
        code: 'model-size',
        cannot: 'train',
        expected: `${layout.size} parameters`,
        got: String(published.values.length),
        where: { site: node.id },
      })
    const { train, classes } = node.site
    const { proximal, rate = 1, steps = local.steps } = published.numbers
    const { correction, anchor = published.values } = published.vectors
    const duration = steps === undefined ? { epochs: local.epochs ?? 1 } : { steps }
    const take = { batch: local.batch, ...duration }
    const batches = node.seed.split('batches')
    const order = classes === undefined ? batchOrder({ rows: train.rows, ...take }, batches) : balancedOrder({ classes, ...take }, batches)
    const learningRate = local.optimiser.learningRate * rateAt(local.schedule, node.basedOn)
    const hyper = {
      learningRate: rate * learningRate,
      ...(proximal === undefined ? {} : { proximal, anchor }),
      ...(correction === undefined ? {} : { correction }),
    }
    const start = trainer.start({ layout, values: published.values })
    const { state, losses } = await epochOver(trainer, start, train, order, hyper, node.seed.split('epoch'))
    return {
      values: state.params.values,
      weight: train.rows,
      loss: losses.reduce((sum, loss) => sum + loss, 0) / losses.length,
      steps: order.steps,
      ...(local.optimiser.name === 'sgd' ? { learningRate: rate * learningRate * travel(order.steps, local.optimiser.momentum) } : {}),
    }
  }
