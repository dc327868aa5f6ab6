// The journal of runs: events, checkpoints, node states and models in one SQLite file, so that a commit is one transaction and `kill -9` at any moment loses no committed round.
import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Kysely, Transaction, Updateable } from 'kysely'
import { YimengError } from '../base/index.ts'
import type { Measures, RunEvent } from '../federated/spec/index.ts'
import { type JournalTables, journalMigrations, type RunsTable } from './journal-tables.ts'
import type { NodeStore } from './node-store.ts'
import { openSqlite } from './sqlite.ts'

/** The server's state after a committed round of a stage. */
export interface Checkpoint {
  readonly stage: string
  readonly round: number
  readonly attempt: number
  readonly counted: readonly string[]
  readonly state: Uint8Array
}

/** What starts a run's journal. */
export interface NewRun {
  readonly id: string
  readonly task: string
  /** The complete spec: any JSON value. */
  readonly spec: unknown
  readonly specHash: string
  /** Fingerprint of the data that it trains on. */
  readonly dataHash: string
  readonly rounds: number
  readonly startedAt: string
}

/** A run as the journal knows it. `interrupted`: its process ended without a word. */
export interface JournalledRun {
  readonly runId: string
  readonly task: string
  readonly spec: unknown
  readonly specHash: string
  readonly dataHash: string
  readonly status: 'running' | 'finished' | 'failed' | 'cancelled' | 'interrupted'
  readonly startedAt: string
  /** Last committed round. */
  readonly round: number
  readonly rounds: number
  readonly modelHash?: string
  readonly metrics?: Measures
}

/** Runs on disk. All methods reject with YimengError `database-*` or `run-*` codes. */
export interface Journal {
  readonly start: (run: NewRun) => Promise<void>
  /** Takes a run up again: it is this process's now. Rejects with `run-busy` when another living process has it. */
  readonly claim: (run: string) => Promise<void>
  /** Appends an event, and with it, in the same transaction, the checkpoint of the round that it commits or the model that it finishes with. */
  readonly append: (
    event: RunEvent,
    also?: { readonly checkpoint?: Checkpoint; readonly model?: { readonly hash: string; readonly bytes: Uint8Array } },
  ) => Promise<void>
  readonly checkpoint: (run: string, stage: string) => Promise<Checkpoint | undefined>
  /** The highest attempt that was started of a round; 0 for none. */
  readonly lastAttempt: (run: string, round: number) => Promise<number>
  readonly nodeStore: (run: string, node: string) => NodeStore
  /** The latest first. */
  readonly runs: () => Promise<readonly JournalledRun[]>
  /** The run whose name begins with `name`. Rejects with `run-unknown`, or `run-ambiguous` when several do. */
  readonly find: (name: string) => Promise<JournalledRun>
  readonly events: (run: string) => Promise<readonly RunEvent[]>
  readonly model: (run: string) => Promise<Uint8Array | undefined>
  readonly close: () => Promise<void>
}

const alive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** The columns of a run that follow from an event. */
const follows = (event: RunEvent): Updateable<RunsTable> => {
  if (event.kind === 'roundCommitted') return { round: event.round }
  if (event.kind === 'runFinished')
    return { status: 'finished', owner_pid: null, model_hash: event.modelHash, metrics: JSON.stringify(event.metrics) }
  if (event.kind === 'runFailed') return { status: 'failed', owner_pid: null }
  if (event.kind === 'runCancelled') return { status: 'cancelled', owner_pid: null }
  return {}
}

const nodeStore = (db: Kysely<JournalTables>, run: string, node: string): NodeStore => {
  const rows = (t: Kysely<JournalTables> | Transaction<JournalTables>, stage: string, pending: 0 | 1) =>
    t.deleteFrom('node_states').where('run', '=', run).where('node', '=', node).where('stage', '=', stage).where('pending', '=', pending)
  return {
    committed: (stage) =>
      db
        .selectFrom('node_states')
        .select(['round', 'state'])
        .where('run', '=', run)
        .where('node', '=', node)
        .where('stage', '=', stage)
        .where('pending', '=', 0)
        .executeTakeFirst(),
    pend: (stage, round, attempt, state) =>
      db.transaction().execute(async (t) => {
        await rows(t, stage, 1).execute()
        await t.insertInto('node_states').values({ run, node, stage, pending: 1, round, attempt, state }).execute()
      }),
    commit: (stage, round, attempt) =>
      db.transaction().execute(async (t) => {
        const at = t.updateTable('node_states').where('run', '=', run).where('node', '=', node).where('stage', '=', stage)
        const ours = await t
          .selectFrom('node_states')
          .select('round')
          .where('run', '=', run)
          .where('node', '=', node)
          .where('stage', '=', stage)
          .where('pending', '=', 1)
          .where('round', '=', round)
          .where('attempt', '=', attempt)
          .executeTakeFirst()
        if (ours === undefined) return
        await rows(t, stage, 0).execute()
        await at.where('pending', '=', 1).set({ pending: 0 }).execute()
      }),
    discard: async (stage) => {
      await rows(db, stage, 1).execute()
    },
  }
}

/**
 * Opens the journal at `path`, making file and folders when they are missing. `:memory:` is a journal that ends with the process.
 *
 * @throws YimengError `home-unwritable` when its folder cannot be made or written, `database-open`, `database-newer`.
 */
export const openJournal = async (path: string): Promise<Journal> => {
  if (path !== ':memory:')
    try {
      await mkdir(dirname(path), { recursive: true })
    } catch (cause) {
      const got = (cause as NodeJS.ErrnoException).code ?? 'another fault'
      throw new YimengError({
        code: 'home-unwritable',
        cannot: 'make folder of runs',
        expected: 'a folder that can be written',
        got,
        where: { folder: dirname(path) },
        cause,
      })
    }
  const db = await openSqlite<JournalTables>(path, journalMigrations)

  const told = (row: {
    readonly id: string
    readonly task: string
    readonly spec: string
    readonly spec_hash: string
    readonly data_hash: string
    readonly status: 'running' | 'finished' | 'failed' | 'cancelled'
    readonly started_at: string
    readonly round: number
    readonly rounds: number
    readonly owner_pid: number | null
    readonly model_hash: string | null
    readonly metrics: string | null
  }): JournalledRun => ({
    runId: row.id,
    task: row.task,
    spec: JSON.parse(row.spec) as unknown,
    specHash: row.spec_hash,
    dataHash: row.data_hash,
    status: row.status === 'running' && !(row.owner_pid !== null && alive(row.owner_pid)) ? 'interrupted' : row.status,
    startedAt: row.started_at,
    round: row.round,
    rounds: row.rounds,
    ...(row.model_hash === null ? {} : { modelHash: row.model_hash }),
    ...(row.metrics === null ? {} : { metrics: JSON.parse(row.metrics) as Measures }),
  })

  return {
    start: async (run) => {
      const row = {
        id: run.id,
        task: run.task,
        spec: JSON.stringify(run.spec),
        spec_hash: run.specHash,
        data_hash: run.dataHash,
        rounds: run.rounds,
        started_at: run.startedAt,
      }
      await db
        .insertInto('runs')
        .values({ ...row, status: 'running', round: 0, owner_pid: process.pid, model_hash: null, metrics: null })
        .execute()
    },
    claim: (run) =>
      db.transaction().execute(async (t) => {
        const row = await t.selectFrom('runs').select(['owner_pid', 'status']).where('id', '=', run).executeTakeFirst()
        const owner = row?.owner_pid ?? null
        if (row?.status === 'running' && owner !== null && owner !== process.pid && alive(owner))
          throw new YimengError({
            code: 'run-busy',
            cannot: 'resume run',
            expected: 'a run that has stopped',
            got: `one that process ${owner} works on`,
            where: { run },
          })
        await t.updateTable('runs').set({ status: 'running', owner_pid: process.pid }).where('id', '=', run).execute()
      }),
    append: (event, also = {}) =>
      db.transaction().execute(async (t) => {
        const round = 'round' in event && event.round !== undefined ? event.round : null
        const attempt = 'attempt' in event ? event.attempt : null
        await t
          .insertInto('events')
          .values({ run: event.run, kind: event.kind, round, attempt, body: JSON.stringify(event) })
          .execute()
        if (also.checkpoint !== undefined) {
          const { counted, ...rest } = also.checkpoint
          const row = { ...rest, counted: JSON.stringify(counted) }
          await t
            .insertInto('checkpoints')
            .values({ run: event.run, ...row })
            .onConflict((c) => c.columns(['run', 'stage']).doUpdateSet(row))
            .execute()
        }
        if (also.model !== undefined)
          await t
            .insertInto('models')
            .values({ run: event.run, ...also.model })
            .onConflict((c) => c.column('run').doUpdateSet(also.model!))
            .execute()
        const set = follows(event)
        if (Object.keys(set).length > 0) await t.updateTable('runs').set(set).where('id', '=', event.run).execute()
      }),
    checkpoint: async (run, stage) => {
      const row = await db
        .selectFrom('checkpoints')
        .select(['stage', 'round', 'attempt', 'counted', 'state'])
        .where('run', '=', run)
        .where('stage', '=', stage)
        .executeTakeFirst()
      return row === undefined ? undefined : { ...row, counted: JSON.parse(row.counted) as readonly string[] }
    },
    lastAttempt: async (run, round) => {
      const row = await db
        .selectFrom('events')
        .select(({ fn }) => fn.max('attempt').as('attempt'))
        .where('run', '=', run)
        .where('round', '=', round)
        .where('kind', '=', 'roundStarted')
        .executeTakeFirst()
      return row?.attempt ?? 0
    },
    nodeStore: (run, node) => nodeStore(db, run, node),
    runs: async () => (await db.selectFrom('runs').selectAll().orderBy('id', 'desc').execute()).map(told),
    find: async (name) => {
      const rows = await db
        .selectFrom('runs')
        .selectAll()
        .where('id', 'like', `${name.replace(/[^0-9a-z-]/gi, '_')}%`)
        .orderBy('id')
        .limit(3)
        .execute()
      const exact = rows.find(({ id }) => id === name) ?? (rows.length === 1 ? rows[0] : undefined)
      if (exact !== undefined) return told(exact)
      throw rows.length === 0
        ? new YimengError({ code: 'run-unknown', cannot: 'find run', expected: 'the name of a run', got: JSON.stringify(name) })
        : new YimengError({
            code: 'run-ambiguous',
            cannot: 'find run',
            expected: 'more letters of its name',
            got: `${JSON.stringify(name)}, which ${rows.map(({ id }) => id).join(', ')} begin with`,
          })
    },
    events: async (run) =>
      (await db.selectFrom('events').select('body').where('run', '=', run).orderBy('seq').execute()).map(
        ({ body }) => JSON.parse(body) as RunEvent,
      ),
    model: async (run) => (await db.selectFrom('models').select('bytes').where('run', '=', run).executeTakeFirst())?.bytes,
    close: () => db.destroy(),
  }
}
