// Weighted means of groups, in one sum. A contribution travels as its group's number and one vector; added up, groups lie side by side.
// Not linear, though it is a sum in a ring: its total tells each group apart, and masks or encryption would promise to hide an update that is alone in its group. For plain sums only.
import type { Reals, RingVector } from '../../algebra/index.ts'
import { float64Codec, structCodec, YimengError } from '../../base/index.ts'
import type { Aggregation } from '../aggregation.ts'
import { type Update, updateCodec } from '../update.ts'
import { sizeOf } from './lifting.ts'
import { type MeanBounds, weightedMean } from './weighted-mean.ts'

/** An update of a group: 0 … groups − 1. */
export interface Grouped {
  readonly group: number
  readonly update: Update
}

/** For each group its mean and its sum of weights; the mean of an empty one is 0, and so is its weight. */
export interface GroupMeans {
  readonly groups: readonly { readonly values: Reals; readonly weight: number }[]
  /** Mean loss of all. */
  readonly loss: number
}

const parts = structCodec<{ readonly group: Float64Array; readonly update: Update }>({ group: float64Codec, update: updateCodec })

/** Means of `groups` groups. Throws as `weightedMean` does, and `update-group` for a group that there is not. */
export const groupedMean = (groups: number, bounds: MeanBounds): Aggregation<Grouped, RingVector, GroupMeans> => {
  const size = sizeOf(bounds)
  const { layout: _, length: __, ...sums } = bounds
  // a block for each group: its values, and 1 for those in it
  const block = size + 1
  const { lift, addTo: ___, linear: ____, stored: _____, finish, ...mean } = weightedMean({ ...sums, length: groups * block })
  return {
    ...mean,
    input: {
      encode: ({ group, update }) => parts.encode({ group: Float64Array.of(group), update }),
      decode: (bytes) => {
        const { group, update } = parts.decode(bytes)
        if (group.length !== 1)
          throw new YimengError({ code: 'update-group', cannot: 'read update', expected: 'one group', got: String(group.length) })
        return { group: group[0]!, update }
      },
    },
    lift: ({ group, update }, from) => {
      if (!(Number.isInteger(group) && group >= 0 && group < groups))
        throw new YimengError({
          code: 'update-group',
          cannot: 'take update',
          expected: `a group from 0 to ${groups - 1}`,
          got: String(group),
          where: { node: from },
        })
      if (update.values.length !== size)
        throw new YimengError({
          code: 'update-length',
          cannot: 'take update',
          expected: `${size} values`,
          got: String(update.values.length),
          where: { node: from },
        })
      const values = new Float32Array(groups * block)
      values.set(update.values, group * block)
      values[group * block + size] = 1
      return lift({ ...update, values }, from)
    },
    finish: (total) => {
      const { values, weight, loss } = finish(total)
      return {
        loss,
        groups: Array.from({ length: groups }, (_unused, g) => {
          const share = values[g * block + size]!
          const own = values.slice(g * block, g * block + size)
          return { values: share > 0 ? own.map((value) => value / share) : own, weight: Math.round(share * weight) }
        }),
      }
    },
  }
}
