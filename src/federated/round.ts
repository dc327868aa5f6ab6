// A round is one program that every party runs; each runs its own side of it. Four verbs are the only ways a value moves.
// After HasChor (Shen, Kashiwa, Kuper 2023) and TensorFlow Federated's placements; here the placement is a TypeScript type and each side is a projection.
import type { Codec, Seed } from '../base/index.ts'
import type { Aggregation, LinearAggregation } from './aggregation.ts'
import type { AllAt, AtClients, AtServer, NodeId } from './placement.ts'
import type { SumProtocol } from './sum-protocol.ts'

export type Awaitable<T> = T | Promise<T>

/** What a node knows of itself while it works. `Site` is its own data; `seed` derives from (run seed, round, node), never from attempt or arrival order: see {@link nodeSeed}. */
export interface NodeContext<Site> {
  readonly id: NodeId
  readonly site: Site
  readonly seed: Seed
  /** Number of the round whose published model this work starts from. */
  readonly basedOn: number
  readonly signal: AbortSignal
}

/** The seed of a node's work in a round. Every loop that runs nodes derives it here, so that a simulation and a network draw the same numbers. */
export const nodeSeed = (run: Seed, round: number, node: NodeId): Seed => run.split('round', round, 'node', node)

/** The verbs. `Site` is what a node holds, `N` the state that it keeps from round to round. A program calls them in the same order at every party. */
export interface Round<Site, N> {
  /** Each node's own state (SCAFFOLD's variate, FedBN's layers, error feedback). Never change it in place: a node left out of the round keeps it. */
  readonly local: AtClients<N>
  /** Sends a server value to every node of the cohort. */
  readonly broadcast: <T>(codec: Codec<T>, x: AtServer<T>) => Promise<AtClients<T>>
  /** Computes at every node of the cohort. `f` sees only what it is given: no outer variable may be assigned inside. */
  readonly atClients: <A extends readonly unknown[], B>(
    f: (node: NodeContext<Site>, ...a: A) => Awaitable<B>,
    ...xs: AllAt<'clients', A>
  ) => Promise<AtClients<B>>
  /** The only road from clients to server. */
  readonly aggregate: {
    <I, A, O>(how: LinearAggregation<I, A, O>, via: SumProtocol<'linear'> | SumProtocol<'any'>, x: AtClients<I>): Promise<AtServer<O>>
    <I, A, O>(how: Aggregation<I, A, O>, via: SumProtocol<'any'>, x: AtClients<I>): Promise<AtServer<O>>
  }
  /** Computes at the server. */
  readonly atServer: <A extends readonly unknown[], B>(f: (...a: A) => Awaitable<B>, ...xs: AllAt<'server', A>) => Promise<AtServer<B>>
}

/** One round of an algorithm: from the server's state to the server's and the nodes' next states. Both change only when the round commits. */
export type RoundProgram<S, N = void, Site = unknown> = (
  round: Round<Site, N>,
  state: AtServer<S>,
) => Promise<{ readonly server: AtServer<S>; readonly clients: AtClients<N> }>
