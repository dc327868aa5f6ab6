import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { seed } from '../../base/index.ts'
import type { NodeId } from '../placement.ts'
import type { Update } from '../update.ts'
import { regressionSites, regressionStart } from '../strategies/regression.test-support.ts'
import { trainedAlone } from '../strategies/train.test-support.ts'
import golden from './contribution.golden.json' with { type: 'json' }
import { fairness } from './fairness.ts'
import { inverseLoss } from './fed-con.ts'
import { type Game, ledger, remembered, roundGame } from './game.ts'
import { leaveOneOut } from './leave-one-out.ts'
import { gtgShapley, truncatedMonteCarlo } from './monte-carlo.ts'
import { shapley } from './shapley.ts'

const name = (k: number): NodeId => `site${k}`
/** The game with these values of coalitions, as bit sets. */
const table = (values: readonly number[]): Game => {
  const players = Array.from({ length: Math.log2(values.length) }, (_, k) => name(k))
  return { players, value: (coalition) => values[coalition.reduce((set, player) => set | (1 << players.indexOf(player)), 0)]! }
}

test.each(golden.games.map((game) => [game.shapley.length, game] as const))('%d players: as all orders give it', async (_, game) => {
  for (const [k, share] of [...(await shapley(table(game.values))).values()].entries()) expect(share).toBeCloseTo(game.shapley[k]!, 9)
  expect([...(await leaveOneOut(table(game.values))).values()]).toEqual(game.leaveOneOut)
})

const games = fc
  .integer({ min: 1, max: 4 })
  .chain((n) => fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 2 ** n, maxLength: 2 ** n }))

test('efficiency, symmetry, null player and additivity', async () => {
  await fc.assert(
    fc.asyncProperty(games, async (values) => {
      const shares = [...(await shapley(table(values))).values()]
      expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(values.at(-1) - values[0]!, 8)
      // a game of sizes: all alike
      const { players } = table(values)
      const bySize = [...(await shapley({ players, value: (coalition) => values[coalition.length]! })).values()]
      for (const share of bySize) expect(share).toBeCloseTo(bySize[0]!, 8)
      // one more player that adds nothing: gets nothing, and changes nothing
      const extended = await shapley({
        players: [...players, 'null'],
        value: (coalition) => table(values).value(coalition.filter((id) => id !== 'null')),
      })
      expect(extended.get('null')).toBeCloseTo(0, 8)
      for (const [k, player] of players.entries()) expect(extended.get(player)).toBeCloseTo(shares[k]!, 8)
      const twice = await shapley(table(values.map((value) => 2 * value)))
      const sum = ledger([await shapley(table(values)), await shapley(table(values))])
      for (const player of players) expect(sum.get(player)).toBeCloseTo(twice.get(player)!, 8)
    }),
    { numRuns: 50 },
  )
})

const six = golden.games.at(-1)

test.each([
  ['truncated Monte-Carlo', truncatedMonteCarlo],
  ['GTG-Shapley', gtgShapley],
] as const)('%s without truncation is unbiased: 20 runs of 600 orders within 6 standard errors', async (_, estimate) => {
  const runs = await Promise.all(
    Array.from({ length: 20 }, (_unused, r) => estimate(table(six.values), { seed: seed(r), orders: 600, truncation: -1, converged: 0 })),
  )
  // t with 19 degrees of freedom beyond 6: 1e-5 each, 6e-5 for all six
  for (const [k, exact] of six.shapley.entries()) {
    const shares = runs.map((run) => run.get(name(k))!)
    const mean = shares.reduce((sum, share) => sum + share, 0) / 20
    const error = Math.sqrt(shares.reduce((sum, share) => sum + (share - mean) ** 2, 0) / 19 / 20)
    expect(Math.abs(mean - exact)).toBeLessThan(6 * error)
  }
})

test('the test of bias can fail: leave-one-out is far from Shapley', async () => {
  expect(Math.max(...six.leaveOneOut.map((share, k) => Math.abs(share - six.shapley[k]!)))).toBeGreaterThan(20)
})

test('truncation saves evaluations: once the whole is reached, nobody looks further', async () => {
  const enough = (): Game => ({ players: [0, 1, 2, 3, 4, 5, 6, 7].map(name), value: (coalition) => Math.min(2, coalition.length) })
  for (const estimate of [truncatedMonteCarlo, gtgShapley]) {
    const game = remembered(enough())
    const shares = await estimate(game, { seed: seed(3), orders: 400, converged: 0 })
    // nobody, all, eight single ones and the 28 pairs: no coalition of three
    expect(game.evaluations()).toBeLessThanOrEqual(38)
    for (const share of shares.values()) expect(Math.abs(share - 0.25)).toBeLessThan(0.15)
    expect([...shares.values()].reduce((sum, share) => sum + share, 0)).toBeCloseTo(2, 8)
  }
})

test('GTG-Shapley: a round that moved nothing costs two evaluations', async () => {
  const game = remembered({ players: ['a', 'b', 'c'], value: () => 0.7 })
  expect([...(await gtgShapley(game, { seed: seed(1) })).values()]).toEqual([0, 0, 0])
  expect(game.evaluations()).toBe(2)
})

test('a round as a game: two sites with the same rows share alike, one that sends nonsense loses', async () => {
  const sites = regressionSites([30, 30])
  const done = await trainedAlone({ a: sites['site0']!, b: sites['site0']!, c: sites['site1']! })
  const nonsense = { values: Float32Array.of(-30, 30, 30), weight: 30 }
  const updates = new Map<NodeId, Update>([
    ['a', done[0]!],
    ['b', done[1]!],
    ['c', done[2]!],
    ['z', nonsense],
  ])
  const { inputs, targets } = sites['site0']!
  const measure = (w: Float32Array): number =>
    -targets.reduce((sum, y, r) => sum + [0, 1, 2].reduce((out, i) => out + inputs[r * 3 + i]! * w[i]!, -y) ** 2, 0) / targets.length
  const shares = await shapley(roundGame({ before: regressionStart.values, updates, measure }))
  expect(shares.get('a')).toBeCloseTo(shares.get('b')!, 8)
  expect(shares.get('z')).toBeLessThan(0)
  const moved = new Map(
    [...updates].map(([id, each]) => [id, { ...each, values: each.values.map((value, i) => value - regressionStart.values[i]!) }] as const),
  )
  const again = await shapley(roundGame({ before: regressionStart.values, updates: moved, differences: true, measure }))
  for (const [id, share] of again) expect(share).toBeCloseTo(shares.get(id)!, 2)
})

test('inverse losses: shares of one, a liar capped', () => {
  const losses = new Map([
    ['a', 0.5],
    ['b', 0.25],
    ['liar', 1e-12],
  ])
  expect(inverseLoss(losses).get('liar')).toBeGreaterThan(0.99)
  const capped = inverseLoss(losses, { cap: 1.5 })
  expect(capped.get('liar')).toBeCloseTo(0.5, 12)
  expect(capped.get('b')).toBeCloseTo(2 * capped.get('a')!, 12)
})

test('fairness: as numpy has it', () => {
  const { values, jain, stddev, spread, worst } = golden.fairness
  const found = fairness(new Map(values.map((value, k) => [name(k), value])))
  expect(found.jain).toBeCloseTo(jain, 12)
  expect(found.stddev).toBeCloseTo(stddev, 12)
  expect(found.spread).toBeCloseTo(spread, 12)
  expect(found.worst).toEqual({ site: name(worst), value: values[worst] })
  expect(
    fairness(
      new Map([
        ['a', 3],
        ['b', 3],
      ]),
    ).jain,
  ).toBe(1)
})

test('too many players, or none', async () => {
  await expect(shapley({ players: Array.from({ length: 11 }, (_, k) => name(k)), value: () => 0 })).rejects.toMatchObject({
    code: 'game-players',
  })
  await expect(leaveOneOut({ players: [], value: () => 0 })).rejects.toMatchObject({ code: 'game-players' })
})
