// A site's node: it asks its coordinator for work, over outbound connections only, and takes part in runs that its policy allows.
import { setTimeout as sleep } from 'node:timers/promises'
import { monotonicMs } from '../base/index.ts'
import { callJson, type HttpsClient, type Offer, pauseMs, workAnswer } from '../runtime/index.ts'
import { clientOf, identityOf, refusedBy, renew, renewalDue } from './identity.ts'
import { machineOf } from './machine.ts'
import { type NodeEvent, receiveModel, takePart } from './take-part.ts'

/** How a node is started. */
export interface NodeOptions {
  /** Where it has joined. */
  readonly folder: string
  readonly onEvent?: (event: NodeEvent) => void
  readonly signal?: AbortSignal
  /** A line that is down for longer ends the part in a run. Default ten minutes. */
  readonly giveUpMs?: number
}

/** A running node. */
export interface Node {
  readonly site: string
  /** Stops after the current step. */
  readonly close: () => Promise<void>
  /** Resolves when it has stopped; rejects when the coordinator has shut it out. */
  readonly done: Promise<void>
}

const HEARTBEAT_MS = 15_000
/** Between two questions after a refusal of our own: the steward may have approved by then. */
const DECLINED_MS = 2_000

/** Starts the node of a folder. @throws YimengError `node-unknown` */
export const node = async ({ folder, onEvent = () => undefined, signal, giveUpMs }: NodeOptions): Promise<Node> => {
  let identity = await identityOf(folder)
  const stop = new AbortController()
  const abort = (): void => stop.abort(signal?.reason)
  signal?.addEventListener('abort', abort, { once: true })
  if (signal?.aborted === true) abort()
  let roundTripMs: number | null = null
  const patience = giveUpMs === undefined ? {} : { giveUpMs }

  const ask = async (client: HttpsClient, busy: boolean) => {
    const machine = await machineOf(folder, roundTripMs)
    const startedMs = monotonicMs()
    const answer = await callJson(client, 'POST', '/v1/work', { machine, busy }, { signal: stop.signal })
    if (busy) roundTripMs = monotonicMs() - startedMs
    if (answer.status === 401 || answer.status === 403) throw refusedBy('work for the alliance', answer.status, answer.value)
    if (answer.status !== 200) throw new Error(`status ${answer.status}`)
    return workAnswer.parse(answer.value)
  }
  const shutOut = (error: unknown): boolean =>
    error instanceof Error && 'code' in error && (error.code === 'certificate' || error.code === 'role')

  const part = async (client: HttpsClient, offer: Offer): Promise<void> => {
    const beat = setInterval(() => void ask(client, true).catch(() => undefined), HEARTBEAT_MS)
    try {
      const outcome = await takePart({ folder, site: identity.site, client, offer, signal: stop.signal, onEvent, ...patience })
      if (outcome !== 'done') await sleep(DECLINED_MS, undefined, { signal: stop.signal }).catch(() => undefined)
    } finally {
      clearInterval(beat)
    }
  }
  const work = async (): Promise<void> => {
    let client = clientOf(identity)
    let failures = 0
    let announced = false
    try {
      while (!stop.signal.aborted) {
        try {
          if (renewalDue(identity.certificate)) {
            identity = await renew(folder, identity)
            client.close()
            client = clientOf(identity)
          }
          if (!announced) {
            // answered at once: the next question may wait for work
            await ask(client, true)
            onEvent({ kind: 'connected' })
            announced = true
          }
          const answer = await ask(client, false)
          if (answer.kind === 'run') await part(client, answer.offer)
          else if (answer.kind === 'model')
            await receiveModel({ folder, client, run: answer.run, signal: stop.signal, onEvent, ...patience })
          failures = 0
        } catch (error) {
          if (stop.signal.aborted) return
          if (shutOut(error)) throw error
          if (failures === 0) onEvent({ kind: 'unreachable', cause: error instanceof Error ? error.message : 'no answer' })
          announced = false
          failures += 1
          await sleep(pauseMs(failures), undefined, { signal: stop.signal }).catch(() => undefined)
        }
      }
    } finally {
      signal?.removeEventListener('abort', abort)
      client.close()
    }
  }
  const done = work()
  done.catch(() => undefined)
  return {
    site: identity.site,
    done,
    close: async () => {
      stop.abort(new Error('node stopped'))
      await done.catch(() => undefined)
    },
  }
}
