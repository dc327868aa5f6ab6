// The HTTPS transport of the alliance. The node asks, the coordinator answers: POST carries the node's bytes up, a long poll brings the coordinator's down. Every request names its
// position in the stream (see resumable.ts), so that a broken connection goes on where it was. Works over HTTP/1.1 and through CONNECT proxies; no inbound port at the node.
// What leaks to the network: addresses, sizes and timing; TLS hides the rest.
import type { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Channel, monotonicMs, YimengError } from '../../base/index.ts'
import type { HttpsClient } from './https-call.ts'
import { isRefusal, patience } from './patience.ts'
import { type ResumableEnd, resumableEnd } from './resumable.ts'

/** Bytes in one request or answer: small enough to be repeated over a slow line, large enough to fill a fast one. */
export const PIECE_BYTES = 4 * 2 ** 20
/** How long a poll without news stays open: proxies cut what is silent for a minute. */
export const POLL_MS = 20_000
/** Header that tells how much of the asker's stream has arrived. */
export const RECEIVED_HEADER = 'yimeng-received'

const FAREWELL_MS = 2_000
const SHORTEST_POLL_MS = 1_000

/** How a node's end of a link behaves. */
export interface LinkOptions {
  /** Path of the link at the coordinator. */
  readonly path: string
  /** A line that is down for longer ends the link. Default: ten minutes. */
  readonly giveUpMs?: number
}

/**
 * The node's end. The channel closes when the coordinator does not know the link any more, or cannot be reached for `giveUpMs`.
 */
export const httpsLink = (client: HttpsClient, { path, giveUpMs }: LinkOptions): Channel => {
  const stop = new AbortController()
  let loops: Promise<unknown> = Promise.resolve()
  const end = resumableEnd(async () => {
    // what was sent before the farewell arrives before it
    const late = sleep(FAREWELL_MS, undefined, { ref: false })
    await Promise.race([up, late])
    stop.abort()
    await loops
  })
  let acknowledged = 0
  const line = patience(giveUpMs)

  const heard = (position: unknown): void => {
    line.heard()
    const there = Number(position)
    if (!Number.isSafeInteger(there) || there < acknowledged) return
    end.acknowledge(there)
    acknowledged = there
  }
  /** Whether the coordinator still has the link. */
  const refused = (status: number): boolean => {
    if (!isRefusal(status) && status !== 409) return false
    end.break(
      new YimengError({ code: 'link-refused', cannot: 'go on with link', expected: 'a link that is known', got: `status ${status}` }),
    )
    return true
  }
  const again = (failures: number): Promise<void> => line.again(failures, stop.signal).catch(end.break)

  const sendUp = async (): Promise<void> => {
    let failures = 0
    while (!end.over() && !stop.signal.aborted) {
      await end.waitBeyond(acknowledged, stop.signal)
      if (end.written() <= acknowledged) break
      try {
        if (failures > 0) {
          // a cut upload may have got further than we were told
          const asked = await client.call({ method: 'GET', path, signal: stop.signal })
          await asked.whole()
          if (refused(asked.status)) return
          const before = acknowledged
          heard(asked.headers[RECEIVED_HEADER])
          // a line that carries something is worth trying again soon
          if (acknowledged > before) failures = 1
        }
        const body = end.read(acknowledged, PIECE_BYTES)
        const answer = await client.call({ method: 'POST', path: `${path}/up?at=${acknowledged}`, body, signal: stop.signal })
        await answer.whole()
        if (refused(answer.status)) return
        if (answer.status >= 300) throw new Error(`status ${answer.status}`)
        heard(answer.headers[RECEIVED_HEADER])
        failures = 0
      } catch {
        failures += 1
        await again(failures)
      }
    }
  }
  const pollDown = async (): Promise<void> => {
    let failures = 0
    while (!end.over() && !stop.signal.aborted) {
      try {
        const before = end.received()
        const askedMs = monotonicMs()
        let at = before
        const answer = await client.call({ method: 'GET', path: `${path}/down?at=${at}`, signal: stop.signal })
        if (refused(answer.status)) return
        if (answer.status >= 300) throw new Error(`status ${answer.status}`)
        heard(answer.headers[RECEIVED_HEADER])
        for await (const chunk of answer.bytes) {
          end.take(at, chunk)
          at += chunk.length
          failures = 0
        }
        // a poll that brings nothing takes its time; whoever answers at once would have us spin
        if (at === before && monotonicMs() - askedMs < SHORTEST_POLL_MS) throw new Error('nothing, at once')
        failures = 0
      } catch {
        if (stop.signal.aborted) return
        failures += 1
        await again(failures)
      }
    }
  }
  const up = sendUp()
  loops = Promise.all([up, pollDown()])
  return end.channel
}

/** A request for the coordinator's end of a link, freed of any web framework. */
export interface LinkRequest {
  readonly at: number
  readonly body?: Readable
  /** Aborts when the asker is gone. */
  readonly gone: AbortSignal
}

/** The coordinator's end: a channel, and what its requests do. */
export interface ServedLink {
  readonly channel: Channel
  readonly received: () => number
  /** Takes an upload; rejects with YimengError `link-gap`, `link-frame`, `link-closed`, or `link-piece` for more than {@link PIECE_BYTES}. */
  readonly up: (request: LinkRequest) => Promise<void>
  /** Waits for bytes beyond a position. */
  readonly down: (request: LinkRequest) => Promise<readonly Uint8Array[]>
  /** Milliseconds since the node was last heard, 0 while it waits for us. */
  readonly silentMs: () => number
  readonly end: ResumableEnd
}

/** Serves one link. `largestFrame`: bytes that its node may send at once. Default 1 GiB. */
export const servedLink = (largestFrame?: number): ServedLink => {
  const end = resumableEnd(undefined, largestFrame)
  let waiting = 0
  let lastMs = monotonicMs()
  const present = async <T>(work: () => Promise<T>): Promise<T> => {
    if (end.broken())
      throw new YimengError({ code: 'link-closed', cannot: 'go on with link', expected: 'an open one', got: 'a broken one' })
    waiting += 1
    try {
      return await work()
    } finally {
      waiting -= 1
      lastMs = monotonicMs()
    }
  }
  return {
    channel: end.channel,
    received: end.received,
    end,
    silentMs: () => (waiting > 0 ? 0 : monotonicMs() - lastMs),
    up: ({ at, body }) =>
      present(async () => {
        let position = at
        // a refused upload is answered before its connection ends
        for await (const chunk of body?.iterator({ destroyOnReturn: false }) ?? []) {
          const bytes = chunk as Uint8Array
          if (position + bytes.length - at > PIECE_BYTES)
            throw new YimengError({ code: 'link-piece', cannot: 'take upload', expected: `at most ${PIECE_BYTES} bytes`, got: 'more' })
          end.take(position, bytes)
          position += bytes.length
        }
      }),
    down: ({ at, gone }) =>
      present(async () => {
        end.acknowledge(at)
        const signal = AbortSignal.any([gone, AbortSignal.timeout(POLL_MS)])
        await end.waitBeyond(at, signal)
        return end.read(at, PIECE_BYTES)
      }),
  }
}
