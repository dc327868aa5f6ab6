// A training curve from a run's events.
import type { RunEvent } from '../federated/spec/index.ts'
import type { HistoryPoint, RoundShares } from './types.ts'

/** One point for each committed training round, with its evaluation if there was one. A round that a resumed run measured again counts once. */
export const historyOf = (events: readonly RunEvent[]): readonly HistoryPoint[] => {
  const points = new Map<number, HistoryPoint>()
  for (const event of events) {
    if (event.kind === 'roundCommitted' && event.round > 0) {
      const { round, trainLoss, seconds, bytesUp, bytesDown } = event
      points.set(round, { round, trainLoss, seconds, bytesUp, bytesDown })
    }
    const point = event.kind === 'evaluated' ? points.get(event.round) : undefined
    if (event.kind === 'evaluated' && point !== undefined) {
      const { pooled: test, sites, personal } = event
      points.set(event.round, { ...point, test, sites, ...(personal && { personal }) })
    }
  }
  return [...points.values()].sort((a, b) => a.round - b.round)
}

/** What each site added in each committed round; a round that a resumed run shared out again counts once. */
export const contributionsIn = (events: readonly RunEvent[]): readonly RoundShares[] =>
  [...new Map(events.flatMap((event) => (event.kind === 'contributed' ? [[event.round, event] as const] : []))).values()]
    .map(({ round, shares, evaluations }) => ({ round, shares, evaluations }))
    .sort((a, b) => a.round - b.round)
