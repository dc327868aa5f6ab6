// The journal's tables and their history. A migration that has been released is never changed: a new one is added.
import type { ColumnType, Generated, Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'
import type { ColumnTypes, Schema } from '../database/schema.ts'

/** One row a run; `status`, `round`, `model_hash` and `metrics` follow from its events and are kept for lists. */
export interface RunsTable {
  readonly id: string
  readonly task: string
  /** The complete spec, JSON. */
  readonly spec: string
  readonly spec_hash: string
  /** Fingerprint of the data it trains on. */
  readonly data_hash: string
  readonly rounds: number
  readonly started_at: string
  readonly status: ColumnType<'running' | 'finished' | 'failed' | 'cancelled'>
  readonly round: number
  readonly model_hash: string | null
  readonly metrics: string | null
}

/** Append-only. */
export interface EventsTable {
  readonly seq: Generated<number>
  readonly run: string
  readonly kind: string
  readonly round: number | null
  readonly attempt: number | null
  /** The whole event, JSON. */
  readonly body: string
}

/** The server's state after the last committed round of each stage. */
export interface CheckpointsTable {
  readonly run: string
  readonly stage: string
  readonly round: number
  readonly attempt: number
  /** Names of the counted nodes, JSON. */
  readonly counted: string
  /** Empty where it is a blob. */
  readonly state: Uint8Array
  /** SHA-256 of the state, where it is kept beside the database. */
  readonly blob: string | null
}

/** A node's own state in each stage: the committed one, and beside it the pending one of a round that it does not know the end of. */
export interface NodeStatesTable {
  readonly run: string
  readonly node: string
  readonly stage: string
  readonly pending: 0 | 1
  readonly round: number
  readonly attempt: number
  readonly state: Uint8Array
}

export interface ModelsTable {
  readonly run: string
  /** Of the parameters. */
  readonly hash: string
  /** Empty where it is a blob. */
  readonly bytes: Uint8Array
  readonly blob: string | null
}

export interface JournalTables {
  readonly runs: RunsTable
  readonly events: EventsTable
  readonly checkpoints: CheckpointsTable
  readonly node_states: NodeStatesTable
  readonly models: ModelsTable
}

const first = ({ bytes, sequence }: ColumnTypes): Migration => ({
  up: async (db: Kysely<unknown>) => {
    await db.schema
      .createTable('runs')
      .addColumn('id', 'text', (c) => c.primaryKey())
      .addColumn('task', 'text', (c) => c.notNull())
      .addColumn('spec', 'text', (c) => c.notNull())
      .addColumn('spec_hash', 'text', (c) => c.notNull())
      .addColumn('data_hash', 'text', (c) => c.notNull())
      .addColumn('rounds', 'integer', (c) => c.notNull())
      .addColumn('started_at', 'text', (c) => c.notNull())
      .addColumn('status', 'text', (c) => c.notNull())
      .addColumn('round', 'integer', (c) => c.notNull())
      .addColumn('model_hash', 'text')
      .addColumn('metrics', 'text')
      .execute()
    await db.schema
      .createTable('events')
      .addColumn('seq', sequence, (c) => (sequence === 'serial' ? c.primaryKey() : c.primaryKey().autoIncrement()))
      .addColumn('run', 'text', (c) => c.notNull().references('runs.id'))
      .addColumn('kind', 'text', (c) => c.notNull())
      .addColumn('round', 'integer')
      .addColumn('attempt', 'integer')
      .addColumn('body', 'text', (c) => c.notNull())
      .execute()
    await db.schema.createIndex('events_run').on('events').columns(['run', 'seq']).execute()
    await db.schema
      .createTable('checkpoints')
      .addColumn('run', 'text', (c) => c.notNull().references('runs.id'))
      .addColumn('stage', 'text', (c) => c.notNull())
      .addColumn('round', 'integer', (c) => c.notNull())
      .addColumn('attempt', 'integer', (c) => c.notNull())
      .addColumn('counted', 'text', (c) => c.notNull())
      .addColumn('state', bytes, (c) => c.notNull())
      .addPrimaryKeyConstraint('checkpoints_key', ['run', 'stage'])
      .execute()
    await db.schema
      .createTable('node_states')
      .addColumn('run', 'text', (c) => c.notNull())
      .addColumn('node', 'text', (c) => c.notNull())
      .addColumn('stage', 'text', (c) => c.notNull())
      .addColumn('pending', 'integer', (c) => c.notNull())
      .addColumn('round', 'integer', (c) => c.notNull())
      .addColumn('attempt', 'integer', (c) => c.notNull())
      .addColumn('state', bytes, (c) => c.notNull())
      .addPrimaryKeyConstraint('node_states_key', ['run', 'node', 'stage', 'pending'])
      .execute()
    await db.schema
      .createTable('models')
      .addColumn('run', 'text', (c) => c.primaryKey().references('runs.id'))
      .addColumn('hash', 'text', (c) => c.notNull())
      .addColumn('bytes', bytes, (c) => c.notNull())
      .execute()
  },
})

const blobs: Migration = {
  up: async (db: Kysely<unknown>) => {
    for (const table of ['checkpoints', 'models']) await db.schema.alterTable(table).addColumn('blob', 'text').execute()
  },
}

/** Tables of the journal. */
export const journalSchema: Schema = { name: 'runs', migrations: (types) => ({ '0001-runs': first(types), '0002-blobs': blobs }) }
