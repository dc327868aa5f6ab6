import { expect, test } from 'vitest'
import type { RunEvent } from '../federated/spec/index.ts'
import { type DpEvent, rdp } from '../privacy/index.ts'
import { privacyReport } from './privacy-report.ts'
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
