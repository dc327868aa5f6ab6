// PostgreSQL behind Kysely: for a coordinator whose database is run, copied and watched by others.
import { Kysely, PostgresDialect } from 'kysely'
import { Migrator } from 'kysely/migration'
import { type CustomTypesConfig, Pool, types as knownTypes } from 'pg'
import { YimengError } from '../../base/index.ts'
import type { Schema } from './schema.ts'
import type { Locks } from './locks.ts'

const CONNECT_MS = 10_000

/** Host and database: what may be shown of a URL that holds a password. */
const shown = (url: string): string => {
  try {
    const { host, pathname } = new URL(url)
    return `${host}${pathname}`
  } catch {
    return 'PostgreSQL'
  }
}

/** The server's or the system's code: messages may quote what was asked. */
const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : error instanceof Error ? error.name : 'another fault'

const fault = (code: string, url: string, expected: string, got: string, cause?: unknown): YimengError =>
  new YimengError({ code, cannot: 'open database', expected, got, where: { database: shown(url) }, cause })

/** Bytes in memory of their own, as SQLite gives them: a view into one of Node's shared buffers may begin anywhere, and floats cannot. */
const types: CustomTypesConfig = {
  getTypeParser: (id, format) => {
    const parse = knownTypes.getTypeParser(id, format) as (value: unknown) => unknown
    return id === knownTypes.builtins.BYTEA ? (value: unknown) => new Uint8Array(parse(value) as Buffer) : parse
  },
}

const poolOf = (url: string, connections?: number): Pool => {
  const pool = new Pool({
    connectionString: url,
    connectionTimeoutMillis: CONNECT_MS,
    application_name: 'yimeng',
    // ends with the process: nothing waits for idle connections
    allowExitOnIdle: true,
    types,
    ...(connections === undefined ? {} : { max: connections }),
  })
  // an idle connection that the server ends is replaced when the next is needed; unheard, it would end the process
  pool.on('error', () => undefined)
  return pool
}

/** Opens a database and brings its schema up to date. Throws as `openDatabase` says. */
export const openPostgres = async <Tables>(url: string, { name, migrations }: Schema): Promise<Kysely<Tables>> => {
  const pool = poolOf(url)
  try {
    await pool.query('select 1')
  } catch (cause) {
    await pool.end().catch(() => undefined)
    throw fault('database-open', url, 'a database that answers', codeOf(cause), cause)
  }
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) })
  const { error } = await new Migrator({
    db,
    provider: { getMigrations: async () => ({ ...migrations({ bytes: 'bytea', sequence: 'serial' }) }) },
    migrationTableName: `${name}_migration`,
    migrationLockTableName: `${name}_migration_lock`,
  }).migrateToLatest()
  if (error === undefined) return db
  await db.destroy()
  throw error instanceof Error && /corrupted migrations/.test(error.message)
    ? fault('database-newer', url, 'a journal of this version or an older one', 'one that a later version has written', error)
    : fault('database-open', url, 'a database that takes our tables', codeOf(error), error)
}

/** Advisory locks of the server, on a connection of their own: they go when it ends. */
export const postgresLocks = (url: string): Locks => {
  const mine = new Set<string>()
  let pool: Pool | undefined
  const said = async (call: 'pg_try_advisory_lock' | 'pg_advisory_unlock', name: string): Promise<boolean> => {
    pool ??= poolOf(url, 1)
    const { rows } = await pool.query<{ readonly done: boolean }>(`select ${call}(hashtextextended($1, 0)) as done`, [name])
    return rows[0]?.done === true
  }
  const release = async (name: string): Promise<void> => {
    if (mine.delete(name)) await said('pg_advisory_unlock', name)
  }
  return {
    take: async (name) => {
      if (mine.has(name) || !(await said('pg_try_advisory_lock', name))) return false
      mine.add(name)
      return true
    },
    taken: async (name) => {
      if (mine.has(name)) return true
      if (!(await said('pg_try_advisory_lock', name))) return true
      await said('pg_advisory_unlock', name)
      return false
    },
    release,
    releaseAll: async () => {
      // asked for, not left to the connection's end: the server notices that a moment later
      for (const name of mine) await release(name)
      await pool?.end()
      pool = undefined
    },
  }
}
