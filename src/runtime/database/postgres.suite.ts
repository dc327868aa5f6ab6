// A PostgreSQL server for tests: the one of YIMENG_TEST_POSTGRES, or a fresh one of the system's programs in a temporary folder.
import { execFile, spawn } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { chown, mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** A server that tests may fill. */
export interface TestPostgres {
  /** A fresh database. */
  readonly database: (name: string) => Promise<string>
  readonly close: () => Promise<void>
}

const DEBIAN = '/usr/lib/postgresql'

/** Folder of the newest server that is installed. */
const programs = (): string | undefined => {
  if (!existsSync(DEBIAN)) return undefined
  const newest = readdirSync(DEBIAN).sort((a, b) => Number(b) - Number(a))[0]
  return newest === undefined ? undefined : join(DEBIAN, newest, 'bin')
}

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })

/** The server refuses to run as root: then it runs as the user that its package made. */
const unprivileged = async (): Promise<{ readonly uid: number; readonly gid: number } | undefined> => {
  if (process.getuid?.() !== 0) return undefined
  const id = async (flag: string): Promise<number> => Number((await run('id', [flag, 'postgres'])).stdout)
  return { uid: await id('-u'), gid: await id('-g') }
}

const queried = async (url: string, sql: string): Promise<void> => {
  const { default: pg } = await import('pg')
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(sql)
  } finally {
    await client.end()
  }
}

const withDatabase = (server: string, name: string): string => {
  const url = new URL(server)
  url.pathname = `/${name}`
  return url.href
}

const fresh = (server: string, close: () => Promise<void>): TestPostgres => ({
  database: async (name) => {
    await queried(server, `drop database if exists ${name} with (force)`)
    await queried(server, `create database ${name}`)
    return withDatabase(server, name)
  },
  close,
})

/** Starts a server; undefined, and said loudly, where there is none. */
export const testPostgres = async (): Promise<TestPostgres | undefined> => {
  const given = process.env['YIMENG_TEST_POSTGRES']
  if (given !== undefined) return fresh(given, async () => undefined)
  const bin = programs()
  if (bin === undefined) {
    console.warn('SKIPPED: no PostgreSQL (install the system package, or set YIMENG_TEST_POSTGRES=postgres://user:password@host/postgres)')
    return undefined
  }
  const user = await unprivileged()
  const folder = await mkdtemp(join(tmpdir(), 'yimeng-postgres-'))
  if (user !== undefined) await chown(folder, user.uid, user.gid)
  const as = { ...user, cwd: folder }
  await run(join(bin, 'initdb'), ['-D', join(folder, 'data'), '-A', 'trust', '-U', 'yimeng', '--no-sync'], as)
  const port = await freePort()
  const server = spawn(
    join(bin, 'postgres'),
    ['-D', join(folder, 'data'), '-p', String(port), '-h', '127.0.0.1', '-k', folder, '-c', 'fsync=off'],
    { ...as, stdio: 'ignore' },
  )
  const ended = new Promise<void>((resolve) => server.once('exit', () => resolve()))
  const url = `postgres://yimeng@127.0.0.1:${port}/postgres`
  for (let tries = 0; ; tries += 1)
    try {
      await queried(url, 'select 1')
      break
    } catch (error) {
      if (tries > 100 || server.exitCode !== null) throw error
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  return fresh(url, async () => {
    // not gently: tests that failed may have left connections open
    server.kill('SIGINT')
    await ended
    await rm(folder, { recursive: true, force: true })
  })
}
