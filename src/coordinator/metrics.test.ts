import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import type { RunEvent } from '../federated/spec/index.ts'
import { metrics, metricsPort } from './metrics.ts'

const at = '2026-01-01T00:00:00Z'
const event = (rest: Readonly<Record<string, unknown>>): RunEvent => ({ run: 'r', at, ...rest }) as RunEvent
const valuesOf = (text: string): ReadonlyMap<string, number> =>
  new Map(
    text
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]),
  )

test('counts what happened, and asks for sites when it is asked', async () => {
  const sites = new Map([['ready', 2]])
  const figures = metrics(async () => sites)
  figures.onEvent(event({ kind: 'runStarted', task: 't', specHash: 'h', sites: ['a'], rounds: 2 }))
  const round = { kind: 'roundCommitted', attempt: 1, counted: ['a'], trainLoss: 0.25, bytesUp: 10, bytesDown: 20, seconds: 0.2 }
  figures.onEvent(event({ ...round, round: 1 }))
  figures.onEvent(event({ ...round, round: 2, refused: { b: 'late' } }))
  figures.onEvent(event({ kind: 'roundAborted', round: 3, attempt: 1, cause: 'lostQuorum' }))
  figures.onRefusal('certificate')
  const first = valuesOf(await figures.text())
  expect(first.get('yimeng_runs_total{outcome="started"}')).toBe(1)
  expect(first.get('yimeng_rounds_total{outcome="committed"}')).toBe(2)
  expect(first.get('yimeng_rounds_total{outcome="aborted"}')).toBe(1)
  expect(first.get('yimeng_round_bytes_total{direction="up"}')).toBe(20)
  expect(first.get('yimeng_round_bytes_total{direction="down"}')).toBe(40)
  expect(first.get('yimeng_updates_refused_total')).toBe(1)
  expect(first.get('yimeng_round_seconds_count')).toBe(2)
  expect(first.get('yimeng_round_seconds_bucket{le="0.1"}')).toBe(0)
  expect(first.get('yimeng_round_seconds_bucket{le="0.5"}')).toBe(2)
  expect(first.get('yimeng_refusals_total{code="certificate"}')).toBe(1)
  expect(first.get('yimeng_sites{state="ready"}')).toBe(2)
  // a state that nobody is in any more is gone, not stale
  sites.clear()
  sites.set('lost', 1)
  const later = valuesOf(await figures.text())
  expect(later.get('yimeng_sites{state="ready"}')).toBeUndefined()
  expect(later.get('yimeng_sites{state="lost"}')).toBe(1)
  // nothing of what models learn
  expect([...later.keys()].filter((name) => /loss|accuracy|0\.25/.test(name))).toEqual([])
})

test('a port of this machine serves them, and nothing else', async () => {
  const server = await metricsPort(
    metrics(async () => new Map()),
    0,
  )
  const { port, address } = server.address() as AddressInfo
  expect(address).toBe('127.0.0.1')
  const answer = await fetch(`http://127.0.0.1:${port}/metrics`)
  expect(answer.headers.get('content-type')).toMatch(/^text\/plain/)
  expect(await answer.text()).toContain('# TYPE yimeng_rounds_total counter')
  expect((await fetch(`http://127.0.0.1:${port}/v1/nodes`)).status).toBe(404)
  await expect(
    metricsPort(
      metrics(async () => new Map()),
      port,
    ),
  ).rejects.toMatchObject({ code: 'coordinator-listen' })
  server.closeAllConnections()
  server.close()
})
