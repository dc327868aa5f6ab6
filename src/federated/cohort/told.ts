// What sites tell of themselves for the choice of later rounds: their mean loss. It travels with the update through a fold keyed by node, so only where the server may see single sites; it
// commits with the round.
import { type Codec, float64Codec, listCodec, structCodec, textCodec, YimengError } from '../../base/index.ts'
import { type ByNode, byNode } from '../folds/by-node.ts'
import { pair } from '../folds/pair.ts'
import type { NodeId } from '../placement.ts'
import { numberCodec } from '../strategies/fed-avg.ts'
import type { Strategy } from '../strategy.ts'
import type { Trained } from '../update.ts'

/** Of each site that has taken part: its mean training loss then, and the round. */
export type Told = ReadonlyMap<NodeId, { readonly loss: number; readonly round: number }>

/** A strategy's state, and what sites have told. */
export interface Telling<S> {
  readonly own: S
  readonly rounds: number
  readonly told: Told
}

const toldCodec: Codec<Told> = (() => {
  const list = listCodec(structCodec({ node: textCodec, facts: float64Codec }))
  return {
    encode: (told) => list.encode([...told].map(([node, { loss, round }]) => ({ node, facts: Float64Array.of(loss, round) }))),
    decode: (bytes) => new Map(list.decode(bytes).map(({ node, facts: [loss = Number.NaN, round = 0] }) => [node, { loss, round }])),
  }
})()

/** The strategy, whose sites tell their losses beside what they send. @throws YimengError `work-loss` at a site whose work tells none. */
export const telling = <S, U, Acc, R, N>(
  strategy: Strategy<S, U, Acc, R, N>,
): Strategy<Telling<S>, readonly [U, number], readonly [Acc, ByNode<number>], readonly [R, ByNode<number>], N> => ({
  name: strategy.name,
  init: (params) => ({ own: strategy.init(params), rounds: 0, told: new Map() }),
  publish: ({ own }) => strategy.publish(own),
  client: {
    ...strategy.client,
    update: (work) => async (node, model, local) => {
      const trained: Trained[] = []
      const watched: typeof work = async (...of) => {
        const result = await work(...of)
        trained.push(result)
        return result
      }
      const [update, next] = await strategy.client.update(watched)(node, model, local)
      const loss = trained[0]?.loss
      if (loss !== undefined) return [[update, loss], next]
      throw new YimengError({ code: 'work-loss', cannot: 'measure loss', expected: 'local work that tells its loss', got: 'none' })
    },
  },
  fold: pair(strategy.fold, byNode(numberCodec)),
  step: ({ own, rounds, told }, [result, losses]) => ({
    own: strategy.step(own, result),
    rounds: rounds + 1,
    told: new Map([...told, ...[...losses].map(([node, loss]) => [node, { loss, round: rounds + 1 }] as const)]),
  }),
  model: ({ own }) => strategy.model(own),
  ...(strategy.modelAt && { modelAt: ({ own }: Telling<S>, local: N) => strategy.modelAt!(own, local) }),
  loss: ({ own }) => strategy.loss(own),
  codec: structCodec<Telling<S>>({ own: strategy.codec, rounds: numberCodec, told: toldCodec }),
})
