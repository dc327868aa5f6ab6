// Blobs that nodes send, as far as they have come: files, so that a cut upload goes on where it was, and memory holds one whole blob at a time however many nodes send.
import { createHash, type Hash } from 'node:crypto'
import type { FileHandle } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { setImmediate as laterOn } from 'node:timers/promises'
import { monotonicMs, type StoredBytes, YimengError } from '../base/index.ts'
import { type BlobReference, flowing, scratch } from '../runtime/index.ts'
import { type SpoolFile, spool } from './spool.ts'

/** Hashed and written at once. */
const SLICE_BYTES = 2 ** 18
/** Of one site, begun and not taken: it sends one at a time, and may leave one of the attempt before. */
const MOST_BLOBS = 4
/** A blob that nobody goes on with. */
const FORGOTTEN_MS = 3_600_000

/** The store. A blob is its sender's: sites learn nothing of what others have sent. */
export interface IncomingBlobs {
  /** How much of a site's blob is there. An older request that still sends it is cut off. */
  readonly begin: (site: string, reference: BlobReference) => Promise<number>
  /**
   * Goes on with a blob; what comes before a cut counts. Resolves to how much is there. Rejects with YimengError `blob-unknown`, `blob-gap` for another position, `blob-size` for
   * more than promised, and `blob-hash` for other bytes than promised: such a blob is forgotten.
   */
  readonly append: (site: string, hash: string, at: number, body: Readable) => Promise<number>
  /**
   * A whole blob, which is forgotten here. Its bytes are the caller's for this turn of the event loop (to decode them: codecs copy), then the next blob is read into the same memory: one
   * at a time, however many nodes there are. Rejects with YimengError `blob-unknown`.
   */
  readonly take: (site: string, reference: BlobReference) => Promise<Uint8Array>
  /** A whole blob where it lies, which is forgotten here: until it is released. Rejects with YimengError `blob-unknown`. */
  readonly keep: (site: string, reference: BlobReference) => Promise<KeptBlob>
  readonly close: () => Promise<void>
}

/** A blob that lies in a file. */
export interface KeptBlob extends StoredBytes {
  readonly release: () => void
}

interface Incoming {
  readonly bytes: number
  readonly lent: Promise<SpoolFile>
  readonly digest: Hash
  received: number
  touchedMs: number
  /** The request that may send now: an older one is cut off. */
  latest?: Readable
  /** Ends with the last request. */
  turn: Promise<unknown>
}

const fault = (code: string, expected: string, got: string): YimengError => new YimengError({ code, cannot: 'take blob', expected, got })

const wrongHash = (): YimengError => fault('blob-hash', 'the bytes that its hash names', 'others')
const isSound = ({ digest }: Incoming, hash: string): boolean => digest.copy().digest('hex') === hash

const writeWhole = async (file: FileHandle, bytes: Uint8Array, position: number): Promise<void> => {
  for (let at = 0; at < bytes.length; ) at += (await file.write(bytes, at, bytes.length - at, position + at)).bytesWritten
}

const readWhole = async (file: FileHandle, into: Uint8Array, position: number): Promise<void> => {
  for (let at = 0; at < into.length; ) {
    const { bytesRead } = await file.read(into, at, into.length - at, position + at)
    if (bytesRead === 0) throw fault('blob-unknown', `${into.length} bytes`, String(at))
    at += bytesRead
  }
}

/** What comes goes to the file, by way of `slice`; also what came before a cut. */
const pour = async (blob: Incoming, body: Readable, slice: Uint8Array): Promise<void> => {
  const { file } = await blob.lent
  let filled = 0
  let writing: Promise<void> = Promise.resolve()
  const flush = async (): Promise<void> => {
    if (filled === 0) return
    const bytes = slice.subarray(0, filled)
    filled = 0
    blob.digest.update(bytes)
    await writeWhole(file, bytes, blob.received)
    blob.received += bytes.length
    blob.touchedMs = monotonicMs()
  }
  const take = (chunk: Uint8Array): void | Promise<void> => {
    if (blob.received + filled + chunk.length > blob.bytes) throw fault('blob-size', `${blob.bytes} bytes`, 'more')
    const room = Math.min(slice.length - filled, chunk.length)
    slice.set(room === chunk.length ? chunk : chunk.subarray(0, room), filled)
    filled += room
    if (filled < slice.length) return
    writing = flush().then(() => take(chunk.subarray(room)))
    return writing
  }
  try {
    await flowing(body, take)
  } finally {
    // a line may break while a slice is being written
    await writing.catch(() => undefined)
    await flush()
  }
}

/** An empty store; files go to `folder`, which is there. */
export const incomingBlobs = (folder: string): IncomingBlobs => {
  const files = spool(folder)
  const blobs = new Map<string, Incoming>()
  const spareSlices: Uint8Array[] = []
  const memory = scratch()
  let taking: Promise<unknown> = Promise.resolve()
  const keyOf = (site: string, hash: string): string => `${site}\n${hash}`

  const settled = async (blob: Incoming): Promise<void> => {
    blob.latest?.destroy()
    delete blob.latest
    await blob.turn
  }
  /** Nobody finds it any more; its file is free when nobody writes to it. */
  const forget = (key: string, blob: Incoming): Promise<void> => {
    if (blobs.get(key) !== blob) return Promise.resolve()
    blobs.delete(key)
    return settled(blob)
      .then(() => blob.lent)
      .then(files.rest, () => undefined)
  }
  const sweep = setInterval(() => {
    for (const [key, blob] of blobs) if (monotonicMs() - blob.touchedMs > FORGOTTEN_MS) void forget(key, blob)
    spareSlices.length = 0
  }, FORGOTTEN_MS / 60)
  sweep.unref()

  /** A blob that is whole, and nobody's any more. */
  const claimed = async (site: string, { hash, bytes }: BlobReference): Promise<SpoolFile> => {
    const key = keyOf(site, hash)
    const blob = blobs.get(key)
    if (blob === undefined || blob.bytes !== bytes || blob.received < bytes) throw fault('blob-unknown', 'a blob that is whole', 'none')
    if (!isSound(blob, hash)) {
      void forget(key, blob)
      throw wrongHash()
    }
    blobs.delete(key)
    await settled(blob)
    return blob.lent
  }
  const kept = new Set<KeptBlob>()
  const keep = async (site: string, reference: BlobReference): Promise<KeptBlob> => {
    const lent = await claimed(site, reference)
    const held: KeptBlob = {
      length: reference.bytes,
      read: async (into, at) => {
        const there = (): void => {
          if (!kept.has(held)) throw fault('blob-unknown', 'a blob that is kept', 'one that was released')
        }
        there()
        await readWhole(lent.file, into, at)
        // what was released meanwhile may have been written over
        there()
      },
      release: () => {
        if (kept.delete(held)) files.rest(lent)
      },
    }
    kept.add(held)
    return held
  }
  return {
    begin: async (site, { hash, bytes }) => {
      const key = keyOf(site, hash)
      const known = blobs.get(key)
      if (known?.bytes === bytes) {
        await settled(known)
        return known.received
      }
      if (known !== undefined) void forget(key, known)
      const mine = [...blobs].filter(([each]) => each.startsWith(`${site}\n`))
      // a site's newest blobs are the ones that it goes on with
      for (const [each, blob] of mine.slice(0, Math.max(0, mine.length - MOST_BLOBS + 1))) void forget(each, blob)
      const blob = {
        bytes,
        lent: files.lend(),
        digest: createHash('sha256'),
        received: 0,
        touchedMs: monotonicMs(),
        turn: Promise.resolve(),
      }
      blobs.set(key, blob)
      await blob.lent
      return 0
    },
    append: async (site, hash, at, body) => {
      const key = keyOf(site, hash)
      const blob = blobs.get(key)
      if (blob === undefined) throw fault('blob-unknown', 'a blob that was begun', 'another')
      blob.latest?.destroy()
      blob.latest = body
      // one request at a time writes, whatever a site sends at once
      const mine = blob.turn.then(async () => {
        if (blobs.get(key) !== blob) throw fault('blob-unknown', 'a blob that was begun', 'another')
        if (blob.latest !== body) throw fault('blob-gap', 'the newest request', 'an older one')
        if (at !== blob.received) throw fault('blob-gap', `position ${blob.received}`, String(at))
        const slice = spareSlices.pop() ?? new Uint8Array(SLICE_BYTES)
        const failure = await pour(blob, body, slice).then(
          () => undefined,
          (error: unknown) => (error instanceof Error ? error : new Error('upload failed', { cause: error })),
        )
        spareSlices.push(slice)
        if (blob.latest === body) delete blob.latest
        // a line that broke leaves what came; wrong bytes are nothing to go on with
        const wrong = failure instanceof YimengError || (blob.received === blob.bytes && !isSound(blob, hash))
        if (wrong) void forget(key, blob)
        if (failure !== undefined) throw failure
        if (wrong) throw wrongHash()
        return blob.received
      })
      blob.turn = mine.catch(() => undefined)
      return mine
    },
    keep,
    take: (site, reference) => {
      const whole = async (): Promise<Uint8Array> => {
        const blob = await keep(site, reference)
        try {
          const frame = memory.lend(reference.bytes)
          await blob.read(frame, 0)
          return frame
        } finally {
          blob.release()
        }
      }
      const taken = taking.then(whole)
      const done = async (): Promise<void> => {
        await taken
        await laterOn()
        memory.rest()
      }
      taking = done().catch(() => undefined)
      return taken
    },
    close: async () => {
      clearInterval(sweep)
      memory.drop()
      await Promise.allSettled([...blobs].map(([key, blob]) => forget(key, blob)))
      for (const blob of kept) blob.release()
      await files.close()
    },
  }
}
