// Who takes part: each rule by hand or by what it promises of many draws; windows of an asynchronous run; what sites tell.
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { seed } from '../../base/index.ts'
import { algorithm } from '../strategy.ts'
import { fedAvg } from '../strategies/fed-avg.ts'
import { regression, regressionLayout as layout, regressionSites } from '../strategies/regression.test-support.ts'
import { train } from '../strategies/train.test-support.ts'
import { plain } from '../sums/plain.ts'
import { type Candidate, virtualClock } from './clock.ts'
import { bySize, type Choosing, type CohortRule, powerOfChoice, uniform, utility, withinTime } from './rules.ts'
import { telling } from './told.ts'
import { windows } from './windows.ts'

const sites: readonly Candidate[] = [10, 20, 30, 40].map((rows, i) => ({ id: 'abcd'[i]!, rows }))
const steady = ({ id }: Candidate) => ({ a: 1, b: 2, c: 3, d: 4 })[id] ?? 0
const asked = (round: number, more: Partial<Choosing> = {}): Choosing => ({
  sites,
  size: 2,
  seed: seed(1).split('cohort', round),
  round,
  told: new Map(),
  clock: steady,
  ...more,
})
/** How often each site is chosen in 4000 rounds. */
const shares = (rule: CohortRule, more: Partial<Choosing> = {}) => {
  const seen: Record<string, number> = {}
  for (let round = 1; round <= 4000; round += 1) for (const id of rule(asked(round, more))) seen[id] = (seen[id] ?? 0) + 1 / 4000
  return seen
}

test('by chance, each alike; by size, first draws in proportion to the rows', () => {
  for (const share of Object.values(shares(uniform, { size: 1 }))) expect(Math.abs(share - 0.25)).toBeLessThan(0.03)
  // five standard deviations of 4000 draws: false alarm below one in a million
  const seen = shares(bySize, { size: 1 })
  for (const { id, rows } of sites) expect(Math.abs((seen[id] ?? 0) - rows / 100)).toBeLessThan(0.04)
  // the broken twin: chance is not by size
  expect(Math.abs((shares(uniform, { size: 1 })['d'] ?? 0) - 0.4)).toBeGreaterThan(0.04)
})

test('power-of-choice: the highest losses of the candidates; whoever has told nothing comes first', () => {
  const told = new Map([
    ['a', { loss: 1, round: 1 }],
    ['b', { loss: 4, round: 1 }],
    ['c', { loss: 3, round: 1 }],
    ['d', { loss: 2, round: 1 }],
  ])
  expect(powerOfChoice(4)(asked(2, { told }))).toEqual(['b', 'c'])
  told.delete('a')
  expect(powerOfChoice(4)(asked(2, { told }))).toEqual(['a', 'b'])
  // with as many candidates as places it is the draw by size
  expect(powerOfChoice(2)(asked(2, { told }))).toEqual(bySize(asked(2)))
})

test('utility: rows times loss by hand; slow sites and those just heard of count less; exploration takes the fastest new ones', () => {
  const told = new Map(sites.map(({ id }) => [id, { loss: { a: 5, b: 2, c: 1.5, d: 0.5 }[id]!, round: 1 }]))
  const rule = utility({ exploration: 0, penalty: 2 })
  // a 50, c 45, b 40, d 20
  expect(rule(asked(2, { told }))).toEqual(['a', 'c'])
  // T = 2: c takes 3, (2/3)² of 45 is 20
  expect(utility({ exploration: 0, seconds: 2, penalty: 2 })(asked(2, { told }))).toEqual(['a', 'b'])
  // √(0.1·ln 1000 / L) is .83 for L = 1, .026 for L = 1000
  const heard = new Map(told).set('a', { loss: 5, round: 1000 }).set('c', { loss: 1.5, round: 1000 })
  expect(rule(asked(1000, { told: heard }))).toEqual(['b', 'd'])
  const some = new Map([...told].slice(2))
  expect(utility({ exploration: 0.5, penalty: 2 })(asked(2, { told: some }))).toEqual(['a', 'c'])
  expect(rule(asked(1))).toEqual(['a', 'b'])
})

test('within time: chance among those in time, then the fastest', () => {
  const seen = shares(withinTime(3), { size: 2 })
  expect(seen['d']).toBeUndefined()
  for (const id of ['a', 'b', 'c']) expect(Math.abs((seen[id] ?? 0) - 2 / 3)).toBeLessThan(0.04)
  expect(withinTime(1)(asked(1, { size: 3 }))).toEqual(['a', 'b', 'c'])
})

test('every rule takes as many as there are places, different ones, and the same ones again', () => {
  const rules = [uniform, bySize, powerOfChoice(3), utility({ exploration: 0.3, penalty: 2 }), withinTime(2)]
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 9 }), fc.nat(99), fc.array(fc.nat(3), { maxLength: 4 }), (size, round, known) => {
      for (const rule of rules) {
        const told = new Map(known.map((k) => [sites[k]!.id, { loss: k + 0.5, round: 1 }]))
        const from = asked(round + 1, { size, told })
        const chosen = rule(from)
        expect(chosen.length).toBe(Math.min(size, 4))
        expect([...new Set(chosen)].sort()).toEqual(chosen)
        expect(rule(from)).toEqual(chosen)
      }
    }),
  )
})

test('the clock: declared seconds as they are, others by rows; without spread all speeds are one', () => {
  const clock = virtualClock({ spread: 1, seconds: { a: 7 } }, seed(3))
  expect(clock(sites[0]!, 5)).toBe(7)
  expect(clock({ id: 'b', rows: 40 }, 0)).toBeCloseTo(2 * clock(sites[1]!, 0), 12)
  expect(clock(sites[1]!, 1)).not.toBe(clock(sites[1]!, 2))
  expect(virtualClock({ spread: 0 }, seed(3))(sites[2]!, 9)).toBe(0.03)
})

test('windows by hand: the first to end hand in, and start again when their window ends', () => {
  const window = windows(sites, { size: 2, maxStaleness: 99, clock: steady })
  // ends: a 1, b 2 | a 3, c 3 | a 4, b 4 | d 4, a 5
  expect([1, 2, 3, 4].map((round) => window(round).cohort.join(''))).toEqual(['ab', 'ac', 'ab', 'ad'])
  expect([1, 2, 3, 4].map((round) => window(round).seconds)).toEqual([2, 3, 4, 5])
})

test('nobody falls behind by more than the bound, every window is full, time goes on; with all in a window all are fresh', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 5 }), fc.nat(50), (size, maxStaleness, root) => {
      const many = Array.from({ length: 6 }, (_, k) => ({ id: `s${k}`, rows: 1 + k ** 4 }))
      const window = windows(many, { size, maxStaleness, clock: virtualClock({ spread: 1 }, seed(root)) })
      const version = new Map(many.map(({ id }) => [id, 0]))
      let before = 0
      for (let round = 1; round <= 30; round += 1) {
        const { cohort, seconds } = window(round)
        expect(cohort.length).toBeGreaterThanOrEqual(size)
        expect(seconds).toBeGreaterThanOrEqual(before)
        before = seconds
        for (const id of cohort) {
          expect(round - 1 - version.get(id)!).toBeLessThanOrEqual(maxStaleness)
          version.set(id, round)
        }
      }
      for (const last of version.values()) expect(30 - last).toBeLessThanOrEqual(maxStaleness)
    }),
  )
  expect(windows(sites, { size: 4, maxStaleness: 1, clock: steady })(7)).toEqual({ cohort: ['a', 'b', 'c', 'd'], seconds: 28 })
})

test('sites that tell their losses change no bit of the model; what they told commits with the round', async () => {
  const rows = regressionSites([4, 30, 11])
  const cohort = (round: number) => (round === 1 ? ['site0', 'site2'] : ['site1', 'site2'])
  const quiet = await train(algorithm(fedAvg({ layout }), regression, plain()), { rounds: 3, sites: rows, cohort })
  const { state, model } = await train(algorithm(telling(fedAvg({ layout })), regression, plain()), { rounds: 3, sites: rows, cohort })
  expect(model).toEqual(quiet.model)
  expect([...state.told].map(([id, { round }]) => [id, round])).toEqual([
    ['site0', 1],
    ['site2', 3],
    ['site1', 3],
  ])
  const alone = await regression({ site: rows['site0']! } as never, {
    values: (await import('../strategies/regression.test-support.ts')).regressionStart.values,
    numbers: {},
    vectors: {},
  })
  expect(state.told.get('site0')?.loss).toBe(alone.loss)
})
