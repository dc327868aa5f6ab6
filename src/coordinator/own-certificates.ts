// The coordinator's own certificates, kept fresh while it runs: its port's, and the operator's that lies in its folder.
import { X509Certificate } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { now } from '../base/index.ts'
import type { Authority } from './authority.ts'
import type { Registry } from './registry.ts'
import type { SecureApp } from './secure-app.ts'

const DAY_MS = 86_400_000
const RENEW_BEFORE_MS = 30 * DAY_MS
const OPERATOR = 'operator'

const accessSchema = z.object({ key: z.string(), certificate: z.string(), authority: z.string() })
/** Key and certificate of the operator on the coordinator's machine, and the authority's certificate. PEM. */
export type OperatorFile = Readonly<z.output<typeof accessSchema>>

/** Where they lie. */
export const operatorFile = (folder: string): string => join(folder, 'operator.json')

/** What lies there; undefined where nothing does. */
export const operatorOf = async (folder: string): Promise<OperatorFile | undefined> =>
  existsSync(operatorFile(folder)) ? accessSchema.parse(JSON.parse(await readFile(operatorFile(folder), 'utf8'))) : undefined

const isDue = (certificate: string): boolean => new X509Certificate(certificate).validToDate.getTime() - now() < RENEW_BEFORE_MS

/** Issues the operator's certificate where there is none, or one of its last thirty days. */
export const freshOperator = async (folder: string, ca: Authority, registry: Registry): Promise<void> => {
  const kept = await operatorOf(folder)
  if (kept !== undefined && !isDue(kept.certificate)) return
  const issued = await ca.operator(OPERATOR)
  await registry.admitOperator(OPERATOR, issued)
  const { key, certificate } = issued
  await writeFile(`${operatorFile(folder)}.new`, JSON.stringify({ key, certificate, authority: ca.certificate }), { mode: 0o600 })
  await rename(`${operatorFile(folder)}.new`, operatorFile(folder))
}

/** Looks once a day whether the port's or the operator's certificate is due. Connections that are open keep theirs. Returns what ends it. */
export const keepFresh = (
  app: SecureApp,
  names: readonly string[],
  { folder, ca, registry }: { readonly folder: string; readonly ca: Authority; readonly registry: Registry },
): (() => void) => {
  let issuedAt = now()
  const look = async (): Promise<void> => {
    await freshOperator(folder, ca, registry)
    if (now() - issuedAt < RENEW_BEFORE_MS) return
    const { key, certificate } = await ca.server(names)
    app.server.setSecureContext({ key, cert: certificate + ca.certificate, ca: ca.certificate, minVersion: 'TLSv1.3' })
    issuedAt = now()
  }
  const daily = setInterval(() => void look().catch(() => undefined), DAY_MS)
  daily.unref()
  return () => clearInterval(daily)
}
