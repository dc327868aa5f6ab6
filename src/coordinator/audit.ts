// The audit log: who did what, append-only. Each entry carries the SHA-256 of the one before and of itself; checkpoints are signed with Ed25519.
// Adversary: someone who edits the database afterwards. An entry that is changed, removed or put in between breaks the chain; a log rewritten from some entry on needs the
// signing key, which lies in a file of its own. A log cut off at its end is as long as its last checkpoint that someone else has kept.
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign, verify } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Kysely } from 'kysely'
import { canonicalJson, now, sha256Hex } from '../base/index.ts'
import type { RegistryTables } from './registry.ts'

/** One row. */
export interface AuditTable {
  readonly seq: number
  readonly at: string
  readonly actor: string
  readonly action: string
  /** Canonical JSON. */
  readonly detail: string
  readonly previous: string
  readonly hash: string
}

/** What the log says of itself. `broken`: number of the first entry that is not as it was written, and what is wrong with it. */
export type AuditVerdict =
  | { readonly kind: 'sound'; readonly entries: number; readonly checkpoints: number; readonly head: string }
  | { readonly kind: 'broken'; readonly entry: number; readonly cause: 'number' | 'chain' | 'content' | 'signature' }

/** The log. */
export interface Audit {
  readonly append: (actor: string, action: string, detail?: Readonly<Record<string, unknown>>) => Promise<void>
  /** Signs everything so far. */
  readonly checkpoint: () => Promise<void>
  readonly verify: () => Promise<AuditVerdict>
  readonly entries: () => Promise<readonly AuditTable[]>
  /** The last `count`, in order. */
  readonly latest: (count: number) => Promise<readonly AuditTable[]>
  /** When what was appended so far is written. */
  readonly settled: () => Promise<void>
}

const CHECKPOINT = 'checkpoint'
const BEGINNING = '0'.repeat(64)

const hashOf = ({ seq, at, actor, action, detail, previous }: Omit<AuditTable, 'hash'>): string =>
  sha256Hex(canonicalJson({ seq, at, actor, action, detail, previous }))

const signingKey = async (folder: string): Promise<KeyObject> => {
  const path = join(folder, 'audit.key')
  if (!existsSync(path)) {
    const { privateKey } = generateKeyPairSync('ed25519')
    await writeFile(path, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 })
  }
  return createPrivateKey(await readFile(path, 'utf8'))
}

/** Checks a log from its first entry to its last. */
export const verifyAudit = (rows: readonly AuditTable[], publicKey: KeyObject): AuditVerdict => {
  let previous = BEGINNING
  let checkpoints = 0
  for (const [i, row] of rows.entries()) {
    if (row.seq !== i + 1) return { kind: 'broken', entry: i + 1, cause: 'number' }
    if (row.previous !== previous) return { kind: 'broken', entry: row.seq, cause: 'chain' }
    if (row.hash !== hashOf(row)) return { kind: 'broken', entry: row.seq, cause: 'content' }
    if (row.action === CHECKPOINT) {
      const { signature } = JSON.parse(row.detail) as { readonly signature?: string }
      if (!verify(null, Buffer.from(row.previous, 'hex'), publicKey, Buffer.from(signature ?? '', 'base64')))
        return { kind: 'broken', entry: row.seq, cause: 'signature' }
      checkpoints += 1
    }
    previous = row.hash
  }
  return { kind: 'sound', entries: rows.length, checkpoints, head: previous }
}

/** The log in a database; its key in the folder. */
export const auditLog = async (db: Kysely<RegistryTables>, folder: string): Promise<Audit> => {
  const key = await signingKey(folder)
  const publicKey = createPublicKey(key)
  // one after the other: each entry needs the hash of the one before
  let turn: Promise<unknown> = Promise.resolve()
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const next = turn.then(work)
    turn = next.catch(() => undefined)
    return next
  }
  const rows = () => db.selectFrom('audit').selectAll().orderBy('seq').execute()
  const write = (actor: string, action: string, detailOf: (previous: string) => Readonly<Record<string, unknown>>) =>
    db.transaction().execute(async (t) => {
      const last = await t.selectFrom('audit').select(['seq', 'hash']).orderBy('seq', 'desc').limit(1).executeTakeFirst()
      const previous = last?.hash ?? BEGINNING
      const row = {
        seq: (last?.seq ?? 0) + 1,
        at: new Date(now()).toISOString(),
        actor,
        action,
        detail: canonicalJson(detailOf(previous)),
        previous,
      }
      await t
        .insertInto('audit')
        .values({ ...row, hash: hashOf(row) })
        .execute()
    })
  return {
    append: (actor, action, detail = {}) => inTurn(() => write(actor, action, () => detail)),
    checkpoint: () =>
      inTurn(() =>
        write('coordinator', CHECKPOINT, (previous) => ({ signature: sign(null, Buffer.from(previous, 'hex'), key).toString('base64') })),
      ),
    verify: () => inTurn(async () => verifyAudit(await rows(), publicKey)),
    entries: () => inTurn(rows),
    latest: (count) =>
      inTurn(async () => (await db.selectFrom('audit').selectAll().orderBy('seq', 'desc').limit(count).execute()).reverse()),
    settled: () => inTurn(async () => undefined),
  }
}
