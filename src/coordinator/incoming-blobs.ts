// Blobs that nodes send, as far as they have come: files, so that a cut upload goes on where it was, and memory holds one whole blob at a time however many nodes send.
import { createHash, type Hash } from 'node:crypto'
import { type FileHandle, open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { setImmediate as laterOn } from 'node:timers/promises'
import { monotonicMs, YimengError } from '../base/index.ts'
import { type BlobReference, scratch } from '../runtime/index.ts'

/** Written at once. */
const SLICE_BYTES = 2 ** 20
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
  readonly close: () => Promise<void>
}

interface Incoming {
  readonly bytes: number
  readonly path: string
  readonly file: FileHandle
  readonly digest: Hash
  received: number
  touchedMs: number
  current?: { readonly body: Readable; readonly done: Promise<unknown> }
}

const fault = (code: string, expected: string, got: string): YimengError => new YimengError({ code, cannot: 'take blob', expected, got })

const wrongHash = (): YimengError => fault('blob-hash', 'the bytes that its hash names', 'others')
const isSound = ({ digest }: Incoming, hash: string): boolean => digest.copy().digest('hex') === hash

/** What comes goes to the file; also what came before a cut. */
const pour = async (blob: Incoming, body: Readable): Promise<void> => {
  let parts: Uint8Array[] = []
  let length = 0
  const flush = async (): Promise<void> => {
    const [coming, bytes] = [parts, length]
    parts = []
    length = 0
    if (bytes === 0) return
    for (const part of coming) blob.digest.update(part)
    await blob.file.writev(coming, blob.received)
    blob.received += bytes
    blob.touchedMs = monotonicMs()
  }
  try {
    // a refused upload is answered before its connection ends
    for await (const chunk of body.iterator({ destroyOnReturn: false })) {
      const part = chunk as Uint8Array
      if (blob.received + length + part.length > blob.bytes) throw fault('blob-size', `${blob.bytes} bytes`, 'more')
      parts.push(part)
      length += part.length
      if (length >= SLICE_BYTES) await flush()
    }
  } finally {
    await flush()
  }
}

/** An empty store; files go to `folder`, which is there. */
export const incomingBlobs = (folder: string): IncomingBlobs => {
  let files = 0
  const blobs = new Map<string, Incoming>()
  const memory = scratch()
  let taking: Promise<unknown> = Promise.resolve()
  const keyOf = (site: string, hash: string): string => `${hash} ${site}`

  const settled = async ({ current }: Incoming): Promise<void> => {
    current?.body.destroy()
    await current?.done
  }
  const forget = async (key: string, blob: Incoming): Promise<void> => {
    blobs.delete(key)
    await settled(blob)
    await blob.file.close()
    await rm(blob.path, { force: true })
  }
  const sweep = setInterval(() => {
    for (const [key, blob] of blobs) if (monotonicMs() - blob.touchedMs > FORGOTTEN_MS) void forget(key, blob).catch(() => undefined)
  }, FORGOTTEN_MS / 60)
  sweep.unref()

  const whole = async (site: string, { hash, bytes }: BlobReference): Promise<Uint8Array> => {
    const key = keyOf(site, hash)
    const blob = blobs.get(key)
    if (blob === undefined || blob.bytes !== bytes || blob.received < bytes) throw fault('blob-unknown', 'a blob that is whole', 'none')
    blobs.delete(key)
    try {
      if (!isSound(blob, hash)) throw wrongHash()
      const frame = memory.lend(bytes)
      for (let at = 0; at < bytes; ) {
        const { bytesRead } = await blob.file.read(frame, at, bytes - at, at)
        if (bytesRead === 0) throw fault('blob-unknown', `${bytes} bytes`, String(at))
        at += bytesRead
      }
      return frame
    } finally {
      await blob.file.close()
      await rm(blob.path, { force: true })
    }
  }
  return {
    begin: async (site, { hash, bytes }) => {
      const key = keyOf(site, hash)
      const known = blobs.get(key)
      if (known?.bytes === bytes) {
        await settled(known)
        return known.received
      }
      const mine = [...blobs].filter(([each]) => each.endsWith(` ${site}`))
      // a site's newest blobs are the ones that it goes on with
      for (const [each, blob] of mine.slice(0, Math.max(0, mine.length - MOST_BLOBS + 1))) await forget(each, blob)
      const path = join(folder, `in-${(files += 1)}`)
      const file = await open(path, 'wx+', 0o600)
      blobs.set(key, { bytes, path, file, digest: createHash('sha256'), received: 0, touchedMs: monotonicMs() })
      return 0
    },
    append: async (site, hash, at, body) => {
      const key = keyOf(site, hash)
      const blob = blobs.get(key)
      if (blob === undefined) throw fault('blob-unknown', 'a blob that was begun', 'another')
      await settled(blob)
      if (at !== blob.received) throw fault('blob-gap', `position ${blob.received}`, String(at))
      const done = pour(blob, body)
      const current = { body, done: done.catch(() => undefined) }
      blob.current = current
      const failure = await done.then(
        () => undefined,
        (error: unknown) => (error instanceof Error ? error : new Error('upload failed', { cause: error })),
      )
      if (blob.current === current) delete blob.current
      // a line that broke leaves what came; wrong bytes are nothing to go on with
      const wrong = failure instanceof YimengError || (blob.received === blob.bytes && !isSound(blob, hash))
      if (wrong) await forget(key, blob)
      if (failure !== undefined) throw failure
      if (wrong) throw wrongHash()
      return blob.received
    },
    take: (site, reference) => {
      const taken = taking.then(() => whole(site, reference))
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
    },
  }
}
