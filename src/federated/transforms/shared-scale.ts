// Quantisation on one public grid: all sites use the same scale, so that what is sent adds up in a ring and may go under a masked sum.
// Bonawitz, Salehi, Konečný, McMahan, Gruteser 2019, "Federated learning with autotuned communication-efficient secure aggregation", Asilomar, section 3. Rounded at random,
// hence right on average; a value beyond the bound is cut to it.
import type { RingVector } from '../../algebra/index.ts'
import { bytesCodec, type Codec, float64Codec, structCodec } from '../../base/index.ts'
import type { LinearAggregation } from '../aggregation.ts'
import { sizeOf } from '../folds/lifting.ts'
import { type Mean, type MeanBounds, weightedMean } from '../folds/weighted-mean.ts'
import type { Update } from '../update.ts'
import { packBits, unpackBits } from './bits.ts'
import { broken } from './compressor.ts'
import { pure, type Transform } from './transform.ts'

/** Options of {@link sharedScale}. */
export interface SharedScaleOptions extends MeanBounds {
  /** The grid goes from −edge to edge. `maxAbs`, which also bounds the losses, stays as it is. */
  readonly edge: number
  /** Bits a value on the wire of a plain sum, 2 to 16. Default 8. */
  readonly gridBits?: number
}

/** The transform onto the grid, and the mean of what is on it. Under a plain sum a value takes `gridBits`, under masks a ring element (take `bits: 32`). */
export const sharedScale = ({
  edge,
  gridBits = 8,
  ...bounds
}: SharedScaleOptions): { readonly transform: Transform<Update, Update>; readonly fold: LinearAggregation<Update, RingVector, Mean> } => {
  if (!(Number.isInteger(gridBits) && gridBits >= 2 && gridBits <= 16)) throw broken('2 to 16 bits', String(gridBits))
  if (!(edge > 0 && edge <= (bounds.maxAbs ?? edge))) throw broken('an edge above 0, within maxAbs', String(edge))
  const size = sizeOf(bounds)
  const steps = 2 ** (gridBits - 1) - 1
  const at = (level: number): number => Math.fround((edge * level) / steps)
  const onGrid = (level: number): number => {
    if (Math.abs(level) <= steps) return level
    throw broken(`values from −${edge} to ${edge}`, 'one beyond')
  }
  const levelOf = (value: number): number => onGrid(Math.round((value * steps) / edge))
  const parts = structCodec<{ readonly levels: Uint8Array; readonly facts: Float64Array }>({ levels: bytesCodec, facts: float64Codec })
  const input: Codec<Update> = {
    encode: ({ values, weight, loss }) =>
      parts.encode({
        levels: packBits(
          Uint16Array.from(values, (value) => levelOf(value) + steps),
          gridBits,
        ),
        facts: loss === undefined ? Float64Array.of(weight) : Float64Array.of(weight, loss),
      }),
    decode: (bytes) => {
      const { levels, facts } = parts.decode(bytes)
      const [weight, loss] = facts
      if (weight === undefined || facts.length > 2) throw broken('a weight and perhaps a loss', `${facts.length} numbers`)
      const values = Float32Array.from(unpackBits(levels, gridBits, size), (level) => at(onGrid(level - steps)))
      return loss === undefined ? { values, weight } : { values, weight, loss }
    },
  }
  return {
    transform: pure(`grid(${gridBits} bits)`, (update, node) => {
      const random = node.seed.split('grid').random()
      const values = update.values.map((value) => {
        const level = Math.floor((value * steps) / edge + random.uniform())
        return at(Math.max(-steps, Math.min(steps, level)))
      })
      return { ...update, values }
    }),
    fold: { ...weightedMean(bounds), input },
  }
}
