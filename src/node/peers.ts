// The sites that this one has met in protected sums, by the keys they had then: whoever shows up under a known name with another key is refused, whatever the coordinator certifies.
import { existsSync } from 'node:fs'
import { readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { makeFolder } from '../base/node.ts'

const peersSchema = z.record(z.string(), z.string())
const fileOf = (folder: string): string => join(folder, 'peers.json')

/** Key hashes by site. */
export type Peers = Readonly<z.output<typeof peersSchema>>

/** The known sites of a folder. To meet one that has joined anew, its line is taken out of `peers.json` by hand, after a word with its people. */
export const peersOf = async (folder: string): Promise<Peers> =>
  existsSync(fileOf(folder)) ? peersSchema.parse(JSON.parse(await readFile(fileOf(folder), 'utf8'))) : {}

/** Whether a site has the key that it is known by; one that is met first is known from then on. */
export const acquaintance = (folder: string): ((site: string, keyHash: string) => Promise<boolean>) => {
  // one after another: several sites are met at once
  let turn: Promise<unknown> = Promise.resolve()
  const meet = async (site: string, keyHash: string): Promise<boolean> => {
    const peers = await peersOf(folder)
    if (Object.hasOwn(peers, site)) return peers[site] === keyHash
    await makeFolder(folder, { secret: true })
    await writeFile(`${fileOf(folder)}.new`, `${JSON.stringify({ ...peers, [site]: keyHash }, null, 1)}\n`, { mode: 0o600 })
    await rename(`${fileOf(folder)}.new`, fileOf(folder))
    return true
  }
  return (site, keyHash) => {
    const mine = turn.then(() => meet(site, keyHash))
    turn = mine.catch(() => undefined)
    return mine
  }
}
