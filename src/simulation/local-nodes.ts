// The nodes of a run in this process: a loop each, and the members that they are to the coordinator, over channels in memory that carry bytes.
// A node is awake while it takes part and for a while after; at rest a site is its name, its rows and what it has in the journal, so that thousands of sites fit into one process.
import { memoryChannels, type Traffic, YimengError } from '../base/index.ts'
import type { NodeId } from '../federated/index.ts'
import { admit, type Journal, type Member, nodeLoop } from '../runtime/index.ts'
import { ANALYSE, type DealtSite, preprocessingCodec, type RunStages, TRAIN } from '../tasks/index.ts'
import type { Prepared } from './prepare.ts'

/** Nodes that loop when they are needed. */
export interface LocalNodes {
  /** One for each site. A member can be spoken to from when it was made {@link LocalNodes.ready} until others need its place. */
  readonly members: readonly Member[]
  /** Wakes these nodes, and sends others to rest if they are many. */
  readonly ready: (cohort: readonly NodeId[]) => Promise<void>
  /** Ends the loops and closes the channels. */
  readonly close: () => Promise<void>
}

/** Nodes outside the cohort that stay awake, since they are likely to be chosen again: waking one reads its state and makes its rows ready. */
const MOST_IDLE = 64

/** A node that loops, and its end of the channel. */
interface Awake {
  readonly member: Member
  readonly loop: Promise<void>
}

const plus = (a: Traffic, b: Traffic): Traffic => ({ sent: a.sent + b.sent, received: a.received + b.received })

/**
 * Makes a node for each site. The nodes keep their states in the journal, each its own.
 *
 * @param mostIdle - nodes outside the cohort that stay awake; does not change the result
 */
export const localNodes = async (
  id: string,
  prepared: Prepared,
  journal: Journal,
  stages: RunStages,
  signal: AbortSignal,
  mostIdle: number = MOST_IDLE,
): Promise<LocalNodes> => {
  const checkpoints = await Promise.all([ANALYSE, TRAIN].map((stage) => journal.checkpoint(id, stage)))
  const last = checkpoints.flatMap((kept) => (kept === undefined ? [] : [{ ...kept, counted: new Set(kept.counted) }]))
  const admission = {
    run: id,
    specHash: prepared.specHash,
    // of rounds of this process every node knows: it rests between rounds only
    last: async (node: NodeId) => last.map(({ stage, round, attempt, counted }) => ({ stage, round, attempt, counted: counted.has(node) })),
  }
  const stop = new AbortController()
  const sites = new Map(prepared.sites.map((site) => [site.name, site]))
  // in the order of their last use
  const awake = new Map<NodeId, Awake>()
  const earlier = new Map<NodeId, Traffic>()

  const wake = async ({ name, train, test }: DealtSite): Promise<Awake> => {
    const [here, there] = memoryChannels()
    const loop = nodeLoop({
      id: name,
      run: id,
      specHash: prepared.specHash,
      trainRows: train.length,
      testRows: test.length,
      seed: prepared.seed,
      channel: there,
      store: journal.nodeStore(id, name),
      stage: (stage, committed) => stages.site(stage, prepared.dataset, train, () => committed(ANALYSE, preprocessingCodec)),
      signal: stop.signal,
    })
    return { loop, member: await admit(here, admission, signal) }
  }
  const rest = async (node: NodeId, { member, loop }: Awake): Promise<void> => {
    awake.delete(node)
    // what it was told before it still does
    await member.control.send({ kind: 'finish' }).catch(() => undefined)
    await Promise.allSettled([loop])
    await member.close()
    earlier.set(node, plus(earlier.get(node) ?? { sent: 0, received: 0 }, member.traffic()))
  }
  const atWork = (node: NodeId): Member => {
    const found = awake.get(node)
    if (found !== undefined) return found.member
    throw new YimengError({
      code: 'node-stopped',
      cannot: 'reach node',
      expected: 'one that is awake',
      got: 'one at rest',
      where: { site: node },
    })
  }

  return {
    members: prepared.sites.map(({ name, train, test }) => ({
      id: name,
      trainRows: train.length,
      testRows: test.length,
      freshStream: () => atWork(name).freshStream(),
      control: {
        send: async (order) => atWork(name).control.send(order),
        receive: async (waiting) => atWork(name).control.receive(waiting),
      },
      traffic: () => plus(earlier.get(name) ?? { sent: 0, received: 0 }, awake.get(name)?.member.traffic() ?? { sent: 0, received: 0 }),
      close: async () => awake.get(name)?.member.close(),
    })),
    ready: async (cohort) => {
      for (const name of cohort) {
        const site = sites.get(name)
        const node = awake.get(name) ?? (site === undefined ? undefined : await wake(site))
        awake.delete(name)
        if (node !== undefined) awake.set(name, node)
      }
      const idle = [...awake].slice(0, Math.max(0, awake.size - cohort.length - mostIdle))
      for (const [name, node] of idle) await rest(name, node)
    },
    close: async () => {
      const finishing = [...awake.values()].map(({ member }) => member.control.send({ kind: 'finish' }).catch(() => undefined))
      await Promise.all(finishing)
      stop.abort(new YimengError({ code: 'node-stopped', cannot: 'go on', expected: 'a run', got: 'its end' }))
      for (const [name, node] of awake) await rest(name, node)
    },
  }
}
