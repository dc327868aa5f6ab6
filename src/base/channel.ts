// A two-way stream of frames between two parties; in memory, counted, and in chunks.
import { concatBytes, joinBytes, lengthOf } from './bytes.ts'
import { YimengError } from './errors.ts'
import { onAbort } from './on-abort.ts'
import type { StoredBytes } from './stored.ts'

/**
 * An ordered, reliable, two-way stream of frames. A channel that failed is closed and never used again.
 * `receive` rejects when the peer closed (after the frames sent before that were received), and with the signal's reason when `signal` aborts; an aborted `receive` loses no frame.
 * `send` takes its own copy before it returns, and rejects on a closed channel. `close` may be called twice; it also rejects this side's waiting `receive`s.
 * A closed channel rejects with a YimengError `channel-closed`; frames that its own side had not received are gone.
 */
export interface Channel {
  readonly send: (frame: Uint8Array) => Promise<void>
  /**
   * One frame in parts, which need not be put together first. Unlike `send` it may read them until the channel is closed: nobody changes them. Absent: {@link sendParts} joins them. A
   * wrapper with a `send` of its own leaves it out, or wraps it too.
   */
  readonly sendParts?: (parts: readonly Uint8Array[]) => Promise<void>
  readonly receive: (signal?: AbortSignal) => Promise<Uint8Array>
  /**
   * The next frame as `receive` gives it, or where it lies until the channel is closed: for who can do with pieces of large ones. Absent: `receive`. A wrapper with a `receive` of its own
   * leaves it out, or wraps it too.
   */
  readonly receiveStored?: (signal?: AbortSignal) => Promise<Uint8Array | StoredBytes>
  readonly close: () => Promise<void>
}

/** Sends one frame in parts, which nobody changes until the channel is closed. The same list sent over many channels may be kept once for all. */
export const sendParts = (channel: Channel, parts: readonly Uint8Array[]): Promise<void> =>
  channel.sendParts === undefined ? channel.send(joinBytes(parts)) : channel.sendParts(parts)

/** Bytes that a channel has carried so far, frame headers included. */
export interface Traffic {
  readonly sent: number
  readonly received: number
}

/** Bytes before each frame on the wire: its length. */
export const FRAME_HEADER_BYTES = 4

/** The fault of a channel that is closed: `cannot send frame: expected an open channel, got a closed one`. */
export const channelClosed = (cannot: 'send frame' | 'receive frame', cause?: unknown): YimengError =>
  new YimengError({ code: 'channel-closed', cannot, expected: 'an open channel', got: 'a closed one', cause })

/** Frames from their arrival to their receiver, in order. What every transport needs at its receiving end. */
export interface Inbox {
  /** A frame has arrived. The inbox keeps the array: hand it a copy. Frames after `end` are dropped. */
  readonly put: (frame: Uint8Array) => void
  /** No frame follows: receivers get the frames that are there, then `reason`. Later calls change nothing. */
  readonly end: (reason: YimengError) => void
  readonly receive: (signal?: AbortSignal) => Promise<Uint8Array>
  /** Frames are dropped and all receivers rejected with `reason`. */
  readonly drop: (reason: YimengError) => void
}

/** An empty inbox. Waiting receivers are served in the order they came. */
export const inbox = (): Inbox => {
  interface Waiter {
    readonly resolve: (frame: Uint8Array) => void
    readonly reject: (reason: unknown) => void
  }
  let frames: Uint8Array[] = []
  const waiters = new Set<Waiter>()
  let ended: YimengError | undefined

  const end = (reason: YimengError): void => {
    ended ??= reason
    for (const waiter of waiters) waiter.reject(ended)
    waiters.clear()
  }
  return {
    put: (frame) => {
      if (ended !== undefined) return
      const [first] = waiters
      if (first === undefined) frames.push(frame)
      else {
        waiters.delete(first)
        first.resolve(frame)
      }
    },
    end,
    drop: (reason) => {
      frames = []
      end(reason)
    },
    receive: (signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason as Error)
        const frame = frames.shift()
        if (frame !== undefined) return resolve(frame)
        if (ended !== undefined) return reject(ended)
        const abort = (): void => {
          waiters.delete(waiter)
          reject(signal?.reason as Error)
        }
        const settled =
          <A>(settle: (outcome: A) => void) =>
          (outcome: A): void => {
            release?.()
            settle(outcome)
          }
        const waiter: Waiter = { resolve: settled(resolve), reject: settled(reject) }
        waiters.add(waiter)
        const release = signal === undefined ? undefined : onAbort(signal, abort)
      }),
  }
}

/**
 * Both ends of a channel within one process. Frames are copied: what a sender does to its array afterwards, nobody sees.
 *
 * @example
 * ```ts
 * const [here, there] = memoryChannels()
 * await here.send(Uint8Array.of(1, 2))
 * assert.deepEqual(await there.receive(), Uint8Array.of(1, 2))
 * ```
 */
export const memoryChannels = (): readonly [Channel, Channel] => {
  const inboxes = [inbox(), inbox()] as const
  let open = true
  const side = (mine: Inbox, theirs: Inbox): Channel => ({
    send: async (frame) => {
      if (!open) throw channelClosed('send frame')
      theirs.put(new Uint8Array(frame))
    },
    receive: mine.receive,
    close: async () => {
      open = false
      theirs.end(channelClosed('receive frame'))
      mine.drop(channelClosed('receive frame'))
    },
  })
  return [side(inboxes[0], inboxes[1]), side(inboxes[1], inboxes[0])]
}

/** The same channel with a count of what it carried: frames' bytes and {@link FRAME_HEADER_BYTES} for each. Count at the wire: below `chunked`, not above. */
export const counted = (channel: Channel): Channel & { readonly traffic: () => Traffic } => {
  let sent = 0
  let received = 0
  return {
    send: async (frame) => {
      const length = frame.length
      await channel.send(frame)
      sent += length + FRAME_HEADER_BYTES
    },
    sendParts: async (parts) => {
      await sendParts(channel, parts)
      sent += lengthOf(parts) + FRAME_HEADER_BYTES
    },
    receive: async (signal) => {
      const frame = await channel.receive(signal)
      received += frame.length + FRAME_HEADER_BYTES
      return frame
    },
    close: channel.close,
    traffic: () => ({ sent, received }),
  }
}

/** Work one after the other, in the order asked for. What waits for its turn does not wait to be aborted. */
export const turns = (): (<T>(work: () => Promise<T>, signal?: AbortSignal) => Promise<T>) => {
  let last: Promise<unknown> = Promise.resolve()
  return (work, signal) => {
    const done = last.then(work)
    last = done.catch(() => undefined)
    if (signal === undefined) return done
    return new Promise((resolve, reject) => {
      const abort = (): void => reject(signal.reason as Error)
      if (signal.aborted) abort()
      signal.addEventListener('abort', abort, { once: true })
      done.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
    })
  }
}

/** Receivers in turn, so that what belongs to one frame is taken by one of them. */
export const inTurns = (receive: Channel['receive']): Channel['receive'] => {
  const inTurn = turns()
  return (signal) => inTurn(() => receive(signal), signal)
}

/** What a chunk's first byte says. */
const LAST = 0
const MORE = 1

/**
 * The same channel for frames of any size up to `maxMessageBytes` (default 1 GiB): each travels as chunks of at most `maxFrameBytes`, whose first byte says whether
 * more follow. Both ends must be chunked alike. Memory grows with what has arrived, never with what a peer announces.
 *
 * Rejects with a YimengError `chunk-size` for a frame beyond `maxMessageBytes`, and `chunk` for chunks that no sender makes; in the receiving case the channel is closed.
 *
 * @throws YimengError `chunk-size` unless `maxFrameBytes` is an integer of at least 2.
 */
export const chunked = (channel: Channel, maxFrameBytes: number, maxMessageBytes = 2 ** 30): Channel => {
  if (!Number.isInteger(maxFrameBytes) || maxFrameBytes < 2)
    throw new YimengError({ code: 'chunk-size', cannot: 'cut frames', expected: 'frames of at least 2 bytes', got: String(maxFrameBytes) })
  const body = maxFrameBytes - 1
  // one frame at a time in each direction, so that chunks of two frames never mix
  let sending: Promise<unknown> = Promise.resolve()
  // chunks of a frame that is not whole yet: kept here, so that an aborted receive loses nothing
  let parts: Uint8Array[] = []
  let length = 0

  const sendAll = async (chunks: readonly Uint8Array[]): Promise<void> => {
    for (const chunk of chunks) await channel.send(chunk)
  }
  const receiveChunks = async (signal?: AbortSignal): Promise<Uint8Array> => {
    for (;;) {
      const chunk = await channel.receive(signal)
      const more = chunk[0] === MORE
      const sound = more
        ? chunk.length === maxFrameBytes
        : chunk[0] === LAST && chunk.length <= maxFrameBytes && (parts.length === 0 || chunk.length > 1)
      length += chunk.length - 1
      if (!sound || length > maxMessageBytes) {
        await channel.close()
        throw sound
          ? new YimengError({ code: 'chunk-size', cannot: 'receive frame', expected: `at most ${maxMessageBytes} bytes`, got: 'more' })
          : new YimengError({ code: 'chunk', cannot: 'receive frame', expected: 'a chunk', got: `${chunk.length} other bytes` })
      }
      parts.push(chunk.subarray(1))
      if (more) continue
      const frame = concatBytes(...parts)
      parts = []
      length = 0
      return frame
    }
  }
  return {
    send: (frame) => {
      if (frame.length > maxMessageBytes)
        return Promise.reject(
          new YimengError({
            code: 'chunk-size',
            cannot: 'send frame',
            expected: `at most ${maxMessageBytes} bytes`,
            got: `${frame.length}`,
          }),
        )
      const chunks: Uint8Array[] = []
      for (let start = 0; start === 0 || start < frame.length; start += body)
        chunks.push(concatBytes(Uint8Array.of(start + body < frame.length ? MORE : LAST), frame.subarray(start, start + body)))
      const sent = sending.then(() => sendAll(chunks))
      sending = sent.catch(() => undefined)
      return sent
    },
    receive: inTurns(receiveChunks),
    close: channel.close,
  }
}
