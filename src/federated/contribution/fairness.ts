// How evenly a model serves the sites: from one number for each, accuracy or another for which more is better.
// Jain, Chiu, Hawe 1984, "A quantitative measure of fairness", DEC TR-301: (Σx)² / (n · Σx²), from 1/n (one has all) to 1 (all alike).
// Spread and worst site: Li, Sanjabi, Beirami, Smith 2020, "Fair resource allocation in federated learning", ICLR, section 4 (variance and worst 10 %).
import type { NodeId } from '../placement.ts'
import { checkPlayers } from './game.ts'

/** Fairness of a model over sites. */
export interface Fairness {
  readonly mean: number
  /** Largest minus smallest. */
  readonly spread: number
  /** Population standard deviation. */
  readonly stddev: number
  readonly worst: { readonly site: NodeId; readonly value: number }
  /** Jain's index; NaN if all are 0. For values from 0. */
  readonly jain: number
}

/**
 * Measures of fairness. At least one site.
 *
 * @example
 * ```ts
 * const { worst, jain } = fairness(new Map([['a', 1], ['b', 0]]))
 * assert.deepEqual(worst, { site: 'b', value: 0 })
 * assert.equal(jain, 0.5)
 * ```
 */
export const fairness = (values: ReadonlyMap<NodeId, number>): Fairness => {
  const sites = [...values.keys()].sort()
  checkPlayers(sites)
  const all = sites.map((site) => values.get(site)!)
  const sum = all.reduce((total, value) => total + value, 0)
  const squares = all.reduce((total, value) => total + value * value, 0)
  const mean = sum / all.length
  const least = Math.min(...all)
  return {
    mean,
    spread: Math.max(...all) - least,
    stddev: Math.sqrt(all.reduce((total, value) => total + (value - mean) ** 2, 0) / all.length),
    worst: { site: sites[all.indexOf(least)]!, value: least },
    jain: sum ** 2 / (all.length * squares),
  }
}
