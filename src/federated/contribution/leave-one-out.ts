// Leave-one-out: what the whole is worth less without a site. n + 1 values; two sites that hold the same both get nothing, which is why Shapley values exist.
import { checkPlayers, type Game, type Shares, sharesOf } from './game.ts'

/**
 * v(N) − v(N without i).
 *
 * @example
 * ```ts
 * const shares = await leaveOneOut({ players: ['a', 'b'], value: (coalition) => coalition.length ** 2 })
 * assert.deepEqual([...shares], [['a', 3], ['b', 3]])
 * ```
 */
export const leaveOneOut = async ({ players, value }: Game): Promise<Shares> => {
  checkPlayers(players)
  const whole = await value(players)
  const without: number[] = []
  for (const player of players) without.push(await value(players.filter((other) => other !== player)))
  return sharesOf(players, (_, k) => whole - without[k]!)
}
