// From a strategy to a program: the common case of a round of training, and the record that a run loop needs of any algorithm.
// After optax and FedJAX: an algorithm is a record of pure functions; and Reddi et al. 2021, "Adaptive federated optimization", algorithm 1: ClientOpt and ServerOpt.
import type { Params } from '../algebra/index.ts'
import { type Codec, voidCodec } from '../base/index.ts'
import type { Aggregation, LinearAggregation } from './aggregation.ts'
import { minus } from './arithmetic.ts'
import type { Awaitable, NodeContext, RoundProgram } from './round.ts'
import type { SumProtocol } from './sum-protocol.ts'
import { type Published, publishedCodec, type Trained, type Update } from './update.ts'

/**
 * What a task supplies: trains from the published model on the data of one site. Honours `model.numbers` (`proximal`, `rate`, `steps`) and `model.vectors` (`correction`, `anchor`), and leaves both
 * arguments as they were. The same node seed and model must give the same bits.
 */
export type LocalWork<Site> = (node: NodeContext<Site>, model: Published) => Awaitable<Trained>

/**
 * A strategy's half at the nodes: from the task's work to what is sent (`U`) and the node's own next state (`N`). Strategies that change how a site trains (SCAFFOLD's
 * correction, Ditto's second model, FedBN's own layers) wrap `work` here; `work` may be called any number of times.
 */
export interface ClientHalf<U, N> {
  /** A node's state before its first round. */
  readonly init: (params: Params) => N
  readonly codec: Codec<N>
  readonly update: <Site>(
    work: LocalWork<Site>,
  ) => (node: NodeContext<Site>, model: Published, local: N) => Awaitable<readonly [update: U, local: N]>
}

/** A training algorithm: server state `S`, update `U`, total `Acc`, result `R` of the fold, node state `N`. All functions are pure. */
export interface Strategy<S, U, Acc, R, N = void> {
  readonly name: string
  readonly init: (params: Params) => S
  readonly publish: (state: S) => Published
  readonly client: ClientHalf<U, N>
  readonly fold: Aggregation<U, Acc, R>
  readonly step: (state: S, result: R) => S
  /** The global model. */
  readonly model: (state: S) => Params
  /** The model of a site, from the server's state and the site's own, where sites have models of their own (FedBN, Ditto, IFCA). Absent: the global one. */
  readonly modelAt?: (state: S, local: N) => Params
  /** Mean training loss of the last round; NaN if unknown. */
  readonly loss: (state: S) => number
  readonly codec: Codec<S>
}

/** A strategy whose fold is a sum in a ring, so that it runs under any sum protocol. */
export interface LinearStrategy<S, U, Acc, R, N = void> extends Strategy<S, U, Acc, R, N> {
  readonly fold: LinearAggregation<U, Acc, R>
}

/** What a run loop needs of an algorithm, whatever its rounds look like inside. */
export interface Algorithm<S, N, Site> {
  readonly name: string
  readonly init: (params: Params) => S
  /** Makes one party's program of one round. */
  readonly program: () => RoundProgram<S, N, Site>
  readonly model: (state: S) => Params
  /** The model of a site, where sites have models of their own. Absent: the global one. */
  readonly modelAt?: (state: S, local: N) => Params
  /** Mean training loss of the last round; NaN if unknown. */
  readonly loss: (state: S) => number
  readonly stateCodec: Codec<S>
  readonly local: { readonly init: (params: Params) => N; readonly codec: Codec<N> }
}

/** Client half without a state of its own: train, then say what to send. */
export const stateless = <U>(send: (trained: Trained, model: Published) => U): ClientHalf<U, void> => ({
  init: () => undefined,
  codec: voidCodec,
  update: (work) => async (node, model) => [send(await work(node, model), model), undefined],
})

const update = (values: Float32Array, { weight, loss }: Trained): Update =>
  loss === undefined ? { values, weight } : { values, weight, loss }

/** Sends the trained model as it is. */
export const sendModel: ClientHalf<Update, void> = stateless((trained) => update(trained.values, trained))

/** Sends the trained model minus the published one, rounded to float32. */
export const sendDifference: ClientHalf<Update, void> = stateless((trained, { values }) => update(minus(trained.values, values), trained))

/** One round of a strategy: publish, train, add up, step. */
export const federatedRound: {
  <S, U, Acc, R, N, Site>(
    strategy: LinearStrategy<S, U, Acc, R, N>,
    work: LocalWork<Site>,
    via: SumProtocol<'linear'> | SumProtocol<'any'>,
  ): RoundProgram<S, N, Site>
  <S, U, Acc, R, N, Site>(strategy: Strategy<S, U, Acc, R, N>, work: LocalWork<Site>, via: SumProtocol<'any'>): RoundProgram<S, N, Site>
} =
  <S, U, Acc, R, N, Site>(
    strategy: Strategy<S, U, Acc, R, N>,
    work: LocalWork<Site>,
    via: SumProtocol<'linear'> | SumProtocol<'any'>,
  ): RoundProgram<S, N, Site> =>
  async (round, state) => {
    const model = await round.broadcast(publishedCodec, await round.atServer(strategy.publish, state))
    const done = await round.atClients(strategy.client.update(work), model, round.local)
    const sent = await round.atClients((_, [what]) => what, done)
    const local = await round.atClients((_, [, next]) => next, done)
    // either the fold is linear or the protocol carries any: the two signatures above let nothing else in
    const result = await round.aggregate(strategy.fold as LinearAggregation<U, Acc, R>, via, sent)
    return { server: await round.atServer(strategy.step, state, result), clients: local }
  }

/** A strategy as an algorithm for a run loop. */
export const algorithm: {
  <S, U, Acc, R, N, Site>(
    strategy: LinearStrategy<S, U, Acc, R, N>,
    work: LocalWork<Site>,
    via: SumProtocol<'linear'> | SumProtocol<'any'>,
  ): Algorithm<S, N, Site>
  <S, U, Acc, R, N, Site>(strategy: Strategy<S, U, Acc, R, N>, work: LocalWork<Site>, via: SumProtocol<'any'>): Algorithm<S, N, Site>
} = <S, U, Acc, R, N, Site>(
  strategy: Strategy<S, U, Acc, R, N>,
  work: LocalWork<Site>,
  via: SumProtocol<'linear'> | SumProtocol<'any'>,
): Algorithm<S, N, Site> => ({
  name: strategy.name,
  init: strategy.init,
  program: () => federatedRound(strategy as LinearStrategy<S, U, Acc, R, N>, work, via),
  model: strategy.model,
  ...(strategy.modelAt && { modelAt: strategy.modelAt }),
  loss: strategy.loss,
  stateCodec: strategy.codec,
  local: { init: strategy.client.init, codec: strategy.client.codec },
})
