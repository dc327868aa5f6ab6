// Blobs that nodes may fetch: one file for all of them, so that what the coordinator holds does not grow with the number of nodes.
import { createReadStream } from 'node:fs'
import { open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { type BlobReference, blobReferenceOf } from '../runtime/index.ts'

/** Read and written at once. */
const SLICE_BYTES = 2 ** 20

/** A blob for one site. */
export interface Grant extends BlobReference {
  /** The last grant's end removes the file. */
  readonly end: () => void
}

/** The store. */
export interface OutgoingBlobs {
  /** Keeps a frame for a site. The same array, granted to many at once, is written once. */
  readonly grant: (site: string, frame: Uint8Array) => Promise<Grant>
  /** A blob's bytes from a position on, if the site may have it. */
  readonly read: (site: string, hash: string) => { readonly bytes: number; readonly from: (position: number) => Readable } | undefined
}

/** An empty store; files go to `folder`, which is there. */
export const outgoingBlobs = (folder: string): OutgoingBlobs => {
  interface File extends BlobReference {
    readonly path: string
    readonly sites: string[]
  }
  let files = 0
  const byHash = new Map<string, File>()
  const byFrame = new WeakMap<Uint8Array, Promise<File>>()

  const written = async (frame: Uint8Array): Promise<File> => {
    const reference = blobReferenceOf(frame)
    const same = byHash.get(reference.hash)
    if (same !== undefined) return same
    const made: File = { ...reference, path: join(folder, `out-${(files += 1)}`), sites: [] }
    const file = await open(made.path, 'wx', 0o600)
    try {
      for (let at = 0; at < frame.length; at += SLICE_BYTES) await file.writeFile(frame.subarray(at, at + SLICE_BYTES))
    } finally {
      await file.close()
    }
    return made
  }
  return {
    grant: async (site, frame) => {
      const writing = byFrame.get(frame) ?? written(frame)
      byFrame.set(frame, writing)
      const file = await writing
      byHash.set(file.hash, file)
      file.sites.push(site)
      let held = true
      return {
        hash: file.hash,
        bytes: file.bytes,
        end: () => {
          if (!held) return
          held = false
          file.sites.splice(file.sites.indexOf(site), 1)
          if (file.sites.length > 0) return
          if (byHash.get(file.hash) === file) byHash.delete(file.hash)
          byFrame.delete(frame)
          // where a file that is being read cannot go, the next start removes it
          void rm(file.path, { force: true }).catch(() => undefined)
        },
      }
    },
    read: (site, hash) => {
      const file = byHash.get(hash)
      // another site's blob is no blob: whether it exists is not told
      if (file === undefined || !file.sites.includes(site)) return undefined
      return { bytes: file.bytes, from: (position) => createReadStream(file.path, { start: position, highWaterMark: SLICE_BYTES }) }
    },
  }
}
