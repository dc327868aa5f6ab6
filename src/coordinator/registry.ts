// Who belongs to the alliance: sites, certificates, one-time codes; and the audit log. One SQLite file beside the journal of runs.
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type { Generated, Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'
import { now, YimengError } from '../base/index.ts'
import { fingerprintOf, freshSecret, invitationCode, openSqlite, siteNameSchema } from '../runtime/index.ts'
import { type Audit, type AuditTable, auditLog } from './audit.ts'
import type { Authority, Issued } from './authority.ts'

/** Who asks: a site's node, or a person with a role. */
export type Role = 'site' | 'operator'

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
  readonly site: string
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

const INVITATION_DAYS = 7

/** The alliance's members. */
export interface Registry {
  readonly audit: Audit
  /** A one-time code for a site, valid for seven days. Throws YimengError `site-name`. */
  readonly invite: (site: string, by: string) => Promise<string>
  /** Trades a code for a certificate. Rejects with YimengError `invitation-unknown`, `invitation-used`, `invitation-expired`, `certificate-request`. */
  readonly enrol: (secret: string, request: string) => Promise<Issued & { readonly site: string }>
  /** A new certificate for a site that has one. */
  readonly renew: (site: string, request: string) => Promise<Issued>
  readonly admitOperator: (name: string, issued: Issued) => Promise<void>
  /** Whose certificate this is, if it is ours, in time and not revoked. */
  readonly holderOf: (fingerprint: string) => Promise<{ readonly holder: string; readonly role: Role } | { readonly refused: string }>
  /** No certificate of the site is accepted from now on. */
  readonly revoke: (site: string, by: string) => Promise<void>
  readonly sites: () => Promise<readonly { readonly site: string; readonly expiresAt: string; readonly revoked: boolean }[]>
  readonly close: () => Promise<void>
}

const hashOf = (secret: string): string => createHash('sha256').update(secret).digest('hex')
const stamp = (afterMs = 0): string => new Date(now() + afterMs).toISOString()

/** Opens the registry in the coordinator's folder. */
export const openRegistry = async (folder: string, authority: Authority): Promise<Registry> => {
  const db = await openSqlite<RegistryTables>(join(folder, 'alliance.sqlite'), { '0001-alliance': first })
  const audit = await auditLog(db, folder)

  const enter = (issued: Issued, holder: string, role: Role) =>
    db
      .insertInto('certificates')
      .values({ fingerprint: issued.fingerprint, holder, role, expires_at: issued.expiresAt, revoked_at: null })
      .execute()

  return {
    audit,
    invite: async (site, by) => {
      if (!siteNameSchema.safeParse(site).success)
        throw new YimengError({
          code: 'site-name',
          cannot: 'invite site',
          expected: 'a name of up to 64 letters, digits, - _ .',
          got: JSON.stringify(site.slice(0, 80)),
        })
      const secret = freshSecret()
      await db
        .insertInto('invitations')
        .values({ secret_hash: hashOf(secret), site, expires_at: stamp(INVITATION_DAYS * 86_400_000), used_at: null })
        .execute()
      await audit.append(by, 'invited', { site })
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
      await enter(issued, row.site, 'site')
      await audit.append(row.site, 'enrolled', { fingerprint: issued.fingerprint, expiresAt: issued.expiresAt })
      return { ...issued, site: row.site }
    },
    renew: async (site, request) => {
      const issued = await authority.issue(site, request)
      await enter(issued, site, 'site')
      await audit.append(site, 'renewed', { fingerprint: issued.fingerprint, expiresAt: issued.expiresAt })
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
    revoke: async (site, by) => {
      await db.updateTable('certificates').set({ revoked_at: stamp() }).where('holder', '=', site).where('role', '=', 'site').execute()
      await db.updateTable('invitations').set({ used_at: stamp() }).where('site', '=', site).where('used_at', 'is', null).execute()
      await audit.append(by, 'revoked', { site })
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
      await db.destroy()
    },
  }
}
