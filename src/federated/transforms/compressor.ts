// Compression: an update travels as something smaller, and the server adds up what it can make of that.
// The packed form is what the codec writes, so that bytes on the wire are bytes that were sent.
// Error feedback: Karimireddy, Rebjock, Stich, Jaggi 2019, "Error feedback fixes SignSGD and other gradient compression schemes", ICML, algorithm 2:
//   p ← Δ + e;   sends C(p);   e ← p − C(p)
// Updates packed one by one, each with a support or scale of its own, are no ring elements: their fold is no LinearAggregation, and the types keep it from a masked sum.
// What can go under masks is what all sites pack alike: see sharedSupport and sharedScale.
import type { RingVector } from '../../algebra/index.ts'
import { type Codec, float32Codec, float64Codec, type Seed, structCodec, YimengError } from '../../base/index.ts'
import type { Aggregation } from '../aggregation.ts'
import { minus, plus } from '../arithmetic.ts'
import { type Mean, type MeanBounds, weightedMean } from '../folds/weighted-mean.ts'
import { sizeOf } from '../folds/lifting.ts'
import type { NodeId } from '../placement.ts'
import type { Strategy } from '../strategy.ts'
import type { Update } from '../update.ts'
import { type Both, type Transform, transformed } from './transform.ts'

/** How vectors are packed: `unpack(pack(x))` is near x. */
export interface Compressor<P> {
  readonly name: string
  /** Whether it needs error feedback. One that does not is unbiased: `unpack(pack(x))` is x on average over the seed. */
  readonly feedback: boolean
  readonly codec: Codec<P>
  /** `seed` is the node's own for the round. */
  readonly pack: (values: Float32Array, seed: Seed, node: NodeId) => P
  /** To `size` values. Refuses with `packed` what does not fit that. */
  readonly unpack: (packed: P, size: number) => Float32Array
}

/** An update whose values are packed. */
export interface Packed<P> {
  readonly packed: P
  readonly weight: number
  readonly loss?: number
}

/** {@link Packed} as bytes: those of the packed values, 8 for the weight, 8 for the loss, and two lengths. */
export const packedCodec = <P>(codec: Codec<P>): Codec<Packed<P>> => {
  const both = structCodec<{ readonly packed: P; readonly facts: Float64Array }>({ packed: codec, facts: float64Codec })
  return {
    encode: ({ packed, weight, loss }) =>
      both.encode({ packed, facts: loss === undefined ? Float64Array.of(weight) : Float64Array.of(weight, loss) }),
    decode: (bytes) => {
      const { packed, facts } = both.decode(bytes)
      const [weight, loss] = facts
      if (weight === undefined || facts.length > 2) throw broken('a weight and perhaps a loss', `${facts.length} numbers`)
      return loss === undefined ? { packed, weight } : { packed, weight, loss }
    },
  }
}

/** The error that a packed form does not fit. */
export const broken = (expected: string, got: string): YimengError =>
  new YimengError({ code: 'packed', cannot: 'unpack update', expected, got })

/** Packs updates. With `feedback` a node keeps what was not sent, `[size]`, and adds it to its next update. */
export const packing = <P>(compressor: Compressor<P>, size: number, feedback: boolean): Transform<Update, Packed<P>, Float32Array> => ({
  name: compressor.name,
  init: () => new Float32Array(feedback ? size : 0),
  codec: float32Codec,
  apply: ({ values, ...facts }, lost, node) => {
    const wanted = feedback ? plus(values, lost) : values
    const packed = compressor.pack(wanted, node.seed.split(compressor.name), node.id)
    if (!feedback) return [{ ...facts, packed }, lost]
    const arrives = compressor.unpack(packed, size)
    return [{ ...facts, packed }, minus(wanted, arrives)]
  },
})

/** The weighted mean of packed updates: each is unpacked where it is lifted. Not linear on purpose: under masks it would travel unpacked. */
export const packedMean = <P>({ codec, unpack }: Compressor<P>, bounds: MeanBounds): Aggregation<Packed<P>, RingVector, Mean> => {
  const { total, sum, lift, finish } = weightedMean(bounds)
  const size = sizeOf(bounds)
  return {
    input: packedCodec(codec),
    total,
    sum,
    lift: ({ packed, ...facts }, from) => lift({ ...facts, values: unpack(packed, size) }, from),
    finish,
  }
}

/**
 * A strategy that sends differences and takes their mean (`fedAvgM`, `fedAdam`, …), with packed updates. `feedback`: by default where the compressor needs it.
 */
export const compressed = <S, Acc, N, P>(
  strategy: Strategy<S, Update, Acc, Mean, N>,
  compressor: Compressor<P>,
  { feedback = compressor.feedback, ...bounds }: MeanBounds & { readonly feedback?: boolean },
): Strategy<S, Packed<P>, RingVector, Mean, Both<N, Float32Array>> =>
  transformed(strategy, packing(compressor, sizeOf(bounds), feedback), packedMean(compressor, bounds))
