// Top-k: the k values of largest magnitude, and where they are.
// Aji, Heafield 2017, "Sparse communication for distributed gradient descent", EMNLP, section 3; with memory: Stich, Cordonnier, Jaggi 2018, "Sparsified SGD with memory",
// NeurIPS, algorithm 1.
import { bytesCodec, type Codec, float32Codec, structCodec } from '../../base/index.ts'
import { broken, type Compressor } from './compressor.ts'

/** Some values of a vector; indices in ascending order. */
export interface Sparse {
  readonly indices: Uint32Array
  readonly values: Float32Array
}

/** Ascending indices as the gaps between them, 7 bits a byte, as in LEB128: a byte each at densities above 1 in 128. */
export const gapBytes = (indices: Uint32Array): Uint8Array => {
  const bytes: number[] = []
  let next = 0
  for (const index of indices) {
    let gap = index - next
    for (; gap >= 0x80; gap = Math.floor(gap / 0x80)) bytes.push(0x80 | (gap & 0x7f))
    bytes.push(gap)
    next = index + 1
  }
  return Uint8Array.from(bytes)
}

/** Indices back from their gaps. @throws YimengError `packed` for bytes that are none. */
export const gapsOf = (bytes: Uint8Array): Uint32Array => {
  const indices: number[] = []
  let [next, gap, scale] = [0, 0, 1]
  for (const byte of bytes) {
    gap += (byte & 0x7f) * scale
    scale *= 0x80
    if (byte >= 0x80) {
      if (scale > 2 ** 35) throw broken('indices below 2^32', 'a longer one')
      continue
    }
    // the last byte of a gap is 0 only for the gap 0: one spelling for each list
    if (byte === 0 && scale > 0x80) throw broken('gaps in their shortest spelling', 'a longer one')
    const index = next + gap
    if (index >= 2 ** 32) throw broken('indices below 2^32', String(index))
    indices.push(index)
    ;[next, gap, scale] = [index + 1, 0, 1]
  }
  if (scale !== 1) throw broken('whole gaps', 'a part of one')
  return Uint32Array.from(indices)
}

const both = structCodec<{ readonly gaps: Uint8Array; readonly values: Float32Array }>({ gaps: bytesCodec, values: float32Codec })

/** {@link Sparse} as bytes: 4 a value, and 1 or 2 for where it is. */
export const sparseCodec: Codec<Sparse> = {
  encode: ({ indices, values }) => both.encode({ gaps: gapBytes(indices), values }),
  decode: (bytes) => {
    const { gaps, values } = both.decode(bytes)
    const indices = gapsOf(gaps)
    if (indices.length !== values.length) throw broken(`${indices.length} values`, String(values.length))
    return { indices, values }
  },
}

/** To `size` values, 0 where none is given. */
export const dense = ({ indices, values }: Sparse, size: number): Float32Array => {
  const whole = new Float32Array(size)
  for (const [i, index] of indices.entries()) {
    if (index >= size) throw broken(`indices below ${size}`, String(index))
    whole[index] = values[i]!
  }
  return whole
}

/** Indices of the `k` values of largest magnitude, in ascending order; of equals the earlier. */
export const largest = (values: Float32Array, k: number): Uint32Array => {
  if (k >= values.length) return Uint32Array.from(values.keys())
  const least = values.map(Math.abs).sort()[values.length - k]!
  let equal = k
  for (const value of values) if (Math.abs(value) > least) equal -= 1
  const chosen: number[] = []
  for (const [i, value] of values.entries()) {
    const size = Math.abs(value)
    if (size > least || (size === least && equal-- > 0)) chosen.push(i)
  }
  return Uint32Array.from(chosen)
}

/** How many of `size` values a share keeps: at least 1. */
export const kept = (share: number, size: number): number => Math.max(1, Math.round(share * size))

/**
 * Keeps a share of the values, those of largest magnitude. Biased: use it with feedback. With share 1 it is the identity.
 *
 * @throws YimengError `packed` for a share outside (0, 1].
 *
 * @example
 * ```ts
 * const half = topK(0.5)
 * const packed = half.pack(Float32Array.of(1, -3, 2, 0), seed(1))
 * assert.deepEqual(half.unpack(packed, 4), Float32Array.of(0, -3, 2, 0))
 * ```
 */
export const topK = (share: number): Compressor<Sparse> => {
  if (!(share > 0 && share <= 1)) throw broken('a share above 0, at most 1', String(share))
  return {
    name: `top-k(${share})`,
    feedback: true,
    codec: sparseCodec,
    pack: (values) => {
      const indices = largest(values, kept(share, values.length))
      return { indices, values: Float32Array.from(indices, (index) => values[index]!) }
    },
    unpack: dense,
  }
}
