import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { RunEvent } from '../federated/spec/index.ts'
import { runRecord } from './run-record.ts'

const sites = ['a', 'b', 'c']
const stamp = { run: 'r', at: '2026-01-01T00:00:00Z' }
const event: fc.Arbitrary<RunEvent> = fc.oneof(
  fc.record({
    kind: fc.constant('roundCommitted' as const),
    round: fc.nat(4),
    attempt: fc.integer({ min: 1, max: 3 }),
    counted: fc.subarray(sites),
    bytesUp: fc.nat(99),
    bytesDown: fc.nat(99),
    seconds: fc.constant(1),
    trainLoss: fc.constant(null),
    run: fc.constant(stamp.run),
    at: fc.constant(stamp.at),
  }),
  fc
    .constantFrom(...sites)
    .chain((site) => fc.nat(50).map((testRows) => ({ kind: 'siteReady' as const, site, trainRows: 1, testRows, ...stamp }))),
  fc.constantFrom(...sites).map((site) => ({ kind: 'siteLost' as const, site, ...stamp })),
)

const agrees = (before: readonly RunEvent[], after: readonly RunEvent[]): void => {
  const record = runRecord(before)
  after.forEach(record.hear)
  const all = [...before, ...after]
  const committed = all.filter((each) => each.kind === 'roundCommitted')
  expect(record.count()).toBe(all.length)
  expect(record.traffic()).toEqual({
    bytesUp: committed.reduce((sum, { bytesUp }) => sum + bytesUp, 0),
    bytesDown: committed.reduce((sum, { bytesDown }) => sum + bytesDown, 0),
  })
  for (const site of sites) {
    const ready = all.findLast((each) => each.kind === 'siteReady' && each.site === site)
    expect(record.testRows(site)).toBe(ready?.kind === 'siteReady' ? ready.testRows : undefined)
    const last = (analytics: boolean) => {
      const found = committed.findLast(({ round, counted }) => (round === 0) === analytics && counted.includes(site))
      return found && { round: found.round, attempt: found.attempt }
    }
    expect(record.of(site, 'analytics')).toEqual(last(true))
    expect(record.of(site, 'training')).toEqual(last(false))
  }
}

test('says what a look through all events says, wherever it was taken up', () => {
  fc.assert(fc.property(fc.array(event), fc.array(event), agrees))
})
