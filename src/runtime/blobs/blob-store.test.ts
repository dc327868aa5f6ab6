import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sha256Hex } from '../../base/index.ts'
import { blobStore } from './blob-store.ts'
import { s3Blobs } from './s3-blobs.ts'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'yimeng-blobs-'))
})
afterAll(() => rm(folder, { recursive: true }))

/** A bucket that tests may fill, with its keys in the usual variables. */
const bucket = process.env['YIMENG_TEST_S3']
if (bucket === undefined)
  console.warn(
    'SKIPPED: blobs in S3 (set YIMENG_TEST_S3=s3://bucket/prefix, AWS_ENDPOINT_URL, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY)',
  )

describe.each([
  { named: 'a folder', place: () => join(folder, 'blobs') },
  ...(bucket === undefined ? [] : [{ named: 'S3', place: () => bucket }]),
])('blobs in $named', ({ place }) => {
  test('come back as they went, once each, and go', async () => {
    const store = await blobStore(place())
    const bytes = Uint8Array.from({ length: 3_000_000 }, (_, i) => (i * 31) >> 5)
    const hash = await store.put(bytes)
    expect(hash).toBe(sha256Hex(bytes))
    expect(await store.put(bytes)).toBe(hash)
    expect(Buffer.compare(await store.get(hash), bytes)).toBe(0)
    const none = await store.put(new Uint8Array())
    expect(await store.get(none)).toHaveLength(0)
    for (const each of [hash, none, hash]) await store.remove(each)
    await expect(store.get(hash)).rejects.toMatchObject({ code: 'blob-lost' })
  })
})

test('a file that holds other bytes than its name says is no blob', async () => {
  const place = join(folder, 'bent')
  const store = await blobStore(place)
  const hash = await store.put(Uint8Array.of(1, 2, 3))
  await writeFile(join(place, hash), 'other')
  await expect(store.get(hash)).rejects.toMatchObject({ code: 'blob-lost' })
  // nothing half-written is left
  expect(await readdir(place)).toEqual([hash])
})

test('a bucket needs a name and keys', () => {
  const keys = { AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b' }
  expect(() => s3Blobs('s3://bucket', {})).toThrow(/no keys/)
  expect(() => s3Blobs('s3://', keys)).toThrow(/no bucket/)
})
