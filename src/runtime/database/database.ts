// Where journals and registries live: an SQLite file by default, or PostgreSQL by a URL. The same queries go to both.
import type { Kysely } from 'kysely'
import { fileLocks, type Locks, processLocks } from './locks.ts'
import type { Schema } from './schema.ts'
import { openSqlite } from './sqlite.ts'

/** An open database. */
export interface Database<Tables> {
  readonly db: Kysely<Tables>
  readonly close: () => Promise<void>
}

/** Kept only as long as the process. */
export const IN_MEMORY = ':memory:'

/** Whether a place is a PostgreSQL database rather than a file. */
export const isPostgres = (place: string): boolean => /^postgres(ql)?:\/\//.test(place)

/** Loaded where it is used: most never do. */
const postgres = () => import('./postgres.ts')

/**
 * Opens (or makes) a database and brings its schema up to date.
 *
 * @param place - path of a file, `postgres://user:password@host/database`, or {@link IN_MEMORY}
 * @throws YimengError `database-open` when it cannot be had or is none, `database-newer` when a later version of this software has written it.
 */
export const openDatabase = async <Tables>(place: string, schema: Schema): Promise<Database<Tables>> => {
  const db = isPostgres(place) ? await (await postgres()).openPostgres<Tables>(place, schema) : await openSqlite<Tables>(place, schema)
  return { db, close: () => db.destroy() }
}

/** Locks that all processes see which use the database. `folder`: where a file's locks lie. */
export const locksOf = async (place: string, folder: string): Promise<Locks> => {
  if (place === IN_MEMORY) return processLocks()
  return isPostgres(place) ? (await postgres()).postgresLocks(place) : fileLocks(folder)
}
