// Several streams over one channel: control messages beside one fresh channel for each attempt of a round, so that a late frame of an aborted attempt meets nobody.
// Frame: stream u32 (little-endian) · payload. Stream numbers grow; a closed stream's late frames are dropped.
import { type Channel, channelClosed, concatBytes, type Inbox, inbox, sendParts, YimengError } from '../base/index.ts'

/** Streams over one channel. */
export interface Multiplex {
  /** The stream of this number. Both ends choose the same numbers, and never take one twice. Closing it leaves the channel open. */
  readonly stream: (id: number) => Channel
  /** Closes the channel and with it all streams. */
  readonly close: () => Promise<void>
}

/** What a peer may do, and who hears of it. */
export interface MultiplexLimits {
  /** Told of a peer that sent what no peer of ours sends; its channel is closed then. */
  readonly flawed?: (fault: YimengError) => void
  /** Bytes over all streams, with {@link FRAME_COST} for each frame. Default: no limit, for peers in one process. */
  readonly mostWaiting?: number
}

/** What a waiting frame costs beside its bytes. */
const FRAME_COST = 256

/** Streams that a peer may have begun and we have not met yet: more is no peer of ours. */
const MOST_UNMET = 16

/**
 * Takes a channel over: nobody else may receive from it.
 *
 * @example
 * ```ts
 * const [here, there] = memoryChannels().map(multiplexed)
 * await here.stream(2).send(Uint8Array.of(7))
 * assert.deepEqual(await there.stream(2).receive(), Uint8Array.of(7))
 * ```
 */
export const multiplexed = (channel: Channel, { mostWaiting = Number.POSITIVE_INFINITY, flawed }: MultiplexLimits = {}): Multiplex => {
  const inboxes = new Map<number, Inbox>()
  /** Of each stream, what waits to be received. */
  const waiting = new Map<number, number>()
  const met = new Set<number>()
  // all numbers up to here that have no inbox are closed
  let closedBelow = -1
  let ended: YimengError | undefined

  const box = (id: number): Inbox => {
    const known = inboxes.get(id)
    if (known !== undefined) return known
    const made = inbox()
    if (ended !== undefined) made.end(ended)
    inboxes.set(id, made)
    return made
  }
  const end = (reason: YimengError): void => {
    ended ??= reason
    for (const each of inboxes.values()) each.end(ended)
  }
  const pump = async (): Promise<void> => {
    for (;;) {
      const frame = await channel.receive()
      if (frame.length < 4)
        throw new YimengError({ code: 'stream-frame', cannot: 'read frame', expected: 'a stream number', got: `${frame.length} bytes` })
      const id = new DataView(frame.buffer, frame.byteOffset).getUint32(0, true)
      if (!inboxes.has(id) && id <= closedBelow) continue
      if (!inboxes.has(id) && inboxes.size - met.size >= MOST_UNMET)
        throw new YimengError({ code: 'stream-frame', cannot: 'open stream', expected: `at most ${MOST_UNMET} unmet ones`, got: 'more' })
      const kept = [...waiting.values()].reduce((sum, bytes) => sum + bytes, 0)
      if (kept + frame.length + FRAME_COST > mostWaiting)
        throw new YimengError({
          code: 'stream-flood',
          cannot: 'take frame',
          expected: `at most ${mostWaiting} bytes that wait`,
          got: 'more',
        })
      waiting.set(id, (waiting.get(id) ?? 0) + frame.length + FRAME_COST)
      box(id).put(frame.subarray(4))
    }
  }
  void pump().catch(async (error: unknown) => {
    if (error instanceof YimengError && error.code !== 'channel-closed') flawed?.(error)
    end(error instanceof YimengError ? error : channelClosed('receive frame', error))
    await channel.close().catch(() => undefined)
  })

  return {
    stream: (id) => {
      if (met.has(id) || (id <= closedBelow && !inboxes.has(id)))
        throw new YimengError({ code: 'stream-number', cannot: 'open stream', expected: 'a fresh number', got: String(id) })
      const mine = box(id)
      met.add(id)
      let open = true
      const prefix = new Uint8Array(4)
      new DataView(prefix.buffer).setUint32(0, id, true)
      return {
        send: (payload) => (open ? channel.send(concatBytes(prefix, payload)) : Promise.reject(channelClosed('send frame'))),
        sendParts: (parts) => (open ? sendParts(channel, [prefix, ...parts]) : Promise.reject(channelClosed('send frame'))),
        receive: async (signal) => {
          const frame = await mine.receive(signal)
          // 4: its stream's number
          const kept = waiting.get(id)
          if (kept !== undefined) waiting.set(id, kept - frame.length - 4 - FRAME_COST)
          return frame
        },
        close: async () => {
          open = false
          inboxes.delete(id)
          met.delete(id)
          waiting.delete(id)
          closedBelow = Math.max(closedBelow, id)
          mine.drop(channelClosed('receive frame'))
        },
      }
    },
    close: async () => {
      end(channelClosed('receive frame'))
      await channel.close()
    },
  }
}
