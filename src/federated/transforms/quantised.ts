// Quantisation: each value as one of a few levels, rounded up or down at random so that it is right on average.
// Alistarh, Grubic, Li, Tomioka, Vojnovic 2017, "QSGD: communication-efficient SGD via gradient quantization and encoding", NeurIPS, section 3.1:
//   Q(x)ᵢ = ‖x‖ · sign(xᵢ) · ξᵢ,   ξᵢ = ⌊s·|xᵢ|/‖x‖⌋ / s or one step more, with the probability that makes E ξᵢ = |xᵢ|/‖x‖
// ‖·‖ is the Euclidean norm (QSGD) or the largest magnitude (int8, int4: less spread, for no more bits), of each bucket of values (section 4).
// Levels travel in a fixed number of bits, 2s + 1 of them being in use; the paper's Elias code pays only for s far below √n.
import { bytesCodec, float32Codec, type Seed, structCodec } from '../../base/index.ts'
import { packBits, unpackBits } from './bits.ts'
import { broken, type Compressor } from './compressor.ts'

/** Levels as bits, and the norm of each bucket. */
export interface Quantised {
  readonly norms: Float32Array
  readonly levels: Uint8Array
}

const codec = structCodec<Quantised>({ norms: float32Codec, levels: bytesCodec })

interface Kind {
  readonly name: string
  /** s: levels on either side of 0. */
  readonly steps: number
  readonly bits: number
  readonly norm: (bucket: Float32Array) => number
  readonly bucket: number
}

const euclidean = (bucket: Float32Array): number => Math.sqrt(bucket.reduce((sum, value) => sum + value * value, 0))
const magnitude = (bucket: Float32Array): number => bucket.reduce((most, value) => Math.max(most, Math.abs(value)), 0)

const quantiser = ({ name, steps, bits, norm, bucket }: Kind): Compressor<Quantised> => ({
  name,
  feedback: false,
  codec,
  pack: (values, seed: Seed) => {
    const random = seed.random()
    // rounded up, so that no value is beyond its norm
    const norms = Float32Array.from({ length: Math.ceil(values.length / bucket) }, (_, b) => {
      const exact = norm(values.subarray(b * bucket, (b + 1) * bucket))
      const rounded = Math.fround(exact)
      return rounded >= exact ? rounded : Math.fround(exact * (1 + 2 ** -23))
    })
    const levels = Uint16Array.from(values, (value, i) => {
      const whole = norms[Math.floor(i / bucket)]!
      if (whole === 0) return steps
      const level = Math.floor((steps * value) / whole + random.uniform())
      return steps + Math.max(-steps, Math.min(steps, level))
    })
    return { norms, levels: packBits(levels, bits) }
  },
  unpack: ({ norms, levels }, size) => {
    const buckets = Math.ceil(size / bucket)
    if (norms.length !== buckets) throw broken(`${buckets} norms`, String(norms.length))
    return Float32Array.from(unpackBits(levels, bits, size), (level, i) => {
      if (level > 2 * steps) throw broken(`levels up to ${2 * steps}`, String(level))
      return (norms[Math.floor(i / bucket)]! * (level - steps)) / steps
    })
  },
})

/**
 * QSGD with s levels on either side of 0 (1 to 32767), buckets of `bucket` values. 4-bit QSGD is s = 7.
 *
 * @throws YimengError `packed` for numbers out of range.
 */
export const qsgd = (steps: number, bucket = 512): Compressor<Quantised> => {
  if (!(Number.isInteger(steps) && steps >= 1 && steps < 2 ** 15)) throw broken('levels from 1 to 32767', String(steps))
  if (!(Number.isInteger(bucket) && bucket >= 1)) throw broken('buckets of at least 1 value', String(bucket))
  return quantiser({ name: `qsgd(${steps})`, steps, bits: Math.ceil(Math.log2(2 * steps + 1)), norm: euclidean, bucket })
}

/** 8 bits a value, scaled to the largest magnitude of each 1024 values. */
export const int8: Compressor<Quantised> = quantiser({ name: 'int8', steps: 127, bits: 8, norm: magnitude, bucket: 1024 })

/** 4 bits a value, scaled to the largest magnitude of each 128 values. */
export const int4: Compressor<Quantised> = quantiser({ name: 'int4', steps: 7, bits: 4, norm: magnitude, bucket: 128 })
