// FedCon's contribution: a site's share is that of its inverse loss. FATE_JzLab 1.0.7, README of FedCon:   Conᵢ = (1/Lᵢ) / Σⱼ (1/Lⱼ)
import { cappedShares } from '../folds/capped-mean.ts'
import type { NodeId } from '../placement.ts'
import { checkPlayers, type Shares, sharesOf } from './game.ts'

/** Options of {@link inverseLoss}. */
export interface InverseLossOptions {
  /** Losses below count as this. Default 2^−10. */
  readonly leastLoss?: number
  /** No share above this many times 1/n; at least 1. Default: no cap. */
  readonly cap?: number
}

/**
 * Normalised inverse losses: positive, and they add up to 1. Measure the losses where sites cannot lie, or set a cap.
 *
 * @example
 * ```ts
 * assert.deepEqual([...inverseLoss(new Map([['a', 1], ['b', 0.25]])).values()], [0.2, 0.8])
 * ```
 */
export const inverseLoss = (losses: ReadonlyMap<NodeId, number>, { leastLoss = 2 ** -10, cap }: InverseLossOptions = {}): Shares => {
  const players = [...losses.keys()]
  checkPlayers(players)
  const inverse = players.map((player) => 1 / Math.max(leastLoss, losses.get(player)!))
  const shares = cappedShares(inverse, cap === undefined ? 1 : Math.max(1, cap) / players.length)
  return sharesOf(players, (_, k) => shares[k]!)
}
