// The alliance's data plane: a model of 120 MB to n nodes and back over mutual TLS on loopback, every party a process of its own.
// Run: node bench/data-plane.ts [nodes] [rounds] [road|carry|mean]
// road (default): bytes alone, disk to disk, hashed at both ends. carry: whole rounds (encoded, framed, decoded), whose updates are dropped. mean: rounds of exact weighted means.
import { type ChildProcess, fork } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { TLSSocket } from 'node:tls'
import { fileURLToPath } from 'node:url'
import type { Reals } from '../src/algebra/index.ts'
import { type Codec, monotonicMs, seed, voidCodec } from '../src/base/index.ts'
import { authority } from '../src/coordinator/authority.ts'
import { blobRoutes } from '../src/coordinator/blob-routes.ts'
import { linkRoutes } from '../src/coordinator/link-routes.ts'
import { type Seat, seat } from '../src/coordinator/seat.ts'
import { secureApp } from '../src/coordinator/secure-app.ts'
import {
  type Aggregation,
  plain,
  type Published,
  publishedCodec,
  type RoundProgram,
  type Update,
  updateCodec,
  weightedMean,
} from '../src/federated/index.ts'
import { longStaying } from '../src/cli/alliance/processes.ts'
import { attemptRound } from '../src/runtime/attempt-round.ts'
import { httpsBulk, httpsClient, httpsLink, memoryNodeStore, type NodeStage, nodeLoop } from '../src/runtime/index.ts'
import { cpuSeconds } from './process-figures.ts'

const PARAMETERS = 30_000_000
const MODEL_MB = (4 * PARAMETERS) / 1e6

type Kind = 'road' | 'carry' | 'mean'
/** What a process is told to be. */
interface Middle {
  readonly role: 'coordinator'
  readonly folder: string
  readonly nodes: number
  readonly rounds: number
  readonly kind: Kind
}
interface Site {
  readonly role: 'node'
  readonly kind: Kind
  readonly site: string
  readonly url: string
  readonly link: string
  readonly ca: string
  readonly certificate: string
  readonly key: string
}
interface Measured {
  readonly seconds: readonly number[]
  readonly idleMb: number
  readonly peakMb: number
  /** Of the coordinator's rounds; of the nodes from their start. */
  readonly user: number
  readonly system: number
}

/** Bytes as they are. Whoever decodes gets the frame itself: nothing but the road is measured. */
const bare: Codec<Uint8Array> = { encode: (bytes) => bytes, decode: (bytes) => bytes }
const dropped = <T>(input: Codec<T>): Aggregation<T, null, null> => ({
  input,
  total: { encode: () => new Uint8Array(), decode: () => null },
  sum: { zero: () => null, add: () => null },
  lift: () => null,
  finish: () => null,
})

const road = (): RoundProgram<Uint8Array> => async (round, state) => {
  const there = await round.broadcast(bare, state)
  await round.aggregate(dropped(bare), plain(), await round.atClients((_, bytes) => bytes, there))
  return { server: state, clients: round.local }
}
const trained = (kind: 'carry' | 'mean') => (): RoundProgram<Published> => async (round, state) => {
  const there = await round.broadcast(publishedCodec, state)
  const update = await round.atClients((_, { values }): Update => ({ values, weight: 1 }), there)
  if (kind === 'carry') {
    await round.aggregate(dropped(updateCodec), plain(), update)
    return { server: state, clients: round.local }
  }
  // what FedAvg does
  const mean = await round.aggregate(weightedMean({ length: PARAMETERS, rounded: true }), plain(), update)
  const model = (values: Reals): Float32Array => (values instanceof Float32Array ? values : Float32Array.from(values))
  const server = await round.atServer(({ values }): Published => ({ values: model(values), numbers: {}, vectors: {} }), mean)
  return { server, clients: round.local }
}

const settled = (signal: AbortSignal) => ({ run: 'bench', stage: 'bench', attempt: 1, deadlineMs: 600_000, signal })

/** Seats whose nodes have come. */
const filled = async ({ folder, nodes, kind }: Middle, signal: AbortSignal): Promise<readonly Seat[]> => {
  const ca = await authority(folder)
  const app = secureApp(await ca.server(['127.0.0.1']), ca)
  // the name in the certificate; the coordinator itself asks its registry
  const siteOf = async ({ raw }: { readonly raw: { readonly socket: object } }): Promise<string> =>
    String((raw.socket as TLSSocket).getPeerCertificate().subject.CN)
  const links = linkRoutes(app, siteOf)
  const blobs = await blobRoutes(app, join(folder, 'blobs'), siteOf)
  await app.listen({ host: '127.0.0.1', port: 0 })
  const address = app.server.address()
  const url = `https://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`
  const admission = { run: 'bench', specHash: 'bench', last: async () => [] }
  const filledSeat = async (_: unknown, i: number): Promise<Seat> => {
    const site = `site-${i + 1}`
    const { certificate, key } = await ca.operator(site)
    const made = await new Promise<Seat>((resolve, reject) => {
      const mine = seat({
        site,
        admission,
        bulk: blobs.of(site),
        between: async () => undefined,
        signal,
        admitted: () => resolve(mine),
        refused: (cause) => reject(new Error(cause)),
        flawed: reject,
      })
      const link = links.open(site, mine.join())
      process.send?.({ role: 'node', kind, site, url, link, ca: ca.certificate, certificate, key } satisfies Site)
    })
    return made
  }
  return Promise.all(Array.from({ length: nodes }, filledSeat))
}

const coordinate = async (told: Middle): Promise<Measured> => {
  const { signal } = new AbortController()
  const seats = await filled(told, signal)
  const cohort = seats.map(({ member }) => member)
  const idleMb = process.memoryUsage.rss() / 1e6
  const values = Float32Array.from({ length: PARAMETERS }, (_, i) => Math.sin(i))
  const seconds: number[] = []
  let bytes = new Uint8Array(values.buffer)
  let published: Published = { values, numbers: {}, vectors: {} }
  // making the model took seconds in which nobody was heard
  while (!seats.every((each) => each.connected())) await sleep(100)
  const before = process.cpuUsage()
  for (let round = 1; round <= told.rounds; round += 1) {
    const startedMs = monotonicMs()
    const at = { ...settled(signal), round, cohort, quorum: cohort.length, enough: cohort.length }
    const outcome =
      told.kind === 'road'
        ? await attemptRound({ ...at, program: road, state: bytes })
        : await attemptRound({ ...at, program: trained(told.kind), state: published })
    if (outcome.kind === 'aborted') throw outcome.error
    if (outcome.state instanceof Uint8Array) bytes = new Uint8Array(outcome.state.buffer as ArrayBuffer)
    else published = outcome.state
    seconds.push((monotonicMs() - startedMs) / 1000)
  }
  const { user, system } = process.cpuUsage(before)
  return { seconds, idleMb, peakMb: process.resourceUsage().maxRSS / 1000, user: user / 1e6, system: system / 1e6 }
}

const takePart = async ({ kind, site, url, link, ca, certificate, key }: Site): Promise<void> => {
  const client = httpsClient(url, { ca, certificate, key })
  const stage = { program: kind === 'road' ? road : trained(kind), initial: () => undefined, codec: voidCodec, site: () => undefined }
  await nodeLoop({
    id: site,
    run: 'bench',
    specHash: 'bench',
    trainRows: 1,
    testRows: 0,
    seed: seed(1),
    channel: httpsLink(client, { path: `/v1/links/${link}` }),
    bulk: httpsBulk(client, { path: '/v1/blobs' }),
    store: memoryNodeStore(),
    stage: () => stage as unknown as NodeStage,
    signal: new AbortController().signal,
  })
}

const child = (told: Middle | Site, hear: (message: Site | Measured) => void): ChildProcess => {
  const made = fork(fileURLToPath(import.meta.url), [], { env: longStaying() })
  made.on('message', hear)
  made.send(told)
  return made
}

const lead = async (): Promise<void> => {
  const [nodes, rounds] = [Number(process.argv[2] ?? 5), Number(process.argv[3] ?? 5)]
  const kind = (['carry', 'mean'] as const).find((each) => each === process.argv[4]) ?? 'road'
  const folder = await mkdtemp(join(tmpdir(), 'yimeng-bench-'))
  const children: ChildProcess[] = []
  const used = async (): Promise<number> => {
    const each = await Promise.all(children.slice(1).map(({ pid }) => cpuSeconds(pid)))
    return each.reduce<number>((sum, seconds) => sum + (seconds ?? Number.NaN), 0)
  }
  let nodesCpu: Promise<number> = Promise.resolve(Number.NaN)
  const { seconds, idleMb, peakMb, user, system } = await new Promise<Measured>((resolve, reject) => {
    const middle = child({ role: 'coordinator', folder, nodes, rounds, kind }, (message) => {
      if ('seconds' in message) {
        nodesCpu = used()
        void nodesCpu.finally(() => resolve(message))
      } else children.push(child(message, () => undefined))
    })
    middle.once('exit', (code) => reject(new Error(`the coordinator ended with ${code}`)))
    children.push(middle)
  }).finally(() => {
    for (const each of children) each.removeAllListeners('exit').kill('SIGKILL')
  })
  await rm(folder, { recursive: true, force: true })
  const sorted = seconds.toSorted((a, b) => a - b)
  const rate = (of: number | undefined): string => `${((2 * nodes * MODEL_MB) / (of ?? Number.NaN)).toFixed(0)} MB/s`
  console.log(
    `${kind}: ${MODEL_MB} MB to ${nodes} nodes and back: ${rate(sorted[rounds >> 1])} in total (median of ${rounds}; best ${rate(sorted[0])})`,
  )
  console.log(
    `  coordinator: ${((user + system) / rounds).toFixed(2)} s of CPU a round (${(system / rounds).toFixed(2)} of it the system's); each node ${((await nodesCpu) / nodes / rounds).toFixed(2)} s, its start included; memory of the coordinator at most ${(peakMb - idleMb).toFixed(0)} MB above ${idleMb.toFixed(0)} MB idle: ${((peakMb - idleMb) / MODEL_MB).toFixed(1)} models`,
  )
}

if (process.send === undefined) await lead()
else
  process.once('message', (told: Middle | Site) => {
    if (told.role === 'node') void takePart(told)
    else void coordinate(told).then((measured) => process.send?.(measured))
  })
