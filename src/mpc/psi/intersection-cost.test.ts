import { expect, test } from 'vitest'
import { memoryChannels } from '../../base/index.ts'
import { type IntersectionMode, runIntersection } from './intersection.ts'
import { intersectionCost } from './intersection-cost.ts'

const named = (from: number, to: number): readonly string[] => Array.from({ length: to - from }, (_, i) => `patient ${from + i}`)

test.each<[IntersectionMode, number, number]>([
  [{ learns: 'guest' }, 30, 20],
  [{ learns: 'guest', payloadBytes: 7 }, 2100, 30],
  [{ learns: 'both' }, 30, 2500],
  [{ learns: 'size' }, 2050, 2049],
  [{ learns: 'both' }, 0, 3],
])('bytes and rounds are those told beforehand: %o, %i and %i items', { timeout: 60_000 }, async (mode, mine, theirs) => {
  const [a, b] = memoryChannels()
  const items = { guest: named(0, mine), host: named(10, 10 + theirs) }
  const payloads = items.host.map(() => new Uint8Array(mode.payloadBytes ?? 0))
  const [guest, host] = await Promise.all([
    runIntersection(a, 'guest', mode, { items: items.guest }),
    runIntersection(b, 'host', mode, { items: items.host, payloads }),
  ])
  const cost = intersectionCost(mode, { guest: mine, host: theirs, common: Math.max(0, Math.min(mine, 10 + theirs) - 10) })
  expect({ guest: guest.traffic, host: host.traffic }).toEqual(cost)
})
