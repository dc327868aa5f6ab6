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
    const path = join(folder, `out-${(files += 1)}`)
    const file = await open(path, 'wx', 0o600)
    try {
      for (let at = 0; at < frame.length; at += SLICE_BYTES) await file.writeFile(frame.subarray(at, at + SLICE_BYTES))
    } finally {
      await file.close()
    }
    // of two that came to the same bytes one stays
    const same = byHash.get(reference.hash)
    const made = same ?? { ...reference, path, sites: [] }
    byHash.set(reference.hash, made)
    if (same !== undefined) await rm(path, { force: true })
    return made
  }
  const remove = (file: File, frame: Uint8Array): void => {
    byHash.delete(file.hash)
    byFrame.delete(frame)
    // where a file that is being read cannot go, the next start removes it
    void rm(file.path, { force: true }).catch(() => undefined)
  }
  const grant = async (site: string, frame: Uint8Array): Promise<Grant> => {
    const writing = byFrame.get(frame) ?? written(frame)
    byFrame.set(frame, writing)
    const file = await writing
    if (byHash.get(file.hash) !== file) {
      // its last holder has just left
      if (byFrame.get(frame) === writing) byFrame.delete(frame)
      return grant(site, frame)
    }
    file.sites.push(site)
    let held = true
    return {
      hash: file.hash,
      bytes: file.bytes,
      end: () => {
        if (!held) return
        held = false
        file.sites.splice(file.sites.indexOf(site), 1)
        if (file.sites.length === 0) remove(file, frame)
      },
    }
  }
  return {
    grant,
    read: (site, hash) => {
      const file = byHash.get(hash)
      // another site's blob is no blob: whether it exists is not told
      if (file === undefined || !file.sites.includes(site)) return undefined
      return { bytes: file.bytes, from: (position) => createReadStream(file.path, { start: position, highWaterMark: SLICE_BYTES }) }
    },
  }
}
