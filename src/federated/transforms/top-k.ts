// Top-k: the k values of largest magnitude, and where they are.
// Aji, Heafield 2017, "Sparse communication for distributed gradient descent", EMNLP, section 3; with memory: Stich, Cordonnier, Jaggi 2018, "Sparsified SGD with memory",
// NeurIPS, algorithm 1.
import { bytesCodec, type Codec, equalBytes, float32Codec, structCodec } from '../../base/index.ts'
import { broken, type Compressor } from './compressor.ts'

/** Some values of a vector; indices in ascending order. */
export interface Sparse {
  readonly indices: Uint32Array
  readonly values: Float32Array
}

// Ascending indices travel as the gaps between them, in Rice's code (Rice, Plaunt 1971; the Golomb code of Sattler et al. 2020 with a power of two): a gap g is ⌊g / 2^k⌋ ones, a
// zero, and the k low bits of g. For places at random that is within a few percent of the entropy: 8 bits a value at a density of 1 %.

/** k for a number of gaps that add up to a sum: nearest below log2 of the mean gap times ln 2, where the code is shortest. */
const riceBits = (gaps: number, sum: number): number =>
  Math.min(24, Math.max(0, Math.floor(Math.log2(Math.max(1, (Math.LN2 * sum) / Math.max(1, gaps))))))

/** Ascending indices as bytes: their number (4 bytes), k (1 byte), and the gaps, lowest bit first. */
export const gapBytes = (indices: Uint32Array): Uint8Array => {
  const gaps = indices.map((index, i) => (i === 0 ? index : index - indices[i - 1]! - 1))
  const k = riceBits(
    gaps.length,
    gaps.reduce((sum, gap) => sum + gap, 0),
  )
  const length = gaps.reduce((bits, gap) => bits + Math.floor(gap / 2 ** k) + 1 + k, 0)
  const bytes = new Uint8Array(5 + Math.ceil(length / 8))
  new DataView(bytes.buffer).setUint32(0, gaps.length, true)
  bytes[4] = k
  let at = 40
  const put = (bit: number): void => {
    bytes[at >> 3]! |= bit << (at & 7)
    at += 1
  }
  for (const gap of gaps) {
    for (let ones = Math.floor(gap / 2 ** k); ones > 0; ones -= 1) put(1)
    put(0)
    for (let low = 0; low < k; low += 1) put((gap >>> low) & 1)
  }
  return bytes
}

/** Indices back from their gaps. @throws YimengError `packed` for bytes that are none. */
export const gapsOf = (bytes: Uint8Array): Uint32Array => {
  const many = bytes.length < 5 ? Number.NaN : new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true)
  const k = bytes[4] ?? 0
  // a gap takes at least one bit
  if (!(many <= 8 * (bytes.length - 5))) throw broken('a number of gaps, and as many', `${bytes.length} bytes`)
  const indices = new Uint32Array(many)
  let [at, next] = [40, 0]
  const take = (): number => {
    if (at >= 8 * bytes.length) throw broken('whole gaps', 'a part of one')
    const bit = (bytes[at >> 3]! >> (at & 7)) & 1
    at += 1
    return bit
  }
  for (let i = 0; i < many; i += 1) {
    let gap = 0
    while (take() === 1) gap += 2 ** k
    for (let low = 0; low < k; low += 1) gap += take() * 2 ** low
    if (next + gap >= 2 ** 32) throw broken('indices below 2^32', String(next + gap))
    indices[i] = next + gap
    next += gap + 1
  }
  // one spelling for each list: the right k, and zeros behind the last gap
  if (!equalBytes(gapBytes(indices), bytes)) throw broken('gaps in their shortest spelling', 'another')
  return indices
}

const both = structCodec<{ readonly gaps: Uint8Array; readonly values: Float32Array }>({ gaps: bytesCodec, values: float32Codec })

/** {@link Sparse} as bytes: 4 a value, and about 1 for where it is. */
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
