// Who contributed how much is a question about a game: sites are its players, and a coalition is worth what the model made of its updates is worth.
// Shapley 1953, "A value for n-person games", Contributions to the theory of games II; for rounds of federated learning: Song, Tong, Wei 2019, "Profit allocation for federated
// learning", IEEE Big Data (models of coalitions are put together from the updates, nothing is trained again); Wang, Rausch, Zhang, Jia, Song 2020, "A principled approach to
// data valuation for federated learning" (the empty coalition is the model before the round).
// It needs single updates and rows to measure on: who may not see single sites may not play.
import { YimengError } from '../../base/index.ts'
import { plus } from '../arithmetic.ts'
import type { ByNode } from '../folds/by-node.ts'
import type { NodeId } from '../placement.ts'
import type { Awaitable } from '../round.ts'
import type { Update } from '../update.ts'

/** A game of sites. */
export interface Game {
  readonly players: readonly NodeId[]
  /** Worth of a coalition, whatever the order of its members: accuracy, minus loss, … */
  readonly value: (coalition: readonly NodeId[]) => Awaitable<number>
}

/** What each player gets. */
export type Shares = ReadonlyMap<NodeId, number>

/** A game whose values are computed once. `evaluations` tells how many were. */
export interface Remembered extends Game {
  readonly value: (coalition: readonly NodeId[]) => Promise<number>
  readonly evaluations: () => number
}

/** Remembers the value of every coalition that was asked for. */
export const remembered = ({ players, value }: Game): Remembered => {
  const known = new Map<string, Promise<number>>()
  return {
    players,
    value: (coalition) => {
      const members = [...coalition].sort()
      const key = JSON.stringify(members)
      const before = known.get(key)
      if (before !== undefined) return before
      const found = Promise.resolve(value(members))
      known.set(key, found)
      return found
    },
    evaluations: () => known.size,
  }
}

/** One round as a game. */
export interface RoundOfUpdates {
  /** The model before the round, `[size]`. */
  readonly before: Float32Array
  /** Each site's trained model (or, with `differences`, how it differs from `before`) and its weight. */
  readonly updates: ByNode<Update>
  readonly differences?: boolean
  /** Worth of a model. */
  readonly measure: (values: Float32Array) => Awaitable<number>
}

/** The game of a round: a coalition is worth what the weighted mean of its members' models is worth, the empty one what the model before is worth. */
export const roundGame = ({ before, updates, differences = false, measure }: RoundOfUpdates): Remembered =>
  remembered({
    players: [...updates.keys()].sort(),
    value: (coalition) => {
      if (coalition.length === 0) return measure(before)
      const members = coalition.map((id) => updates.get(id)!)
      const total = members.reduce((sum, { weight }) => sum + weight, 0)
      const mean = new Float64Array(before.length)
      for (const { values, weight } of members) for (let i = 0; i < mean.length; i += 1) mean[i]! += (weight / total) * values[i]!
      return measure(differences ? plus(before, mean) : Float32Array.from(mean))
    },
  })

/** Shares by the game's players. */
export const sharesOf = (players: readonly NodeId[], share: (player: NodeId, k: number) => number): Shares =>
  new Map(players.map((player, k) => [player, share(player, k)]))

/** Shares of several rounds added up: the ledger of a run. Shapley values add: those of the sum of games are the sum of the values. */
export const ledger = (rounds: readonly Shares[]): Shares => {
  const total = new Map<NodeId, number>()
  for (const shares of rounds) for (const [player, share] of shares) total.set(player, (total.get(player) ?? 0) + share)
  return total
}

/** @throws YimengError `game-players` outside 1 … most. */
export const checkPlayers = (players: readonly NodeId[], most = Number.POSITIVE_INFINITY): void => {
  if (players.length === 0 || players.length > most || new Set(players).size !== players.length)
    throw new YimengError({
      code: 'game-players',
      cannot: 'share out',
      expected: `1 … ${most} different players`,
      got: String(players.length),
    })
}
