// Class-balanced sampling: which rows each step takes when every class is to come equally often, however few rows it has.
// He, Garcia 2009, "Learning from imbalanced data", IEEE TKDE 21(9), section 3.1.1 (oversampling with replacement), here by cycling through each class's shuffled rows.
import { type Seed, YimengError } from '../../base/index.ts'
import type { BatchOrder } from '../types.ts'
import { batchOrder, type Duration } from './batch-order.ts'

/** Items in random order for ever: each pass through all of them is shuffled anew. */
const cycle = (items: readonly number[], permutation: (n: number) => Uint32Array): (() => number) => {
  let order: readonly number[] = []
  let at = 0
  return () => {
    if (at === order.length) {
      order = Array.from(permutation(items.length), (i) => items[i] ?? 0)
      at = 0
    }
    return order[at++] ?? 0
  }
}

/**
 * As many steps, and rows in them, as {@link batchOrder} takes, but in turns of one row from each class that there is. In a pass over classes of equal size every row comes once.
 *
 * @param options - `classes`: the class of each row
 * @throws YimengError `batch-order` as {@link batchOrder}, and for a class that is not a whole number.
 *
 * @example
 * ```ts
 * const { indices } = balancedOrder({ classes: [0, 0, 0, 0, 0, 1], batch: 6, epochs: 1 }, seed(1))
 * assert.equal(indices.filter((row) => row === 5).length, 3)
 * ```
 */
export const balancedOrder = (
  options: { readonly classes: ArrayLike<number>; readonly batch: number } & Duration,
  seed: Seed,
): BatchOrder => {
  const classes = Array.from(options.classes)
  const odd = classes.find((each) => !Number.isSafeInteger(each))
  if (odd !== undefined)
    throw new YimengError({ code: 'batch-order', cannot: 'order batches', expected: 'the class of each row', got: String(odd) })
  const { permutation } = seed.split('balanced').random()
  const next = [...new Set(classes)]
    .sort((a, b) => a - b)
    .map((k) =>
      cycle(
        classes.flatMap((own, row) => (own === k ? [row] : [])),
        permutation,
      ),
    )
  const turn = cycle([...next.keys()], permutation)
  const { weights, ...order } = batchOrder({ ...options, rows: classes.length }, seed)
  // what is padding stays so
  return { ...order, weights, indices: Int32Array.from(weights, (weight) => (weight === 0 ? 0 : (next[turn()]?.() ?? 0))) }
}
