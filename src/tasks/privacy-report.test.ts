import { expect, test } from 'vitest'
import type { RunEvent } from '../federated/spec/index.ts'
import { type DpEvent, rdp } from '../privacy/index.ts'
import { privacyReport } from './privacy-report.ts'
import { neighboursLine } from './neighbours-line.ts'
import { resolveSpec } from './resolve-spec.ts'

const event: DpEvent = { kind: 'gaussian', noiseMultiplier: 4 }
const stamp = { run: 'r', at: '2026-01-01T00:00:00Z' }
const charged = (round: number, attempt: number, ...sites: readonly string[]): RunEvent => ({
  ...stamp,
  kind: 'budgetCharged',
  round,
  attempt,
  unit: 'site',
  sites,
  event,
  epsilon: 0,
  delta: 1e-5,
})
const epsilonOf = (count: number): number => rdp().epsilon({ kind: 'repeated', event, count }, 1e-5)

test('each site is charged for the attempts that it was chosen for, aborted ones too', () => {
  const spec = resolveSpec({ task: 'iris', privacy: { epsilon: 9, noiseMultiplier: 4 } })
  const events = [charged(1, 1, 'a', 'b'), charged(1, 2, 'a', 'b'), charged(2, 1, 'b', 'c'), charged(3, 1, 'a', 'b', 'c')]
  const { budget } = privacyReport(spec, events)
  expect(budget).toMatchObject({ unit: 'site', noise: 'central', epsilon: 9, most: { charges: 4, epsilon: epsilonOf(4) } })
  expect(budget?.sites).toEqual({
    a: { charges: 3, epsilon: epsilonOf(3) },
    b: { charges: 4, epsilon: epsilonOf(4) },
    c: { charges: 2, epsilon: epsilonOf(2) },
  })
})

test.each([
  [{}, 'eachUpdate', 'models'],
  [{ sum: 'masked' }, 'sum', 'models'],
  [{ privacy: { epsilon: 9 } }, 'eachClippedUpdate', 'noisedModels'],
  [{ sum: 'masked', privacy: { epsilon: 9 } }, 'sum', 'noisedModels'],
  [{ sum: 'masked', privacy: { epsilon: 9, noise: 'distributed' } }, 'noisedSum', 'noisedModels'],
  [{ privacy: { epsilon: 9, noise: 'local' } }, 'eachNoisedUpdate', 'noisedModels'],
  [{ privacy: { epsilon: 9, noise: 'dp-sgd' } }, 'eachNoisedUpdate', 'noisedModels'],
  [{ sum: 'masked', privacy: { epsilon: 9, noise: 'dp-sgd' } }, 'noisedSum', 'noisedModels'],
] as const)('%j: the coordinator sees %s, sites %s', (lines, coordinator, sites) => {
  const report = privacyReport(resolveSpec({ task: 'iris', ...lines }), [])
  expect(report.observers).toMatchObject({ coordinator, sites })
  expect(report.assumptions).toContain('statisticsExact')
})

test('where sites mask with some others only, the report says with how many, and assumes accordingly', () => {
  const of = (sites: number, more: object) =>
    resolveSpec({ task: 'iris', sum: 'masked', cohort: { size: sites }, partition: { kind: 'iid', sites }, ...more })
  const spec = of(100, { neighbours: { corrupt: 0.2, dropouts: 0.1 } })
  const report = privacyReport(spec, [])
  expect(report.neighbours).toEqual({ risk: { corrupt: 0.2, dropouts: 0.1 }, of: { sites: 100, neighbours: 32 } })
  expect(report.assumptions).toContain('fewAccomplicesNear')
  expect(report.assumptions).not.toContain('fewAccomplices')
  expect(neighboursLine(spec, 'zh-TW')).toContain('100 個站點中，每個站點與 32 個互加遮罩')
  // with all as neighbours whatever comes, nothing is to be said
  for (const all of [of(100, {}), of(10, { neighbours: {} }), resolveSpec({ task: 'iris', neighbours: undefined })])
    expect([neighboursLine(all, 'en'), privacyReport(all, []).neighbours]).toEqual([undefined, undefined])
  // beyond 255 sites few are neighbours without a line too, and the number of sites may be open
  expect(privacyReport(of(300, {}), []).neighbours?.of?.sites).toBe(300)
  expect(neighboursLine({ ...spec, cohort: { ...spec.cohort, size: undefined }, partition: { kind: 'natural' } }, 'en')).toMatch(
    /^neighbours: in large cohorts each site masks with some others only — holds while up to 20 % of them .* up to 10 % are lost$/,
  )
})
