// What happens to an update between training and the sum: clip, noise, quantise, sparsify. Transforms compose; their state (error feedback) is the node's and commits with
// the round.
import { type Codec, structCodec, voidCodec } from '../../base/index.ts'
import type { Aggregation, LinearAggregation } from '../aggregation.ts'
import type { Awaitable, NodeContext } from '../round.ts'
import type { LinearStrategy, Strategy } from '../strategy.ts'

/** From `A` to `B` at a node, with a state `S` of its own. `apply` changes neither argument. */
export interface Transform<A, B, S = void> {
  readonly name: string
  readonly init: () => S
  readonly codec: Codec<S>
  readonly apply: (x: A, state: S, node: NodeContext<unknown>) => Awaitable<readonly [B, S]>
}

/** A transform without state. */
export const pure = <A, B>(name: string, apply: (x: A, node: NodeContext<unknown>) => Awaitable<B>): Transform<A, B> => ({
  name,
  init: () => undefined,
  codec: voidCodec,
  apply: async (x, _, node) => [await apply(x, node), undefined],
})

/** States of both parts of a chain. */
export interface Both<S, T> {
  readonly first: S
  readonly second: T
}

const then = <A, B, C, S, T>(first: Transform<A, B, S>, second: Transform<B, C, T>): Transform<A, C, Both<S, T>> => ({
  name: `${first.name} ▸ ${second.name}`,
  init: () => ({ first: first.init(), second: second.init() }),
  codec: structCodec<Both<S, T>>({ first: first.codec, second: second.codec }),
  apply: async (x, state, node) => {
    const [between, s] = await first.apply(x, state.first, node)
    const [out, t] = await second.apply(between, state.second, node)
    return [out, { first: s, second: t }]
  },
})

/** One after the other, left to right. The types must meet: noise takes what clipping makes. */
export const chain: {
  <A, B, C, S, T>(first: Transform<A, B, S>, second: Transform<B, C, T>): Transform<A, C, Both<S, T>>
  <A, B, C, D, S, T, U>(
    first: Transform<A, B, S>,
    second: Transform<B, C, T>,
    third: Transform<C, D, U>,
  ): Transform<A, D, Both<Both<S, T>, U>>
} = <A, B, C, D, S, T, U>(first: Transform<A, B, S>, second: Transform<B, C, T>, third?: Transform<C, D, U>): never =>
  (third === undefined ? then(first, second) : then(then(first, second), third)) as never

/**
 * A strategy whose updates pass through a transform before they are added up by `fold`: `transformed(fedAvg(bounds), clipped(bound), boundedMean(…))`.
 * What the nodes keep is the strategy's state and the transform's.
 */
export const transformed: {
  <S, U, V, Acc, Acc2, R, N, T>(
    strategy: Strategy<S, U, Acc, R, N>,
    transform: Transform<U, V, T>,
    fold: LinearAggregation<V, Acc2, R>,
  ): LinearStrategy<S, V, Acc2, R, Both<N, T>>
  <S, U, V, Acc, Acc2, R, N, T>(
    strategy: Strategy<S, U, Acc, R, N>,
    transform: Transform<U, V, T>,
    fold: Aggregation<V, Acc2, R>,
  ): Strategy<S, V, Acc2, R, Both<N, T>>
} = <S, U, V, Acc, Acc2, R, N, T>(
  { client, modelAt, ...strategy }: Strategy<S, U, Acc, R, N>,
  transform: Transform<U, V, T>,
  fold: Aggregation<V, Acc2, R>,
): LinearStrategy<S, V, Acc2, R, Both<N, T>> => ({
  ...strategy,
  ...(modelAt && { modelAt: (state: S, local: Both<N, T>) => modelAt(state, local.first) }),
  name: `${strategy.name} ▸ ${transform.name}`,
  client: {
    init: (params) => ({ first: client.init(params), second: transform.init() }),
    codec: structCodec<Both<N, T>>({ first: client.codec, second: transform.codec }),
    update: (work) => {
      const train = client.update(work)
      return async (node, model, local) => {
        const [update, first] = await train(node, model, local.first)
        const [out, second] = await transform.apply(update, local.second, node)
        return [out, { first, second }]
      }
    },
  },
  // linear wherever the first signature says so
  fold: fold as LinearAggregation<V, Acc2, R>,
})
