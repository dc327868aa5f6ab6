// A session: one party's side of a secure computation, from the greeting to the end. The greeting checks version, roles and program, tosses the session's public nonce and
// exchanges the seeds from which each side draws the other's shares of its inputs. Adversary: semi-honest peer over an authenticated channel.
// What leaks: version, program name, sizes. A session that failed is stopped on both sides and never used again.
import { createHash } from 'node:crypto'
import { type Channel, concatBytes, type Csprng, csprng, equalBytes, YimengError } from '../base/index.ts'
import { type Kernels, kernels } from './kernels/kernels.ts'
import { BASE_ANSWER_BYTES, BASE_MESSAGE_BYTES, baseReceive, baseSender } from './ot/base-ot.ts'
import {
  columnBytes,
  defaultExtension,
  type Extension,
  type OtReceiver,
  otReceiver,
  type OtSender,
  otSender,
  randomDelta,
} from './ot/extension.ts'
import { allLeaves, puncturedLeaves, treeBytes } from './ot/leaves.ts'
import { type Party, peerOf } from './party.ts'
import { type Keystream, keystream } from './symmetric.ts'
import type { TrafficCount } from './traffic.ts'
import { type Wire, wire } from './wire.ts'

/** Both sides must speak the same. */
export const PROTOCOL_VERSION = 2
const MAGIC = 0x43504d59

/** One party's side. */
export interface Session {
  readonly me: Party
  readonly wire: Wire
  readonly kernels: Kernels
  readonly rng: Csprng
  /** Public, tossed by both. */
  readonly nonce: Uint8Array
  /** The other side's random shares of what `me` shares in. */
  readonly outgoing: Keystream
  /** My random shares of what the peer shares in. */
  readonly incoming: Keystream
  /** The extension in which I send, set up at its first use. Both sides call at the same point of the program. */
  readonly sender: () => Promise<OtSender>
  /** The extension in which I receive. */
  readonly receiver: () => Promise<OtReceiver>
  /** Payload bytes of a receiver's columns. */
  readonly columnBytes: (count: number) => number
  /** Both directions; set up at once when neither is. */
  readonly both: () => Promise<{ readonly sender: OtSender; readonly receiver: OtReceiver }>
}

/** Hash domain of the extension in which `from` sends. */
export const otDomain = (from: Party): number => (from === 'guest' ? 1 : 2)

const NOTHING = new Uint8Array(0)
const complement = (bits: Uint8Array): Uint8Array => bits.map((byte) => ~byte)

const GREETING_BYTES = 12 + 32 + 16 + 16

/** Greets the peer. `program` names what will run, with all public parameters: both sides must name the same, and the same extension. */
export const openSession = async (
  channel: Channel,
  me: Party,
  program: string,
  timeoutMs?: number,
  extension: Extension = defaultExtension,
): Promise<Session> => {
  const rng = csprng()
  const line = wire(channel, timeoutMs)
  const head = new Uint8Array(12)
  const view = new DataView(head.buffer)
  view.setUint32(0, MAGIC, true)
  view.setUint32(4, PROTOCOL_VERSION, true)
  view.setUint32(8, me === 'guest' ? 0 : 1, true)
  const hash = createHash('sha256')
    .update(`${program} over ${JSON.stringify(extension)}`)
    .digest()
  const mine = new Uint8Array(32)
  rng.fill(mine)
  try {
    const theirs = await line.exchange('greeting', concatBytes(head, hash, mine), GREETING_BYTES)
    const peer = new DataView(theirs.buffer, theirs.byteOffset, 12)
    const refuse = (code: string, expected: string, got: string): YimengError =>
      new YimengError({ code, cannot: 'start session', expected, got })
    if (peer.getUint32(0, true) !== MAGIC) throw refuse('mpc-greeting', 'a greeting', 'other bytes')
    if (peer.getUint32(4, true) !== PROTOCOL_VERSION)
      throw refuse('mpc-version', `protocol version ${PROTOCOL_VERSION}`, `version ${peer.getUint32(4, true)}`)
    if (peer.getUint32(8, true) !== (me === 'guest' ? 1 : 0)) throw refuse('mpc-role', `a ${peerOf(me)}`, `another ${me}`)
    if (!equalBytes(theirs.subarray(12, 44), hash))
      throw refuse('mpc-program', 'the same program and parameters on both sides', 'different ones')
    const [guest, host] = me === 'guest' ? [mine, theirs.subarray(44)] : [theirs.subarray(44), mine]
    const k = kernels()

    const nonce = createHash('sha256').update('yimeng session').update(guest.subarray(0, 16)).update(host.subarray(0, 16)).digest()
    const end = { extension, nonce }
    const trees = treeBytes(extension.depth)
    let sender: Promise<OtSender> | undefined
    let receiver: Promise<OtReceiver> | undefined
    // the sender of the extension receives in the base transfers, and the reverse
    const openSender = async (): Promise<OtSender> => {
      const delta = randomDelta(rng)
      const { answer, keys } = await baseReceive(rng, await line.receive('base message', BASE_MESSAGE_BYTES), complement(delta))
      line.send('base answer', answer)
      const told = trees === 0 ? NOTHING : await line.receive('base trees', trees)
      return otSender(end, delta, puncturedLeaves(keys, delta, extension.depth, told))
    }
    const openReceiver = async (): Promise<OtReceiver> => {
      const base = await baseSender(rng)
      line.send('base message', base.message)
      const { leaves, message } = allLeaves(base.keys(await line.receive('base answer', BASE_ANSWER_BYTES)), extension.depth)
      if (trees > 0) line.send('base trees', message)
      return otReceiver(end, rng, leaves)
    }
    const openBoth = async (): Promise<{ readonly sender: OtSender; readonly receiver: OtReceiver }> => {
      if (sender === undefined && receiver === undefined) {
        const base = await baseSender(rng)
        const delta = randomDelta(rng)
        const { answer, keys } = await baseReceive(rng, await line.exchange('base messages', base.message), complement(delta))
        const { leaves, message } = allLeaves(base.keys(await line.exchange('base answers', answer)), extension.depth)
        const told = trees === 0 ? NOTHING : await line.exchange('base trees of both', message)
        sender = Promise.resolve(otSender(end, delta, puncturedLeaves(keys, delta, extension.depth, told)))
        receiver = Promise.resolve(otReceiver(end, rng, leaves))
      }
      // one after the other, in the same order on both sides: the guest's direction first
      if (me === 'guest') sender ??= openSender()
      else receiver ??= openReceiver()
      await sender
      await receiver
      if (me === 'guest') receiver ??= openReceiver()
      else sender ??= openSender()
      return { sender: await (sender as Promise<OtSender>), receiver: await (receiver as Promise<OtReceiver>) }
    }
    return {
      me,
      wire: line,
      kernels: k,
      rng,
      nonce,
      outgoing: keystream(mine.subarray(16)),
      incoming: keystream(theirs.subarray(44 + 16)),
      sender: () => (sender ??= openSender()),
      receiver: () => (receiver ??= openReceiver()),
      both: openBoth,
      columnBytes: (count) => columnBytes(extension, count),
    }
  } catch (cause) {
    await line.stop(cause instanceof YimengError ? cause.code : 'mpc-fault')
    throw cause
  }
}

/** What a session's greeting and base transfers cost. */
export interface SessionTraffic {
  /** Ready to send from `direction`, or both ways: counts the base transfers that are still missing. */
  readonly need: (direction: Party | 'both') => void
  readonly columnBytes: Session['columnBytes']
}

/** Counts the greeting, then base transfers when first needed. */
export const sessionTraffic = (count: TrafficCount, extension: Extension = defaultExtension): SessionTraffic => {
  const trees = treeBytes(extension.depth)
  const open = new Set<Party>()
  count.exchange(GREETING_BYTES)
  const need = (direction: Party | 'both'): void => {
    if (direction === 'both') {
      if (open.size === 0) {
        count.exchange(BASE_MESSAGE_BYTES)
        count.exchange(BASE_ANSWER_BYTES)
        if (trees > 0) count.exchange(trees)
        open.add('guest').add('host')
      }
      need('guest')
      need('host')
    } else if (!open.has(direction)) {
      count.message(peerOf(direction), BASE_MESSAGE_BYTES)
      count.message(direction, BASE_ANSWER_BYTES)
      if (trees > 0) count.message(peerOf(direction), trees)
      open.add(direction)
    }
  }
  return { need, columnBytes: (transfers) => columnBytes(extension, transfers) }
}
