// Messages between two parties that run one program: every message has a label, a number and an exact length that both sides know beforehand, so a lost, replayed,
// truncated or foreign message stops the session. Adversary: semi-honest parties over a channel that is authenticated elsewhere (TLS); the header guards against faults
// and mix-ups, not against forgery. What leaks: sizes and timing of messages, which depend on public sizes only.
import { type Channel, FRAME_HEADER_BYTES, utf8Bytes, utf8Text, YimengError } from '../base/index.ts'

/** Bytes before each payload: label, sequence number and depth, 32 bits each; with the channel's own length prefix. */
export const MESSAGE_HEADER_BYTES = 12 + FRAME_HEADER_BYTES

/** What may wait in memory for a slow line. */
export const QUEUE_BYTES = 1 << 24

const STOP = 0xffff_ffff
const STOP_MS = 1_000

/** What a party sent and received, headers included and before TLS; `rounds` is the longest chain of messages that had to wait for each other. */
export interface WireTraffic {
  readonly sent: number
  readonly received: number
  readonly rounds: number
}

/** One side of a numbered conversation. */
export interface Wire {
  /** Sends without waiting; a failure surfaces at the next call. `payload` is copied before the call returns. A message that needs nothing received later than round `since` says so: rounds then do not depend on what happened to arrive while it was made. */
  readonly send: (label: string, payload: Uint8Array, since?: number) => void
  /** The peer's next message, which must be `label` and `length` bytes long. */
  readonly receive: (label: string, length: number) => Promise<Uint8Array>
  /** Both sides send at once. */
  readonly exchange: (label: string, payload: Uint8Array, length?: number) => Promise<Uint8Array>
  /** Waits while more than {@link QUEUE_BYTES} are still to be handed to the channel: for whoever sends much without receiving. */
  readonly room: () => Promise<void>
  /** Waits until everything is handed to the channel. */
  readonly flush: () => Promise<void>
  /** Tells the peer to stop (with a code, never a value), then closes the channel. */
  readonly stop: (code: string) => Promise<void>
  readonly traffic: () => WireTraffic
}

/** A label as it travels: FNV-1a, checked and not trusted. */
export const labelNumber = (label: string): number => {
  let hash = 0x811c9dc5
  for (const byte of utf8Bytes(label)) hash = Math.imul(hash ^ byte, 0x01000193)
  hash >>>= 0
  return hash === STOP ? 0 : hash
}

/** A conversation over `channel`, which carries frames of any size (see `chunked`). `timeoutMs` bounds each wait for the peer. */
export const wire = (channel: Channel, timeoutMs = 120_000): Wire => {
  const labels = new Map<string, number>()
  const numberOf = (label: string): number => {
    const known = labels.get(label)
    if (known !== undefined) return known
    const fresh = labelNumber(label)
    labels.set(label, fresh)
    return fresh
  }
  let sentCount = 0
  let receivedCount = 0
  let sent = 0
  let received = 0
  let depth = 0
  let queued = 0
  let pending: Promise<void> = Promise.resolve()
  let failure: { readonly cause: unknown } | undefined
  let stopped = false

  const lost = (cause: unknown, doing: string): YimengError =>
    new YimengError({
      code: 'mpc-peer-lost',
      cannot: doing,
      expected: 'a peer that answers',
      got: 'a lost connection',
      where: { message: receivedCount },
      cause,
    })

  // frames are put together here: channels take their own copy
  let scratch = new ArrayBuffer(1 << 16)
  const post = (label: number, at: number, payload: Uint8Array): Promise<void> => {
    const length = 12 + payload.length
    if (length > scratch.byteLength) scratch = new ArrayBuffer(length)
    const view = new DataView(scratch)
    view.setUint32(0, label, true)
    view.setUint32(4, sentCount, true)
    view.setUint32(8, at, true)
    const frame = new Uint8Array(scratch, 0, length)
    frame.set(payload, 12)
    sentCount += 1
    sent += frame.length + FRAME_HEADER_BYTES
    return channel.send(frame)
  }
  const raise = (): void => {
    if (failure !== undefined)
      throw failure.cause instanceof YimengError && failure.cause.code.startsWith('mpc-')
        ? failure.cause
        : lost(failure.cause, 'send message')
  }
  const sendAt = (label: string, payload: Uint8Array, at: number): void => {
    raise()
    queued += payload.length
    const posted = post(numberOf(label), at, payload)
      .catch((cause: unknown) => {
        failure ??= { cause }
      })
      .finally(() => {
        queued -= payload.length
      })
    pending = pending.then(() => posted)
  }
  const nextFrame = async (label: string): Promise<Uint8Array> => {
    const late = AbortSignal.timeout(timeoutMs)
    try {
      return await channel.receive(late)
    } catch (cause) {
      if (late.aborted)
        throw new YimengError({
          code: 'mpc-peer-silent',
          cannot: `receive ${label}`,
          expected: `an answer within ${timeoutMs} ms`,
          got: 'silence',
          cause,
        })
      throw lost(cause, `receive ${label}`)
    }
  }
  const receive = async (label: string, length: number): Promise<Uint8Array> => {
    raise()
    const frame = await nextFrame(label)
    received += frame.length + FRAME_HEADER_BYTES
    const where = { message: receivedCount }
    if (frame.length < 12)
      throw new YimengError({
        code: 'mpc-frame',
        cannot: `receive ${label}`,
        expected: 'a header of 12 bytes',
        got: `${frame.length} bytes`,
        where,
      })
    const view = new DataView(frame.buffer, frame.byteOffset, frame.length)
    const payload = frame.subarray(12)
    if (view.getUint32(0, true) === STOP)
      throw new YimengError({
        code: 'mpc-peer-stopped',
        cannot: `receive ${label}`,
        expected: 'the next message',
        got: `the peer stopped: ${utf8Text(payload.subarray(0, 64))}`,
        where,
      })
    if (view.getUint32(4, true) !== receivedCount)
      throw new YimengError({
        code: 'mpc-sequence',
        cannot: `receive ${label}`,
        expected: `message ${receivedCount}`,
        got: `message ${view.getUint32(4, true)}`,
        where,
      })
    if (view.getUint32(0, true) !== numberOf(label))
      throw new YimengError({
        code: 'mpc-label',
        cannot: `receive ${label}`,
        expected: 'the same program on both sides',
        got: 'another message',
        where,
      })
    if (payload.length !== length)
      throw new YimengError({
        code: 'mpc-length',
        cannot: `receive ${label}`,
        expected: `${length} bytes`,
        got: `${payload.length}`,
        where,
      })
    receivedCount += 1
    depth = Math.max(depth, view.getUint32(8, true))
    return payload
  }
  return {
    send: (label, payload, since = depth) => sendAt(label, payload, since + 1),
    receive,
    exchange: (label, payload, length = payload.length) => {
      sendAt(label, payload, depth + 1)
      return receive(label, length)
    },
    room: async () => {
      if (queued > QUEUE_BYTES) await pending
      raise()
    },
    flush: async () => {
      await pending
      raise()
    },
    stop: async (code) => {
      if (stopped) return
      stopped = true
      failure ??= {
        cause: new YimengError({ code: 'mpc-stopped', cannot: 'go on', expected: 'a running session', got: `one that stopped: ${code}` }),
      }
      // a peer that no longer reads must not hold up the stop
      let timer: ReturnType<typeof setTimeout> | undefined
      const patience = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, STOP_MS)
      })
      await Promise.race([post(STOP, depth, utf8Bytes(code)).catch(() => undefined), patience])
      clearTimeout(timer)
      await channel.close().catch(() => undefined)
    },
    traffic: () => ({ sent, received, rounds: depth }),
  }
}
