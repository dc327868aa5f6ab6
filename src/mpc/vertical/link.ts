// From scores to expected labels, on shares. Adversary and leakage: those of the engine; nothing is opened.
import type { Secure, Shared } from '../secure.ts'

/** How scores become predictions. */
export interface Link {
  readonly name: 'identity' | 'logistic' | 'poisson'
  /** Whether training can open its loss. */
  readonly loss: 'squared' | 'none'
  /** Whether scores are labels divided by the label scale (identity), or numbers of their own. */
  readonly scoresInLabelUnits: boolean
  /** `scores` carry `fraction` fraction bits, and so does the result: expected labels divided by `labelScale`. */
  readonly apply: (engine: Secure, scores: Shared<'arithmetic'>, fraction: number, labelScale: number) => Promise<Shared<'arithmetic'>>
}

/** Linear regression: the score is the prediction. */
export const identity: Link = { name: 'identity', loss: 'squared', scoresInLabelUnits: true, apply: async (_, scores) => scores }
