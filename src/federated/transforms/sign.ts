// One bit a value: its sign, with the mean magnitude as the scale; and ternary values at the places of largest magnitude. Both are biased and need feedback.
// Sign: Karimireddy, Rebjock, Stich, Jaggi 2019, "Error feedback fixes SignSGD and other gradient compression schemes", ICML, section 4:  (‖x‖₁ / n) · sign(x), here of each bucket of
// 512 values, since layers differ in size (the paper scales each layer)
// Ternary: Sattler, Wiedemann, Müller, Samek 2020, "Robust and communication-efficient federated learning from non-i.i.d. data", IEEE TNNLS 31(9), algorithm 1 (STC):
//   the k values of largest magnitude become μ · sign(x), μ their mean magnitude.  Places travel in Rice's code.
import { bytesCodec, float32Codec, structCodec } from '../../base/index.ts'
import { packBits, unpackBits } from './bits.ts'
import { broken, type Compressor } from './compressor.ts'
import { dense, gapBytes, gapsOf, kept, largest } from './top-k.ts'

/** A scale for each bucket (one for all where there are no buckets), and a bit for each sign: 1 is plus. */
export interface Signs {
  readonly scale: Float32Array
  readonly signs: Uint8Array
}

const signsOf = (values: Float32Array): Uint8Array =>
  packBits(
    values.map((value) => (value < 0 ? 0 : 1)),
    1,
  )
const meanMagnitudes = (values: Float32Array, bucket: number): Float32Array =>
  Float32Array.from({ length: Math.ceil(values.length / bucket) }, (_, b) => {
    const some = values.subarray(b * bucket, (b + 1) * bucket)
    return some.reduce((sum, value) => sum + Math.abs(value), 0) / some.length
  })

const signed = ({ scale, signs }: Signs, count: number, bucket: number): Float32Array => {
  const buckets = Math.ceil(count / bucket)
  if (scale.length !== buckets) throw broken(`${buckets} scales`, String(scale.length))
  return Float32Array.from(unpackBits(signs, 1, count), (bit, i) => (bit === 1 ? 1 : -1) * scale[Math.floor(i / bucket)]!)
}

const BUCKET = 512

/** 1 bit a value, and 4 bytes for each 512. */
export const sign: Compressor<Signs> = {
  name: 'sign',
  feedback: true,
  codec: structCodec<Signs>({ scale: float32Codec, signs: bytesCodec }),
  pack: (values) => ({ scale: meanMagnitudes(values, BUCKET), signs: signsOf(values) }),
  unpack: (packed, size) => signed(packed, size, BUCKET),
}

/** Signs at some places. */
export interface Ternary extends Signs {
  readonly gaps: Uint8Array
}

/**
 * STC: a share of the values, as signs: about a byte and a bit for each at 1 %.
 *
 * @throws YimengError `packed` for a share outside (0, 1].
 */
export const ternary = (share: number): Compressor<Ternary> => {
  if (!(share > 0 && share <= 1)) throw broken('a share above 0, at most 1', String(share))
  return {
    name: `ternary(${share})`,
    feedback: true,
    codec: structCodec<Ternary>({ scale: float32Codec, signs: bytesCodec, gaps: bytesCodec }),
    pack: (values) => {
      const indices = largest(values, kept(share, values.length))
      const chosen = Float32Array.from(indices, (index) => values[index]!)
      return { scale: meanMagnitudes(chosen, chosen.length), signs: signsOf(chosen), gaps: gapBytes(indices) }
    },
    unpack: ({ gaps, ...signs }, size) => {
      const indices = gapsOf(gaps)
      return dense({ indices, values: signed(signs, indices.length, indices.length) }, size)
    },
  }
}
