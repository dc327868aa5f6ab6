// The weighted mean of updates, exact and in any order: Σ wₖ·xₖ / Σ wₖ, the sums taken in a ring.
// McMahan et al. 2017, "Communication-efficient learning of deep networks from decentralized data", algorithm 1 (the server's last line).
// Total, `[size + 4]` ring elements: Σ wₖ·xₖ in fixed point · Σ wₖ·lossₖ · Σ wₖ of those with a loss · Σ wₖ · number of contributions.
import { type FixedPoint, fixedPoint, type Layout, type RingBits, type RingVector, ring, type VectorRing } from '../../algebra/index.ts'
import { YimengError } from '../../base/index.ts'
import type { LinearAggregation } from '../aggregation.ts'
import type { NodeId } from '../placement.ts'
import { type Update, updateCodec } from '../update.ts'

/** Public bounds of a mean: what a contribution may be, and how exact the sum is. */
export interface MeanBounds {
  /** Names the tensors in errors; or, where there are none, `length` values. */
  readonly layout?: Layout
  readonly length?: number
  /** Largest |value| and |loss|. Default 2^12. */
  readonly maxAbs?: number
  /** Largest sum of weights over a cohort. Default 2^20. */
  readonly maxWeight?: number
  /** Ring Z/2^bits. Default 64. With the default bounds, each value is within 2^−31 of its real number. */
  readonly bits?: RingBits
}

/** A mean over a cohort. */
export interface Mean {
  /** Σ w·x / Σ w, before any rounding to float32: `[size]`. */
  readonly values: Float64Array
  /** Σ w. */
  readonly weight: number
  /** Mean of the losses that were given, weighted likewise; NaN if none was. */
  readonly loss: number
  /** Number of updates in it. */
  readonly contributions: number
}

/** Ring elements behind the values. */
export const TAIL = 4

/** The bounds, with defaults filled in. */
export const meanBounds = (bounds: MeanBounds): { readonly size: number; readonly fixed: FixedPoint; readonly vectors: VectorRing } => {
  const { layout, maxAbs = 2 ** 12, maxWeight = 2 ** 20, bits = 64 } = bounds
  const size = layout?.size ?? bounds.length
  if (size === undefined || (bounds.length !== undefined && bounds.length !== size))
    throw new YimengError({
      code: 'mean-length',
      cannot: 'make mean',
      expected: 'a layout or a length',
      got: size === undefined ? 'neither' : 'both, and they differ',
    })
  return { size, fixed: fixedPoint({ bits, maxAbs, maxWeight }), vectors: ring(bits) }
}

/** Name of the tensor that holds element `index`, for errors. */
const tensorAt = (layout: Layout | undefined, index: number): Readonly<Record<string, string | number>> => {
  const entry = layout?.entries.find(({ offset, size }) => index >= offset && index < offset + size)
  return entry === undefined ? { index } : { tensor: entry.name, index: index - entry.offset }
}

/** Weighs and lifts an update into the ring, or refuses it by name: node, and tensor. */
export const liftUpdate = (
  { size, fixed, vectors }: ReturnType<typeof meanBounds>,
  { values, weight, loss }: Update,
  from: NodeId,
  layout?: Layout,
): RingVector => {
  if (values.length !== size)
    throw new YimengError({
      code: 'update-length',
      cannot: 'take update',
      expected: `${size} values`,
      got: String(values.length),
      where: { node: from },
    })
  const refuse = (what: string, where: Readonly<Record<string, string | number>>, cause: unknown): never => {
    const { expected, got } = cause as YimengError
    throw new YimengError({
      code: `update-${what}`,
      cannot: `take ${what} of update`,
      expected,
      got,
      where: { node: from, ...where },
      cause,
    })
  }
  const lift = (what: 'values' | 'loss', numbers: Float32Array | Float64Array): RingVector => {
    try {
      return fixed.lift(numbers, weight)
    } catch (error) {
      if (!(error instanceof YimengError)) throw error
      if (error.code !== 'fixed-point-value') return refuse('weight', {}, error)
      return refuse(what, what === 'loss' ? {} : tensorAt(layout, Number(error.where['index'])), error)
    }
  }
  const lifted = vectors.zero(size + TAIL)
  setAll(lifted, lift('values', values), 0)
  if (loss !== undefined) {
    setAll(lifted, lift('loss', Float64Array.of(loss)), size)
    setElement(lifted, size + 1, weight)
  }
  setElement(lifted, size + 2, weight)
  setElement(lifted, size + 3, 1)
  return lifted
}

/** Sum of weights (or whatever count) at `index` of a total. */
export const elementAt = (total: RingVector, index: number): number => Number(total[index])

const setAll = (vector: RingVector, values: RingVector, start: number): void => {
  if (vector instanceof BigUint64Array) vector.set(values as BigUint64Array, start)
  else vector.set(values as Uint32Array, start)
}

const setElement = (vector: RingVector, index: number, count: number): void => {
  if (vector instanceof BigUint64Array) vector[index] = BigInt(count)
  else vector[index] = count
}

/** Fails for a total whose weights add up to more than the bound: below it, no sum can have wrapped. */
export const totalWeight = (fixed: FixedPoint, total: RingVector, index: number): number => {
  const weight = elementAt(total, index)
  if (weight >= 1 && weight <= fixed.maxWeight) return weight
  throw new YimengError({
    code: 'mean-weight',
    cannot: 'take mean',
    expected: `weights that add up to 1 … ${fixed.maxWeight}`,
    got: String(weight),
  })
}

/**
 * The weighted mean. An update with NaN, Inf, a value or loss beyond `maxAbs`, a weight that is no positive integer, or another length is refused, naming node and tensor.
 *
 * @throws YimengError `mean-length` without layout and length, `fixed-point-bounds` for bounds that do not fit the ring; from `finish`, `mean-weight`.
 *
 * @example
 * ```ts
 * const mean = weightedMean({ length: 2 })
 * const a = mean.lift({ values: Float32Array.of(1, 0), weight: 1 }, 'a')
 * const b = mean.lift({ values: Float32Array.of(0, 1), weight: 3 }, 'b')
 * assert.deepEqual(mean.finish(mean.sum.add(a, b)).values, Float64Array.of(0.25, 0.75))
 * ```
 */
export const weightedMean = (bounds: MeanBounds): LinearAggregation<Update, RingVector, Mean> => {
  const mean = meanBounds(bounds)
  const { size, fixed, vectors } = mean
  return {
    input: updateCodec,
    total: vectors.codec,
    sum: { zero: () => vectors.zero(size + TAIL), add: vectors.add },
    lift: (update, from) => liftUpdate(mean, update, from, bounds.layout),
    finish: (total) => {
      const weight = totalWeight(fixed, total, size + 2)
      const lossWeight = elementAt(total, size + 1)
      return {
        values: fixed.lower(total.subarray(0, size), weight),
        weight,
        loss: lossWeight === 0 ? Number.NaN : fixed.lower(total.subarray(size, size + 1), lossWeight)[0]!,
        contributions: elementAt(total, size + 3),
      }
    },
    linear: { bits: fixed.bits, length: size + TAIL, toRing: (total) => total, fromRing: (vector) => vector },
  }
}
