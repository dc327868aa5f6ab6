// Who belongs to the alliance: sites, certificates, one-time codes; and the audit log. In a database beside the journal of runs.
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type { Generated, Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'
import { now, YimengError } from '../base/index.ts'
import { fingerprintOf, freshSecret, invitationCode, openDatabase, type Schema, siteNameSchema } from '../runtime/index.ts'
import { type Audit, type AuditTable, auditLog } from './audit.ts'
import type { Authority, Issued } from './authority.ts'
import type { Role } from './roles.ts'

interface CertificatesTable {
  readonly fingerprint: string
  readonly holder: string
  readonly role: Role
  readonly expires_at: string
  readonly revoked_at: string | null
}

interface InvitationsTable {
  /** SHA-256 of the secret: who reads the file cannot use the code. */
  readonly secret_hash: string
  /** Name of the site or person. */
  readonly site: string
  readonly role: Role
  readonly expires_at: string
  readonly used_at: string | null
}

export interface RegistryTables {
  readonly certificates: CertificatesTable
  readonly invitations: InvitationsTable
  readonly audit: Omit<AuditTable, 'seq'> & { readonly seq: Generated<number> }
}

const first: Migration = {
  up: async (db: Kysely<unknown>) => {
    await db.schema
      .createTable('certificates')
      .addColumn('fingerprint', 'text', (c) => c.primaryKey())
      .addColumn('holder', 'text', (c) => c.notNull())
      .addColumn('role', 'text', (c) => c.notNull())
      .addColumn('expires_at', 'text', (c) => c.notNull())
      .addColumn('revoked_at', 'text')
      .execute()
    await db.schema
      .createTable('invitations')
      .addColumn('secret_hash', 'text', (c) => c.primaryKey())
      .addColumn('site', 'text', (c) => c.notNull())
      .addColumn('expires_at', 'text', (c) => c.notNull())
      .addColumn('used_at', 'text')
      .execute()
    await db.schema
      .createTable('audit')
      .addColumn('seq', 'integer', (c) => c.primaryKey())
      .addColumn('at', 'text', (c) => c.notNull())
      .addColumn('actor', 'text', (c) => c.notNull())
      .addColumn('action', 'text', (c) => c.notNull())
      .addColumn('detail', 'text', (c) => c.notNull())
      .addColumn('previous', 'text', (c) => c.notNull())
      .addColumn('hash', 'text', (c) => c.notNull())
      .execute()
  },
}

const roles: Migration = {
  up: async (db: Kysely<unknown>) => {
    await db.schema
      .alterTable('invitations')
      .addColumn('role', 'text', (c) => c.notNull().defaultTo('site'))
      .execute()
  },
}

const registrySchema: Schema = { name: 'alliance', migrations: () => ({ '0001-alliance': first, '0002-roles': roles }) }

const INVITATION_DAYS = 7

/** Whose a certificate is. */
export interface Holder {
  readonly holder: string
  readonly role: Role
}

/** What our own entries in the audit log are signed with. */
const OWN_NAMES = ['operator', 'coordinator', 'unknown']

/** The alliance's members. */
export interface Registry {
  readonly audit: Audit
  /** A one-time code for a site or a person, valid for seven days. Throws YimengError `site-name`, `name-taken`. */
  readonly invite: (name: string, role: Role, by: string) => Promise<string>
  /** Trades a code for a certificate. Rejects with YimengError `invitation-unknown`, `invitation-used`, `invitation-expired`, `certificate-request`. */
  readonly enrol: (secret: string, request: string) => Promise<Issued & { readonly site: string; readonly role: Role }>
  /** A new certificate for one who has one. */
  readonly renew: (holder: Holder, request: string) => Promise<Issued>
  readonly admitOperator: (name: string, issued: Issued) => Promise<void>
  /** Whose certificate this is, if it is ours, in time and not revoked. */
  readonly holderOf: (fingerprint: string) => Promise<Holder | { readonly refused: string }>
  /** No certificate of the site or person is accepted from now on. */
  readonly revoke: (name: string, by: string) => Promise<void>
  readonly sites: () => Promise<readonly { readonly site: string; readonly expiresAt: string; readonly revoked: boolean }[]>
  readonly close: () => Promise<void>
}

const hashOf = (secret: string): string => createHash('sha256').update(secret).digest('hex')
const stamp = (afterMs = 0): string => new Date(now() + afterMs).toISOString()

/** Opens the registry: in the coordinator's folder, or in a PostgreSQL `database` given by its URL. */
export const openRegistry = async (folder: string, authority: Authority, database = join(folder, 'alliance.sqlite')): Promise<Registry> => {
  const { db, close } = await openDatabase<RegistryTables>(database, registrySchema)
  const audit = await auditLog(db, folder)

  const enter = (issued: Issued, holder: string, role: Role) =>
    db
      .insertInto('certificates')
      .values({ fingerprint: issued.fingerprint, holder, role, expires_at: issued.expiresAt, revoked_at: null })
      .execute()

  return {
    audit,
    invite: async (name, role, by) => {
      const refuse = (code: string, expected: string): YimengError =>
        new YimengError({ code, cannot: 'invite', expected, got: JSON.stringify(name.slice(0, 80)) })
      if (!siteNameSchema.safeParse(name).success) throw refuse('site-name', 'a name of up to 64 letters, digits, spaces, - _ .')
      const other = await db
        .selectFrom('certificates')
        .select('role')
        .where('holder', '=', name)
        .where('role', '!=', role)
        .executeTakeFirst()
      if (OWN_NAMES.includes(name) || other !== undefined) throw refuse('name-taken', 'a name that nobody has in another role')
      const secret = freshSecret()
      await db
        .insertInto('invitations')
        .values({ secret_hash: hashOf(secret), site: name, role, expires_at: stamp(INVITATION_DAYS * 86_400_000), used_at: null })
        .execute()
      await audit.append(by, 'invited', { site: name, role })
      return invitationCode({ secret, fingerprint: fingerprintOf(authority.der) })
    },
    enrol: async (secret, request) => {
      const refuse = (code: string, got: string): YimengError =>
        new YimengError({ code, cannot: 'join', expected: 'a code that is still good', got })
      const row = await db.selectFrom('invitations').selectAll().where('secret_hash', '=', hashOf(secret)).executeTakeFirst()
      if (row === undefined) throw refuse('invitation-unknown', 'one that nobody was given')
      if (row.used_at !== null) throw refuse('invitation-used', 'one that was used')
      if (row.expires_at < stamp()) throw refuse('invitation-expired', 'one that is too old')
      const issued = await authority.issue(row.site, request)
      // of two that race with one code, one wins
      const { numUpdatedRows } = await db
        .updateTable('invitations')
        .set({ used_at: stamp() })
        .where('secret_hash', '=', row.secret_hash)
        .where('used_at', 'is', null)
        .executeTakeFirst()
      if (numUpdatedRows !== 1n) throw refuse('invitation-used', 'one that was used')
      await enter(issued, row.site, row.role)
      await audit.append(row.site, 'enrolled', { role: row.role, fingerprint: issued.fingerprint, expiresAt: issued.expiresAt })
      return { ...issued, site: row.site, role: row.role }
    },
    renew: async ({ holder, role }, request) => {
      const issued = await authority.issue(holder, request)
      await enter(issued, holder, role)
      await audit.append(holder, 'renewed', { fingerprint: issued.fingerprint, expiresAt: issued.expiresAt })
      return issued
    },
    admitOperator: async (name, issued) => {
      await enter(issued, name, 'operator')
      await audit.append(name, 'operatorAdmitted', { fingerprint: issued.fingerprint })
    },
    holderOf: async (fingerprint) => {
      const row = await db.selectFrom('certificates').selectAll().where('fingerprint', '=', fingerprint).executeTakeFirst()
      if (row === undefined) return { refused: 'unknown certificate' }
      if (row.revoked_at !== null) return { refused: 'revoked certificate' }
      if (row.expires_at < stamp()) return { refused: 'expired certificate' }
      return { holder: row.holder, role: row.role }
    },
    revoke: async (name, by) => {
      // the coordinator's own machine keeps its certificate: whoever has that folder has everything anyway
      if (!OWN_NAMES.includes(name)) await db.updateTable('certificates').set({ revoked_at: stamp() }).where('holder', '=', name).execute()
      await db.updateTable('invitations').set({ used_at: stamp() }).where('site', '=', name).where('used_at', 'is', null).execute()
      await audit.append(by, 'revoked', { site: name })
    },
    sites: async () => {
      const rows = await db.selectFrom('certificates').selectAll().where('role', '=', 'site').orderBy('expires_at').execute()
      const latest = new Map(rows.map((row) => [row.holder, row]))
      return [...latest.values()]
        .map(({ holder, expires_at, revoked_at }) => ({ site: holder, expiresAt: expires_at, revoked: revoked_at !== null }))
        .sort((a, b) => (a.site < b.site ? -1 : 1))
    },
    close: async () => {
      await audit.settled()
      await close()
    },
  }
}
