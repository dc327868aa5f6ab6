// Waiting for all nodes of a cohort at once: what a broadcast does, and every sum protocol in each of its phases.
import type { Channel } from '../base/index.ts'
import { causeOf } from './frame.ts'
import type { NodeId } from './placement.ts'
import { joinSignals, unlessAborted } from './signals.ts'
import type { Cohort } from './sum-protocol.ts'

/**
 * Does `ask` with every node at once and hands each answer to `take` as it arrives, so that a fold never holds them all. `take` may say why an answer does not count. A node for which `ask` fails is put into `refused`
 * with its cause, one that the cohort's deadline overtakes as `not in time`, one that comes after `enough` answers as `not needed`. What `take` throws is the server's own fault and rejects.
 */
export const gather = async <T>(
  cohort: Cohort,
  refused: Map<NodeId, string>,
  ask: (channel: Channel, waiting: AbortSignal, node: NodeId) => Promise<T>,
  take: (answer: T, node: NodeId) => string | void,
  enough = Number.POSITIVE_INFINITY,
): Promise<void> => {
  const over = new AbortController()
  const { signal: waiting, release } = joinSignals(
    cohort.signal,
    over.signal,
    ...(cohort.deadline === undefined ? [] : [cohort.deadline()]),
  )
  let taken = 0
  const one = async (node: NodeId, channel: Channel): Promise<void> => {
    let answer: T
    try {
      // a send may stall: the deadline ends the wait, not the send
      answer = await unlessAborted(ask(channel, waiting, node), waiting)
    } catch (error) {
      // whatever reason a deadline's signal carries
      const late = over.signal.aborted ? 'not needed' : 'not in time'
      refused.set(node, waiting.aborted && error === waiting.reason ? late : causeOf(error))
      return
    }
    if (taken === enough) {
      refused.set(node, 'not needed')
      return
    }
    const why = take(answer, node)
    if (typeof why === 'string') {
      refused.set(node, why)
      return
    }
    taken += 1
    if (taken === enough) over.abort(new Error('enough'))
  }
  try {
    await Promise.all([...cohort.links].map(([node, channel]) => one(node, channel)))
  } finally {
    release()
  }
}
