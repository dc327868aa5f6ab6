// Figures for Prometheus: the process, sites, runs, rounds, bytes, refusals. Numbers of things only; nothing of what sites hold or models learn.
import { createServer, type Server } from 'node:http'
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'
import { YimengError } from '../base/index.ts'
import type { RunEvent } from '../federated/spec/index.ts'

/** The coordinator's figures. */
export interface Metrics {
  readonly onEvent: (event: RunEvent) => void
  readonly onRefusal: (code: string) => void
  /** In Prometheus' text format. */
  readonly text: () => Promise<string>
  readonly contentType: string
}

/** Seconds. Rounds take milliseconds on tables and minutes on volumes. */
const ROUND_BUCKETS = [0.01, 0.1, 0.5, 1, 5, 15, 60, 300, 1800]

/** @param sites - how many are in each state now */
export const metrics = (sites: () => Promise<ReadonlyMap<string, number>>): Metrics => {
  const registers = [new Registry()] as const
  const [registry] = registers
  collectDefaultMetrics({ register: registry, prefix: 'yimeng_' })
  const counter = <Label extends string>(name: string, help: string, labelNames: readonly Label[] = []) =>
    new Counter<Label>({ name: `yimeng_${name}`, help, labelNames, registers: [...registers] })
  const runs = counter('runs_total', 'Runs by how they ended; started ones too.', ['outcome'])
  const rounds = counter('rounds_total', 'Rounds by how they ended.', ['outcome'])
  const bytes = counter('round_bytes_total', 'Bytes of committed rounds; up is from sites.', ['direction'])
  const left = counter('updates_refused_total', 'Updates of sites that were not counted in a committed round.')
  const refusals = counter('refusals_total', 'Requests that were refused, by code.', ['code'])
  const seconds = new Histogram({
    name: 'yimeng_round_seconds',
    help: 'Time of committed rounds.',
    buckets: ROUND_BUCKETS,
    registers: [...registers],
  })
  const gauge: Gauge<'state'> = new Gauge({
    name: 'yimeng_sites',
    help: 'Sites by state.',
    labelNames: ['state'],
    registers: [...registers],
    collect: async () => {
      gauge.reset()
      for (const [state, count] of await sites()) gauge.set({ state }, count)
    },
  })

  return {
    onEvent: (event) => {
      if (event.kind === 'runStarted') runs.inc({ outcome: 'started' })
      else if (event.kind === 'runFinished') runs.inc({ outcome: 'finished' })
      else if (event.kind === 'runFailed') runs.inc({ outcome: 'failed' })
      else if (event.kind === 'runCancelled') runs.inc({ outcome: 'cancelled' })
      else if (event.kind === 'roundAborted') rounds.inc({ outcome: 'aborted' })
      else if (event.kind === 'roundCommitted') {
        rounds.inc({ outcome: 'committed' })
        seconds.observe(event.seconds)
        bytes.inc({ direction: 'up' }, event.bytesUp)
        bytes.inc({ direction: 'down' }, event.bytesDown)
        left.inc(Object.keys(event.refused ?? {}).length)
      }
    },
    onRefusal: (code) => refusals.inc({ code }),
    text: () => registry.metrics(),
    contentType: registry.contentType,
  }
}

/** Serves figures in the clear to this machine only: what a Prometheus beside the coordinator asks. @throws YimengError `coordinator-listen` */
export const metricsPort = (of: Metrics, port: number): Promise<Server> =>
  new Promise((resolve, reject) => {
    const server = createServer((request, response) => {
      if (request.url !== '/metrics' || request.method !== 'GET') {
        response.writeHead(404).end()
        return
      }
      of.text().then(
        (text) => response.writeHead(200, { 'content-type': of.contentType }).end(text),
        () => response.writeHead(500).end(),
      )
    })
    server.once('error', (cause) =>
      reject(new YimengError({ code: 'coordinator-listen', cannot: 'listen', expected: 'a free port', got: `127.0.0.1:${port}`, cause })),
    )
    server.listen(port, '127.0.0.1', () => resolve(server))
  })
