// Virtual time: how long each site's work takes, as far as a choice of sites or a schedule needs to know before anybody has worked. The same at every party that has the spec.
import type { Seed } from '../../base/index.ts'
import type { NodeId } from '../placement.ts'

/** A site that may be chosen. */
export interface Candidate {
  readonly id: NodeId
  /** Training rows. */
  readonly rows: number
}

/** Seconds that a site's work takes in its `turn`-th round (from 1); turn 0: what is expected of it. */
export type Clock = (site: Candidate, turn: number) => number

/** Options of {@link virtualClock}. */
export interface ClockOptions {
  /** How unlike the sites' speeds are: standard deviation of their logarithm. */
  readonly spread: number
  /** Seconds of a round's work at sites for which they are known. */
  readonly seconds?: Readonly<Record<NodeId, number>> | undefined
}

/** Rows that a site of middling speed works through in a second. */
const ROWS_A_SECOND = 1000
/** From round to round a site's speed differs by this share of what sites differ by. */
const JITTER = 0.1

/**
 * Declared seconds as they are; else time in proportion to the rows, with a log-normal speed for each site and a little more of it from turn to turn.
 *
 * @example
 * ```ts
 * const clock = virtualClock({ spread: 0, seconds: { slow: 60 } }, seed(1))
 * assert.equal(clock({ id: 'slow', rows: 10 }, 3), 60)
 * assert.equal(clock({ id: 'other', rows: 500 }, 3), 0.5)
 * ```
 */
export const virtualClock =
  ({ spread, seconds = {} }: ClockOptions, seed: Seed): Clock =>
  ({ id, rows }, turn) => {
    const declared = seconds[id]
    if (declared !== undefined) return declared
    const own = seed.split('clock', id)
    const speed = spread * own.random().normal()
    const today = turn === 0 ? 0 : JITTER * spread * own.split(turn).random().normal()
    return (rows / ROWS_A_SECOND) * Math.exp(speed + today)
  }
