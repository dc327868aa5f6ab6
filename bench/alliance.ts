// The alliance on loopback. Run: node bench/alliance.ts
// 1. What a round costs beside its computation: 2 nodes, a small model, processes over mutual TLS; the same run in one process beside it.
// 2. Throughput of a link: a frame of 120 MB up and down, in one process (both ends share the cores).
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monotonicMs } from '../src/base/index.ts'
import { practice } from '../src/cli/alliance/practice.ts'
import type { RunEvent } from '../src/federated/spec/index.ts'
import { run } from '../src/simulation/index.ts'

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
const roundMs = (events: readonly RunEvent[]): number =>
  median(events.flatMap((event) => (event.kind === 'roundCommitted' && event.round > 1 ? [event.seconds * 1000] : [])))

const spec = {
  task: 'iris',
  rounds: 200,
  partition: { kind: 'iid', sites: 2 },
  cohort: { size: 2 },
  model: { kind: 'logistic' },
  local: { steps: 1 },
  evaluate: { every: 0 },
} as const

const founded = await practice(spec)
const network: RunEvent[] = []
await founded.run(spec, (event) => network.push(event))
await founded.close()
const memory: RunEvent[] = []
await run(spec, { home: null, onEvent: (event) => memory.push(event) })
console.log(
  `round, 2 nodes, 15 parameters: ${roundMs(network).toFixed(1)} ms over HTTPS, ${roundMs(memory).toFixed(1)} ms in one process (medians of 199)`,
)

const { authority } = await import('../src/coordinator/authority.ts')
const { linkRoutes } = await import('../src/coordinator/link-routes.ts')
const { secureApp } = await import('../src/coordinator/secure-app.ts')
const { httpsClient, httpsLink, servedLink } = await import('../src/runtime/index.ts')
const folder = await mkdtemp(join(tmpdir(), 'yimeng-bench-'))
const ca = await authority(folder)
const app = secureApp(await ca.server(['127.0.0.1']), ca)
const links = linkRoutes(app, async () => 'site')
await app.listen({ host: '127.0.0.1', port: 0 })
const address = app.server.address()
const client = httpsClient(`https://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`, { ca: ca.certificate })
const served = servedLink()
const channel = httpsLink(client, { path: `/v1/links/${links.open('site', served)}` })
const frame = new Uint8Array(120e6)
for (const [name, from, to] of [
  ['up', channel, served.channel],
  ['down', served.channel, channel],
] as const) {
  const startedMs = monotonicMs()
  await from.send(frame)
  await to.receive()
  console.log(`120 MB ${name}: ${(120_000 / (monotonicMs() - startedMs)).toFixed(0)} MB/s`)
}
await channel.close()
client.close()
links.close()
await app.close()
await rm(folder, { recursive: true })
