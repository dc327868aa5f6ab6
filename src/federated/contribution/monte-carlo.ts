// Shapley values from random orders, when there are too many coalitions to try.
// Truncated Monte-Carlo: Ghorbani, Zou 2019, "Data Shapley: equitable valuation of data for machine learning", ICML, algorithm 1:
//   for a random order:  add one site after the other; once v(N) is reached within a tolerance, the rest of the order adds nothing and is not evaluated
// GTG-Shapley: Liu, Chen, Zhao, Yu, Liu, Bao, Jiang, Nie, Xu, Yang 2022, "GTG-Shapley: efficient and accurate participant contribution evaluation in federated learning",
// ACM TIST 13(4), algorithm 1: moreover a round that moved nothing is not looked at, and each site comes first equally often.
import type { Seed } from '../../base/index.ts'
import type { NodeId } from '../placement.ts'
import { checkPlayers, type Game, type Shares, sharesOf } from './game.ts'

/** Options of {@link truncatedMonteCarlo} and {@link gtgShapley}. */
export interface MonteCarloOptions {
  readonly seed: Seed
  /** Most orders that are tried. Default 100 a player. */
  readonly orders?: number
  /** Stop when no share has moved by more than this part of the mean |share| over the last 10 sweeps of n orders. Default 0.05. */
  readonly converged?: number
  /** Within an order: what is this near to v(N) is v(N). In units of the value. Default 0.001. */
  readonly truncation?: number
}

/** Running means of what each player added. */
const tally = (n: number): { readonly add: (k: number, marginal: number) => void; readonly means: (orders: number) => Float64Array } => {
  const sums = new Float64Array(n)
  return { add: (k, marginal) => void (sums[k]! += marginal), means: (orders) => sums.map((sum) => sum / Math.max(1, orders)) }
}

const WINDOW = 10

const fromOrders = async (
  { players, value }: Game,
  { orders = 100 * players.length, converged = 0.05, truncation = 0.001 }: MonteCarloOptions,
  order: (index: number) => Uint32Array,
): Promise<Shares> => {
  const n = players.length
  const [nobody, whole] = [await value([]), await value(players)]
  const { add, means } = tally(n)
  const sweeps: Float64Array[] = []
  let done = 0
  while (done < orders) {
    const members: NodeId[] = []
    let before = nobody
    for (const k of order(done)) {
      members.push(players[k]!)
      const after = Math.abs(whole - before) <= truncation ? before : await value(members)
      add(k, after - before)
      before = after
    }
    done += 1
    if (done % n !== 0) continue
    const now = means(done)
    const then = sweeps.at(-WINDOW)
    sweeps.push(now)
    if (then === undefined) continue
    const scale = now.reduce((sum, share) => sum + Math.abs(share), 0) / n
    if (now.every((share, k) => Math.abs(share - then[k]!) <= converged * scale)) break
  }
  const shares = means(done)
  return sharesOf(players, (_, k) => shares[k]!)
}

/** Truncated Monte-Carlo Shapley values. They add up to v(N) − v(∅), to the truncation. @throws YimengError `game-players`. */
export const truncatedMonteCarlo = async (game: Game, options: MonteCarloOptions): Promise<Shares> => {
  checkPlayers(game.players)
  const random = options.seed.random()
  return fromOrders(game, options, () => random.permutation(game.players.length))
}

/** Options of {@link gtgShapley}. */
export interface GtgOptions extends MonteCarloOptions {
  /** Between rounds: if |v(N) − v(∅)| is at most this, the round gives nobody anything. Default 0.001. */
  readonly roundTruncation?: number
}

/** GTG-Shapley values of one round. In each n orders every site comes first once; the rest of an order is random. @throws YimengError `game-players`. */
export const gtgShapley = async (game: Game, { roundTruncation = 0.001, ...options }: GtgOptions): Promise<Shares> => {
  const { players, value } = game
  checkPlayers(players)
  if (Math.abs((await value(players)) - (await value([]))) <= roundTruncation) return sharesOf(players, () => 0)
  const random = options.seed.random()
  return fromOrders(game, options, (index) => {
    const first = index % players.length
    const rest = random.permutation(players.length).filter((k) => k !== first)
    return Uint32Array.of(first, ...rest)
  })
}
