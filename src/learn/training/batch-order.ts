// Which rows each step takes: shuffled epochs, in batches, reproducible from a seed.
import { type Seed, YimengError } from '../../base/index.ts'
import type { BatchOrder } from '../types.ts'

/** How long to train: whole passes over the rows, or a number of steps (which may end within a pass). */
export type Duration = { readonly epochs: number } | { readonly steps: number }

/**
 * Rows 0 … rows−1 shuffled anew for each pass and cut into batches. The last batch of a pass is short: it is padded with row 0 at weight 0.
 * Throws `batch-order` for no rows, a batch below 1, or a duration that is not a whole number of at least 0.
 */
export const batchOrder = (options: { readonly rows: number; readonly batch: number } & Duration, seed: Seed): BatchOrder => {
  const { rows, batch } = options
  const duration = 'epochs' in options ? options.epochs : options.steps
  for (const [name, value, least] of [
    ['rows', rows, 1],
    ['batch', batch, 1],
    ['duration', duration, 0],
  ] as const) {
    if (!Number.isSafeInteger(value) || value < least) {
      throw new YimengError({
        code: 'batch-order',
        cannot: 'order batches',
        expected: `${name}: a whole number of at least ${least}`,
        got: String(value),
      })
    }
  }
  const perPass = Math.ceil(rows / batch)
  const steps = 'epochs' in options ? options.epochs * perPass : options.steps
  const indices = new Int32Array(steps * batch)
  const weights = new Float32Array(steps * batch)
  for (let first = 0; first < steps; first += perPass) {
    const order = seed
      .split('pass', first / perPass)
      .random()
      .permutation(rows)
    const taken = Math.min(rows, (steps - first) * batch)
    indices.set(order.subarray(0, taken), first * batch)
    weights.fill(1, first * batch, first * batch + taken)
  }
  return { steps, batch, indices, weights }
}
