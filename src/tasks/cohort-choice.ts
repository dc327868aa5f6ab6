// From the lines `cohort`, `schedule` and `clock` of a spec to who takes part in each round.
import type { Seed } from '../base/index.ts'
import {
  bySize,
  type Candidate,
  type CohortRule,
  type NodeId,
  powerOfChoice,
  type Telling,
  telling,
  type Told,
  uniform,
  utility,
  virtualClock,
  windows,
  withinTime,
} from '../federated/index.ts'
import type { RunSpec } from './run-spec.ts'
import type { AnyStrategy } from './strategy-of.ts'

type Choice = RunSpec['cohort']['choose']
type Parts = Pick<RunSpec, 'cohort' | 'schedule' | 'clock'>

/** Who is asked to take part in a round. */
export interface Invited {
  readonly cohort: readonly NodeId[]
  /** The round is over with so many updates, whoever sends them. Absent: with all. */
  readonly enough?: number
}

/** Chooses the sites of a round, `size` of `members`, from the state that the last one committed. */
export type Inviting = (state: unknown, members: readonly Candidate[], size: number, round: number) => Invited

/** Whether a choice goes by what sites tell, so that their losses must travel. */
export const needsTold = ({ cohort: { choose } }: Pick<RunSpec, 'cohort'>): boolean =>
  choose.kind === 'powerOfChoice' || choose.kind === 'utility'

/** The strategy, whose sites tell what the choice of a spec goes by. */
export const toldIfNeeded = (spec: Pick<RunSpec, 'cohort'>, strategy: AnyStrategy): AnyStrategy =>
  // its fold is not linear: where single sites may not be seen, the round refuses it
  needsTold(spec) ? (telling(strategy) as unknown as AnyStrategy) : strategy

const ruleOf = (choice: Choice): CohortRule => {
  if (choice.kind === 'bySize') return bySize
  if (choice.kind === 'powerOfChoice') return powerOfChoice(choice.candidates)
  if (choice.kind === 'utility') return utility(choice)
  return choice.kind === 'withinTime' ? withinTime(choice.seconds) : uniform
}

/**
 * The choice of a spec; undefined where it is chance alone, which is the run loop's own.
 *
 * @param arrivals - whether the first of more sites than needed are told by the network, or by the virtual clock
 */
export const invitingOf = ({ cohort, schedule, clock: time }: Parts, seed: Seed, arrivals: 'network' | 'clock'): Inviting | undefined => {
  const clock = virtualClock(time, seed)
  if (schedule !== 'sync') {
    let cut: ReturnType<typeof windows> | undefined
    return (_, members, __, round) => {
      cut ??= windows(members, { ...schedule, clock })
      return { cohort: cut(round).cohort }
    }
  }
  const { choose, extra } = cohort
  if (choose.kind === 'uniform' && extra === 0) return undefined
  const rule = ruleOf(choose)
  return (state, sites, size, round) => {
    const told: Told = needsTold({ cohort }) ? (state as Telling<unknown>).told : new Map()
    const chosen = rule({ sites, size: Math.min(sites.length, size + extra), seed: seed.split('cohort', round), round, told, clock })
    if (chosen.length <= size) return { cohort: chosen }
    if (arrivals === 'network') return { cohort: chosen, enough: size }
    const seconds = (id: NodeId) => clock(sites.find((site) => site.id === id) ?? { id, rows: 0 }, round)
    const first = [...chosen].sort((a, b) => seconds(a) - seconds(b) || (a < b ? -1 : 1)).slice(0, size)
    return { cohort: first.sort() }
  }
}
