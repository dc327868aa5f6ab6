// From scores to expected labels, on shares. Adversary and leakage: those of the engine; nothing is opened.
import type { Secure, Shared } from '../secure.ts'

/** How scores become predictions. */
export interface Link {
  readonly name: 'identity' | 'logistic'
  /** Whether training can open its loss. */
  readonly loss: 'squared' | 'none'
  /** `scores` and result carry `fraction` fraction bits. */
  readonly apply: (engine: Secure, scores: Shared<'arithmetic'>, fraction: number) => Promise<Shared<'arithmetic'>>
}

/** Linear regression: the score is the prediction. */
export const identity: Link = { name: 'identity', loss: 'squared', apply: async (_, scores) => scores }
