// What travels in a round: every frame says which run, round, attempt and step it belongs to, so that a lost or stray step fails loudly instead of being added up.
// Layout, little-endian: magic u8 = 0x59 · kind u8 · step u16 · round u32 · attempt u32 · run length u16 · run (UTF-8) · zeros up to a multiple of 8 · payload.
// The zeros let numbers in the payload be read where they lie.
import {
  type Channel,
  joinBytes,
  jsonCodec,
  readStored,
  sendParts,
  type StoredBytes,
  storedPart,
  utf8Bytes,
  utf8Text,
  YimengError,
} from '../base/index.ts'
import type { NodeId } from './placement.ts'

/** Which try of which round of which run. */
export interface Attempt {
  readonly run: string
  readonly round: number
  readonly attempt: number
}

/** What a frame is for. `refusal`: this node (or, from the server, this round for you) ends here, and why. */
export type FrameKind = 'broadcast' | 'contribution' | 'refusal'

const MAGIC = 0x59
const HEAD_BYTES = 14
const kinds: readonly FrameKind[] = ['broadcast', 'contribution', 'refusal']

const headLength = (nameLength: number): number => Math.ceil((HEAD_BYTES + nameLength) / 8) * 8

/** A stamped frame in parts: its head, then the payload's own. */
export const stampParts = (
  { run, round, attempt }: Attempt,
  step: number,
  kind: FrameKind,
  payload: readonly Uint8Array[],
): readonly Uint8Array[] => {
  const name = utf8Bytes(run)
  const head = new Uint8Array(headLength(name.length))
  const view = new DataView(head.buffer)
  view.setUint8(0, MAGIC)
  view.setUint8(1, kinds.indexOf(kind))
  view.setUint16(2, step, true)
  view.setUint32(4, round, true)
  view.setUint32(8, attempt, true)
  view.setUint16(12, name.length, true)
  head.set(name, HEAD_BYTES)
  return [head, ...payload]
}

/** A stamped frame. */
export const stamp = (at: Attempt, step: number, kind: FrameKind, payload: Uint8Array): Uint8Array =>
  joinBytes(stampParts(at, step, kind, [payload]))

/** Code of the error that a peer's refusal becomes. Its `got` is the peer's cause. */
const REFUSED = 'refused'

/** Cause in words that may travel: a {@link YimengError}'s message never holds data; of other errors only the kind is told. A peer's refusal keeps its own words. */
export const causeOf = (error: unknown): string => {
  if (!(error instanceof YimengError)) return `unexpected ${error instanceof Error ? error.name : typeof error}`
  return error.code === REFUSED ? error.got : error.message
}

const refusalCodec = jsonCodec((value: unknown) => {
  const { code, cause } = value as { readonly code?: unknown; readonly cause?: unknown }
  if (typeof code !== 'string' || typeof cause !== 'string') throw new Error('not a refusal')
  return { code, cause }
})

/** Payload of a refusal. */
export const refusal = (error: unknown): Uint8Array =>
  refusalCodec.encode({
    code: error instanceof YimengError ? error.code : 'unexpected',
    cause: causeOf(error).toWellFormed().slice(0, 2000),
  })

const label = (round: number, attempt: number, step: number, kind: string): string =>
  `${kind} of round ${round}, attempt ${attempt}, step ${step}`

/**
 * Payload of a frame that must be `kind` of this very step.
 *
 * @throws YimengError `frame` for bytes that are no frame, `frame-step` for a frame of another run, round, attempt, step or kind, and the peer's cause under the code
 * `refused` for a refusal of this attempt (whatever its step: a party may give up at any time).
 */
export const unstamp = (frame: Uint8Array, at: Attempt, step: number, kind: FrameKind, node: NodeId): Uint8Array => {
  const where = { node, run: at.run, round: at.round, attempt: at.attempt, step }
  const broken = (got: string): YimengError =>
    new YimengError({ code: 'frame', cannot: 'read frame', expected: 'a frame of a round', got, where })
  if (frame.length < HEAD_BYTES) throw broken(`${frame.length} bytes`)
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength)
  const gotKind = kinds[view.getUint8(1)]
  const nameEnd = HEAD_BYTES + view.getUint16(12, true)
  const start = headLength(nameEnd - HEAD_BYTES)
  if (view.getUint8(0) !== MAGIC || gotKind === undefined || frame.length < start) throw broken('other bytes')
  const run = utf8Text(frame.subarray(HEAD_BYTES, nameEnd))
  const [gotStep, round, attempt] = [view.getUint16(2, true), view.getUint32(4, true), view.getUint32(8, true)]
  const payload = frame.subarray(start)
  const sameAttempt = run === at.run && round === at.round && attempt === at.attempt
  if (sameAttempt && gotKind === 'refusal') {
    const { code, cause } = refusalCodec.decode(payload)
    throw new YimengError({
      code: REFUSED,
      cannot: 'go on',
      expected: `a ${kind}`,
      got: cause,
      where: { ...where, refusal: code },
    })
  }
  if (sameAttempt && gotStep === step && gotKind === kind) return payload
  throw new YimengError({
    code: 'frame-step',
    cannot: 'take frame',
    expected: label(at.round, at.attempt, step, kind),
    got: run === at.run ? label(round, attempt, gotStep, gotKind) : 'a frame of another run',
    where,
  })
}

/** Beyond the longest head. */
const LOOK_BYTES = headLength(2 ** 16)

/** The channel as one step of one attempt sees it: what a sum protocol sends and receives is stamped and checked. */
export const stepChannel = (channel: Channel, at: Attempt, step: number, node: NodeId): Channel => {
  const { receiveStored } = channel
  const payloadOf = (frame: Uint8Array): Uint8Array => unstamp(frame, at, step, 'contribution', node)
  const storedPayload = async (frame: StoredBytes): Promise<StoredBytes> => {
    const beginning = await readStored(storedPart(frame, 0, Math.min(frame.length, LOOK_BYTES)))
    return storedPart(frame, beginning.length - payloadOf(beginning).length)
  }
  return {
    send: (payload) => channel.send(stamp(at, step, 'contribution', payload)),
    sendParts: (payload) => sendParts(channel, stampParts(at, step, 'contribution', payload)),
    receive: async (signal) => payloadOf(await channel.receive(signal)),
    ...(receiveStored && {
      receiveStored: async (signal) => {
        const frame = await receiveStored(signal)
        return frame instanceof Uint8Array ? payloadOf(frame) : storedPayload(frame)
      },
    }),
    close: channel.close,
  }
}
