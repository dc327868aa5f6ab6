import { expect, test } from 'vitest'
import type { RunEvent } from '../../federated/spec/index.ts'
import { type Person, watch } from './person.ts'

const stamp = { run: 'r', at: '2026-01-01T00:00:00Z' }
const history: readonly RunEvent[] = [
  ...Array.from({ length: 2_500 }, (_, round) => ({ kind: 'improved' as const, round, ...stamp })),
  { kind: 'runFinished', rounds: 2_500, modelHash: 'm', metrics: {}, bytesUp: 0, bytesDown: 0, seconds: 1, ...stamp },
]

test('a long run is watched page by page: every event once, in order, to its end', async () => {
  const asked: number[] = []
  const news: Person['news'] = (_, after) => {
    asked.push(after)
    // it ends while the second page is read
    const status = asked.length > 1 ? 'finished' : 'running'
    return Promise.resolve({ status, events: history.slice(after, after + 1_000), declined: {} })
  }
  const told: RunEvent[] = []
  const end = await watch({ news } as Person, 'r', (event) => told.push(event))
  expect(end.kind).toBe('runFinished')
  expect(told).toEqual(history)
  expect(asked).toEqual([0, 1_000, 2_000])
})
