// What a site has given away, in its own book: every private round of every run, written before the round's work begins, and every sum that it helped to open, written before it does.
// A coordinator cannot change it, forget it, or run past it.
// Killed at any moment, the site has charged at least what it released. Over all runs events add up by Rényi divergences, whatever the runs' own adjacency (a curve of events, see src/privacy);
// a run's own budget by the accountant that its noise was planned with.
import { join } from 'node:path'
import { type Generated, type Kysely, sql, type Transaction } from 'kysely'
import { now, YimengError } from '../base/index.ts'
import { makeFolder } from '../base/node.ts'
import type { OpenedSums } from '../federated/index.ts'
import { type Accountant, type Budget, compose, dpEventCodec, type DpEvent, rdp, type RoundCost, type Unit } from '../privacy/index.ts'
import { openDatabase, type Schema } from '../runtime/index.ts'

interface ChargesTable {
  readonly seq: Generated<number>
  readonly run: string
  readonly round: number
  readonly attempt: number
  readonly unit: Unit
  /** A `DpEvent`, as JSON. */
  readonly event: Uint8Array
  readonly at: string
}
interface SumsTable {
  readonly run: string
  readonly round: number
  readonly step: number
  /** The sites in the sum, as JSON. */
  readonly sites: string
}
interface LedgerTables {
  readonly charges: ChargesTable
  readonly sums: SumsTable
}

const schema: Schema = {
  name: 'site-ledger',
  migrations: ({ bytes, sequence }) => ({
    '0001-charges': {
      up: async (db) => {
        await db.schema
          .createTable('charges')
          .addColumn('seq', sequence, (c) => c.primaryKey())
          .addColumn('run', 'text', (c) => c.notNull())
          .addColumn('round', 'integer', (c) => c.notNull())
          .addColumn('attempt', 'integer', (c) => c.notNull())
          .addColumn('unit', 'text', (c) => c.notNull())
          .addColumn('event', bytes, (c) => c.notNull())
          .addColumn('at', 'text', (c) => c.notNull())
          // an attempt releases once: whoever asks for it again asks for more
          .addUniqueConstraint('charges_attempt', ['run', 'round', 'attempt'])
          .execute()
      },
    },
    '0002-sums': {
      up: async (db) => {
        await db.schema
          .createTable('sums')
          .addColumn('run', 'text', (c) => c.notNull())
          .addColumn('round', 'integer', (c) => c.notNull())
          .addColumn('step', 'integer', (c) => c.notNull())
          .addColumn('sites', 'text', (c) => c.notNull())
          .addPrimaryKeyConstraint('sums_step', ['run', 'round', 'step'])
          .execute()
      },
    },
  }),
}

/** One attempt of a run. */
export interface Attempt {
  readonly run: string
  readonly round: number
  readonly attempt: number
}

/** What a site spends over all its runs at most, in one unit. */
export interface SiteBudget extends Budget {
  readonly unit: Unit
}

/** A site's book. */
export interface SiteLedger extends OpenedSums {
  /**
   * Writes down what an attempt costs; resolves once it is stored.
   *
   * @throws YimengError `site-budget` where it would exceed the run's budget or the site's, `site-attempt` for an attempt that was charged before. Nothing is written then.
   */
  readonly charge: (attempt: Attempt, cost: RoundCost, budget?: SiteBudget) => Promise<void>
  /** Charges over all runs in a unit, and their ε at `delta`. */
  readonly spent: (unit: Unit, delta: number) => Promise<{ readonly charges: number; readonly epsilon: number }>
  readonly close: () => Promise<void>
}

/** Opens the book of a node's folder, or begins it. */
export const siteLedger = async (folder: string): Promise<SiteLedger> => {
  await makeFolder(folder, { secret: true })
  const { db, close } = await openDatabase<LedgerTables>(join(folder, 'ledger.sqlite'), schema)
  const accountant = rdp()
  // a power cut must not lose a charge either
  await sql`pragma synchronous = full`.execute(db)
  const events = async (from: Kysely<LedgerTables> | Transaction<LedgerTables>, unit: Unit, run?: string): Promise<readonly DpEvent[]> => {
    const all = from.selectFrom('charges').select('event').where('unit', '=', unit).orderBy('seq')
    const rows = await (run === undefined ? all : all.where('run', '=', run)).execute()
    return rows.map(({ event }) => dpEventCodec.decode(event))
  }
  const insist = async (
    { run, round }: Attempt,
    before: readonly DpEvent[],
    event: DpEvent,
    budget: Budget,
    whose: string,
    by: Accountant,
  ): Promise<void> => {
    const after = by.epsilon(compose([...before, event]), budget.delta)
    if (after <= budget.epsilon) return
    throw new YimengError({
      code: 'site-budget',
      cannot: 'take part in round',
      expected: `ε of ${budget.epsilon} at most, the budget of the ${whose}`,
      got: `${after.toPrecision(3)} after it`,
      where: { run, round },
    })
  }
  return {
    charge: (attempt, { event, unit, budget, accountant: ofRun }, own) =>
      db.transaction().execute(async (t) => {
        await insist(attempt, await events(t, unit, attempt.run), event, budget, 'run', ofRun)
        if (own !== undefined) await insist(attempt, await events(t, unit), event, own, 'site', accountant)
        const { numInsertedOrUpdatedRows } = await t
          .insertInto('charges')
          .values({ ...attempt, unit, event: dpEventCodec.encode(event), at: new Date(now()).toISOString() })
          .onConflict((conflict) => conflict.columns(['run', 'round', 'attempt']).doNothing())
          .executeTakeFirstOrThrow()
        if (numInsertedOrUpdatedRows !== 1n)
          throw new YimengError({
            code: 'site-attempt',
            cannot: 'take part in round',
            expected: 'an attempt with a number of its own',
            got: 'one that this site has charged before',
            where: { ...attempt },
          })
      }),
    spent: async (unit, delta) => {
      const all = await events(db, unit)
      return { charges: all.length, epsilon: accountant.epsilon(compose(all), delta) }
    },
    open: (step, nodes) =>
      db.transaction().execute(async (t) => {
        const sites = JSON.stringify(nodes)
        await t
          .insertInto('sums')
          .values({ ...step, sites })
          .onConflict((conflict) => conflict.columns(['run', 'round', 'step']).doNothing())
          .execute()
        const { run, round } = step
        const kept = t.selectFrom('sums').select('sites').where('run', '=', run).where('round', '=', round)
        return (await kept.where('step', '=', step.step).executeTakeFirstOrThrow()).sites === sites
      }),
    close,
  }
}
