// Blobs that nodes may fetch, out of the memory of who published them: no copy is made, so that what the coordinator holds does not grow with the number of nodes.
import { Readable } from 'node:stream'
import { type BlobReference, blobReferenceOf, slices } from '../runtime/index.ts'
import type { Sendable } from './send-range.ts'

/** A blob for one site. */
export interface Grant extends BlobReference {
  readonly end: () => void
}

/** The store. */
export interface OutgoingBlobs {
  /** Lets a site fetch a frame until the grant ends. Until then nobody changes its bytes. The same list of parts, granted to many, is hashed once. */
  readonly grant: (site: string, frame: readonly Uint8Array[]) => Grant
  /** A blob, if the site may have it. */
  readonly read: (site: string, hash: string) => Sendable | undefined
}

/** Bytes in parts as what can be sent. */
export const sendable = (parts: readonly Uint8Array[], reference: BlobReference = blobReferenceOf(parts)): Sendable => ({
  ...reference,
  from: (position) => Readable.from(slices(parts, position)),
})

/** An empty store. */
export const outgoingBlobs = (): OutgoingBlobs => {
  interface Held {
    readonly blob: Sendable
    readonly sites: string[]
  }
  const byHash = new Map<string, Held>()
  const references = new WeakMap<readonly Uint8Array[], BlobReference>()
  return {
    grant: (site, frame) => {
      const reference = references.get(frame) ?? blobReferenceOf(frame)
      references.set(frame, reference)
      const { hash, bytes } = reference
      // of two frames of the same bytes one serves
      const held = byHash.get(hash) ?? { blob: sendable(frame, reference), sites: [] }
      byHash.set(hash, held)
      held.sites.push(site)
      let ended = false
      return {
        hash,
        bytes,
        end: () => {
          if (ended) return
          ended = true
          held.sites.splice(held.sites.indexOf(site), 1)
          if (held.sites.length === 0) byHash.delete(hash)
        },
      }
    },
    read: (site, hash) => {
      const held = byHash.get(hash)
      // another site's blob is no blob: whether it exists is not told
      return held?.sites.includes(site) === true ? held.blob : undefined
    },
  }
}
