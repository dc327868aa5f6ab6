// The learning rate's way through the rounds of a run.
import type { RateScheduleSpec } from '../federated/spec/index.ts'
import { cosine, stepwise } from '../learn/index.ts'

/** Factor of the learning rate in a round, counted from 1. Absent: 1. */
export const rateAt = (schedule: RateScheduleSpec | undefined, round: number): number => {
  if (schedule === undefined) return 1
  const { warmUp } = schedule
  if (round <= warmUp) return round / warmUp
  const since = round - 1 - warmUp
  if (schedule.kind === 'constant' || since === 0) return 1
  return schedule.kind === 'cosine' ? cosine(schedule.rounds - warmUp)(since) : stepwise(schedule.every, schedule.factor)(since + 1)
}
