// Halves of randomness in a folder of their owner, bounded, each used once. A half is gone from the disk before anything is computed with it: it is emptied, and the emptying is on the
// disk, so that no crash, not even of the machine, brings it back. A half that was restored from a backup finds no other half: the peer used up its own.
// Adversary: whoever reads the folder can read what is computed with what lies there. What leaks to the peer: nothing but names.
import { open, readdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { now, YimengError } from '../../base/index.ts'
import { makeFolder } from '../../base/node.ts'
import { decodeRandomness, encodeRandomness, type Randomness } from './randomness.ts'

/** A place for halves, of sessions with one peer. */
export interface Stock {
  /** Names, oldest first: 32 hexadecimal digits. */
  readonly names: () => Promise<readonly string[]>
  /** @throws YimengError `mpc-stock-full` beyond the bound. */
  readonly put: (name: string, randomness: Randomness) => Promise<void>
  /** Takes it out for good. @throws YimengError `mpc-stock-used` when it is not there any more, `mpc-stock-broken` for a file that was cut or changed. */
  readonly take: (name: string) => Promise<Randomness>
}

/** A half that waits in a folder. */
export interface StockFile {
  readonly name: string
  readonly bytes: number
  readonly madeAtMs: number
}

/** What all halves of a folder may take, by default. */
export const STOCK_BYTES = 2 ** 30

/** Pieces of halves that a crash left are removed after this time: nobody works on one for so long. */
const LEFT_OVER_MS = 3_600_000

/** The halves in a folder, oldest first; none where there is no folder. */
export const stockFiles = async (folder: string): Promise<readonly StockFile[]> => {
  const found = (await readdir(folder).catch(() => [])).filter((file) => /^[\da-f]{32}\.stock$/.test(file))
  const facts = await Promise.all(
    found.map(async (file) => {
      const { size, mtimeMs } = await stat(join(folder, file))
      return { name: file.slice(0, 32), bytes: size, madeAtMs: mtimeMs }
    }),
  )
  return facts.toSorted((a, b) => a.madeAtMs - b.madeAtMs || (a.name < b.name ? -1 : 1))
}

// what a crash left of halves that were being written or taken: never used again
const removeLeftOvers = async (folder: string): Promise<void> => {
  for (const file of await readdir(folder)) {
    if (!/\.stock\.(part|taken)$/.test(file)) continue
    const made = await stat(join(folder, file)).catch(() => undefined)
    if (made !== undefined && now() - made.mtimeMs > LEFT_OVER_MS) await rm(join(folder, file), { force: true })
  }
}

/** The bytes of a file that is then empty for good, on the disk too. */
const emptied = async (path: string): Promise<Uint8Array> => {
  const file = await open(path, 'r+')
  try {
    const bytes = new Uint8Array(await file.readFile())
    await file.truncate(0)
    await file.sync()
    return bytes
  } finally {
    await file.close()
  }
}

/** Halves in a folder of their owner, at most `maxBytes` in all. One folder for each peer and role. */
export const folderStock = (folder: string, maxBytes = STOCK_BYTES): Stock => {
  const path = (name: string): string => join(folder, `${name}.stock`)
  return {
    names: async () => (await stockFiles(folder)).map(({ name }) => name),
    put: async (name, randomness) => {
      await makeFolder(folder, { secret: true })
      await removeLeftOvers(folder)
      const bytes = encodeRandomness(randomness)
      const kept = (await stockFiles(folder)).reduce((sum, file) => sum + file.bytes, 0)
      if (kept + bytes.length > maxBytes)
        throw new YimengError({
          code: 'mpc-stock-full',
          cannot: 'keep stock',
          expected: `at most ${maxBytes} bytes`,
          got: `${kept + bytes.length}`,
        })
      // whole or not at all
      const part = await open(`${path(name)}.part`, 'wx', 0o600)
      await part.writeFile(bytes)
      await part.sync()
      await part.close()
      await rename(`${path(name)}.part`, path(name))
    },
    take: async (name) => {
      const taken = `${path(name)}.taken`
      try {
        // of two processes that want it, one succeeds
        await rename(path(name), taken)
      } catch (cause) {
        throw new YimengError({
          code: 'mpc-stock-used',
          cannot: 'use stock',
          expected: 'one that is still there',
          got: 'none',
          where: { stock: name },
          cause,
        })
      }
      const bytes = await emptied(taken)
      await rm(taken)
      return decodeRandomness(bytes, name)
    },
  }
}
