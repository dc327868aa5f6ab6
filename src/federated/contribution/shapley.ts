// Shapley values, exactly: the mean of what a site adds, over all orders in which the sites may come together.
// Shapley 1953, "A value for n-person games", section 3:   φᵢ = Σ_{S ∌ i} |S|!·(n − |S| − 1)! / n! · (v(S ∪ i) − v(S))
import { checkPlayers, type Game, type Shares, sharesOf } from './game.ts'

/** Most players: 2^10 coalitions are evaluated. */
const MOST = 10

/**
 * Shapley values from all 2^n coalitions, n ≤ 10. They add up to v(N) − v(∅); sites that add alike get alike; one that adds nothing gets nothing.
 *
 * @throws YimengError `game-players` for more players, or none.
 *
 * @example
 * ```ts
 * const gloves = { players: ['left', 'right 1', 'right 2'], value: (c: readonly string[]) => (c.includes('left') && c.length > 1 ? 1 : 0) }
 * assert.deepEqual([...(await shapley(gloves)).values()].map((x) => Math.round(6 * x)), [4, 1, 1])
 * ```
 */
export const shapley = async ({ players, value }: Game): Promise<Shares> => {
  checkPlayers(players, MOST)
  const n = players.length
  const values: number[] = []
  for (let set = 0; set < 2 ** n; set += 1) values.push(await value(players.filter((_, k) => (set >> k) % 2 === 1)))
  const sizes = values.map((_, set) => players.reduce((sum, _player, k) => sum + ((set >> k) & 1), 0))
  // |S|!·(n − |S| − 1)!/n! = 1 / (n · C(n − 1, |S|))
  const weights: number[] = []
  for (let size = 0, choose = 1; size < n; choose = (choose * (n - 1 - size)) / (size + 1), size += 1) weights.push(1 / (n * choose))
  return sharesOf(players, (_, k) =>
    values.reduce((sum, worth, set) => ((set >> k) & 1 ? sum : sum + weights[sizes[set]!]! * (values[set | (1 << k)]! - worth)), 0),
  )
}
