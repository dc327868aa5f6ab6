// Node states in the journal's file: in a simulation the nodes share it with the coordinator; a node of its own has one of its own.
import type { Kysely, Transaction } from 'kysely'
import type { JournalTables } from './tables.ts'
import type { NodeStore } from './node-store.ts'

/** The states of one node in one run. */
export const journalNodeStore = (db: Kysely<JournalTables>, run: string, node: string): NodeStore => {
  const rows = (t: Kysely<JournalTables> | Transaction<JournalTables>, stage: string, pending: 0 | 1) =>
    t.deleteFrom('node_states').where('run', '=', run).where('node', '=', node).where('stage', '=', stage).where('pending', '=', pending)
  const states = (stage: string) =>
    db.selectFrom('node_states').select(['round', 'state']).where('run', '=', run).where('node', '=', node).where('stage', '=', stage)
  return {
    committed: (stage) => states(stage).where('pending', '=', 0).executeTakeFirst(),
    after: (stage, round, attempt) =>
      states(stage)
        .where((is) => is.or([is('pending', '=', 0), is.and([is('round', '=', round), is('attempt', '=', attempt)])]))
        .orderBy('pending', 'desc')
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
