// A privacy plan: from what a run may cost to the noise each round needs. What `yimeng privacy plan` prints.
import { YimengError } from '../base/index.ts'
import type { Accountant, Adjacency } from './accountant.ts'
import { type Budget, calibrate } from './calibration.ts'
import type { DpEvent } from './events.ts'
import { rdp } from './rdp/rdp.ts'

/** Which units take part in a round; the choice stays secret, or it protects nothing. */
export type Sampling =
  /** All of them, every round. */
  | { readonly kind: 'all' }
  /** Each independently with `probability`. */
  | { readonly kind: 'poisson'; readonly probability: number }
  /** Exactly `sample` of `population`. */
  | { readonly kind: 'fixedSize'; readonly population: number; readonly sample: number }

/** What a round releases at a given noise multiplier: more noise must not cost more. */
export type PlannedNoise = 'gaussian' | 'laplace' | ((noiseMultiplier: number) => DpEvent)

/** What is to be planned. */
export interface PlanRequest extends Budget {
  /** Releases, all alike: rounds of a run, or steps of DP-SGD. An integer from 1. */
  readonly rounds: number
  /** `all` if left out. */
  readonly sampling?: Sampling
  /** `gaussian` if left out. */
  readonly noise?: PlannedNoise
  /** {@link rdp} with the adjacency that the sampling needs, if left out. */
  readonly accountant?: Accountant
}

/** A plan that keeps its budget. */
export interface Plan {
  /** Noise / sensitivity. */
  readonly noiseMultiplier: number
  /** Noise / clipping bound: the same when a unit is added or removed, twice that when one is replaced, because two contributions then change. */
  readonly noisePerClip: number
  readonly adjacency: Adjacency
  readonly accountant: string
  /** What one round releases. */
  readonly round: DpEvent
  /** What all rounds release. */
  readonly event: DpEvent
  /** What all rounds cost at the planned δ: at most the budget's ε. */
  readonly epsilon: number
  readonly delta: number
  /** ε after some rounds, the first and the last among them. */
  readonly curve: readonly { readonly round: number; readonly epsilon: number }[]
}

/**
 * The noise that `rounds` releases need.
 *
 * @throws YimengError `plan-rounds`, `plan-adjacency`, and what {@link calibrate} throws.
 *
 * @example
 * ```ts
 * const planned = plan({ epsilon: 3, delta: 1e-5, rounds: 50, sampling: { kind: 'poisson', probability: 0.1 } })
 * assert.ok(planned.epsilon <= 3 && Math.abs(planned.noiseMultiplier - 1.453) < 0.001)
 * assert.equal(planned.adjacency, 'addRemove')
 * ```
 */
export const plan = (request: PlanRequest): Plan => {
  const { epsilon, delta, rounds, sampling = { kind: 'all' }, noise = 'gaussian' } = request
  if (!(Number.isSafeInteger(rounds) && rounds >= 1))
    throw new YimengError({
      code: 'plan-rounds',
      cannot: 'plan privacy',
      expected: 'an integer number of rounds from 1',
      got: String(rounds),
    })
  const adjacency = sampling.kind === 'fixedSize' ? 'replaceOne' : 'addRemove'
  const accountant = request.accountant ?? rdp({ adjacency })
  if (sampling.kind !== 'all' && accountant.adjacency !== adjacency)
    throw new YimengError({
      code: 'plan-adjacency',
      cannot: 'plan privacy',
      expected: `an accountant of adjacency ${adjacency} for ${sampling.kind} sampling`,
      got: accountant.adjacency,
    })
  const roundAt = (noiseMultiplier: number): DpEvent =>
    sampled(sampling, typeof noise === 'string' ? { kind: noise, noiseMultiplier } : noise(noiseMultiplier))
  const after = (round: DpEvent, count: number): DpEvent => ({ kind: 'repeated', event: round, count })
  const noiseMultiplier = calibrate({ accountant, epsilon, delta, event: (z) => after(roundAt(z), rounds) })
  const round = roundAt(noiseMultiplier)
  const event = after(round, rounds)
  return {
    noiseMultiplier,
    noisePerClip: noiseMultiplier * (accountant.adjacency === 'replaceOne' ? 2 : 1),
    adjacency: accountant.adjacency,
    accountant: accountant.name,
    round,
    event,
    epsilon: accountant.epsilon(event, delta),
    delta,
    curve: milestones(rounds).map((count) => ({ round: count, epsilon: accountant.epsilon(after(round, count), delta) })),
  }
}

const sampled = (sampling: Sampling, event: DpEvent): DpEvent => {
  switch (sampling.kind) {
    case 'all':
      return event
    case 'poisson':
      return { kind: 'poissonSampled', probability: sampling.probability, event }
    case 'fixedSize':
      return { kind: 'fixedSizeSampled', population: sampling.population, sample: sampling.sample, event }
    default:
      return sampling satisfies never
  }
}

/** At most ten rounds, evenly spread, with the first and the last. */
const milestones = (rounds: number): readonly number[] =>
  [...new Set(Array.from({ length: 10 }, (_, i) => Math.max(1, Math.round((rounds * (i + 1)) / 10))).concat(1))].sort((a, b) => a - b)
