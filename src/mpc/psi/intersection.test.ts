import { expect, test } from 'vitest'
import { memoryChannels, utf8Bytes, utf8Text } from '../../base/index.ts'
import { type IntersectionInput, type IntersectionMode, runIntersection } from './intersection.ts'

const both = async (mode: IntersectionMode, guest: IntersectionInput, host: IntersectionInput) => {
  const [a, b] = memoryChannels()
  const [mine, theirs] = await Promise.all([runIntersection(a, 'guest', mode, guest), runIntersection(b, 'host', mode, host)])
  return { guest: mine.result, host: theirs.result }
}
const named = (from: number, to: number): readonly string[] => Array.from({ length: to - from }, (_, i) => `patient ${from + i}`)

test('the guest learns the common items, the host nothing', async () => {
  const items = named(0, 300)
  const { guest, host } = await both({ learns: 'guest' }, { items }, { items: named(200, 450) })
  expect(new Set((guest.indices ?? []).map((i) => items[i]))).toEqual(new Set(named(200, 300)))
  expect(host).toEqual({ peerItems: 300 })
})

test('both learn them, in one order: rows of both tables line up', async () => {
  const [mine, theirs] = [named(0, 100).toReversed(), named(60, 200)]
  const { guest, host } = await both({ learns: 'both' }, { items: mine }, { items: theirs })
  expect(guest.size).toBe(40)
  expect((guest.indices ?? []).map((i) => mine[i])).toEqual((host.indices ?? []).map((i) => theirs[i]))
})

test('only the number, nothing else', async () => {
  const { guest, host } = await both({ learns: 'size' }, { items: [...named(0, 90), 'patient 3'] }, { items: named(80, 120) })
  expect(guest).toEqual({ size: 10, peerItems: 40 })
  expect(host).toEqual({ peerItems: 90 })
})

test('payloads of common items, and only of those', async () => {
  const host = named(5, 20)
  const input = { items: host, payloads: host.map((item) => utf8Bytes(item.padEnd(12))) }
  const items = named(0, 8)
  const { guest } = await both({ learns: 'guest', payloadBytes: 12 }, { items }, input)
  expect((guest.payloads ?? []).map(utf8Text)).toEqual((guest.indices ?? []).map((i) => (items[i] as string).padEnd(12)))
  expect(guest.size).toBe(3)
})

test('empty sets', async () => {
  expect((await both({ learns: 'both' }, { items: [] }, { items: ['a'] })).host).toEqual({ indices: [], size: 0, peerItems: 0 })
  expect((await both({ learns: 'size' }, { items: ['a'] }, { items: [] })).guest).toEqual({ size: 0, peerItems: 0 })
})

test('a peer that brings too many items is refused on both sides', async () => {
  const [a, b] = memoryChannels()
  const mode = { learns: 'guest' } as const
  const outcomes = await Promise.allSettled([
    runIntersection(a, 'guest', mode, { items: named(0, 50) }),
    runIntersection(b, 'host', mode, { items: ['x'], maxPeerItems: 49 }),
  ])
  expect(outcomes.map((one) => (one.status === 'rejected' ? (one.reason as { readonly code: string }).code : ''))).toEqual([
    'mpc-peer-stopped',
    'psi-limit',
  ])
})
