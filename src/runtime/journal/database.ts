// The journal's database: one connection a file and process.
import { dirname, resolve } from 'node:path'
import { makeFolder } from '../../base/node.ts'
import { type Database, IN_MEMORY, isPostgres, openDatabase } from '../database/database.ts'
import { journalSchema, type JournalTables } from './tables.ts'

/** Connections of this process by file. */
const open = new Map<string, { readonly database: Promise<Database<JournalTables>>; users: number }>()

/**
 * One connection a file and process: a second one would wait for the first by blocking the thread that the first needs to go on. Kysely lets one transaction at a time
 * use a connection. PostgreSQL has as many as are needed.
 *
 * @throws YimengError `home-unwritable` when a file's folder cannot be made, `database-open`, `database-newer`.
 */
export const journalDatabase = async (place: string): Promise<Database<JournalTables>> => {
  const own = (): Promise<Database<JournalTables>> => openDatabase(place, journalSchema)
  if (place === IN_MEMORY || isPostgres(place)) return own()
  const key = resolve(place)
  await makeFolder(dirname(key))
  const entry = open.get(key) ?? { database: own(), users: 0 }
  open.set(key, entry)
  entry.users += 1
  const leave = async (): Promise<void> => {
    entry.users -= 1
    if (entry.users > 0) return
    open.delete(key)
    await (await entry.database).close()
  }
  try {
    return { db: (await entry.database).db, close: leave }
  } catch (error) {
    open.delete(key)
    throw error
  }
}
