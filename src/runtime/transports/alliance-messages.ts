// What node and coordinator say to each other outside of links: JSON bodies of HTTPS requests. Everything is checked; unknown keys are refused.
import { z } from 'zod'
import { canonicalJson, sha256Hex } from '../../base/index.ts'
import { packageVersion } from '../../base/node.ts'
import { LARGEST_BLOB_BYTES } from './bulk-channel.ts'

const text = z.string().max(200)
const hash = z.string().regex(/^[0-9a-f]{64}$/)

/** A site's name: letters and digits of any script, with spaces and - _ . between; at most 64 characters. */
export const siteNameSchema = z.string().regex(/^[\p{L}\p{N}](?:[\p{L}\p{N} ._-]{0,62}[\p{L}\p{N}])?$/u)

export const enrolRequest = z.strictObject({ secret: z.string().max(64), request: z.string().max(8192) })
export const enrolAnswer = z.strictObject({ site: siteNameSchema, certificate: z.string(), authority: z.string() })

/** What a node tells of its machine; for the record and for people. Bytes, threads that want to run, milliseconds. */
export const machineSchema = z.strictObject({
  version: text,
  cpus: z.int().min(1),
  load: z.number().min(0),
  memoryBytes: z.number().min(0),
  freeMemoryBytes: z.number().min(0),
  freeDiskBytes: z.number().min(0).nullable(),
  roundTripMs: z.number().min(0).nullable(),
})
export type Machine = z.infer<typeof machineSchema>

/** `busy`: only a sign of life; the answer comes at once. */
export const workRequest = z.strictObject({ machine: machineSchema, busy: z.boolean() })

/** A run that the coordinator asks a site to take part in. The spec is data: task and model are named, never sent. */
export const offerSchema = z.strictObject({
  run: text,
  spec: z.unknown(),
  specHash: hash,
  programHash: hash,
  sites: z.array(siteNameSchema).max(10_000),
})
export type Offer = z.infer<typeof offerSchema>
export const workAnswer = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('idle') }),
  z.strictObject({ kind: z.literal('run'), offer: offerSchema }),
  /** A run that has ended, whose model the site has not fetched. */
  z.strictObject({ kind: z.literal('model'), run: text }),
])

export const joinAnswer = z.strictObject({ link: text })
export const declineRequest = z.strictObject({ reason: z.string().max(500) })

/** Measures of a site's own test rows. */
export const measuresRequest = z.strictObject({ rows: z.int().min(0), measures: z.record(text, z.number().nullable()) })

/** A blob that a node wants to send, and how much of it is there already. */
export const blobRequest = z.strictObject({ hash, bytes: z.int().min(1).max(LARGEST_BLOB_BYTES) })
export const blobReceived = z.strictObject({ received: z.int().min(0).max(LARGEST_BLOB_BYTES) })

export const refusalSchema = z.strictObject({ code: text, message: z.string().max(2000) })

/** What both sides must agree on beside the spec: the program that they run on which columns. SHA-256, hex. */
export const programHash = (specHash: string, schema: unknown): string =>
  // through JSON, so that keys that are there but undefined do not count
  sha256Hex(canonicalJson({ version: packageVersion, specHash, schema: JSON.parse(JSON.stringify(schema)) as unknown }))
