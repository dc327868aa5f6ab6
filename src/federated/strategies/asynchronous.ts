// A round of an asynchronous algorithm: a window of updates, each trained from the model that its site last received, however old that is by now.
//   each site of the window:  trains from the model that it holds, sends what it made, and how many rounds old that model is counts in what it sends
//   server:                   adds up, steps
//   each site of the window:  receives the new model and holds it until its next window
// A site's held model is its state: it commits with the round, so that a window that fails leaves everybody where they were. Who is in a window says the schedule.
import { type Codec, float32Codec, structCodec } from '../../base/index.ts'
import type { LinearAggregation } from '../aggregation.ts'
import type { Algorithm, LocalWork, Strategy } from '../strategy.ts'
import type { SumProtocol } from '../sum-protocol.ts'
import { publishedCodec, type Published, type Trained } from '../update.ts'
import { numberCodec } from './fed-avg.ts'

/** The model that a site works from, and the round that made it (0: the first). */
export interface Held {
  readonly values: Float32Array
  readonly version: number
}

const heldCodec: Codec<Held> = structCodec<Held>({ values: float32Codec, version: numberCodec })

/** An algorithm whose sites need not wait for each other. `send`: what to send of what was trained from `base`, which is `age` rounds old; 0 is fresh. */
export interface Asynchronous<S, U, Acc, R> extends Omit<Strategy<S, U, Acc, R>, 'client' | 'fold' | 'modelAt'> {
  readonly fold: LinearAggregation<U, Acc, R>
  readonly send: (trained: Trained, base: Float32Array, age: number) => U
}

/** The algorithm for a run loop. Where every site is in every window, each works from a fresh model, and it is a synchronous one. */
export const asynchronous = <S, U, Acc, R, Site>(
  { name, init, publish, send, fold, step, model, loss, codec: stateCodec }: Asynchronous<S, U, Acc, R>,
  work: LocalWork<Site>,
  via: SumProtocol<'linear'> | SumProtocol<'any'>,
): Algorithm<S, Held, Site> => ({
  name,
  init,
  model,
  loss,
  stateCodec,
  local: { init: ({ values }) => ({ values, version: 0 }), codec: heldCodec },
  program: () => async (round, state) => {
    const sent = await round.atClients(async (node, { values, version }) => {
      const published: Published = { values, numbers: {}, vectors: {} }
      return send(await work(node, published), values, node.basedOn - 1 - version)
    }, round.local)
    const next = await round.atServer(step, state, await round.aggregate(fold, via, sent))
    const made = await round.broadcast(publishedCodec, await round.atServer(publish, next))
    return { server: next, clients: await round.atClients((node, { values }) => ({ values, version: node.basedOn }), made) }
  },
})
