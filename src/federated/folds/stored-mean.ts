// The weighted mean of updates that lie elsewhere: a piece of each is read, lifted and added, and the mean of that piece lowered, before the next. What memory holds is the mean, whatever the
// number of updates. The same operations as weighted-mean.ts in another order, on numbers of a ring: the same bits.
import type { Reals, RingVector } from '../../algebra/index.ts'
import type { StoredFold } from '../aggregation.ts'
import type { NodeId } from '../placement.ts'
import { storedUpdate, type StoredUpdate, type StoredValues, type Update } from '../update.ts'
import type { Lifting } from './lifting.ts'
import type { Mean } from './weighted-mean.ts'

/** Values read at once: enough that reading costs little more than copying, few enough that a total of them stays in the processor's cache. */
const PIECE = 2 ** 17

/** The mean that is meant. */
export interface MeanOf {
  readonly lifted: Lifting
  /** Room for its values. */
  readonly vector: (length: number) => Reals
  /** All but its values, from the tail of a total. */
  readonly summary: (tail: RingVector) => Omit<Mean, 'values'>
  /** What an update adds to that tail. */
  readonly tailOf: (update: Omit<Update, 'values'>, from: NodeId) => RingVector
  readonly tailLength: number
}

interface Piece {
  readonly values: Float32Array
  readonly start: number
}

/** `values` piece by piece, each good until the next but one: while one is worked on, the next is read. */
async function* pieces(
  parts: Iterable<{ readonly values: StoredValues; readonly start: number; readonly end: number }>,
): AsyncGenerator<Piece> {
  const memory = [new Float32Array(PIECE), new Float32Array(PIECE)]
  let reading: Promise<Piece> | undefined
  let turn = 0
  for (const { values, start, end } of parts) {
    const into = memory[(turn += 1) % 2]!.subarray(0, end - start)
    const next = values.read(into, start).then(() => ({ values: into, start }))
    // awaited in its turn
    next.catch(() => undefined)
    if (reading !== undefined) yield await reading
    reading = next
  }
  if (reading !== undefined) yield await reading
}

/** A fold of updates that lie elsewhere. */
export const storedMean = ({ lifted, vector, summary, tailOf, tailLength }: MeanOf): StoredFold<RingVector, Mean> => {
  const { size, fixed, ring, checkLength, checkPiece } = lifted
  const counted: StoredUpdate[] = []
  const tail = ring.zero(tailLength)
  const starts = Array.from({ length: Math.ceil(size / PIECE) }, (_, i) => i * PIECE)
  const partOf = ({ values }: StoredUpdate, start: number) => ({ values, start, end: Math.min(size, start + PIECE) })
  return {
    check: async (bytes, from) => {
      const update = await storedUpdate(bytes)
      const own = tailOf(update, from)
      checkLength(update.values, from)
      for await (const { values, start } of pieces(starts.map((each) => partOf(update, each)))) checkPiece(values, start, from)
      return () => {
        ring.add(tail, own)
        counted.push(update)
      }
    },
    finish: async (rest) => {
      if (rest !== undefined) ring.add(tail, rest.subarray(size))
      const about = summary(tail)
      const mean = vector(size)
      const total = ring.zero(Math.min(size, PIECE))
      const last = counted.length - 1
      let k = 0
      for await (const { values, start } of pieces(starts.flatMap((each) => counted.map((update) => partOf(update, each))))) {
        const sum = total.subarray(0, values.length)
        if (k === 0) {
          ring.scale(sum, 0n)
          if (rest !== undefined) ring.add(sum, rest.subarray(start, start + values.length))
        }
        fixed.addLifted(sum, values, counted[k]!.weight)
        if (k === last) fixed.lowerTo(mean.subarray(start, start + values.length), sum, about.weight)
        k = k === last ? 0 : k + 1
      }
      return { ...about, values: mean }
    },
  }
}
