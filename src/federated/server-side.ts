// The server's projection of a round: what the coordinator runs over its cohort.
import { type Channel, type Codec, partsOf, sendParts, YimengError } from '../base/index.ts'
import type { Aggregation } from './aggregation.ts'
import { type Attempt, refusal, stamp, stampParts, stepChannel } from './frame.ts'
import { gather } from './gather.ts'
import { located } from './located.ts'
import type { AllAt, AtClients, AtServer, NodeId } from './placement.ts'
import type { Awaitable, Round, RoundProgram } from './round.ts'
import type { Cohort, SumProtocol } from './sum-protocol.ts'

/** What the server needs to run its side of one attempt of a round. */
export interface ServerSide<S, N, Site> extends Attempt {
  /** Makes the program. Called afresh for every projection, so that no closure carries a value from one party to another. */
  readonly program: () => RoundProgram<S, N, Site>
  readonly state: S
  /** The chosen nodes with a fresh channel each, for this attempt only; whoever opened the channels closes them afterwards. */
  readonly cohort: Cohort
}

/**
 * How a round ended. `counted`: the nodes that are in every sum of the round, sorted: they alone commit their pending state. `refused`: nodes that are not counted, with a cause.
 * An aborted round changes nothing. Causes: `lostQuorum` (too few nodes left), `cancelled` (the cohort's signal), `failed` (the program itself: `error` says why).
 */
export type RoundOutcome<S> =
  | { readonly kind: 'committed'; readonly state: S; readonly counted: readonly NodeId[]; readonly refused: ReadonlyMap<NodeId, string> }
  | {
      readonly kind: 'aborted'
      readonly cause: 'lostQuorum' | 'cancelled' | 'failed'
      readonly error: unknown
      readonly refused: ReadonlyMap<NodeId, string>
    }

/** Runs the server's side. Nodes that fail, refuse, miss the deadline or send what is beyond bounds drop out of the rest of the round; below quorum the round aborts. */
export const serverSide = async <S, N, Site>(side: ServerSide<S, N, Site>): Promise<RoundOutcome<S>> => {
  const { links, quorum, signal } = side.cohort
  const where = { run: side.run, round: side.round, attempt: side.attempt }
  const { hold, elsewhere, open, check } = located('server')
  const live = new Set([...links.keys()].sort())
  const refused = new Map<NodeId, string>()
  let lostQuorum = false

  const drop = (node: NodeId, step: number, cause: string): void => {
    if (!live.delete(node)) return
    refused.set(node, cause)
    // so that its side ends now and not when its channel closes
    const error = new YimengError({
      code: 'round-left-out',
      cannot: 'count node',
      expected: 'its part in time and in bounds',
      got: cause,
      where,
    })
    void links
      .get(node)
      ?.send(stamp(side, step, 'refusal', refusal(error)))
      .catch(() => undefined)
  }
  const needQuorum = (): void => {
    signal.throwIfAborted()
    if (live.size >= quorum && live.size > 0) return
    lostQuorum = true
    throw new YimengError({ code: 'round-quorum', cannot: 'go on with round', expected: `${quorum} nodes`, got: String(live.size), where })
  }

  // steps are counted when a verb is called and taken in that order, as at the clients
  let steps = 0
  let last: Promise<unknown> = Promise.resolve()
  const inTurn = <T>(work: (step: number) => Promise<T>): Promise<T> => {
    const step = ++steps
    const turn = last.then(() => {
      needQuorum()
      return work(step)
    })
    last = turn.catch(() => undefined)
    return turn
  }
  const liveLinks = (link: (channel: Channel, node: NodeId) => Channel): ReadonlyMap<NodeId, Channel> =>
    new Map([...live].map((node) => [node, link(links.get(node)!, node)]))

  const round: Round<Site, N> = {
    local: elsewhere<'clients', N>('clients'),
    broadcast: <T>(codec: Codec<T>, x: AtServer<T>) => {
      const value = open('server', x)
      return inTurn(async (step) => {
        const frame = stampParts(side, step, 'broadcast', partsOf(codec, value))
        const failed = new Map<NodeId, string>()
        const cohort = { ...side.cohort, links: liveLinks((channel) => channel) }
        await gather(
          cohort,
          failed,
          (channel) => sendParts(channel, frame),
          () => undefined,
        )
        for (const [node, cause] of failed) drop(node, step, cause)
        needQuorum()
        return elsewhere<'clients', T>('clients')
      })
    },
    atClients: async (_, ...xs) => {
      check('clients', xs)
      return elsewhere('clients')
    },
    aggregate: <I, A, O>(how: Aggregation<I, A, O>, via: SumProtocol<'linear'> | SumProtocol<'any'>, x: AtClients<I>) => {
      check('clients', [x])
      return inTurn(async (step) => {
        if (via.carries === 'linear' && !('linear' in how))
          throw new YimengError({
            code: 'sum-linear',
            cannot: `aggregate through ${via.name}`,
            expected: 'a linear fold',
            got: 'one that needs single values',
            where,
          })
        const cohort = { ...side.cohort, links: liveLinks((channel, node) => stepChannel(channel, side, step, node)) }
        // the overloads of Round keep a linear protocol from other folds
        const collected = await (via as SumProtocol<'any'>).collect(how, cohort)
        signal.throwIfAborted()
        const from = new Set(collected.from)
        for (const node of live) if (!from.has(node)) drop(node, step, collected.refused.get(node) ?? 'not in the sum')
        if (collected.kind === 'lostQuorum' || live.size < quorum) {
          lostQuorum = true
          throw new YimengError({
            code: 'round-quorum',
            cannot: 'add up contributions',
            expected: `${quorum} of them`,
            got: String(from.size),
            where: { ...where, step },
          })
        }
        return hold<'server', O>('server', collected.kind === 'finished' ? collected.result : how.finish(collected.total))
      })
    },
    atServer: async <A extends readonly unknown[], B>(f: (...a: A) => Awaitable<B>, ...xs: AllAt<'server', A>): Promise<AtServer<B>> => {
      const values = (xs as readonly AtServer<unknown>[]).map((x) => open('server', x)) as unknown as A
      return hold('server', await f(...values))
    },
  }

  try {
    const { server } = await side.program()(round, hold<'server', S>('server', side.state))
    needQuorum()
    return { kind: 'committed', state: open('server', server), counted: [...live], refused }
  } catch (error) {
    const cause = lostQuorum ? 'lostQuorum' : signal.aborted ? 'cancelled' : 'failed'
    const reason =
      cause === 'cancelled'
        ? new YimengError({ code: 'round-cancelled', cannot: 'go on with round', expected: 'no cancellation', got: 'one', where })
        : error
    for (const node of live)
      void links
        .get(node)
        ?.send(stamp(side, steps, 'refusal', refusal(reason)))
        .catch(() => undefined)
    return { kind: 'aborted', cause, error, refused }
  }
}
