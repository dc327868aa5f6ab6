// Windows of an asynchronous run: who hands in when, by the virtual clock. A window is a round; it ends with the `size`-th update, and whoever handed in starts again from the model
// that it made, while all others go on with the older one that they have.
// Nguyen, Malik, Zhan, Yousefpour, Rabbat, Malek, Huba 2022, "Federated learning with buffered asynchronous aggregation", AISTATS, algorithm 1 (buffer of K);
// Ho et al. 2013, "More effective distributed ML via a stale synchronous parallel parameter server", NeurIPS, section 3 (nobody falls further behind than a bound: it is waited for).
import type { NodeId } from '../placement.ts'
import type { Candidate, Clock } from './clock.ts'

/** What windows are cut by. */
export interface WindowOptions {
  /** K: updates in a window. */
  readonly size: number
  /** Rounds that a site's model may be old: a window waits for a site that would get older. */
  readonly maxStaleness: number
  readonly clock: Clock
}

/** One window. */
export interface Window {
  /** Sorted. */
  readonly cohort: readonly NodeId[]
  /** Virtual time at which it ends, in seconds since the run began. */
  readonly seconds: number
}

/**
 * The windows of a run from 1 on. Pure in what it is made of: an interrupted run finds the same ones again.
 *
 * @example
 * ```ts
 * const sites = [{ id: 'fast', rows: 1 }, { id: 'slow', rows: 1 }]
 * const window = windows(sites, { size: 1, maxStaleness: 10, clock: ({ id }) => (id === 'fast' ? 2 : 5) })
 * assert.deepEqual([1, 2, 3, 4].map((round) => window(round).cohort[0]), ['fast', 'fast', 'slow', 'fast'])
 * ```
 */
export const windows = (sites: readonly Candidate[], { size, maxStaleness, clock }: WindowOptions): ((round: number) => Window) => {
  const made: Window[] = []
  let running = sites.map((site) => ({ site, version: 0, turn: 1, ends: clock(site, 1) }))
  const next = (): Window => {
    const round = made.length + 1
    const first = [...running].sort((a, b) => a.ends - b.ends || (a.site.id < b.site.id ? -1 : 1))
    const handing = new Set(first.filter(({ version }, place) => place < size || round - 1 - version >= maxStaleness))
    const seconds = Math.max(made.at(-1)?.seconds ?? 0, ...[...handing].map(({ ends }) => ends))
    running = running.map((one) =>
      handing.has(one) ? { ...one, version: round, turn: one.turn + 1, ends: seconds + clock(one.site, one.turn + 1) } : one,
    )
    return { cohort: [...handing].map(({ site }) => site.id).sort(), seconds }
  }
  return (round) => {
    while (made.length < round) made.push(next())
    return made[round - 1]!
  }
}
