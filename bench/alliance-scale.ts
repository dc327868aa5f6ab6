// What a coordinator holds. Run: node bench/alliance-scale.ts nodes [2000]     idle nodes on one coordinator, each with a certificate, a connection and a poll of its own
//                               node bench/alliance-scale.ts rounds [500]    its memory over the rounds of one run
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import { practice } from '../src/cli/alliance/practice.ts'
import { posted } from '../src/cli/alliance/processes.ts'
import { authority } from '../src/coordinator/authority.ts'
import { openRegistry } from '../src/coordinator/registry.ts'
import { keyAndRequest } from '../src/node/identity.ts'
import { callJson, httpsClient, type Machine } from '../src/runtime/index.ts'
import { cpuSeconds, residentMb } from './process-figures.ts'

const machine = {
  version: '0',
  cpus: 1,
  load: 0,
  memoryBytes: 1,
  freeMemoryBytes: 1,
  freeDiskBytes: null,
  roundTripMs: null,
} satisfies Machine
const figure = (value: number | undefined, digits = 0): string => (value === undefined ? 'unknown' : value.toFixed(digits))

const nodes = async (count: number): Promise<void> => {
  const folder = await mkdtemp(join(tmpdir(), 'yimeng-bench-'))
  const ca = await authority(folder)
  await (await openRegistry(folder, ca)).close()
  // one key for all saves minutes here; each site has a certificate of its own
  const { key, request } = await keyAndRequest('site')
  const certificates: string[] = []
  const db = new DatabaseSync(join(folder, 'alliance.sqlite'))
  const enter = db.prepare('insert into certificates (fingerprint, holder, role, expires_at) values (?, ?, ?, ?)')
  db.exec('begin')
  for (let i = 0; i < count; i += 1) {
    const { certificate, fingerprint, expiresAt } = await ca.issue(`site-${i}`, request)
    enter.run(fingerprint, `site-${i}`, 'site', expiresAt)
    certificates.push(certificate)
  }
  db.exec('commit')
  db.close()
  const middle = await posted({ kind: 'coordinator', folder })
  const { pid } = middle.child
  const before = await residentMb(pid)
  const stop = new AbortController()
  const seen = { connected: 0 }
  let faults = 0
  const poll = async (certificate: string): Promise<void> => {
    const client = httpsClient(middle.url, { ca: ca.certificate, certificate, key })
    stop.signal.addEventListener('abort', () => client.close(), { once: true })
    // as nodes do: a sign of life, then a question that waits
    let busy = true
    while (!stop.signal.aborted)
      try {
        const { status } = await callJson(client, 'POST', '/v1/work', { machine, busy }, { signal: stop.signal })
        if (status !== 200) throw new Error(`status ${status}`)
        if (busy) seen.connected += 1
        busy = false
      } catch {
        if (stop.signal.aborted) return
        faults += 1
        await sleep(1_000)
      }
  }
  for (const [i, certificate] of certificates.entries()) {
    void poll(certificate)
    if (i % 50 === 49) await sleep(100)
  }
  while (seen.connected < count) {
    console.log(`${seen.connected} nodes: ${figure(await residentMb(pid))} MB`)
    await sleep(10_000)
  }
  // every poll has been answered once
  await sleep(25_000)
  const before20 = await cpuSeconds(pid)
  await sleep(20_000)
  const used = ((await cpuSeconds(pid)) ?? Number.NaN) - (before20 ?? Number.NaN)
  console.log(
    `${count} idle nodes: ${figure(await residentMb(pid))} MB of memory in all (${figure(before)} without them); ${(5 * used).toFixed(1)} % of a core; ${faults} questions failed`,
  )
  stop.abort()
  await middle.stop()
  await rm(folder, { recursive: true, force: true })
}

const rounds = async (count: number): Promise<void> => {
  const spec = {
    task: 'iris',
    rounds: count,
    partition: { kind: 'iid', sites: 2 },
    cohort: { size: 2 },
    model: { kind: 'logistic' },
    local: { steps: 1 },
    evaluate: { every: 0 },
  } as const
  const alliance = await practice(spec)
  const { pid } = alliance.coordinator().child
  const samples: { readonly round: number; readonly mb: number | undefined }[] = []
  const pending: Promise<unknown>[] = []
  await alliance.run(spec, (event) => {
    if (event.kind === 'roundCommitted' && event.round % 50 === 0 && event.round > 0)
      pending.push(residentMb(pid).then((mb) => samples.push({ round: event.round, mb })))
  })
  await Promise.all(pending)
  await alliance.close()
  console.log(
    `coordinator over ${count} rounds, MB: ${samples
      .toSorted((a, b) => a.round - b.round)
      .map(({ round, mb }) => `${round}: ${figure(mb)}`)
      .join(' · ')}`,
  )
}

const [what, count] = process.argv.slice(2)
if (what === 'nodes') await nodes(Number(count ?? 2000))
else if (what === 'rounds') await rounds(Number(count ?? 500))
else console.log('nodes [2000] | rounds [500]')
