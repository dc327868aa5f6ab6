// One bit a value: its sign, with the mean magnitude as the scale; and ternary values at the places of largest magnitude. Both are biased and need feedback.
// Sign: Karimireddy, Rebjock, Stich, Jaggi 2019, "Error feedback fixes SignSGD and other gradient compression schemes", ICML, section 4:  (‖x‖₁ / n) · sign(x)
// Ternary: Sattler, Wiedemann, Müller, Samek 2020, "Robust and communication-efficient federated learning from non-i.i.d. data", IEEE TNNLS 31(9), algorithm 1 (STC):
//   the k values of largest magnitude become μ · sign(x), μ their mean magnitude.  Places travel in Rice's code.
import { bytesCodec, float32Codec, structCodec } from '../../base/index.ts'
import { packBits, unpackBits } from './bits.ts'
import { broken, type Compressor } from './compressor.ts'
import { dense, gapBytes, gapsOf, kept, largest } from './top-k.ts'

/** A scale (of one value) and a bit for each sign: 1 is plus. */
export interface Signs {
  readonly scale: Float32Array
  readonly signs: Uint8Array
}

const signsOf = (values: Float32Array): Uint8Array =>
  packBits(
    values.map((value) => (value < 0 ? 0 : 1)),
    1,
  )
const meanMagnitude = (values: Float32Array): Float32Array =>
  Float32Array.of(values.length === 0 ? 0 : values.reduce((sum, value) => sum + Math.abs(value), 0) / values.length)

const signed = ({ scale, signs }: Signs, count: number): Float32Array => {
  if (scale.length !== 1) throw broken('one scale', String(scale.length))
  return Float32Array.from(unpackBits(signs, 1, count), (bit) => (bit === 1 ? scale[0]! : -scale[0]!))
}

/** 1 bit a value. */
export const sign: Compressor<Signs> = {
  name: 'sign',
  feedback: true,
  codec: structCodec<Signs>({ scale: float32Codec, signs: bytesCodec }),
  pack: (values) => ({ scale: meanMagnitude(values), signs: signsOf(values) }),
  unpack: signed,
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
      return { scale: meanMagnitude(chosen), signs: signsOf(chosen), gaps: gapBytes(indices) }
    },
    unpack: ({ gaps, ...signs }, size) => {
      const indices = gapsOf(gaps)
      return dense({ indices, values: signed(signs, indices.length) }, size)
    },
  }
}
