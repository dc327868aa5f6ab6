// A channel over broken connections: each direction is one stream of bytes with positions, kept by its sender until the peer has acknowledged them. Whoever carries the bytes (HTTPS
// requests) may fail, repeat or overlap: a position says what is new, so nothing is lost and nothing counted twice.
// Stream: frames, each four bytes of length (little-endian) and its bytes; the length 2^32−1 says that no frame follows.
import { type Channel, channelClosed, concatBytes, FRAME_HEADER_BYTES, inbox, YimengError } from '../../base/index.ts'

const END = 0xffff_ffff
const LARGEST_FRAME_BYTES = 2 ** 30
/** More bytes than this unacknowledged: the peer is gone, or we send what nobody takes. */
const MOST_KEPT_BYTES = 2 ** 31

/** One end of a resumable channel, as its carrier sees it. Positions count bytes since the beginning of a direction. */
export interface ResumableEnd {
  readonly channel: Channel
  /** Position up to which the peer's stream has arrived. */
  readonly received: () => number
  /** Bytes of the peer's stream, from a position on; what had arrived before is passed over. Throws YimengError `link-gap` when bytes between are missing, `link-frame` for no stream. */
  readonly take: (position: number, bytes: Uint8Array) => void
  /** The peer has everything up to here. */
  readonly acknowledge: (position: number) => void
  /** At most `limit` bytes of our stream from a position on, in pieces. Throws YimengError `link-gap` for a position that was acknowledged already or lies ahead. */
  readonly read: (position: number, limit: number) => readonly Uint8Array[]
  /** Position at which our stream ends so far. */
  readonly written: () => number
  /** Resolves when our stream goes beyond a position, when the end is over, or with the signal. */
  readonly waitBeyond: (position: number, signal: AbortSignal) => Promise<void>
  /** Both sides have ended, or the peer's end has come and nobody needs to hear more. */
  readonly over: () => boolean
  /** Whether this side has closed it. Its last words may still be on their way. */
  readonly closed: () => boolean
  /** Whether it was broken. */
  readonly broken: () => boolean
  /** The connection cannot be resumed: receivers get what came, then the reason. */
  readonly break: (cause: unknown) => void
}

const headerOf = (length: number): Uint8Array => {
  const header = new Uint8Array(FRAME_HEADER_BYTES)
  new DataView(header.buffer).setUint32(0, length, true)
  return header
}

const gap = (expected: number, got: number): YimengError =>
  new YimengError({ code: 'link-gap', cannot: 'go on with link', expected: `position ${expected}`, got: String(got) })

/** The bytes of one direction that its sender still keeps. */
const outbox = () => {
  let pieces: Uint8Array[] = []
  let base = 0
  let end = 0
  let waiters: (() => void)[] = []
  const wake = (): void => {
    const woken = waiters
    waiters = []
    for (const each of woken) each()
  }
  return {
    kept: () => end - base,
    end: () => end,
    wake,
    append: (...added: readonly Uint8Array[]): void => {
      for (const piece of added) {
        if (piece.length > 0) pieces.push(piece)
        end += piece.length
      }
      wake()
    },
    release: (position: number): void => {
      if (position > end) throw gap(end, position)
      let first = pieces[0]
      while (first !== undefined && base + first.length <= position) {
        pieces.shift()
        base += first.length
        first = pieces[0]
      }
    },
    read: (position: number, limit: number): readonly Uint8Array[] => {
      if (position < base || position > end) throw gap(base, position)
      const found: Uint8Array[] = []
      let at = base
      let left = limit
      for (const piece of pieces) {
        const from = Math.max(0, position - at)
        at += piece.length
        if (from >= piece.length) continue
        if (left <= 0) break
        const part = piece.subarray(from, from + left)
        found.push(part)
        left -= part.length
      }
      return found
    },
    wait: (signal: AbortSignal): Promise<void> =>
      new Promise((resolve) => {
        const done = (): void => {
          signal.removeEventListener('abort', done)
          waiters = waiters.filter((each) => each !== done)
          resolve()
        }
        waiters.push(done)
        if (signal.aborted) done()
        else signal.addEventListener('abort', done, { once: true })
      }),
    drop: (): void => {
      pieces = []
      base = end
    },
  }
}

/** One end; `closing` is called once when this side closes, so that its carrier can hurry. `largestFrame`: bytes that the peer may send at once. */
export const resumableEnd = (closing: () => Promise<void> = async () => undefined, largestFrame = LARGEST_FRAME_BYTES): ResumableEnd => {
  const frames = inbox()
  const out = outbox()
  let arrived = 0
  let open = true
  let closed = false
  let peerEnded = false
  let broken = false
  let parts: Uint8Array[] = []
  let have = 0
  let need = FRAME_HEADER_BYTES
  let inHeader = true

  const stop = (cause: unknown): void => {
    broken = true
    open = false
    frames.end(channelClosed('receive frame', cause))
    out.drop()
    out.wake()
  }
  const whole = (): Uint8Array => {
    const bytes = concatBytes(...parts)
    parts = []
    have = 0
    return bytes
  }
  const consume = (chunk: Uint8Array): void => {
    let rest = chunk
    while (!peerEnded && (rest.length > 0 || (need === 0 && !inHeader))) {
      const piece = rest.subarray(0, need - have)
      // a copy: the carrier's buffer is its own
      if (piece.length > 0) parts.push(new Uint8Array(piece))
      have += piece.length
      rest = rest.subarray(piece.length)
      if (have < need) return
      const bytes = whole()
      if (!inHeader) {
        frames.put(bytes)
        need = FRAME_HEADER_BYTES
        inHeader = true
        continue
      }
      const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true)
      if (length === END) {
        peerEnded = true
        open = false
        frames.end(channelClosed('receive frame'))
        out.wake()
        return
      }
      if (length > largestFrame) {
        const fault = new YimengError({
          code: 'link-frame',
          cannot: 'receive frame',
          expected: `at most ${largestFrame} bytes`,
          got: `${length}`,
        })
        stop(fault)
        throw fault
      }
      need = length
      inHeader = false
    }
  }

  const channel: Channel = {
    send: (frame) => {
      if (!open) return Promise.reject(channelClosed('send frame'))
      if (out.kept() + frame.length > MOST_KEPT_BYTES) {
        stop(new YimengError({ code: 'link-full', cannot: 'send frame', expected: 'a peer that takes frames', got: 'none' }))
        return Promise.reject(channelClosed('send frame'))
      }
      out.append(headerOf(frame.length), new Uint8Array(frame))
      // it does not wait for the peer: one that is away for a while gets it when it is back
      return Promise.resolve()
    },
    receive: frames.receive,
    close: async () => {
      frames.drop(channelClosed('receive frame'))
      if (closed) return
      closed = true
      const tell = !broken && !peerEnded
      open = false
      if (tell) out.append(headerOf(END))
      else out.wake()
      await closing()
    },
  }
  return {
    channel,
    received: () => arrived,
    take: (position, bytes) => {
      if (position > arrived) throw gap(arrived, position)
      const fresh = bytes.subarray(Math.min(bytes.length, arrived - position))
      arrived += fresh.length
      if (!closed) consume(fresh)
    },
    acknowledge: out.release,
    read: out.read,
    written: out.end,
    waitBeyond: async (position, signal) => {
      const still = (): boolean => out.end() <= position && !signal.aborted && !peerEnded && !broken
      while (still()) await out.wait(signal)
    },
    over: () => broken || (closed && (peerEnded || out.kept() === 0)) || (peerEnded && out.kept() === 0),
    closed: () => closed,
    broken: () => broken,
    break: stop,
  }
}
