// node:sqlite behind Kysely: an adapter to the shape that Kysely's SQLite dialect expects.
import { DatabaseSync, type SQLInputValue } from 'node:sqlite'
import { Kysely, SqliteDialect } from 'kysely'
import { type Migration, Migrator } from 'kysely/migration'
import { YimengError } from '../base/index.ts'

/**
 * Opens (or makes) a database file and brings its schema up to date. Writers in other processes are waited for, up to five seconds.
 *
 * @param migrations - by name; names sort in the order they are applied in, and an applied one is never changed
 * @throws YimengError `database-open` when the file cannot be made or is no database, `database-newer` when a later version of this software has written it.
 */
export const openSqlite = async <Tables>(path: string, migrations: Readonly<Record<string, Migration>>): Promise<Kysely<Tables>> => {
  const fault = (code: string, expected: string, got: string, cause?: unknown) =>
    new YimengError({ code, cannot: 'open journal', expected, got, where: { file: path }, cause })
  let database: DatabaseSync
  try {
    database = new DatabaseSync(path, { timeout: 5000 })
    // WAL with synchronous NORMAL: a killed process loses no commit; a power cut may lose the last ones, but never half of one
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON')
  } catch (cause) {
    throw fault('database-open', 'a database that can be written', cause instanceof Error ? cause.message : 'another fault', cause)
  }
  const kysely = new Kysely<Tables>({
    dialect: new SqliteDialect({
      database: {
        close: () => database.close(),
        prepare: (sql) => {
          // a transaction that reads first and then writes would fail, not wait, when another process writes in between
          const statement = database.prepare(sql === 'begin' ? 'begin immediate' : sql)
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
  const { error } = await new Migrator({ db: kysely, provider: { getMigrations: async () => ({ ...migrations }) } }).migrateToLatest()
  if (error !== undefined) {
    await kysely.destroy()
    const message = error instanceof Error ? error.message : 'another fault'
    throw /corrupted migrations/.test(message)
      ? fault('database-newer', 'a journal of this version or an older one', 'one that a later version has written', error)
      : fault('database-open', 'a journal', message, error)
  }
  return kysely
}
