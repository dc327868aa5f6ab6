// The Rényi accountant: divergences of all orders add up under composition, and the best order turns them into (ε, δ) (Mironov 2017).
import { type Accountant, type Adjacency, checkDelta, checkEpsilon, insist, isNonPrivate, type Refusal } from '../accountant.ts'
import { keyOf, type Term, terms } from '../composition.ts'
import type { DpEvent } from '../events.ts'
import { deltaOf, epsilonOf } from './conversion.ts'
import { type Curve, discreteGaussianCurve, discreteLaplaceCurve, exponentialCurve, gaussianCurve, laplaceCurve } from './curves.ts'
import { fixedSizeCurve, poissonCurve, poissonGaussianCurve } from './sampling.ts'

/** Orders of the Rényi divergence that are tried: dense where one release with little noise wants them, sparse where many with much noise do. */
export const defaultOrders: readonly number[] = [
  ...Array.from({ length: 99 }, (_, i) => 1 + (i + 1) / 10),
  ...Array.from({ length: 53 }, (_, i) => 11 + i),
  128,
  256,
  512,
  1024,
]

/** Choices of {@link rdp}. */
export interface RdpOptions {
  /** Orders above 1; {@link defaultOrders} if left out. */
  readonly orders?: readonly number[]
  /** `addRemove` if left out. Poisson samples need that, samples of fixed size need `replaceOne`. */
  readonly adjacency?: Adjacency
}

/**
 * An accountant by Rényi divergences: fast, good for many rounds; for few rounds or Laplace noise {@link pld} proves smaller ε.
 *
 * @example
 * ```ts
 * // DP-SGD: batches of 256 out of 60000, noise 0.7, seven epochs
 * const step: DpEvent = { kind: 'poissonSampled', probability: 256 / 60000, event: { kind: 'gaussian', noiseMultiplier: 0.7 } }
 * const epsilon = rdp().epsilon({ kind: 'repeated', event: step, count: 1645 }, 1e-5)
 * assert.ok(Math.abs(epsilon - 3.27) < 0.01)
 * ```
 */
export const rdp = (options: RdpOptions = {}): Accountant => {
  const { orders = defaultOrders, adjacency = 'addRemove' } = options
  const known = new Map<string, readonly number[]>()
  const divergencesOf = (term: Term): readonly number[] => {
    const key = keyOf(term.event)
    const before = known.get(key)
    if (before !== undefined) return before
    const made = curveOf(term, adjacency)
    if (!('curve' in made)) throw new Error(`unreachable: ${made.path} was checked`)
    const divergences = isNonPrivate(term) ? orders.map(() => Number.POSITIVE_INFINITY) : orders.map(made.curve)
    known.set(key, divergences)
    return divergences
  }
  const refusal = (event: DpEvent): Refusal | undefined => {
    for (const term of terms(event)) {
      const made = curveOf(term, adjacency)
      if ('why' in made) return made
    }
    return undefined
  }
  const total = (event: DpEvent): readonly number[] => {
    insist('rdp', event, refusal)
    const parts = terms(event).map((term) => ({ count: term.count, divergences: divergencesOf(term) }))
    return orders.map((_, i) => parts.reduce((sum, { count, divergences }) => sum + count * divergences[i]!, 0))
  }
  return {
    name: 'rdp',
    adjacency,
    epsilon: (event, delta) => {
      checkDelta(delta)
      return epsilonOf(orders, total(event), delta)
    },
    delta: (event, epsilon) => {
      checkEpsilon(epsilon)
      return deltaOf(orders, total(event), epsilon)
    },
    refusal,
  }
}

const curveOf = ({ event, path }: Pick<Term, 'event' | 'path'>, adjacency: Adjacency): { readonly curve: Curve } | Refusal => {
  switch (event.kind) {
    case 'nonPrivate':
      return { curve: () => Number.POSITIVE_INFINITY }
    case 'unsupported':
      return { path, why: event.what }
    case 'gaussian':
      return { curve: gaussianCurve(event.noiseMultiplier) }
    case 'laplace':
      return { curve: laplaceCurve(event.noiseMultiplier) }
    case 'discreteGaussian':
      return { curve: discreteGaussianCurve(event) }
    case 'distributedDiscreteGaussian':
      // proposition 14 asks for σ ≥ 1/2 at each party
      if (event.noiseMultiplier > 0 && (event.noiseMultiplier * event.sensitivity) / Math.sqrt(event.parties) < 0.5)
        return { path, why: 'less noise than σ = 0.5 steps at each party: a finer grid is needed' }
      return { curve: discreteGaussianCurve(event) }
    case 'discreteLaplace':
      return { curve: discreteLaplaceCurve(event) }
    case 'exponential':
      return { curve: exponentialCurve(event.epsilon) }
    case 'poissonSampled': {
      if (adjacency !== 'addRemove') return { path, why: 'a Poisson sample, which needs adjacency addRemove' }
      const inside = insideOf(event.event, path, adjacency)
      if ('why' in inside) return inside
      if (inside.gaussian !== undefined) return { curve: poissonGaussianCurve(event.probability, inside.gaussian) }
      return { curve: poissonCurve(event.probability, inside.curve, inside.symmetric) }
    }
    case 'fixedSizeSampled': {
      if (adjacency !== 'replaceOne') return { path, why: 'a sample of fixed size, which needs adjacency replaceOne' }
      if (event.replacement === true) return { path, why: 'a sample drawn with replacement, for which it has no bound' }
      const inside = insideOf(event.event, path, adjacency)
      if ('why' in inside) return inside
      return { curve: fixedSizeCurve(event.sample / event.population, inside.curve, inside.gaussian) }
    }
    default:
      return event satisfies never
  }
}

/**
 * What happens to one sample, together: its curve; whether that is one release with symmetric noise; and the noise multiplier if all of it is Gaussian (several
 * normal releases are one with z⁻² = Σ zᵢ⁻²).
 */
const insideOf = (event: DpEvent, above: string, adjacency: Adjacency): Inside | Refusal => {
  const parts: { readonly count: number; readonly curve: Curve }[] = []
  let precision = 0
  let symmetric = true
  for (const term of terms(event)) {
    const path = `${above}.${term.path}`
    if (term.event.kind === 'poissonSampled' || term.event.kind === 'fixedSizeSampled') return { path, why: 'a sample of a sample' }
    const made = curveOf({ event: term.event, path }, adjacency)
    if ('why' in made) return made
    parts.push({ count: term.count, curve: made.curve })
    precision += term.event.kind === 'gaussian' ? term.count / term.event.noiseMultiplier ** 2 : Number.NaN
    symmetric &&= term.count === 1 && symmetricKinds.has(term.event.kind)
  }
  const curve: Curve = (order) => parts.reduce((sum, part) => sum + part.count * part.curve(order), 0)
  return { curve, symmetric: symmetric && parts.length === 1, ...(precision > 0 ? { gaussian: 1 / Math.sqrt(precision) } : {}) }
}

interface Inside {
  readonly curve: Curve
  readonly symmetric: boolean
  readonly gaussian?: number
}

const symmetricKinds: ReadonlySet<DpEvent['kind']> = new Set([
  'laplace',
  'discreteGaussian',
  'distributedDiscreteGaussian',
  'discreteLaplace',
])
