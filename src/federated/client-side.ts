// The clients' projection of a round: what one node runs.
import type { Channel, Codec } from '../base/index.ts'
import type { Aggregation } from './aggregation.ts'
import { type Attempt, causeOf, refusal, stamp, stepChannel, unstamp } from './frame.ts'
import { located } from './located.ts'
import type { AllAt, AtClients, AtServer } from './placement.ts'
import type { Awaitable, NodeContext, Round, RoundProgram } from './round.ts'
import { unlessAborted } from './signals.ts'
import type { SumProtocol } from './sum-protocol.ts'

/** What a node needs to run its side of one attempt of a round. */
export interface ClientSide<S, N, Site> extends Attempt {
  /** Makes the program. Called afresh for every projection, so that no closure carries a value from one party to another. */
  readonly program: () => RoundProgram<S, N, Site>
  readonly node: NodeContext<Site>
  /** The node's own state, as of its last committed round. */
  readonly local: N
  /** To the server; for this attempt only. */
  readonly channel: Channel
}

/**
 * How it ended for the node. `pending`: its part is done and `local` becomes its state if, and only if, the round commits with this node counted.
 * `failed`: its work failed, or the server closed the round for it; its state stays as it was. `error` is for the node's own eyes: it may quote data.
 */
export type ClientOutcome<N> =
  | { readonly kind: 'pending'; readonly local: N }
  | { readonly kind: 'failed'; readonly cause: string; readonly error: unknown }

/** Runs one node's side. Tells the server when the work fails, without the data; stops with `failed` when `node.signal` aborts or the channel closes. */
export const clientSide = async <S, N, Site>(side: ClientSide<S, N, Site>): Promise<ClientOutcome<N>> => {
  const { node, channel } = side
  const { hold, elsewhere, open, check } = located('clients')
  // steps are counted when a verb is called and taken in that order, as at the server
  let steps = 0
  let last: Promise<unknown> = Promise.resolve()
  const inTurn = <T>(work: (step: number) => Promise<T>): Promise<T> => {
    const step = ++steps
    const turn = last.then(() => work(step))
    last = turn.catch(() => undefined)
    return turn
  }

  const round: Round<Site, N> = {
    local: hold<'clients', N>('clients', side.local),
    broadcast: <T>(codec: Codec<T>, x: AtServer<T>) => {
      check('server', [x])
      return inTurn(async (step) =>
        hold<'clients', T>('clients', codec.decode(unstamp(await channel.receive(node.signal), side, step, 'broadcast', node.id))),
      )
    },
    atClients: async <A extends readonly unknown[], B>(
      f: (node: NodeContext<Site>, ...a: A) => Awaitable<B>,
      ...xs: AllAt<'clients', A>
    ): Promise<AtClients<B>> => {
      const values = (xs as readonly AtClients<unknown>[]).map((x) => open('clients', x)) as unknown as A
      return hold('clients', await unlessAborted(Promise.resolve(f(node, ...values)), node.signal))
    },
    aggregate: <I, A, O>(how: Aggregation<I, A, O>, via: SumProtocol<'linear'> | SumProtocol<'any'>, x: AtClients<I>) => {
      const input = open('clients', x)
      return inTurn(async (step) => {
        // the overloads of Round keep a linear protocol from other folds
        const to = stepChannel(channel, side, step, node.id)
        const part = (via as SumProtocol<'any'>).contribute(how, input, node.id, to, node.signal, {
          run: side.run,
          round: side.round,
          step,
        })
        await unlessAborted(part, node.signal)
        return elsewhere<'server', O>('server')
      })
    },
    atServer: async (_, ...xs) => {
      check('server', xs)
      return elsewhere('server')
    },
  }

  try {
    const { clients } = await side.program()(round, elsewhere<'server', S>('server'))
    return { kind: 'pending', local: open('clients', clients) }
  } catch (error) {
    // the server may be gone already: then it knows
    await unlessAborted(channel.send(stamp(side, steps, 'refusal', refusal(error))), node.signal).catch(() => undefined)
    return { kind: 'failed', cause: causeOf(error), error }
  }
}
