// The journal of runs: events, checkpoints, node states and models in one database, so that a commit is one transaction and `kill -9` at any moment loses no committed round.
import { dirname, join, resolve } from 'node:path'
import type { Selectable, Updateable } from 'kysely'
import { turns, YimengError } from '../../base/index.ts'
import type { Measures, RunEvent } from '../../federated/spec/index.ts'
import { type BlobStore, lostBlob } from '../blobs/blob.ts'
import { blobFolder, blobStore } from '../blobs/blob-store.ts'
import { IN_MEMORY, isPostgres, locksOf } from '../database/database.ts'
import { journalDatabase } from './database.ts'
import { journalNodeStore } from './journal-node-store.ts'
import type { RunsTable } from './tables.ts'
import { memoryNodeStore, type NodeStore } from './node-store.ts'

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

/** What an event is committed with. */
interface Beside {
  readonly checkpoint?: Checkpoint
  readonly model?: { readonly hash: string; readonly bytes: Uint8Array }
}

/** Runs on disk. All methods reject with YimengError `database-*` or `run-*` codes. */
export interface Journal {
  readonly start: (run: NewRun) => Promise<void>
  /** Takes a run up again. Rejects with `run-busy` when someone works on it, in this process or another. */
  readonly claim: (run: string) => Promise<void>
  /** Appends an event, and with it, in the same transaction, the checkpoint of the round that it commits or the model that it finishes with. */
  readonly append: (event: RunEvent, also?: Beside) => Promise<void>
  readonly checkpoint: (run: string, stage: string) => Promise<Checkpoint | undefined>
  /** The highest attempt that was started of a round; 0 for none. */
  readonly lastAttempt: (run: string, round: number) => Promise<number>
  readonly nodeStore: (run: string, node: string) => NodeStore
  /** The latest first. */
  readonly runs: () => Promise<readonly JournalledRun[]>
  /** The run whose name begins with `name`. Rejects with `run-unknown`, or `run-ambiguous` when several do. */
  readonly find: (name: string) => Promise<JournalledRun>
  /** In their order. `part`: at most `most` of those that follow the first `after`. */
  readonly events: (run: string, part?: { readonly after: number; readonly most: number }) => Promise<readonly RunEvent[]>
  readonly model: (run: string) => Promise<Uint8Array | undefined>
  readonly close: () => Promise<void>
}

const busy = (cannot: string, run: string): YimengError =>
  new YimengError({ code: 'run-busy', cannot, expected: 'a run that nobody works on', got: 'one that is being worked on', where: { run } })

/** The columns of a run that follow from an event. */
const follows = (event: RunEvent): Updateable<RunsTable> => {
  if (event.kind === 'runStarted') return { status: 'running' }
  if (event.kind === 'roundCommitted') return { round: event.round }
  if (event.kind === 'runFinished') return { status: 'finished', model_hash: event.modelHash, metrics: JSON.stringify(event.metrics) }
  if (event.kind === 'runFailed') return { status: 'failed' }
  if (event.kind === 'runCancelled') return { status: 'cancelled' }
  return {}
}

/** States and models from here on lie beside the database: in it every commit would write them twice, to its log and to its pages. */
const BLOB_BYTES = 2 ** 20

/**
 * Opens a journal, making file and folders when they are missing.
 *
 * @param place - path of a file, `postgres://…`, or `:memory:` for one that ends with the process
 * @param beside - where large states and models are kept: a folder, or `s3://bucket/prefix`. Absent: in a folder beside the file; with PostgreSQL, in the database
 * @throws YimengError `home-unwritable` when its folder cannot be made or written, `database-open`, `database-newer`.
 */
export const openJournal = async (place: string, beside?: string): Promise<Journal> => {
  const { db, close } = await journalDatabase(place)
  const inMemory = new Map<string, NodeStore>()
  const locks = await locksOf(place, join(dirname(resolve(place)), 'running'))

  const besides = beside ?? (place === IN_MEMORY || isPostgres(place) ? undefined : blobFolder(dirname(resolve(place))))
  /** A run's own: another run may hold the same bytes, and forget them. */
  const blobsOf = async (run: string): Promise<BlobStore | undefined> =>
    besides === undefined ? undefined : blobStore(`${besides}/${run}`)
  /** What a row holds of bytes: themselves, or the hash of a blob. */
  const stowed = async (run: string, bytes: Uint8Array): Promise<{ readonly bytes: Uint8Array; readonly blob: string | null }> => {
    const blobs = bytes.length < BLOB_BYTES ? undefined : await blobsOf(run)
    return blobs === undefined ? { bytes, blob: null } : { bytes: new Uint8Array(), blob: await blobs.put(bytes) }
  }
  const fetched = async (
    run: string,
    { bytes, blob }: { readonly bytes: Uint8Array; readonly blob: string | null },
  ): Promise<Uint8Array> => {
    if (blob === null) return bytes
    const blobs = await blobsOf(run)
    if (blobs === undefined) throw lostBlob(blob, 'no place for blobs')
    return blobs.get(blob)
  }
  /** Forgets a blob that no row of its run names any more. */
  const dropped = async (run: string, blob: string | null | undefined): Promise<void> => {
    if (blob === null || blob === undefined) return
    for (const table of ['checkpoints', 'models'] as const) {
      const named = db.selectFrom(table).select('blob').where('run', '=', run).where('blob', '=', blob)
      if ((await named.executeTakeFirst()) !== undefined) return
    }
    // one that stays costs room, not a run
    await (await blobsOf(run))?.remove(blob).catch(() => undefined)
  }

  const told = async (row: Selectable<RunsTable>): Promise<JournalledRun> => ({
    runId: row.id,
    task: row.task,
    spec: JSON.parse(row.spec) as unknown,
    specHash: row.spec_hash,
    dataHash: row.data_hash,
    status: row.status === 'running' && !(await locks.taken(row.id)) ? 'interrupted' : row.status,
    startedAt: row.started_at,
    round: row.round,
    rounds: row.rounds,
    ...(row.model_hash === null ? {} : { modelHash: row.model_hash }),
    ...(row.metrics === null ? {} : { metrics: JSON.parse(row.metrics) as Measures }),
  })

  /** Appends to each run one after the other: who reads on from a position must not find an event before it that was committed later. */
  const inTurn = new Map<string, ReturnType<typeof turns>>()
  const turnOf = (run: string): ReturnType<typeof turns> => {
    const turn = inTurn.get(run) ?? turns()
    inTurn.set(run, turn)
    return turn
  }
  const append = async (event: RunEvent, also: Beside): Promise<void> => {
    const set = follows(event)
    // blobs first: a row never names one that is not there
    const state = also.checkpoint === undefined ? undefined : await stowed(event.run, also.checkpoint.state)
    const model = also.model === undefined ? undefined : { hash: also.model.hash, ...(await stowed(event.run, also.model.bytes)) }
    let before: string | null | undefined
    await db.transaction().execute(async (t) => {
      const round = 'round' in event && event.round !== undefined ? event.round : null
      const attempt = 'attempt' in event ? event.attempt : null
      await t
        .insertInto('events')
        .values({ run: event.run, kind: event.kind, round, attempt, body: JSON.stringify(event) })
        .execute()
      if (also.checkpoint !== undefined && state !== undefined) {
        const { stage, round: at, attempt: tried, counted } = also.checkpoint
        const row = { stage, round: at, attempt: tried, counted: JSON.stringify(counted), state: state.bytes, blob: state.blob }
        const of = t.selectFrom('checkpoints').select('blob').where('run', '=', event.run).where('stage', '=', stage)
        before = (await of.executeTakeFirst())?.blob
        await t
          .insertInto('checkpoints')
          .values({ run: event.run, ...row })
          .onConflict((c) => c.columns(['run', 'stage']).doUpdateSet(row))
          .execute()
      }
      if (model !== undefined)
        await t
          .insertInto('models')
          .values({ run: event.run, ...model })
          .onConflict((c) => c.column('run').doUpdateSet(model))
          .execute()
      if (Object.keys(set).length > 0) await t.updateTable('runs').set(set).where('id', '=', event.run).execute()
    })
    await dropped(event.run, before)
    if (set.status === undefined || set.status === 'running') return
    inTurn.delete(event.run)
    await locks.release(event.run)
  }

  return {
    start: async (run) => {
      if (!(await locks.take(run.id))) throw busy('start run', run.id)
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
        .values({ ...row, status: 'running', round: 0, model_hash: null, metrics: null })
        .execute()
    },
    claim: async (run) => {
      if (!(await locks.take(run))) throw busy('resume run', run)
    },
    append: (event, also = {}) => turnOf(event.run)(() => append(event, also)),
    checkpoint: async (run, stage) => {
      const row = await db.selectFrom('checkpoints').selectAll().where('run', '=', run).where('stage', '=', stage).executeTakeFirst()
      if (row === undefined) return undefined
      const { round, attempt, counted, state: bytes, blob } = row
      return { stage, round, attempt, counted: JSON.parse(counted) as readonly string[], state: await fetched(run, { bytes, blob }) }
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
    nodeStore: (run, node) => {
      if (place !== IN_MEMORY) return journalNodeStore(db, run, node)
      // nothing is kept anyway: a map instead of five statements for each node
      const key = JSON.stringify([run, node])
      const store = inMemory.get(key) ?? memoryNodeStore()
      inMemory.set(key, store)
      return store
    },
    runs: async () => Promise.all((await db.selectFrom('runs').selectAll().orderBy('id', 'desc').execute()).map(told)),
    find: async (name) => {
      const rows = /^[0-9a-z-]+$/i.test(name)
        ? await db.selectFrom('runs').selectAll().where('id', 'like', `${name}%`).orderBy('id').limit(3).execute()
        : []
      const found = rows.find(({ id }) => id === name) ?? (rows.length === 1 ? rows[0] : undefined)
      if (found !== undefined) return told(found)
      const names = rows.map(({ id }) => id).join(', ')
      throw rows.length === 0
        ? new YimengError({ code: 'run-unknown', cannot: 'find run', expected: 'the name of a run', got: JSON.stringify(name) })
        : new YimengError({
            code: 'run-ambiguous',
            cannot: 'find run',
            expected: 'more letters of its name',
            got: `${JSON.stringify(name)}, with which ${names} begin`,
          })
    },
    events: async (run, part) => {
      const all = db.selectFrom('events').select('body').where('run', '=', run).orderBy('seq')
      const chosen = part === undefined ? all : all.limit(part.most).offset(part.after)
      return (await chosen.execute()).map(({ body }) => JSON.parse(body) as RunEvent)
    },
    model: async (run) => {
      const row = await db.selectFrom('models').select(['bytes', 'blob']).where('run', '=', run).executeTakeFirst()
      return row === undefined ? undefined : fetched(run, row)
    },
    close: async () => {
      await locks.releaseAll()
      await close()
    },
  }
}
