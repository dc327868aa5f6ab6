// What folds that need single updates share: updates are checked, kept by node, and given to a rule all at once, in the order of the nodes' names.
// They run under protocols that carry any fold, never under a masked sum: that is the price of robustness.
import { YimengError } from '../../base/index.ts'
import type { Aggregation } from '../aggregation.ts'
import type { NodeId } from '../placement.ts'
import { type Update, updateCodec } from '../update.ts'
import { type ByNode, byNode } from './by-node.ts'
import { sizeOf, type VectorShape } from './lifting.ts'
import type { Mean } from './weighted-mean.ts'

/** A fold from single updates to one. */
export type RobustFold = Aggregation<Update, ByNode<Update>, Mean>

/** What a rule is given: update k is that of node k. */
export interface Single {
  readonly updates: readonly Update[]
  readonly nodes: readonly NodeId[]
  /** Length of each update's values. */
  readonly size: number
}

/** A rule's result; `weight` and `loss` are those of {@link Mean}. By default the number of updates, and the median of the losses. */
export interface Ruled {
  readonly values: Float64Array
  readonly weight?: number
  readonly loss?: number
}

/** Refuses NaN, Inf, other lengths and weights that are no whole number from 1, by node: `update-values`, `update-loss`, `update-length`, `update-weight`. */
export const singleUpdates = (name: string, shape: VectorShape, rule: (single: Single) => Ruled): RobustFold => {
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
      if (!(Number.isSafeInteger(update.weight) && update.weight >= 1)) throw refuse('weight', 'a whole number from 1', `${update.weight}`)
      return all.lift(update, from)
    },
    finish: (total) => {
      const byName = all.finish(total)
      const updates = [...byName.values()]
      if (updates.length === 0)
        throw new YimengError({ code: 'fold-empty', cannot: `take ${name}`, expected: 'at least one update', got: 'none' })
      const { values, weight = updates.length, loss } = rule({ updates, nodes: [...byName.keys()], size })
      const losses = Float64Array.from(updates.flatMap((update) => (update.loss === undefined ? [] : [update.loss])))
      return { values, weight, loss: loss ?? middle(losses), contributions: updates.length }
    },
  }
}

/** Median; sorts its argument. NaN of nothing. */
export const middle = (values: Float64Array): number => {
  values.sort()
  const half = values.length / 2
  return values.length % 2 === 1 ? values[Math.floor(half)]! : ((values[half - 1] ?? Number.NaN) + (values[half] ?? Number.NaN)) / 2
}

/** `statistic` of each coordinate over all updates. The column may be sorted in place. */
export const byCoordinate = (updates: readonly Update[], size: number, statistic: (column: Float64Array) => number): Float64Array => {
  const column = new Float64Array(updates.length)
  return Float64Array.from({ length: size }, (_, i) => {
    for (const [k, { values }] of updates.entries()) column[k] = values[i]!
    return statistic(column)
  })
}

/** Σ shareₖ · xₖ for shares that add up to 1. */
export const mix = (updates: readonly Update[], shares: readonly number[], size: number): Float64Array => {
  const sum = new Float64Array(size)
  for (const [k, { values }] of updates.entries()) {
    const share = shares[k]!
    if (share !== 0) for (let i = 0; i < size; i += 1) sum[i]! += share * values[i]!
  }
  return sum
}
