// Updates into a ring, or refused by name: node and tensor. What the means share.
import {
  type FixedPoint,
  fixedPoint,
  type Layout,
  type Reals,
  type RingBits,
  type RingVector,
  ring,
  type VectorRing,
} from '../../algebra/index.ts'
import { YimengError } from '../../base/index.ts'
import type { NodeId } from '../placement.ts'

/** Which vectors a fold takes: those of a model's layout, which names the tensors in errors; or, where there is none, of `length` values. */
export interface VectorShape {
  readonly layout?: Layout
  readonly length?: number
}

/** Number of values. Throws `fold-length` without layout and length, or if they differ. */
export const sizeOf = ({ layout, length }: VectorShape): number => {
  const size = layout?.size ?? length
  if (size !== undefined && (length ?? size) === size && Number.isSafeInteger(size) && size >= 0) return size
  const got = size === undefined ? 'neither' : `length ${length}${layout === undefined ? '' : ` and layout of ${layout.size}`}`
  throw new YimengError({ code: 'fold-length', cannot: 'make fold', expected: 'a layout or a length', got })
}

/** The narrowest ring in which each value stays within `within` of its real number, whatever a cohort within the public bounds sends: with 32 bits half the bytes travel. */
export const narrowestRing = ({ maxAbs, maxWeight }: { readonly maxAbs: number; readonly maxWeight: number }, within: number): RingBits => {
  // rounding to f fraction bits moves a value by 2^−(f + 1) at most
  const fractionBits = Math.max(0, Math.ceil(-Math.log2(within) - 1))
  return Math.ceil(maxAbs * 2 ** fractionBits) * maxWeight < 2 ** 31 ? 32 : 64
}

/** How one fold lifts. */
export interface Lifting {
  readonly size: number
  readonly fixed: FixedPoint
  readonly ring: VectorRing
  /**
   * `values`, weighed and lifted, followed by `tail` zeros. Refuses NaN, Inf and what is beyond the bounds (`update-values`), another length (`update-length`), and a
   * weight that is no integer from 1 to the largest (`update-weight`), naming node and tensor.
   */
  readonly values: (values: Float32Array, weight: number, from: NodeId, tail: number) => RingVector
  /** Refuses another length (`update-length`). */
  readonly checkLength: (values: { readonly length: number }, from: NodeId) => void
  /** Refuses what `values` would of a piece that begins at `start`. */
  readonly checkPiece: (piece: Float32Array, start: number, from: NodeId) => void
  /** Adds to the first values of `total` what `values` would lift to, with no vector in between. Where it refuses, `total` is as it was. */
  readonly addValues: (total: RingVector, values: Float32Array, weight: number, from: NodeId) => void
  /** One more number, weighed likewise; `what` names it in the code `update-${what}`. */
  readonly number: (what: string, value: number, weight: number, from: NodeId) => RingVector
}

/** Lifting of vectors of `shape` within public bounds: largest |value| and largest sum of weights. */
export const lifting = (
  shape: VectorShape,
  bounds: { readonly bits: RingBits; readonly maxAbs: number; readonly maxWeight: number },
): Lifting => {
  const size = sizeOf(shape)
  const fixed = fixedPoint(bounds)
  const vectors = ring(bounds.bits)
  /** Faults by the names of updates. `start`: where the values begin in the whole update. */
  const named = <T>(work: () => T, what: string, from: NodeId, start = 0): T => {
    try {
      return work()
    } catch (error) {
      if (!(error instanceof YimengError)) throw error
      const isWeight = error.code === 'fixed-point-weight'
      const subject = isWeight ? 'weight' : what
      const where = isWeight || what !== 'values' ? {} : tensorAt(shape.layout, start + Number(error.where['index']))
      const { expected, got } = error
      throw new YimengError({
        code: `update-${subject}`,
        cannot: `take ${subject} of update`,
        expected,
        got,
        where: { node: from, ...where },
        cause: error,
      })
    }
  }
  const lift = (what: string, values: Reals, weight: number, from: NodeId): RingVector =>
    named(() => fixed.lift(values, weight), what, from)
  const checkLength = (values: { readonly length: number }, from: NodeId): void => {
    if (values.length !== size)
      throw new YimengError({
        code: 'update-length',
        cannot: 'take update',
        expected: `${size} values`,
        got: `${values.length}`,
        where: { node: from },
      })
  }
  return {
    size,
    fixed,
    ring: vectors,
    checkLength,
    checkPiece: (piece, start, from) => named(() => fixed.check(piece), 'values', from, start),
    addValues: (total, values, weight, from) => {
      checkLength(values, from)
      named(() => fixed.addLifted(total.subarray(0, size), values, weight), 'values', from)
    },
    values: (values, weight, from, tail) => {
      checkLength(values, from)
      const lifted = vectors.zero(size + tail)
      setAll(lifted, lift('values', values, weight, from), 0)
      return lifted
    },
    number: (what, value, weight, from) => lift(what, Float64Array.of(value), weight, from),
  }
}

/** Name of the tensor that holds element `index`. */
const tensorAt = (layout: Layout | undefined, index: number): Readonly<Record<string, string | number>> => {
  const entry = layout?.entries.find(({ offset, size }) => index >= offset && index < offset + size)
  return entry === undefined ? { index } : { tensor: entry.name, index: index - entry.offset }
}

/** Writes `values` from `start` on. Both are vectors of one ring. */
export const setAll = (vector: RingVector, values: RingVector, start: number): void => {
  if (vector instanceof BigUint64Array) vector.set(values as BigUint64Array, start)
  else vector.set(values as Uint32Array, start)
}

/** Writes a whole number. */
export const setElement = (vector: RingVector, index: number, count: number): void => {
  if (vector instanceof BigUint64Array) vector[index] = BigInt(count)
  else vector[index] = count
}
