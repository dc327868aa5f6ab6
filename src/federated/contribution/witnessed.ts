// A strategy whose server keeps the single updates of the last round beside its own state, so that the round can be looked at as a game (game.ts) once it is committed.
// What sites send stays the same, bytes and all: one input is folded twice, as the strategy does and by node. The second fold is no sum: who may not see single sites does not run it.
import { type Codec, float32Codec, structCodec } from '../../base/index.ts'
import type { Aggregation } from '../aggregation.ts'
import { type ByNode, byNode } from '../folds/by-node.ts'
import type { Strategy } from '../strategy.ts'
import { type Update, updateCodec } from '../update.ts'

/** The updates of the last round, and the model before it, `[size]`. Before the first round: no updates. */
export interface Seen {
  readonly before: Float32Array
  readonly updates: ByNode<Update>
}

/** A strategy's state, and what the last round brought. */
export interface Witnessed<S> {
  readonly own: S
  readonly seen: Seen
}

/** One input, folded by two folds that read it alike. */
const bothOf = <I, A, O, B, P>(
  first: Aggregation<I, A, O>,
  second: Aggregation<I, B, P>,
): Aggregation<I, readonly [A, B], readonly [O, P]> => {
  const total = structCodec<{ readonly 0: A; readonly 1: B }>({ 0: first.total, 1: second.total })
  return {
    input: first.input,
    total: {
      encode: ([a, b]) => total.encode({ 0: a, 1: b }),
      decode: (bytes) => {
        const { 0: a, 1: b } = total.decode(bytes)
        return [a, b]
      },
    },
    sum: { zero: () => [first.sum.zero(), second.sum.zero()], add: ([a, b], [x, y]) => [first.sum.add(a, x), second.sum.add(b, y)] },
    lift: (x, from) => [first.lift(x, from), second.lift(x, from)],
    finish: ([a, b]) => [first.finish(a), second.finish(b)],
  }
}

const byNodeUpdates = byNode(updateCodec)
const seenCodec: Codec<Seen> = structCodec<Seen>({ before: float32Codec, updates: byNodeUpdates.total })

/** The strategy, for updates that are models or differences of models; its model is the same, bit for bit. */
export const witnessed = <S, Acc, R, N>(
  strategy: Strategy<S, Update, Acc, R, N>,
): Strategy<Witnessed<S>, Update, readonly [Acc, ByNode<Update>], readonly [R, ByNode<Update>], N> => ({
  name: strategy.name,
  init: (params) => ({ own: strategy.init(params), seen: { before: params.values, updates: new Map() } }),
  publish: ({ own }) => strategy.publish(own),
  client: strategy.client,
  fold: bothOf(strategy.fold, byNodeUpdates),
  step: ({ own }, [result, updates]) => ({ own: strategy.step(own, result), seen: { before: strategy.model(own).values, updates } }),
  model: ({ own }) => strategy.model(own),
  ...(strategy.modelAt && { modelAt: ({ own }: Witnessed<S>, local: N) => strategy.modelAt!(own, local) }),
  loss: ({ own }) => strategy.loss(own),
  codec: structCodec<Witnessed<S>>({ own: strategy.codec, seen: seenCodec }),
})
