// A node's loop: it waits for orders, runs its side of each round, and keeps its own state: pending until the coordinator says that its update was counted.
import { type Channel, type Codec, type Seed, YimengError } from '../base/index.ts'
import { type Awaitable, clientSide, type NodeId, nodeSeed, type RoundProgram } from '../federated/index.ts'
import type { RoundCost } from '../privacy/index.ts'
import { CONTROL_STREAM, faultOf, nodeControl, type Order } from './control.ts'
import { multiplexed } from './multiplex.ts'
import { type Bulk, bulkChannel } from './transports/bulk-channel.ts'
import type { NodeStore } from './journal/node-store.ts'

/** A node's part in the rounds of one program. */
export interface NodeStage<N = unknown, Site = unknown> {
  readonly program: () => RoundProgram<unknown, N, Site>
  /** Its state before its first round. */
  readonly initial: () => Awaitable<N>
  readonly codec: Codec<N>
  /** What the program sees of the site. */
  readonly site: () => Awaitable<Site>
  /** What each round costs in privacy. Absent: nothing is accounted. */
  readonly cost?: RoundCost
}

/** What a node needs to take part in a run. */
export interface NodePart {
  readonly id: NodeId
  readonly run: string
  readonly specHash: string
  readonly trainRows: number
  readonly testRows: number
  /** The run's seed: the node knows the spec. */
  readonly seed: Seed
  readonly channel: Channel
  /** How the large frames of an attempt travel. Absent: with the others. */
  readonly bulk?: () => Bulk
  readonly store: NodeStore
  /** Writes down what an attempt costs before any work on it; rejects where the site will not pay. Absent: the coordinator's ledger is the only one. */
  readonly charge?: (at: { readonly round: number; readonly attempt: number }, cost: RoundCost) => Promise<void>
  /**
   * The stage of this name; undefined refuses it. `committed` gives the node's own committed state of another stage, decoded by that stage's codec (analytics before training).
   */
  readonly stage: (
    name: string,
    committed: <N>(stage: string, codec: Codec<N>) => Promise<N | undefined>,
  ) => Awaitable<NodeStage | undefined>
  readonly signal: AbortSignal
}

type Begin = Extract<Order, { readonly kind: 'begin' }>

/**
 * Takes part in a run until the coordinator says `finish`, the channel closes, or `signal` aborts. Failures of its own work are told to the coordinator, in words
 * without data, and do not end the loop.
 */
export const nodeLoop = async (part: NodePart): Promise<void> => {
  const streams = multiplexed(part.channel)
  const control = nodeControl(streams.stream(CONTROL_STREAM))
  const stages = new Map<string, NodeStage>()
  // states are kept decoded: a node decodes its store once, not each round
  const states = new Map<string, unknown>()
  const pending = new Map<string, { readonly round: number; readonly attempt: number; readonly state: unknown; readonly stored: boolean }>()
  let current: { readonly at: Begin; readonly stop: AbortController; readonly done: Promise<void> } | undefined

  const committed = async <N>(name: string, codec: Codec<N>): Promise<N | undefined> => {
    if (states.has(name)) return states.get(name) as N
    const kept = await part.store.committed(name)
    return kept === undefined ? undefined : codec.decode(kept.state)
  }

  /** The stage of an attempt, paid for, with what it sees of the site; its state is in `states`. */
  const ready = async (name: string, round: number, attempt: number) => {
    const stage = stages.get(name) ?? (await part.stage(name, committed))
    if (stage === undefined) throw new YimengError({ code: 'stage-unknown', cannot: 'take part', expected: 'a known stage', got: name })
    stages.set(name, stage)
    if (stage.cost !== undefined) await part.charge?.({ round, attempt }, stage.cost)
    if (!states.has(name)) states.set(name, (await committed(name, stage.codec)) ?? (await stage.initial()))
    return { stage, site: await stage.site() }
  }

  const work = async (at: Begin, stop: AbortController): Promise<void> => {
    const { stage: name, round, attempt } = at
    const stream = streams.stream(at.stream)
    const channel = part.bulk === undefined ? stream : bulkChannel(stream, part.bulk())
    const side = { run: part.run, round, attempt, channel }
    const node = { id: part.id, seed: nodeSeed(part.seed, round, part.id), basedOn: round, signal: stop.signal }
    // told as failing work is told: else the server would wait for its deadline
    const unable = async (error: unknown): Promise<never> => {
      const failing = async (): Promise<never> => {
        throw error
      }
      await clientSide({ ...side, program: () => failing, node: { ...node, site: undefined }, local: undefined })
      return failing()
    }
    try {
      const { stage, site } = await ready(name, round, attempt).catch(unable)
      const outcome = await clientSide({ ...side, program: stage.program, node: { ...node, site }, local: states.get(name) })
      if (outcome.kind === 'failed') throw outcome.error
      const bytes = stage.codec.encode(outcome.local)
      // a state of no bytes is no state: most strategies have none, and a write for each node and round would be their largest cost
      const stored = bytes.length > 0
      if (stored) await part.store.pend(name, round, attempt, bytes)
      pending.set(name, { round, attempt, state: outcome.local, stored })
      await control.send({ kind: 'pending', stage: name, round, attempt })
    } catch (error) {
      const fault = stop.signal.aborted ? undefined : faultOf(error)
      await control.send({ kind: 'failed', stage: name, round, attempt, ...(fault === undefined ? {} : { fault }) }).catch(() => undefined)
    } finally {
      await channel.close()
    }
  }

  const settle = async (name: string, round: number, attempt: number, counted: boolean): Promise<void> => {
    const waiting = pending.get(name)
    pending.delete(name)
    if (waiting === undefined || waiting.round !== round || waiting.attempt !== attempt) return
    if (counted) {
      if (waiting.stored) await part.store.commit(name, round, attempt)
      states.set(name, waiting.state)
    } else if (waiting.stored) await part.store.discard(name)
  }

  try {
    await control.send({
      kind: 'hello',
      site: part.id,
      run: part.run,
      specHash: part.specHash,
      trainRows: part.trainRows,
      testRows: part.testRows,
    })
    for (;;) {
      const order = await control.receive(part.signal)
      if (order.kind === 'finish') return
      if (order.kind === 'welcome') {
        // what this node slept through
        for (const { stage, round, attempt, counted } of order.last) if (counted) await part.store.commit(stage, round, attempt)
        for (const { stage } of order.last) await part.store.discard(stage)
      } else if (order.kind === 'begin') {
        current?.stop.abort(new YimengError({ code: 'node-stopped', cannot: 'go on', expected: 'the current attempt', got: 'a newer one' }))
        await current?.done
        const stop = new AbortController()
        current = { at: order, stop, done: work(order, stop) }
      } else if (order.kind === 'abort') {
        if (current?.at.round === order.round && current.at.attempt === order.attempt)
          current.stop.abort(new YimengError({ code: 'node-stopped', cannot: 'go on', expected: 'no abort', got: 'one' }))
        await current?.done
        await settle(order.stage, order.round, order.attempt, false)
      } else {
        // the round went on without this node: whoever finished old work first would be late for the next round too
        if (!order.counted && current?.at.round === order.round && current.at.attempt === order.attempt)
          current.stop.abort(new YimengError({ code: 'node-stopped', cannot: 'go on', expected: 'an open round', got: 'a committed one' }))
        await current?.done
        await settle(order.stage, order.round, order.attempt, order.counted)
      }
    }
  } catch (error) {
    // the coordinator is gone, or we are told to stop: both are ordinary ends
    if (!part.signal.aborted && !(error instanceof YimengError && error.code === 'channel-closed')) throw error
  } finally {
    current?.stop.abort(new YimengError({ code: 'node-stopped', cannot: 'go on', expected: 'a running node', got: 'its end' }))
    await current?.done
    await streams.close()
  }
}
