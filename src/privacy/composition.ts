// Arithmetic of events: composition with equal events counted instead of listed, so that a run of thousands of rounds stays a few numbers.
import { canonicalJson } from '../base/index.ts'
import type { DpEvent, DpEventOf } from './events.ts'

/** A release that is no composition, and how often it happened. `path` says where in the composed event it was first met. */
export interface Term {
  readonly event: Exclude<DpEvent, { readonly kind: 'none' | 'repeated' | 'composed' }>
  readonly count: number
  readonly path: string
}

/**
 * The releases that an event is composed of, equal ones counted together, in order of first appearance. Samplings are terms, because what is inside shares one
 * sample; those that take everyone or nobody are not.
 *
 * @example
 * ```ts
 * const twice: DpEvent = { kind: 'repeated', count: 2, event: { kind: 'laplace', noiseMultiplier: 3 } }
 * assert.deepEqual(terms({ kind: 'composed', events: [twice, twice] }), [{ event: { kind: 'laplace', noiseMultiplier: 3 }, count: 4, path: 'composed[0].repeated.laplace' }])
 * ```
 */
export const terms = (event: DpEvent): readonly Term[] => {
  const found = new Map<string, Term>()
  const visit = (e: DpEvent, count: number, above: string): void => {
    const path = `${above}${e.kind}`
    if (e.kind === 'none' || count === 0) return
    if (e.kind === 'repeated') return visit(e.event, count * e.count, `${path}.`)
    if (e.kind === 'composed') return e.events.forEach((inside, i) => visit(inside, count, `${path}[${i}].`))
    if (e.kind === 'poissonSampled' || e.kind === 'fixedSizeSampled') {
      if (share(e) === 0) return
      if (share(e) === 1) return visit(e.event, count, `${path}.`)
    }
    const key = keyOf(e)
    const before = found.get(key)
    found.set(key, before === undefined ? { event: e, count, path } : { ...before, count: before.count + count })
  }
  visit(event, 1, '')
  return [...found.values()]
}

/** The fraction of units that a sample takes. With replacement even a sample as large as the population leaves some out. */
const share = (sampling: DpEventOf<'poissonSampled' | 'fixedSizeSampled'>): number => {
  if (sampling.kind === 'poissonSampled') return sampling.probability
  return sampling.replacement === true && sampling.sample > 0 ? Number.NaN : sampling.sample / sampling.population
}

/** One text for each event, equal for equal events. */
export const keyOf = (event: DpEvent): string => {
  const before = keys.get(event)
  if (before !== undefined) return before
  const key = canonicalJson(event)
  keys.set(event, key)
  return key
}

// events are immutable, and a ledger asks for the keys of all its charges again in every round
const keys = new WeakMap<DpEvent, string>()

/**
 * All of `events`, in the shortest form: nested compositions flattened, equal releases counted.
 *
 * @example
 * ```ts
 * const round: DpEvent = { kind: 'gaussian', noiseMultiplier: 1.1 }
 * assert.deepEqual(compose([round, { kind: 'none' }, round]), { kind: 'repeated', event: round, count: 2 })
 * assert.deepEqual(compose([]), { kind: 'none' })
 * ```
 */
export const compose = (events: readonly DpEvent[]): DpEvent => {
  const parts = terms({ kind: 'composed', events }).map(
    ({ event, count }): DpEvent => (count === 1 ? event : { kind: 'repeated', event, count }),
  )
  if (parts.length === 0) return { kind: 'none' }
  return parts.length === 1 ? parts[0]! : { kind: 'composed', events: parts }
}
