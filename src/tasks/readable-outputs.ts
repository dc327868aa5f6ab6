// A model's raw outputs as people read them.
import type { Head } from '../learn/index.ts'
import { outputValue, type Preparation } from './preparation.ts'

/** Probabilities of both classes for each probability of the second. */
const bothClasses = (positive: Float32Array): Float32Array => {
  const both = new Float32Array(2 * positive.length)
  for (const [i, p] of positive.entries()) {
    both[2 * i] = 1 - p
    both[2 * i + 1] = p
  }
  return both
}

/** Outputs as an {@link Evaluation} has them: class probabilities (two columns for two classes), or numbers in the label's unit. */
export const readableOutputs = (
  raw: Float32Array,
  head: Head,
  preprocessing: Preparation,
): { readonly outputs: Float32Array; readonly width: number } => {
  if (head === 'identity') return { outputs: raw.map((value) => outputValue(preprocessing, value)), width: 1 }
  if (head === 'sigmoid') return { outputs: bothClasses(raw), width: 2 }
  return { outputs: raw, width: preprocessing.label.kind === 'categorical' ? preprocessing.label.levels.length : 1 }
}
