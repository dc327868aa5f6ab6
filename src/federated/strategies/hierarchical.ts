// Hierarchical FedAvg: regions average often, the whole now and then.
// Liu, Zhang, Song, Letaief 2020, "Client-edge-cloud hierarchical federated learning", ICC, algorithm 1 (HierFAVG):
//   every round: each region's model ← mean of its sites, by rows;   every κ-th round: all regions' models ← their mean, by rows
// Here one server keeps the regions' models. Where regions have servers of their own, these collect downwards and contribute upwards: the same sums in two steps.
import type { RingVector } from '../../algebra/index.ts'
import { structCodec, YimengError } from '../../base/index.ts'
import { type Grouped, groupedMean, type GroupMeans } from '../folds/grouped-mean.ts'
import { sizeOf } from '../folds/lifting.ts'
import type { MeanBounds } from '../folds/weighted-mean.ts'
import type { NodeId } from '../placement.ts'
import { joined } from '../arithmetic.ts'
import { numberCodec } from './fed-avg.ts'
import { type ClusterState, clusterStateCodec, regrouped } from './ifca.ts'
import { count } from './option.ts'
import type { GroupStrategy } from './personal.ts'

/** The regions' models, the rows of each so far known, and the number of rounds so far. */
export interface HierarchicalState {
  readonly regions: ClusterState
  readonly rounds: number
}

/** Options of {@link hierarchical}. */
export interface HierarchicalOptions extends MeanBounds {
  /** The region of each site: 0, 1, 2, … */
  readonly regions: Readonly<Record<NodeId, number>>
  /** κ: rounds from one mean of the whole to the next. */
  readonly every: number
}

/** HierFAVG. A node's own state is its region. With `every` 1 it is FedAvg. */
export const hierarchical = ({
  regions: of,
  every,
  ...bounds
}: HierarchicalOptions): GroupStrategy<HierarchicalState, Grouped, RingVector, GroupMeans, number> => {
  count('hierarchical FedAvg', 'every', every)
  const many = Math.max(0, ...Object.values(of)) + 1
  const size = sizeOf(bounds)
  const mean = ({ models, rows }: ClusterState): Float32Array => {
    const total = rows.reduce((sum, each) => sum + each, 0)
    return models[0]!.params.values.map((first, i) =>
      total === 0 ? first : models.reduce((sum, { params }, g) => sum + (rows[g]! / total) * params.values[i]!, 0),
    )
  }
  return {
    name: 'hierarchical',
    init: (params) => ({
      regions: { models: Array.from({ length: many }, () => ({ params, loss: Number.NaN })), rows: new Float64Array(many) },
      rounds: 0,
    }),
    publish: ({ regions }) => ({ values: joined(...regions.models.map(({ params }) => params.values)), numbers: {}, vectors: {} }),
    client: {
      init: () => 0,
      codec: numberCodec,
      update: (work) => async (node, model) => {
        const group = of[node.id]
        if (group === undefined)
          throw new YimengError({
            code: 'region',
            cannot: 'train',
            expected: 'a region for each site',
            got: 'none',
            where: { node: node.id },
          })
        const own = model.values.slice(group * size, (group + 1) * size)
        const { values, weight, loss } = await work(node, { ...model, values: own })
        return [{ group, update: { values, weight, ...(loss === undefined ? {} : { loss }) } }, group]
      },
    },
    fold: groupedMean(many, bounds),
    step: ({ regions, rounds }, means) => {
      const next = regrouped(regions, means)
      // a region from which nobody took part keeps its weight in the whole
      const rows = next.rows.map((now, g) => (now > 0 ? now : regions.rows[g]!))
      if ((rounds + 1) % every !== 0) return { regions: { ...next, rows }, rounds: rounds + 1 }
      const values = mean({ ...next, rows })
      const models = next.models.map(({ params, loss }) => ({ params: { layout: params.layout, values }, loss }))
      return { regions: { models, rows }, rounds: rounds + 1 }
    },
    model: ({ regions }) => ({ layout: regions.models[0]!.params.layout, values: mean(regions) }),
    modelAt: ({ regions }, region) => regions.models[region]!.params,
    loss: ({ regions }) => regions.models[0]!.loss,
    codec: structCodec<HierarchicalState>({ regions: clusterStateCodec, rounds: numberCodec }),
  }
}
