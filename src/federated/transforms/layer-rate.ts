// Layer-rate: only the tensors that changed most are sent, and each is averaged over the sites that sent it.
// 《联邦学习实战》 (杨强 et al. 2021), companion code on model compression: δ = |mean(w_t) − mean(w_{t+1})| for each tensor; the first rate · L of them are sent.
// The measure is the reference's: changes of unlike sign cancel in it. `magnitude` measures mean |change| instead.
import type { Layout, RingVector } from '../../algebra/index.ts'
import { float32Codec, structCodec, uint32Codec, YimengError } from '../../base/index.ts'
import type { Aggregation } from '../aggregation.ts'
import { type Mean, type MeanBounds, weightedMean } from '../folds/weighted-mean.ts'
import type { Update } from '../update.ts'
import { broken, type Packed, packedCodec } from './compressor.ts'
import { pure, type Transform } from './transform.ts'

/** Some tensors, by their places in the layout (ascending), one after the other. */
export interface Tensors {
  readonly which: Uint32Array
  readonly values: Float32Array
}

/** The ⌈rate · L⌉ tensors whose mean changed most. Give it differences. @throws YimengError `packed` for a rate outside (0, 1]. */
export const layerRate = (layout: Layout, rate: number, measure: 'mean' | 'magnitude' = 'mean'): Transform<Update, Packed<Tensors>> => {
  if (!(rate > 0 && rate <= 1)) throw broken('a rate above 0, at most 1', String(rate))
  const many = Math.ceil(rate * layout.entries.length - 1e-9)
  return pure(`layer rate(${rate})`, ({ values, ...facts }) => {
    const sensitivity = layout.entries.map(({ offset, size }) => {
      const sum = values.subarray(offset, offset + size).reduce((total, value) => total + (measure === 'mean' ? value : Math.abs(value)), 0)
      return Math.abs(sum) / Math.max(1, size)
    })
    const which = Uint32Array.from([...sensitivity.keys()].sort((i, j) => sensitivity[j]! - sensitivity[i]! || i - j).slice(0, many)).sort()
    const chosen = [...which].map((t) => layout.entries[t]!)
    const sent = new Float32Array(chosen.reduce((sum, { size }) => sum + size, 0))
    let start = 0
    for (const { offset, size } of chosen) {
      sent.set(values.subarray(offset, offset + size), start)
      start += size
    }
    return { ...facts, packed: { which, values: sent } }
  })
}

/** Mean of each tensor over those who sent it, weighted; 0 for one that nobody sent. Which tensors a site sends is its own choice, so this is no ring sum of what travels. */
export const layerMean = (
  layout: Layout,
  bounds: Omit<MeanBounds, 'layout' | 'length'> = {},
): Aggregation<Packed<Tensors>, RingVector, Mean> => {
  const { entries, size } = layout
  // behind the values, for each tensor, 1 if it was sent: the mean's share of weight that sent it
  const { total, sum, lift, finish } = weightedMean({ ...bounds, length: size + entries.length })
  return {
    input: packedCodec(structCodec<Tensors>({ which: uint32Codec, values: float32Codec })),
    total,
    sum,
    lift: ({ packed, ...facts }, from) => {
      const values = new Float32Array(size + entries.length)
      let [start, before] = [0, -1]
      for (const t of packed.which) {
        const entry = entries[t]
        if (entry === undefined || t <= before || start + entry.size > packed.values.length)
          throw new YimengError({
            code: 'packed',
            cannot: 'unpack update',
            expected: 'tensors in order, whole',
            got: 'others',
            where: { node: from },
          })
        values.set(packed.values.subarray(start, start + entry.size), entry.offset)
        values[size + t] = 1
        start += entry.size
        before = t
      }
      if (start !== packed.values.length) throw broken(`${start} values`, String(packed.values.length))
      return lift({ ...facts, values }, from)
    },
    finish: (whole) => {
      const { values: all, ...mean } = finish(whole)
      const values = all.slice(0, size)
      for (const [t, entry] of entries.entries()) {
        const share = all[size + t]!
        for (let i = entry.offset; i < entry.offset + entry.size; i += 1) values[i] = share > 0 ? values[i]! / share : 0
      }
      return { ...mean, values }
    },
  }
}
