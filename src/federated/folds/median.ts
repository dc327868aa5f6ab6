// The coordinate-wise median of updates: a minority of liars cannot move it far.
// Yin, Chen, Ramchandran, Bartlett 2018, "Byzantine-robust distributed learning: towards optimal statistical rates", ICML, algorithm 1 (option I). Unweighted: a weight is
// something to lie about. It needs single updates, so it runs under the plain sum only.
import { YimengError } from '../../base/index.ts'
import type { Aggregation } from '../aggregation.ts'
import { type Update, updateCodec } from '../update.ts'
import { type ByNode, byNode } from './by-node.ts'
import { sizeOf, type VectorShape } from './lifting.ts'
import type { Mean } from './weighted-mean.ts'

/**
 * The coordinate-wise median, with the median of the losses; of an even number, the mean of the middle two. Refuses NaN, Inf and other lengths (`update-values`,
 * `update-length`). The result's `weight` is the number of contributions.
 *
 * @example
 * ```ts
 * const fold = median({ length: 1 })
 * const total = [1, 2, 1e9].map((value) => fold.lift({ values: Float32Array.of(value), weight: 1 }, `site ${value}`)).reduce(fold.sum.add)
 * assert.deepEqual(fold.finish(total).values, Float64Array.of(2))
 * ```
 */
export const median = (shape: VectorShape): Aggregation<Update, ByNode<Update>, Mean> => {
  const size = sizeOf(shape)
  const all = byNode(updateCodec)
  return {
    ...all,
    lift: (update, from) => {
      const refuse = (what: string, expected: string, got: string): YimengError =>
        new YimengError({ code: `update-${what}`, cannot: 'take update', expected, got, where: { node: from } })
      if (update.values.length !== size) throw refuse('length', `${size} values`, `${update.values.length}`)
      if (!update.values.every(Number.isFinite)) throw refuse('values', 'finite values', 'NaN or Inf')
      if (update.loss !== undefined && !Number.isFinite(update.loss)) throw refuse('loss', 'a finite loss', 'NaN or Inf')
      return all.lift(update, from)
    },
    finish: (total) => {
      const updates = [...all.finish(total).values()]
      if (updates.length === 0)
        throw new YimengError({ code: 'median-empty', cannot: 'take median', expected: 'at least one update', got: 'none' })
      const column = new Float64Array(updates.length)
      const values = Float64Array.from({ length: size }, (_, i) => {
        for (const [k, update] of updates.entries()) column[k] = update.values[i]!
        return middle(column)
      })
      const losses = updates.flatMap(({ loss }) => (loss === undefined ? [] : [loss]))
      return { values, weight: updates.length, loss: middle(Float64Array.from(losses)), contributions: updates.length }
    },
  }
}

/** Median; sorts its argument. NaN of nothing. */
const middle = (values: Float64Array): number => {
  values.sort()
  const half = values.length / 2
  return values.length % 2 === 1 ? values[Math.floor(half)]! : ((values[half - 1] ?? Number.NaN) + (values[half] ?? Number.NaN)) / 2
}
