// The weighted mean of updates, exact and in any order: Σ wₖ·xₖ / Σ wₖ, the sums taken in a ring.
// McMahan et al. 2017, "Communication-efficient learning of deep networks from decentralized data", algorithm 1 (the server's last line).
// Total, `[size + 4]` ring elements: Σ wₖ·xₖ in fixed point · Σ wₖ·lossₖ · Σ wₖ of those with a loss · Σ wₖ · number of contributions.
import type { Reals, RingBits, RingVector } from '../../algebra/index.ts'
import { YimengError } from '../../base/index.ts'
import type { LinearAggregation } from '../aggregation.ts'
import type { NodeId } from '../placement.ts'
import { type Update, updateCodec } from '../update.ts'
import { lifting, narrowestRing, setAll, setElement, type VectorShape } from './lifting.ts'
import { storedMean } from './stored-mean.ts'

/** Public bounds of a mean: what a contribution may be, and how exact the sum is. */
export interface MeanBounds extends VectorShape {
  /** Largest |value| and |loss|. Default 2^12. */
  readonly maxAbs?: number
  /** Largest sum of weights over a cohort. Default 2^20. */
  readonly maxWeight?: number
  /** Ring Z/2^bits. Default: the narrowest that keeps to `within`. With 64 and the default bounds, each value is within 2^−31 of its real number. */
  readonly bits?: RingBits
  /** How far rounding may move a value. Default: as little as 64 bits can. */
  readonly within?: number
  /** The mean's values rounded to float32, as models are: half the memory. */
  readonly rounded?: boolean
}

/** A mean over a cohort. */
export interface Mean {
  /** Σ w·x / Σ w, before any rounding to float32 unless that was asked for: `[size]`, and whoever gets it owns it. */
  readonly values: Reals
  /** Σ w. */
  readonly weight: number
  /** Mean of the losses that were given, weighted likewise; NaN if none was. */
  readonly loss: number
  /** Number of updates in it. */
  readonly contributions: number
}

const TAIL = 4

/**
 * The weighted mean. An update with NaN, Inf, a value or loss beyond `maxAbs`, a weight that is no positive integer, or another length is refused, naming node and tensor.
 *
 * @throws YimengError `fold-length` without layout and length, `fixed-point-bounds` for bounds that do not fit the ring; from `finish`, `mean-weight`.
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
  const { maxAbs = 2 ** 12, maxWeight = 2 ** 20, within } = bounds
  const { bits = within === undefined ? 64 : narrowestRing({ maxAbs, maxWeight }, within) } = bounds
  const lifted = lifting(bounds, { bits, maxAbs, maxWeight })
  const { size, fixed, ring, values, addValues, number } = lifted
  const vector = bounds.rounded === true ? (length: number) => new Float32Array(length) : (length: number) => new Float64Array(length)
  const tailOf = ({ weight, loss }: Omit<Update, 'values'>, from: NodeId): RingVector => {
    const tail = ring.zero(TAIL)
    // first, since it refuses a bad weight too
    setAll(tail, number('loss', loss ?? 0, weight, from), 0)
    if (loss !== undefined) setElement(tail, 1, weight)
    setElement(tail, 2, weight)
    setElement(tail, 3, 1)
    return tail
  }
  /** All of a mean but its values. */
  const summary = (tail: RingVector): Omit<Mean, 'values'> => {
    const [lossWeight, weight, contributions] = [1, 2, 3].map((i) => Number(tail[i])) as [number, number, number]
    // weights are whole and each is at most maxWeight, so that only contributions · maxWeight ≥ 2^bits could have wrapped: no cohort of 64 bits has so many, but 2^12 of the default weight
    // fill 32. Within the bound on weights no other sum can have wrapped
    if (weight < 1 || weight > maxWeight || contributions * maxWeight >= 2 ** bits)
      throw new YimengError({
        code: 'mean-weight',
        cannot: 'take mean',
        expected: `weights that add up to 1 … ${maxWeight}`,
        got: `${weight}`,
      })
    const loss = lossWeight === 0 ? Number.NaN : fixed.lower(tail.subarray(0, 1), lossWeight)[0]!
    return { weight, loss, contributions }
  }
  const fold: LinearAggregation<Update, RingVector, Mean> = {
    input: updateCodec,
    total: ring.codec,
    sum: { zero: () => ring.zero(size + TAIL), add: ring.add },
    lift: (update, from) => {
      const whole = values(update.values, update.weight, from, TAIL)
      setAll(whole, tailOf(update, from), size)
      return whole
    },
    addTo: (total, update, from) => {
      const tail = tailOf(update, from)
      addValues(total, update.values, update.weight, from)
      ring.add(total.subarray(size), tail)
      return total
    },
    finish: (total) => {
      const about = summary(total.subarray(size))
      return { ...about, values: fixed.lowerTo(vector(size), total.subarray(0, size), about.weight) }
    },
    linear: { bits, length: size + TAIL, toRing: (total) => total, fromRing: (ringVector) => ringVector },
  }
  const meanOf = { lifted, vector, summary, tailOf, tailLength: TAIL }
  return { ...fold, stored: { of: fold, start: () => storedMean(meanOf) } }
}
