// A private release: the act carries its cost.
import type { Csprng } from '../base/index.ts'
import type { Bounded } from './clip.ts'
import type { DpEvent } from './events.ts'

/**
 * Adds noise to a bounded value. `event` is what one call costs; the noise is scaled to the bound of the value at hand, so the event holds for every bound.
 * Takes Bounded only: noise before clipping does not compile. Randomness is secret (`Csprng`), never a reproducible seed.
 */
export interface Mechanism<T> {
  readonly event: DpEvent
  readonly perturb: (x: Bounded<T>, rng: Csprng) => T
}
