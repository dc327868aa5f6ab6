// node:sqlite behind Kysely: an adapter to the shape that Kysely's SQLite dialect expects.
import { DatabaseSync, type SQLInputValue } from 'node:sqlite'
import { Kysely, SqliteDialect } from 'kysely'
import { type Migration, Migrator } from 'kysely/migration'
import { monotonicMs, YimengError } from '../../base/index.ts'
import type { Schema } from './schema.ts'

/** How long to wait for writers in other processes. */
const WAIT_MS = 5000

/**
 * Turns on the write-ahead log; with `synchronous` NORMAL a killed process then loses no commit, and a power cut may lose the last ones, but never half of one.
 * The change itself does not wait for other processes as writes do: SQLite refuses it at once.
 */
const writeAhead = async (database: DatabaseSync): Promise<void> => {
  const until = monotonicMs() + WAIT_MS
  for (;;)
    try {
      return database.exec('PRAGMA journal_mode = WAL')
    } catch (error) {
      // 5 is SQLITE_BUSY; extended codes have it in their low byte
      const { errcode } = error as { readonly errcode?: unknown }
      if (typeof errcode !== 'number' || (errcode & 255) !== 5 || monotonicMs() > until) throw error
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
}

/** Brings the schema up to date; undefined, or why it could not. All or nothing, and one process at a time: Kysely's migrator takes SQLite to have only one connection. */
const migrated = async <Tables>(
  database: DatabaseSync,
  db: Kysely<Tables>,
  migrations: Readonly<Record<string, Migration>>,
): Promise<unknown> => {
  try {
    database.exec('begin immediate')
    const { error } = await new Migrator({ db, provider: { getMigrations: async () => ({ ...migrations }) } }).migrateToLatest()
    if (error !== undefined) return error
    database.exec('commit')
    return undefined
  } catch (error) {
    return error
  } finally {
    // some failures end the transaction by themselves
    if (database.isTransaction) database.exec('rollback')
  }
}

/** Opens (or makes) a database file and brings its schema up to date. Writers in other processes are waited for, up to five seconds. Throws as `openDatabase` says. */
export const openSqlite = async <Tables>(path: string, { migrations }: Schema): Promise<Kysely<Tables>> => {
  const fault = (code: string, expected: string, got: string, cause?: unknown) =>
    new YimengError({ code, cannot: 'open journal', expected, got, where: { file: path }, cause })
  let database: DatabaseSync | undefined
  try {
    database = new DatabaseSync(path, { timeout: WAIT_MS })
    await writeAhead(database)
    database.exec('PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON')
  } catch (cause) {
    database?.close()
    throw fault('database-open', 'a database that can be written', cause instanceof Error ? cause.message : 'another fault', cause)
  }
  const opened = database
  const kysely = new Kysely<Tables>({
    dialect: new SqliteDialect({
      database: {
        close: () => opened.close(),
        prepare: (sql) => {
          // a transaction that reads first and then writes would fail, not wait, when another process writes in between
          const statement = opened.prepare(sql === 'begin' ? 'begin immediate' : sql)
          return {
            reader: statement.columns().length > 0,
            all: (parameters) => statement.all(...(parameters as SQLInputValue[])),
            run: (parameters) => statement.run(...(parameters as SQLInputValue[])),
            iterate: (parameters) => statement.iterate(...(parameters as SQLInputValue[])),
          }
        },
      },
    }),
  })
  const error = await migrated(opened, kysely, migrations({ bytes: 'blob', sequence: 'integer' }))
  if (error !== undefined) {
    await kysely.destroy()
    const message = error instanceof Error ? error.message : 'another fault'
    throw /corrupted migrations/.test(message)
      ? fault('database-newer', 'a journal of this version or an older one', 'one that a later version has written', error)
      : fault('database-open', 'a journal', message, error)
  }
  return kysely
}
