// Blobs on their way to the coordinator: whatever a site sends at once, twice or too early, it harms nobody's blob but its own.
import { createHash } from 'node:crypto'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { seed } from '../base/index.ts'
import { type IncomingBlobs, incomingBlobs } from './incoming-blobs.ts'

let folder = ''
let blobs: IncomingBlobs

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'yimeng-incoming-'))
  blobs = incomingBlobs(folder)
})
afterAll(async () => {
  await blobs.close()
  await rm(folder, { recursive: true })
})

const BYTES = 700_000
const made = (number: number) => {
  const random = seed(number).random()
  const bytes = Uint8Array.from({ length: BYTES }, () => random.integer(256))
  return { bytes, reference: { hash: createHash('sha256').update(bytes).digest('hex'), bytes: BYTES } }
}
const body = (bytes: Uint8Array): Readable => Readable.from([Buffer.from(bytes)])
const codeOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'done',
    (error: unknown) => (error as { readonly code?: string }).code,
  )

test('of many requests that send one blob at once one writes, and the blob is whole', async () => {
  const { bytes, reference } = made(1)
  await blobs.begin('a', reference)
  const codes = await Promise.all(Array.from({ length: 5 }, () => codeOf(blobs.append('a', reference.hash, 0, body(bytes)))))
  expect(codes.filter((code) => code === 'done')).toHaveLength(1)
  expect(codes.filter((code) => code === 'blob-gap')).toHaveLength(4)
  expect(Buffer.compare(await blobs.take('a', reference), bytes)).toBe(0)
})

test('a blob whose request says more than was promised frees its file once: two sites never share one', async () => {
  const early = made(2)
  await blobs.begin('a', early.reference)
  const open = new PassThrough()
  const standing = codeOf(blobs.append('a', early.reference.hash, 0, open))
  open.write(early.bytes)
  await sleep(100)
  open.write(new Uint8Array(1))
  expect(await standing).toBe('blob-size')
  const [b, c] = [made(3), made(4)]
  await Promise.all([blobs.begin('b', b.reference), blobs.begin('c', c.reference)])
  await Promise.all([blobs.append('b', b.reference.hash, 0, body(b.bytes)), blobs.append('c', c.reference.hash, 0, body(c.bytes))])
  expect(Buffer.compare(await blobs.take('b', b.reference), b.bytes)).toBe(0)
  expect(Buffer.compare(await blobs.take('c', c.reference), c.bytes)).toBe(0)
})

test('begun twice at once it is one blob; begun with another length it is another; of one site four are kept', async () => {
  const { bytes, reference } = made(5)
  await Promise.all([blobs.begin('d', { ...reference, bytes: 9 }), blobs.begin('d', reference), blobs.begin('d', reference)])
  await blobs.append('d', reference.hash, 0, body(bytes))
  expect(Buffer.compare(await blobs.take('d', reference), bytes)).toBe(0)
  await Promise.all(Array.from({ length: 60 }, (_, i) => blobs.begin('d', { hash: String(i), bytes: 9 })))
  for (let i = 0; i < 60; i += 1)
    expect(await codeOf(blobs.append('d', String(i), 0, body(new Uint8Array(1))))).toBe(i < 56 ? 'blob-unknown' : 'done')
})

test('files are used again: a hundred blobs one after the other need no more than stood open at once', async () => {
  const before = (await readdir(folder)).length
  for (let i = 0; i < 100; i += 1) {
    const bytes = Uint8Array.of(i, 1, 2)
    const reference = { hash: createHash('sha256').update(bytes).digest('hex'), bytes: 3 }
    await blobs.begin('e', reference)
    await blobs.append('e', reference.hash, 0, body(bytes))
    expect(await blobs.take('e', reference)).toEqual(bytes)
  }
  expect((await readdir(folder)).length).toBeLessThanOrEqual(before + 1)
})

test('blobs that are kept lie side by side in files, readable in pieces until they are released', async () => {
  const [one, other] = [made(7), made(8)]
  for (const { reference, bytes } of [one, other]) {
    await blobs.begin('f', reference)
    await blobs.append('f', reference.hash, 0, body(bytes))
  }
  const [first, second] = await Promise.all([blobs.keep('f', one.reference), blobs.keep('f', other.reference)])
  // whoever keeps it has it: it is not to be taken twice
  expect(await codeOf(blobs.take('f', one.reference))).toBe('blob-unknown')
  const piece = new Uint8Array(1000)
  await first.read(piece, 123_456)
  expect(Buffer.compare(piece, one.bytes.subarray(123_456, 124_456))).toBe(0)
  await second.read(piece, BYTES - 1000)
  expect(Buffer.compare(piece, other.bytes.subarray(BYTES - 1000))).toBe(0)
  expect(await codeOf(second.read(piece, BYTES - 999))).toBe('blob-unknown')
  first.release()
  first.release()
  expect(await codeOf(first.read(piece, 0))).toBe('blob-unknown')
  // its file is free for others, and the second's is not
  const [third, fourth] = [made(9), made(10)]
  await Promise.all([third, fourth].map(({ reference }) => blobs.begin('f', reference)))
  await Promise.all([third, fourth].map(({ reference, bytes }) => blobs.append('f', reference.hash, 0, body(bytes))))
  await second.read(piece, 0)
  expect(Buffer.compare(piece, other.bytes.subarray(0, 1000))).toBe(0)
  second.release()
  for (const { reference, bytes } of [third, fourth]) expect(Buffer.compare(await blobs.take('f', reference), bytes)).toBe(0)
})
