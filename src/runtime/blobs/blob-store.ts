// Large things beside the database: states of models and the models themselves, each under its SHA-256, in files or in an S3 bucket. What is under a hash never changes.
import { join } from 'node:path'
import { YimengError } from '../../base/index.ts'
import { fileBlobs } from './file-blobs.ts'

/** Bytes under their SHA-256, hex. */
export interface BlobStore {
  /** Keeps bytes, whole or not at all, and tells their hash. The same bytes twice are one blob. */
  readonly put: (bytes: Uint8Array) => Promise<string>
  /** Rejects with YimengError `blob-lost` when there is none, or other bytes. */
  readonly get: (hash: string) => Promise<Uint8Array>
  /** Forgets; nothing when there is none. */
  readonly remove: (hash: string) => Promise<void>
}

/** A blob that should be there. */
export const lostBlob = (hash: string, got: string, cause?: unknown): YimengError =>
  new YimengError({
    code: 'blob-lost',
    cannot: 'read blob',
    expected: 'the bytes that were kept',
    got,
    where: { blob: hash.slice(0, 12) },
    cause,
  })

/**
 * The store of a place.
 *
 * @param place - path of a folder, or `s3://bucket/prefix`; the bucket's keys, region and address come from the usual variables (`AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`,
 * `AWS_SESSION_TOKEN`, `AWS_REGION`, `AWS_ENDPOINT_URL`)
 * @throws YimengError `blob-place` for a bucket without keys
 */
export const blobStore = async (place: string): Promise<BlobStore> =>
  place.startsWith('s3://') ? (await import('./s3-blobs.ts')).s3Blobs(place, process.env) : fileBlobs(place)

/** The folder of blobs beside a database file. */
export const blobFolder = (folder: string): string => join(folder, 'blobs')
