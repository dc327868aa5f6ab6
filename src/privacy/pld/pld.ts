// The accountant by privacy loss distributions: composes them by Fourier transform and reads ε off the result. Tight up to its grid, where {@link rdp} loses some
// percent; slower, and known for fewer events. Direct arithmetic errors are about 1e-13 in δ: ask it for nothing below 1e-10.
import { YimengError } from '../../base/index.ts'
import { type Accountant, type Adjacency, checkDelta, checkEpsilon, insist, isNonPrivate, type Refusal } from '../accountant.ts'
import { keyOf, type Term, terms } from '../composition.ts'
import type { DpEvent } from '../events.ts'
import { convolve, deltaAt, epsilonAt, type Grid, type LossDistribution, noLoss, power, type Rounding } from './distribution.ts'
import { type Direction, discreteGaussianLoss, discreteLaplaceLoss, gaussianLoss, laplaceLoss, pureLoss } from './losses.ts'

/** Choices of {@link pld}. */
export interface PldOptions {
  /** Distance of grid points in nats; 1e-4 if left out. Coarser is faster and, but for `down`, never promises too much. */
  readonly interval?: number
  /** `connect` if left out. `down` gives a lower bound of ε: with it beside, one sees how much the accountant can be wrong. */
  readonly rounding?: Rounding
  /** `addRemove` if left out; sampled events need that. */
  readonly adjacency?: Adjacency
}

/**
 * An accountant by privacy loss distributions: the smallest ε that can be proven, for Gaussian, Laplace and scalar integer noise, sampled or not.
 *
 * @example
 * ```ts
 * const step: DpEvent = { kind: 'poissonSampled', probability: 0.01, event: { kind: 'gaussian', noiseMultiplier: 1 } }
 * const run: DpEvent = { kind: 'repeated', event: step, count: 200 }
 * assert.ok(pld({ interval: 1e-3 }).epsilon(run, 1e-5) < rdp().epsilon(run, 1e-5))
 * ```
 */
export const pld = (options: PldOptions = {}): Accountant => {
  const { interval = 1e-4, rounding = 'connect', adjacency = 'addRemove' } = options
  if (!(interval > 0 && interval < 1))
    throw new YimengError({
      code: 'pld-interval',
      cannot: 'account by pld',
      expected: 'an interval between 0 and 1',
      got: String(interval),
    })
  const grid: Grid = { interval, rounding }
  const name = rounding === 'down' ? 'pld (lower bound)' : 'pld'
  // the last two compositions: while a run adds one round at a time, what it cost after a round is what it had cost before the next
  const known = new Map<string, readonly LossDistribution[]>()
  const refusal = (event: DpEvent): Refusal | undefined => {
    for (const term of terms(event)) {
      const made = lossOf(term, adjacency)
      if ('why' in made) return made
    }
    return undefined
  }
  const compose = (event: DpEvent): readonly LossDistribution[] => {
    const key = keyOf(event)
    const before = known.get(key)
    if (before !== undefined) return before
    const parts = terms(event)
    const directions: readonly Direction[] = parts.every(isSymmetric) ? ['removed'] : ['removed', 'added']
    const losses = directions.map((direction) =>
      parts.reduce((sum, term) => convolve(sum, repeatedLoss(grid, direction, term, adjacency)), noLoss(grid)),
    )
    const [oldest] = known.keys()
    if (oldest !== undefined && known.size === 2) known.delete(oldest)
    known.set(key, losses)
    return losses
  }
  return {
    name,
    adjacency,
    epsilon: (event, delta) => {
      checkDelta(delta)
      insist(name, event, refusal)
      if (terms(event).some(isNonPrivate)) return Number.POSITIVE_INFINITY
      return Math.max(...compose(event).map((loss) => epsilonAt(loss, delta)))
    },
    delta: (event, epsilon) => {
      checkEpsilon(epsilon)
      insist(name, event, refusal)
      if (terms(event).some(isNonPrivate)) return 1
      return Math.max(...compose(event).map((loss) => deltaAt(loss, epsilon)))
    },
    refusal,
  }
}

/** Whether adding and removing a unit lose the same: true for symmetric noise, false for samples. */
const isSymmetric = ({ event }: Term): boolean => event.kind !== 'poissonSampled'

const repeatedLoss = (grid: Grid, direction: Direction, term: Term, adjacency: Adjacency): LossDistribution => {
  // many normal releases are one with less noise: no transform, and a smaller grid
  if (term.event.kind === 'gaussian') return gaussianLoss(grid, direction, term.event.noiseMultiplier / Math.sqrt(term.count), 1)
  const made = lossOf(term, adjacency)
  if ('why' in made) throw new Error(`unreachable: ${made.path} was checked`)
  return power(made.loss(grid, direction), term.count)
}

type Loss = (grid: Grid, direction: Direction) => LossDistribution

const lossOf = ({ event, path }: Pick<Term, 'event' | 'path'>, adjacency: Adjacency, q = 1): { readonly loss: Loss } | Refusal => {
  switch (event.kind) {
    case 'nonPrivate':
      return { loss: noLoss }
    case 'unsupported':
      return { path, why: event.what }
    case 'gaussian':
      return { loss: (grid, direction) => gaussianLoss(grid, direction, event.noiseMultiplier, q) }
    case 'laplace':
      return { loss: (grid, direction) => laplaceLoss(grid, direction, event.noiseMultiplier, q) }
    case 'discreteGaussian': {
      if (event.dimension !== 1 || !Number.isInteger(event.sensitivity))
        return { path, why: 'a discrete Gaussian on more than one integer, whose worst case it does not know' }
      const stddev = event.noiseMultiplier * event.sensitivity
      return { loss: (grid, direction) => discreteGaussianLoss(grid, direction, stddev, event.sensitivity, q) }
    }
    case 'distributedDiscreteGaussian':
      return { path, why: 'a sum of discrete Gaussians, which is none' }
    case 'discreteLaplace': {
      const scale = event.noiseMultiplier * event.sensitivity
      return { loss: (grid, direction) => discreteLaplaceLoss(grid, direction, scale, event.sensitivity, q) }
    }
    case 'exponential':
      if (q !== 1) return { path, why: 'an exponential mechanism on a sample' }
      return { loss: (grid) => pureLoss(grid, event.epsilon) }
    case 'poissonSampled': {
      if (adjacency !== 'addRemove') return { path, why: 'a Poisson sample, which needs adjacency addRemove' }
      const inside = terms(event.event)
      const term = inside[0]
      if (term === undefined) return { loss: noLoss }
      const innerPath = `${path}.${term.path}`
      if (term.event.kind === 'poissonSampled' || term.event.kind === 'fixedSizeSampled')
        return { path: innerPath, why: 'a sample of a sample' }
      const noise = jointNoise(inside)
      if (noise !== undefined) return { loss: (grid, direction) => gaussianLoss(grid, direction, noise, event.probability) }
      if (inside.length > 1 || term.count > 1) return { path, why: 'several releases of one sample that are not all Gaussian' }
      return lossOf({ event: term.event, path: innerPath }, adjacency, event.probability)
    }
    case 'fixedSizeSampled':
      return { path, why: 'a sample of fixed size' }
    default:
      return event satisfies never
  }
}

/** The one normal release that several are, if all are normal: z⁻² = Σ zᵢ⁻². */
const jointNoise = (inside: readonly Term[]): number | undefined => {
  let precision = 0
  for (const { event, count } of inside) {
    if (event.kind !== 'gaussian') return undefined
    precision += count / event.noiseMultiplier ** 2
  }
  return 1 / Math.sqrt(precision)
}
