import { expect, test } from 'vitest'
import { sha256, utf8Bytes } from '../../../base/index.ts'
import { hypergeometricTail, neighbourhoods, neighboursNeeded, sharesNeeded } from './neighbours.ts'

test.each([
  [100, 20, 28, 20],
  [50, 5, 10, 2],
])('chance of bad draws: %i, %i, %i, at least %i', (all, marked, drawn, least) => {
  // by summing exact rationals
  const choose = (n: bigint, k: bigint): bigint => (k === 0n ? 1n : (choose(n, k - 1n) * (n - k + 1n)) / k)
  let sum = 0n
  for (let hit = least; hit <= Math.min(marked, drawn); hit += 1)
    if (drawn - hit <= all - marked) sum += choose(BigInt(marked), BigInt(hit)) * choose(BigInt(all - marked), BigInt(drawn - hit))
  const exact = Number((sum * 10n ** 40n) / choose(BigInt(all), BigInt(drawn))) / 1e40
  expect(hypergeometricTail(all, marked, drawn, least) / exact).toBeCloseTo(1, 9)
})

test('neighbours grow slowly with the cohort, and all are taken where few would not do', () => {
  const risk = { corrupt: 0.2, dropouts: 0.1 }
  const needed = [10, 100, 1000, 10_000].map((nodes) => neighboursNeeded(nodes, risk, 2 / 3))
  expect(needed[0]).toBe(9)
  expect(needed[1]).toBeLessThan(50)
  expect(needed[2]).toBeLessThan(150)
  expect(needed[3]).toBeLessThan(200)
  for (const bad of [
    { corrupt: 0.7, dropouts: 0 },
    { corrupt: 0, dropouts: 0.4 },
    { corrupt: -1, dropouts: 0 },
  ])
    expect(() => neighboursNeeded(100, bad, 2 / 3)).toThrow(expect.objectContaining({ code: 'masked-neighbours' }))
})

test('two thirds and one more share', () => {
  expect([2, 3, 4, 5, 6, 9, 100].map((holders) => sharesNeeded(holders, 2 / 3))).toEqual([2, 3, 3, 4, 5, 7, 67])
})

test('neighbourhood is mutual, of the size asked for, and another one for other keys', () => {
  const nodes = Array.from({ length: 31 }, (_, k) => `n${String(k).padStart(2, '0')}`)
  const near = neighbourhoods(nodes, 8, sha256(utf8Bytes('one')))
  for (const [node, others] of near) {
    expect(new Set(others).size).toBe(8)
    expect(others).not.toContain(node)
    for (const other of others) expect(near.get(other)).toContain(node)
  }
  expect(neighbourhoods(nodes, 8, sha256(utf8Bytes('two')))).not.toEqual(near)
  expect(neighbourhoods(nodes, 30, sha256(utf8Bytes('one'))).get('n00')).toEqual(nodes.slice(1))
})
