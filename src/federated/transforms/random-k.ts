// Random-k: some of the values, drawn anew each round. Where they are is told by one number, from which both sides draw.
// Konečný, McMahan, Yu, Richtárik, Suresh, Bacon 2016, "Federated learning: strategies for improving communication efficiency", arXiv 1610.05492, section 2 (random mask);
// with memory: Stich, Cordonnier, Jaggi 2018, "Sparsified SGD with memory", NeurIPS, section 2.
import { float32Codec, type Seed, seed, structCodec, uint32Codec } from '../../base/index.ts'
import { broken, type Compressor } from './compressor.ts'
import { kept } from './top-k.ts'

/** Values at places that are drawn from `key`. */
export interface Drawn {
  /** Whole, below 2^32. */
  readonly key: number
  readonly values: Float32Array
}

/** `k` different indices below `size`, in ascending order: the same for the same seed. Floyd's sampling (Bentley and Floyd 1987): k steps, whatever the size. */
export const support = (from: Seed, k: number, size: number): Uint32Array => {
  const random = from.random()
  const chosen = new Set<number>()
  for (let last = size - k; last < size; last += 1) {
    const index = random.integer(last + 1)
    chosen.add(chosen.has(index) ? last : index)
  }
  return Uint32Array.from(chosen).sort()
}

const codec = structCodec<{ readonly key: Uint32Array; readonly values: Float32Array }>({ key: uint32Codec, values: float32Codec })
const places = (key: number, k: number, size: number): Uint32Array => support(seed('random-k').split(key), k, size)

/**
 * Keeps a share of the values. `scaled`: times 1/share, so that it is unbiased and needs no feedback; else as they are, with feedback. `fixed`: each node sends the same
 * places for ever and nothing of the others, without feedback (reference: fixed sparsity masks); those places never learn from that node.
 *
 * @throws YimengError `packed` for a share outside (0, 1].
 */
export const randomK = (share: number, kind: 'scaled' | 'kept' | 'fixed' = 'kept'): Compressor<Drawn> => {
  if (!(share > 0 && share <= 1)) throw broken('a share above 0, at most 1', String(share))
  return {
    name: kind === 'fixed' ? `fixed mask(${share})` : `random-k(${share}${kind === 'scaled' ? ', scaled' : ''})`,
    feedback: kind === 'kept',
    codec: {
      encode: ({ key, values }) => codec.encode({ key: Uint32Array.of(key), values }),
      decode: (bytes) => {
        const { key, values } = codec.decode(bytes)
        if (key.length !== 1) throw broken('one key', String(key.length))
        return { key: key[0]!, values }
      },
    },
    pack: (values, own, node) => {
      const key = (kind === 'fixed' ? seed('fixed mask').split(node) : own).random().uint32()
      const k = kept(share, values.length)
      const factor = kind === 'scaled' ? values.length / k : 1
      return { key, values: Float32Array.from(places(key, k, values.length), (index) => factor * values[index]!) }
    },
    unpack: ({ key, values }, size) => {
      const k = kept(share, size)
      if (values.length !== k) throw broken(`${k} values`, String(values.length))
      const whole = new Float32Array(size)
      for (const [i, index] of places(key, k, size).entries()) whole[index] = values[i]!
      return whole
    },
  }
}
