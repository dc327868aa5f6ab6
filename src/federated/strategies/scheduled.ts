// A server optimiser whose learning rate changes from round to round. Moments do not depend on where the model goes, so that η·f is f times the move that η makes.
import type { RingVector } from '../../algebra/index.ts'
import { structCodec } from '../../base/index.ts'
import type { Mean } from '../folds/weighted-mean.ts'
import type { LinearStrategy } from '../strategy.ts'
import type { Counted } from '../transforms/shared-support.ts'
import type { Update } from '../update.ts'
import { numberCodec } from './fed-avg.ts'
import type { FedOpt, OptimiserState } from './fed-opt.ts'

/** `fedAvgM`, `fedAdam` and the like with `factor(round)` times their rate; rounds are counted from 1. */
export const scheduled = (
  strategy: FedOpt,
  factor: (round: number) => number,
): LinearStrategy<Counted<OptimiserState>, Update, RingVector, Mean> => ({
  name: strategy.name,
  client: strategy.client,
  fold: strategy.fold,
  init: (params) => ({ inner: strategy.init(params), rounds: 0 }),
  publish: ({ inner }) => strategy.publish(inner),
  step: ({ inner, rounds }, mean) => {
    const next = strategy.step(inner, mean)
    const { layout, values: before } = inner.model.params
    const now = factor(rounds + 1)
    const values = next.model.params.values.slice()
    for (let i = 0; i < values.length; i += 1) values[i] = before[i]! + now * (values[i]! - before[i]!)
    return { inner: { ...next, model: { ...next.model, params: { layout, values } } }, rounds: rounds + 1 }
  },
  model: ({ inner }) => strategy.model(inner),
  loss: ({ inner }) => strategy.loss(inner),
  codec: structCodec<Counted<OptimiserState>>({ inner: strategy.codec, rounds: numberCodec }),
})
