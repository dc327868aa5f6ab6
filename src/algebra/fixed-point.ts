// Real numbers as integers in a ring, so that sums are exact: round(x · 2^f), multiplied by an integer weight, added with wrap-around that cannot happen within the bounds.
// The bounds are public and fix f, the fraction bits; whatever is beyond them is refused by name, never wrapped.
import { YimengError } from '../base/index.ts'
import { copyIn, copyOut, eachBlock, FIRST, kernels, mapBlocks, type Numbers, SECOND } from './kernels/ring.ts'
import { type RingBits, type RingVector, sameLength } from './ring.ts'

/** Public bounds. All parties of a sum must use the same. */
export interface FixedPointBounds<B extends RingBits = RingBits> {
  readonly bits: B
  /** Largest |x| that may be lifted. For values clipped in float32, a number that float32 can spell: rounding may carry 0.1 above 0.1. */
  readonly maxAbs: number
  /** Largest SUM of weights over a cohort: of rows, if updates are weighted by rows; of sites, if all weigh 1. An integer from 1 to 2^53 − 1. */
  readonly maxWeight: number
  /** Instead of the most bits that fit. */
  readonly fractionBits?: number
}

/** Lifting into a ring and back. `V` is the ring's vector: Uint32Array for 32 bits, BigUint64Array for 64. */
export interface FixedPoint<V extends RingVector = RingVector> {
  readonly bits: RingBits
  readonly maxAbs: number
  readonly maxWeight: number
  /** f: a lifted number is within 2^−(f+1) of the real one, and so, up to the last rounding to float64, is a weighted mean of lifted numbers. */
  readonly fractionBits: number
  /**
   * round(x · 2^f) · weight for each x, ties to even. `weight` (default 1) is an integer from 1 to `maxWeight`.
   *
   * @throws YimengError `fixed-point-value` naming the first index that is NaN, infinite or beyond `maxAbs` (never its value); `fixed-point-weight`.
   * Within the bounds no lift and no sum of lifts can wrap: |round(x · 2^f)| · Σ weights < 2^(bits−1).
   */
  readonly lift: (values: Reals, weight?: number) => V
  /** Adds to `total`, of the same length, what {@link FixedPoint.lift} would give, with no vector in between. Throws as it does; then `total` is as it was. */
  readonly addLifted: (total: V, values: Reals, weight?: number) => V
  /** Throws where {@link FixedPoint.lift} would for a value. */
  readonly check: (values: Reals) => void
  /** The real numbers of a total, each divided by `divisor` (default 1; the sum of weights, for a mean). The signed integer is rounded to 53 bits first. @throws YimengError `fixed-point-divisor` for 0, NaN or Inf. */
  readonly lower: (total: V, divisor?: number) => Float64Array
  /** The same into `to`, of the same length, which may round once more, to float32.  */
  readonly lowerTo: <R extends Reals>(to: R, total: V, divisor?: number) => R
}

/** A vector of real numbers. */
export type Reals = Float32Array | Float64Array

/** |x| · 2^f stays at or below 2^51: such a product with a power of two is exact in float64, and the kernel's rounding by one addition holds up to here. */
const EXACT_BITS = 51

/**
 * Fixed point for the given bounds. f is the largest number of fraction bits such that no total can reach ±2^(bits−1), that is
 * round(maxAbs · 2^f) · maxWeight < 2^(bits−1), and that scaling is exact in float64, maxAbs · 2^f ≤ 2^51. With 64 bits and maxWeight < 2^12 the second rule decides and
 * numbers keep 51 bits below maxAbs; beyond that, each doubling of maxWeight costs one.
 *
 * @throws YimengError `fixed-point-bounds` for bounds that are no positive numbers, or that leave less than 0 fraction bits (unless those were asked for).
 *
 * @example
 * ```ts
 * const fixed = fixedPoint({ bits: 64, maxAbs: 4, maxWeight: 10 })
 * const total = fixed.lift(Float32Array.of(0.5, -1), 3)
 * assert.deepEqual(ring64.add(total, fixed.lift(Float32Array.of(1, 1), 1)), fixed.lift(Float32Array.of(2.5, -2), 1))
 * assert.deepEqual(fixed.lower(total, 4), Float64Array.of(0.625, -0.5))
 * ```
 */
export function fixedPoint(bounds: FixedPointBounds<64>): FixedPoint<BigUint64Array>
export function fixedPoint(bounds: FixedPointBounds<32>): FixedPoint<Uint32Array>
export function fixedPoint(bounds: FixedPointBounds): FixedPoint
export function fixedPoint(bounds: FixedPointBounds): unknown {
  const { bits, maxAbs, maxWeight } = bounds
  if (!(maxAbs > 0 && maxAbs < Number.POSITIVE_INFINITY)) throw refusedBounds('maxAbs a finite number above 0', maxAbs)
  if (!(Number.isSafeInteger(maxWeight) && maxWeight >= 1)) throw refusedBounds('maxWeight an integer from 1 to 2^53 − 1', maxWeight)
  const fractionBits = bounds.fractionBits ?? mostFractionBits(bits, maxAbs, maxWeight)
  if (!Number.isInteger(fractionBits) || !fits(bits, maxAbs, maxWeight, fractionBits))
    throw refusedBounds(`fraction bits that leave room for ${maxAbs} · ${maxWeight} in ${bits} bits`, fractionBits)

  const scale = 2 ** fractionBits
  const checkedWeight = (weight: number): number => {
    if (Number.isInteger(weight) && weight >= 1 && weight <= maxWeight) return weight
    throw new YimengError({
      code: 'fixed-point-weight',
      cannot: 'lift values',
      expected: `an integer weight from 1 to ${maxWeight}`,
      got: String(weight),
    })
  }
  const checkedDivisor = (divisor: number): number => {
    if (Number.isFinite(divisor) && divisor !== 0) return divisor
    throw new YimengError({ code: 'fixed-point-divisor', cannot: 'lower total', expected: 'a divisor other than 0', got: String(divisor) })
  }
  const common = { bits, maxAbs, maxWeight, fractionBits }
  const over32 = (): FixedPoint<Uint32Array> => {
    const blocks = (values: Reals, weight: number): BlockLift => lift32(values, scale, maxAbs, weight)
    const lowerTo = <R extends Reals>(to: R, total: Uint32Array, divisor = 1): R => lower32(to, total, 1 / scale, checkedDivisor(divisor))
    return {
      ...common,
      lift: (values, weight = 1) => lifted(new Uint32Array(values.length), kernels().second.uint32, blocks(values, checkedWeight(weight))),
      addLifted: (total, values, weight = 1) => {
        sameLength('add lifted values', total, values)
        const { first, add32: add, subtract32: subtract } = kernels()
        return added({ total, block: first.uint32, add, subtract }, blocks(values, checkedWeight(weight)))
      },
      check: (values) => eachBlock(values.length, blocks(values, 1)),
      lower: (total, divisor = 1) => lowerTo(new Float64Array(total.length), total, divisor),
      lowerTo,
    }
  }
  const over64 = (): FixedPoint<BigUint64Array> => {
    const blocks = (values: Reals, weight: number): BlockLift => lift64(values, scale, maxAbs, BigInt(weight))
    const lowerTo = <R extends Reals>(to: R, total: BigUint64Array, divisor = 1): R =>
      lower64(to, total, 1 / scale, checkedDivisor(divisor))
    return {
      ...common,
      lift: (values, weight = 1) =>
        lifted(new BigUint64Array(values.length), kernels().second.uint64, blocks(values, checkedWeight(weight))),
      addLifted: (total, values, weight = 1) => {
        sameLength('add lifted values', total, values)
        const { first, add64: add, subtract64: subtract } = kernels()
        return added({ total, block: first.uint64, add, subtract }, blocks(values, checkedWeight(weight)))
      },
      check: (values) => eachBlock(values.length, blocks(values, 1)),
      lower: (total, divisor = 1) => lowerTo(new Float64Array(total.length), total, divisor),
      lowerTo,
    }
  }
  return bits === 32 ? over32() : over64()
}

const refusedBounds = (expected: string, got: number): YimengError =>
  new YimengError({ code: 'fixed-point-bounds', cannot: 'make fixed point', expected, got: String(got) })

/** Whether no total can wrap and no scaling rounds. f is kept in ±1000 so that 2^f and 2^−f are normal numbers. */
const fits = (bits: RingBits, maxAbs: number, maxWeight: number, fractionBits: number): boolean => {
  const scaled = maxAbs * 2 ** fractionBits
  if (Math.abs(fractionBits) > 1000 || scaled > 2 ** EXACT_BITS) return false
  return BigInt(Math.ceil(scaled)) * BigInt(maxWeight) < 2n ** BigInt(bits - 1)
}

const mostFractionBits = (bits: RingBits, maxAbs: number, maxWeight: number): number => {
  let fractionBits = Math.min(1000, EXACT_BITS - Math.floor(Math.log2(maxAbs)))
  while (fractionBits >= 0 && !fits(bits, maxAbs, maxWeight, fractionBits)) fractionBits -= 1
  if (fractionBits < 0)
    throw refusedBounds(`bounds whose product is below 2^${bits - 1} (and maxAbs at most 2^${EXACT_BITS})`, maxAbs * maxWeight)
  return fractionBits
}

/** Throws where a kernel has found an element beyond the bound in the block from `start`. */
const within = (found: number, start: number, maxAbs: number): void => {
  if (found >= 0)
    throw new YimengError({
      code: 'fixed-point-value',
      cannot: 'lift values',
      expected: `finite numbers of at most ±${maxAbs}`,
      got: 'one that is not',
      where: { index: start + found },
    })
}

/** Lifts the block of `count` values from `start` on into the second block, or throws. */
type BlockLift = (count: number, start: number) => void

const lift64 = (values: Reals, scale: number, maxAbs: number, weight: bigint): BlockLift => {
  const { first, lift32to64, lift64to64 } = kernels()
  if (values instanceof Float32Array)
    return (count, start) => {
      copyIn(first.float32, values, start, count)
      within(lift32to64(FIRST, SECOND, count, scale, maxAbs, weight), start, maxAbs)
    }
  return (count, start) => {
    copyIn(first.float64, values, start, count)
    within(lift64to64(FIRST, SECOND, count, scale, maxAbs, weight), start, maxAbs)
  }
}

const lift32 = (values: Reals, scale: number, maxAbs: number, weight: number): BlockLift => {
  const { first, lift32to32, lift64to32 } = kernels()
  if (values instanceof Float32Array)
    return (count, start) => {
      copyIn(first.float32, values, start, count)
      within(lift32to32(FIRST, SECOND, count, scale, maxAbs, weight), start, maxAbs)
    }
  return (count, start) => {
    copyIn(first.float64, values, start, count)
    within(lift64to32(FIRST, SECOND, count, scale, maxAbs, weight), start, maxAbs)
  }
}

const lifted = <V extends Numbers<V>>(to: V, block: V, lift: BlockLift): V => {
  eachBlock(to.length, (count, start) => {
    lift(count, start)
    copyOut(to, block, start, count)
  })
  return to
}

interface Sum<V> {
  readonly total: V
  /** The first block as the ring's numbers. */
  readonly block: V
  readonly add: (total: number, x: number, count: number) => void
  readonly subtract: Sum<V>['add']
}

const added = <V extends Numbers<V>>({ total, block, add, subtract }: Sum<V>, lift: BlockLift): V => {
  let done = 0
  const change = (length: number, by: Sum<V>['add']): void =>
    eachBlock(length, (count, start) => {
      lift(count, start)
      copyIn(block, total, start, count)
      by(FIRST, SECOND, count)
      copyOut(total, block, start, count)
      done = start + count
    })
  try {
    change(total.length, add)
  } catch (error) {
    // a ring takes back exactly what was added
    change(done, subtract)
    throw error
  }
  return total
}

const lower64 = <R extends Reals>(to: R, total: BigUint64Array, unit: number, divisor: number): R => {
  const { first, second, lower64: kernel } = kernels()
  mapBlocks(total, first.uint64, to, second.float64, (count) => kernel(FIRST, SECOND, count, unit, divisor))
  return to
}

const lower32 = <R extends Reals>(to: R, total: Uint32Array, unit: number, divisor: number): R => {
  const { first, second, lower32: kernel } = kernels()
  mapBlocks(total, first.uint32, to, second.float64, (count) => kernel(FIRST, SECOND, count, unit, divisor))
  return to
}
