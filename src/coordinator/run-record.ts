// What a run must know of its own past, gathered from its events as they come: the events themselves are in the journal, and a run of any length holds none of them.
import type { RunEvent } from '../federated/spec/index.ts'
import { type LastCounted, lastCounted } from '../runtime/index.ts'

/** A run's past in short. */
export interface RunRecord extends LastCounted {
  /** How many events there have been. */
  readonly count: () => number
  /** Test rows that a site joined with; undefined before it has. */
  readonly testRows: (site: string) => number | undefined
  /** Bytes of all committed rounds. */
  readonly traffic: () => { readonly bytesUp: number; readonly bytesDown: number }
}

/** Follows a run's events. */
export const runRecord = (past: readonly RunEvent[]): RunRecord => {
  const rounds = lastCounted([])
  const testRows = new Map<string, number>()
  let [count, bytesUp, bytesDown] = [0, 0, 0]
  const hear = (event: RunEvent): void => {
    count += 1
    rounds.hear(event)
    if (event.kind === 'siteReady') testRows.set(event.site, event.testRows)
    if (event.kind === 'roundCommitted') {
      bytesUp += event.bytesUp
      bytesDown += event.bytesDown
    }
  }
  past.forEach(hear)
  return { hear, of: rounds.of, count: () => count, testRows: (site) => testRows.get(site), traffic: () => ({ bytesUp, bytesDown }) }
}
