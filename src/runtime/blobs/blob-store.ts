// Large things beside the database: states of models and the models themselves, each under its SHA-256, in files or in an S3 bucket. What is under a hash never changes.
import { join } from 'node:path'
import type { BlobStore } from './blob.ts'
import { fileBlobs } from './file-blobs.ts'

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
