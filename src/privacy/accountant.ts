// What every accountant answers: how much privacy a composition of releases cost.
import { YimengError } from '../base/index.ts'
import type { Term } from './composition.ts'
import { parseDpEvent } from './event-codec.ts'
import type { DpEvent } from './events.ts'

/**
 * Which two data sets must look alike. `addRemove`: they differ by one unit that is there or not. `replaceOne`: by one unit replaced by another; their size is
 * public. The unit (a patient, a whole site) is the caller's, and is kept by the ledger.
 */
export type Adjacency = 'addRemove' | 'replaceOne'

/** Why an accountant cannot cost an event: where the part lies and what is missing. */
export interface Refusal {
  /** As in `composed[1].poissonSampled.laplace`. */
  readonly path: string
  readonly why: string
}

/** Turns events into (ε, δ). All numbers are upper bounds unless the accountant says otherwise. */
export interface Accountant {
  readonly name: string
  readonly adjacency: Adjacency
  /** Smallest ε ≥ 0 that it can prove at `delta` in [0, 1); +Infinity where none is finite. Throws `event-unsupported` where `refusal` is not undefined, `dp-event` for numbers out of range. */
  readonly epsilon: (event: DpEvent, delta: number) => number
  /** Smallest δ in [0, 1] that it can prove at `epsilon` ≥ 0. Throws like `epsilon`. */
  readonly delta: (event: DpEvent, epsilon: number) => number
  /** The first part of `event` that it cannot cost: to be asked when a specification is read, not in the middle of a run. */
  readonly refusal: (event: DpEvent) => Refusal | undefined
}

/** Throws the refusal, if there is one, and `dp-event` for numbers out of range: a negative noise multiplier would pass for its square. */
export const insist = (name: string, event: DpEvent, refuses: Accountant['refusal']): void => {
  parseDpEvent(event)
  const refusal = refuses(event)
  if (refusal === undefined) return
  throw new YimengError({
    code: 'event-unsupported',
    cannot: `account by ${name}`,
    expected: 'an event it can cost',
    got: refusal.why,
    where: { event: refusal.path },
  })
}

/** Throws `accountant-range` unless δ is in [0, 1). */
export const checkDelta = (delta: number): void => {
  if (!(delta >= 0 && delta < 1)) throw range('delta', 'a number from 0 to below 1', delta)
}

/** Throws `accountant-range` unless ε ≥ 0. */
export const checkEpsilon = (epsilon: number): void => {
  if (!(epsilon >= 0)) throw range('epsilon', 'a number from 0', epsilon)
}

const range = (name: string, expected: string, got: number): YimengError =>
  new YimengError({ code: 'accountant-range', cannot: `take ${name}`, expected, got: String(got) })

/** Whether the release gives everything away: no noise, or no protection. */
export const isNonPrivate = ({ event }: Term): boolean => revealing(event)

const revealing = (event: DpEvent): boolean => {
  switch (event.kind) {
    case 'none':
    case 'unsupported':
    case 'exponential':
      return false
    case 'nonPrivate':
      return true
    case 'gaussian':
    case 'laplace':
    case 'discreteGaussian':
    case 'distributedDiscreteGaussian':
    case 'discreteLaplace':
      return event.noiseMultiplier === 0
    case 'poissonSampled':
      return event.probability > 0 && revealing(event.event)
    case 'fixedSizeSampled':
      return event.sample > 0 && revealing(event.event)
    case 'repeated':
      return event.count > 0 && revealing(event.event)
    case 'composed':
      return event.events.some(revealing)
    default:
      return event satisfies never
  }
}
