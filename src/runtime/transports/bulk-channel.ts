// Large frames leave the stream of a link: their bytes travel as a blob (content-addressed, resumable in both directions, one copy for all nodes), the stream carries the reference.
// Frame: u8 0 · payload, or u8 1 · SHA-256 (32 bytes) · length u32, little-endian.
import { type Channel, channelClosed, joinBytes, lengthOf, type StoredBytes, turns, YimengError } from '../../base/index.ts'

/** Frames from here on travel as blobs. */
export const BULK_BYTES = 2 ** 20
/** The largest blob. */
export const LARGEST_BLOB_BYTES = 2 ** 30

const INLINE = 0
const REFERENCE = 1
const HASH_BYTES = 32
const REFERENCE_BYTES = 1 + HASH_BYTES + 4

/** What stands for a blob. `hash`: SHA-256, 64 hex digits. */
export interface BlobReference {
  readonly hash: string
  readonly bytes: number
}

/** The road of blobs between a node and the coordinator, as one end sees it. */
export interface Bulk {
  /** Makes a frame in parts reachable for the peer. Resolves when it is; nobody may change its bytes until {@link Bulk.close}. */
  readonly give: (frame: readonly Uint8Array[]) => Promise<BlobReference>
  /** The bytes that the peer has made reachable, checked against their hash. Rejects with YimengError `blob-unknown`, `blob-hash`. */
  readonly take: (reference: BlobReference, signal?: AbortSignal) => Promise<Uint8Array>
  /** The same bytes where they lie, until {@link Bulk.close}. Absent: they are taken. */
  readonly keep?: (reference: BlobReference, signal?: AbortSignal) => Promise<StoredBytes>
  /** Ends what is under way, and forgets what was given and kept. */
  readonly close: () => void
}

const encoded = ({ hash, bytes }: BlobReference): Uint8Array => {
  const frame = Buffer.alloc(REFERENCE_BYTES)
  frame.writeUInt8(REFERENCE)
  frame.write(hash, 1, 'hex')
  frame.writeUInt32LE(bytes, 1 + HASH_BYTES)
  return frame
}

/** @throws YimengError `blob-frame` */
const decoded = (frame: Uint8Array): Uint8Array | BlobReference => {
  if (frame[0] === INLINE) return frame.subarray(1)
  if (frame[0] === REFERENCE && frame.length === REFERENCE_BYTES) {
    const view = Buffer.from(frame.buffer, frame.byteOffset, frame.byteLength)
    const bytes = view.readUInt32LE(1 + HASH_BYTES)
    if (bytes >= BULK_BYTES && bytes <= LARGEST_BLOB_BYTES) return { hash: view.toString('hex', 1, 1 + HASH_BYTES), bytes }
  }
  throw new YimengError({
    code: 'blob-frame',
    cannot: 'read frame',
    expected: `a frame, or a reference to ${BULK_BYTES} … ${LARGEST_BLOB_BYTES} bytes`,
    got: `${frame.length} other bytes`,
  })
}

/** The same channel for frames of up to {@link LARGEST_BLOB_BYTES}. Both ends must be wrapped. A frame of {@link BULK_BYTES} or more must not be changed until the channel is closed. */
export const bulkChannel = (channel: Channel, bulk: Bulk): Channel => {
  const { keep } = bulk
  let open = true
  let sending: Promise<unknown> = Promise.resolve()
  let large = 0
  // what has arrived and was not taken: kept here, so that an aborted receive loses nothing
  let held: Uint8Array | BlobReference | undefined

  const inTurn = turns()
  const receiveOne = async <T>(
    fetch: (reference: BlobReference, signal?: AbortSignal) => Promise<T>,
    signal?: AbortSignal,
  ): Promise<Uint8Array | T> => {
    signal?.throwIfAborted()
    held ??= decoded(await channel.receive(signal))
    const frame = held instanceof Uint8Array ? held : await fetch(held, signal)
    held = undefined
    if (!open) throw channelClosed('receive frame')
    return frame
  }
  const sendLarge = async (frame: readonly Uint8Array[]): Promise<void> => {
    const reference = await bulk.give(frame)
    await channel.send(encoded(reference))
  }
  const sendAll = (frame: readonly Uint8Array[]): Promise<void> => {
    if (!open) return Promise.reject(channelClosed('send frame'))
    const bytes = lengthOf(frame)
    if (bytes > LARGEST_BLOB_BYTES)
      return Promise.reject(
        new YimengError({ code: 'blob-size', cannot: 'send frame', expected: `at most ${LARGEST_BLOB_BYTES} bytes`, got: `${bytes}` }),
      )
    if (bytes < BULK_BYTES) {
      const small = joinBytes([Uint8Array.of(INLINE), ...frame])
      // at once where nothing large is before it: whoever closes next must not overtake it
      if (large === 0) return channel.send(small)
      const sent = sending.then(() => channel.send(small))
      sending = sent.catch(() => undefined)
      return sent
    }
    large += 1
    const sent = sending.then(() => sendLarge(frame))
    sending = sent.catch(() => undefined).finally(() => (large -= 1))
    return sent
  }
  return {
    send: (frame) => sendAll([frame]),
    sendParts: sendAll,
    receive: (signal) => inTurn(() => receiveOne(bulk.take, signal), signal),
    ...(keep && { receiveStored: (signal) => inTurn(() => receiveOne(keep, signal), signal) }),
    close: async () => {
      open = false
      bulk.close()
      await channel.close()
    },
  }
}
