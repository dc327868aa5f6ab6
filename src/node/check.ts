// Whether a coordinator can be reached from here as a node would reach it: what to try before anyone is asked to open a port.
import 'reflect-metadata'
import { existsSync } from 'node:fs'
import { lookup } from 'node:dns/promises'
import { join } from 'node:path'
import * as x509 from '@peculiar/x509'
import { z } from 'zod'
import { monotonicMs, now } from '../base/index.ts'
import { callJson, fingerprintOf, httpsClient } from '../runtime/index.ts'
import { identityOf } from './identity.ts'

/** What is tried, in order; after one that fails nothing is tried that stands on it. */
export const checkSteps = ['name', 'connection', 'coordinator', 'certificate', 'tunnel', 'alliance', 'clock', 'roundTrip'] as const
export type CheckStep = (typeof checkSteps)[number]

/** What came of a step. `cause`: a code or a measure, for people who can help. */
export interface Check {
  readonly step: CheckStep
  readonly outcome: 'good' | 'bad' | 'skipped'
  readonly cause: string
}

/** Certificates are judged against the coordinator's clock, and so are times in logs: more than this is worth mending. */
const LARGEST_SKEW_MS = 120_000
const PROBES = 5

/** The proxy that the environment names for an address, without its password; undefined for none. As Node reads it: HTTPS_PROXY and NO_PROXY. */
const proxyFor = ({ hostname }: URL): string | undefined => {
  const { HTTPS_PROXY, https_proxy: lower, NO_PROXY, no_proxy: noLower } = process.env
  const proxy = HTTPS_PROXY ?? lower
  const spared = (NO_PROXY ?? noLower ?? '').split(',').map((name) => name.trim().replace(/^\./, ''))
  if (proxy === undefined || proxy === '') return undefined
  if (spared.some((name) => name === '*' || (name !== '' && (hostname === name || hostname.endsWith(`.${name}`))))) return undefined
  return URL.canParse(proxy) ? new URL(proxy).host : 'one that cannot be read'
}

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : error instanceof Error ? error.message : 'no answer'

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN

/**
 * Tries each step from name to round trip.
 *
 * @param folder - a node's: if it has joined, its authority must be the coordinator's
 * @throws YimengError `https-url`
 */
export const checkCoordinator = async (address: string, folder?: string): Promise<readonly Check[]> => {
  const open = httpsClient(address, 'unverified')
  const done: Check[] = []
  const tell = (step: CheckStep, outcome: Check['outcome'], cause: string): boolean => {
    done.push({ step, outcome, cause })
    return outcome !== 'bad'
  }
  const steps = async (): Promise<void> => {
    const proxy = proxyFor(open.url)
    if (proxy !== undefined) tell('name', 'skipped', `proxy ${proxy}`)
    else {
      const found = await lookup(open.url.hostname.replace(/^\[(.*)\]$/, '$1')).catch(codeOf)
      if (typeof found === 'string') return void tell('name', 'bad', found)
      tell('name', 'good', found.address)
    }
    const first = await open.call({ method: 'GET', path: '/v1/authority', idleMs: 10_000 }).catch(codeOf)
    if (typeof first === 'string') return void tell('connection', 'bad', proxy === undefined ? first : `${first}, proxy ${proxy}`)
    tell('connection', 'good', proxy === undefined ? open.url.host : `proxy ${proxy}`)
    const body = await first.whole().catch(() => new Uint8Array())
    const authority = authorityIn(body)
    if (authority === undefined) return void tell('coordinator', 'bad', `status ${first.status}`)
    tell('coordinator', 'good', fingerprintOf(new Uint8Array(new x509.X509Certificate(authority).rawData)).slice(0, 12))

    // a proxy that opens TLS answers with a certificate of its own: then no authority of ours has signed it
    const trusting = httpsClient(address, { ca: authority })
    try {
      const rounds: number[] = []
      for (let i = 0; i < PROBES; i += 1) {
        const startedMs = monotonicMs()
        const answer = await callJson(trusting, 'GET', '/v1/authority').catch(codeOf)
        if (typeof answer === 'string') {
          tell('certificate', 'bad', answer)
          return inside(authority)
        }
        rounds.push(monotonicMs() - startedMs)
      }
      tell('certificate', 'good', 'TLS 1.3')
      await sameAlliance(authority)
      const date = Date.parse(String(first.headers['date']))
      const skewMs = now() - date
      tell(
        'clock',
        Number.isNaN(date) ? 'skipped' : Math.abs(skewMs) > LARGEST_SKEW_MS ? 'bad' : 'good',
        Number.isNaN(date) ? 'no date' : `${(skewMs / 1000).toFixed(0)} s`,
      )
      tell('roundTrip', 'good', `${median(rounds).toFixed(1)} ms`)
    } finally {
      trusting.close()
    }
  }
  /** Whether what opens TLS lets a tunnel through. */
  const inside = async (authority: string): Promise<void> => {
    const tunnelling = httpsClient(address, { ca: authority, tunnel: true })
    const answer = await callJson(tunnelling, 'GET', '/v1/authority').catch(codeOf)
    tunnelling.close()
    tell('tunnel', typeof answer === 'string' ? 'bad' : 'good', typeof answer === 'string' ? answer : 'TLS 1.3')
  }
  const sameAlliance = async (authority: string): Promise<void> => {
    if (folder === undefined || !existsSync(join(folder, 'identity.json'))) return void tell('alliance', 'skipped', 'not joined')
    const own = await identityOf(folder)
    tell('alliance', own.authority.trim() === authority.trim() ? 'good' : 'bad', own.site)
  }
  try {
    await steps()
  } finally {
    open.close()
  }
  return done
}

const authorityIn = (body: Uint8Array): string | undefined => {
  try {
    return z.object({ authority: z.string().startsWith('-----BEGIN CERTIFICATE') }).parse(JSON.parse(Buffer.from(body).toString('utf8')))
      .authority
  } catch {
    return undefined
  }
}
