// Blobs in a folder: a file each, named by its hash.
import { randomUUID } from 'node:crypto'
import { open, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { sha256Hex } from '../../base/index.ts'
import { makeFolder } from '../../base/node.ts'
import { type BlobStore, lostBlob } from './blob.ts'

/** Blobs in a folder, which is made when the first is kept. */
export const fileBlobs = (folder: string): BlobStore => ({
  put: async (bytes) => {
    const hash = sha256Hex(bytes)
    await makeFolder(folder, { secret: true })
    const aside = join(folder, `${hash}.${randomUUID().slice(0, 8)}.new`)
    const file = await open(aside, 'w', 0o600)
    try {
      await file.writeFile(bytes)
      // the database will name it: it must not be there in name only after a power cut
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(aside, join(folder, hash))
    return hash
  },
  get: async (hash) => {
    const read = await readFile(join(folder, hash)).catch((cause: unknown) => {
      throw lostBlob(hash, (cause as NodeJS.ErrnoException).code ?? 'another fault', cause)
    })
    const bytes = new Uint8Array(read.buffer, read.byteOffset, read.length)
    if (sha256Hex(bytes) !== hash) throw lostBlob(hash, 'others')
    return bytes
  },
  remove: (hash) => rm(join(folder, hash), { force: true }),
})
