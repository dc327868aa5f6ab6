// The journal's database: one connection a file and process.
import { mkdir, stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import type { Kysely } from 'kysely'
import { YimengError } from '../base/index.ts'
import { type JournalTables, journalMigrations } from './journal-tables.ts'
import { openSqlite } from './sqlite.ts'

const isFolder = async (path: string): Promise<boolean> => (await stat(path).catch(() => undefined))?.isDirectory() === true

/** One by one: `recursive` never comes back where a file system refuses with ENOENT, as /proc does. */
const makeFolders = async (folder: string): Promise<void> => {
  if (await isFolder(folder)) return
  if (dirname(folder) !== folder) await makeFolders(dirname(folder))
  try {
    await mkdir(folder)
  } catch (error) {
    // another process may have been faster
    if (!(await isFolder(folder))) throw error
  }
}

const makeFolder = async (folder: string): Promise<void> => {
  try {
    await makeFolders(folder)
  } catch (cause) {
    const got = (cause as NodeJS.ErrnoException).code ?? 'another fault'
    throw new YimengError({
      code: 'home-unwritable',
      cannot: 'make folder of runs',
      expected: 'a folder that can be written',
      got,
      where: { folder },
      cause,
    })
  }
}

/** Connections of this process by file. */
const open = new Map<string, { readonly db: Promise<Kysely<JournalTables>>; users: number }>()

/**
 * One connection a file and process: a second one would wait for the first by blocking the thread that the first needs to go on. Kysely lets one transaction at a time
 * use a connection.
 *
 * @throws YimengError `home-unwritable` when its folder cannot be made, `database-open`, `database-newer`.
 */
export const journalDatabase = async (
  path: string,
): Promise<{ readonly db: Kysely<JournalTables>; readonly close: () => Promise<void> }> => {
  const own = (): Promise<Kysely<JournalTables>> => openSqlite<JournalTables>(path, journalMigrations)
  if (path === ':memory:') {
    const db = await own()
    return { db, close: () => db.destroy() }
  }
  const key = resolve(path)
  await makeFolder(dirname(key))
  const entry = open.get(key) ?? { db: own(), users: 0 }
  open.set(key, entry)
  entry.users += 1
  const leave = async (): Promise<void> => {
    entry.users -= 1
    if (entry.users > 0) return
    open.delete(key)
    await (await entry.db).destroy()
  }
  try {
    return { db: await entry.db, close: leave }
  } catch (error) {
    open.delete(key)
    throw error
  }
}
