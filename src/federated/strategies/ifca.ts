// IFCA: several models, each trained by the sites that it suits best.
// Ghosh, Chung, Yin, Ramchandran 2020, "An efficient framework for clustered federated learning", NeurIPS, algorithm 1 (model averaging):
//   site k:  j ← argmin over the received models of Fₖ(θⱼ);  trains θⱼ;   server:  each model becomes the mean of those that trained it
import type { Params, RingVector } from '../../algebra/index.ts'
import { type Codec, float64Codec, listCodec, seed, structCodec } from '../../base/index.ts'
import { type Grouped, groupedMean, type GroupMeans } from '../folds/grouped-mean.ts'
import { sizeOf } from '../folds/lifting.ts'
import type { MeanBounds } from '../folds/weighted-mean.ts'
import { joined } from '../arithmetic.ts'
import { type ModelState, modelStateCodec, numberCodec } from './fed-avg.ts'
import { lossAt } from './measured.ts'
import { count, nonNegative } from './option.ts'
import type { GroupStrategy } from './personal.ts'

/** The models, and the rows that trained each in the last round: `[clusters]`. */
export interface ClusterState {
  readonly models: readonly ModelState[]
  readonly rows: Float64Array
}

export const clusterStateCodec: Codec<ClusterState> = structCodec<ClusterState>({ models: listCodec(modelStateCodec), rows: float64Codec })

/** The state after a round: models that nobody trained stay. */
export const regrouped = ({ models, rows }: ClusterState, { groups, loss }: GroupMeans): ClusterState => ({
  models: models.map(({ params }, g) => {
    const { values, weight } = groups[g]!
    return { params: weight > 0 ? { layout: params.layout, values: Float32Array.from(values) } : params, loss }
  }),
  rows: rows.map((_, g) => groups[g]!.weight),
})

/** Options of {@link ifca}. */
export interface IfcaOptions extends MeanBounds {
  readonly clusters: number
  /** Standard deviation of what is added to the first model to make the other ones start apart. Default 0.1. */
  readonly spread?: number
}

/** IFCA: `clusters` times FedAvg's bytes down; up the same under a plain sum. A site remembers the cluster that it chose; the global model is the one with most rows. */
export const ifca = ({
  clusters,
  spread = 0.1,
  ...bounds
}: IfcaOptions): GroupStrategy<ClusterState, Grouped, RingVector, GroupMeans, number> => {
  count('IFCA', 'clusters', clusters)
  nonNegative('IFCA', 'spread', spread)
  const size = sizeOf(bounds)
  const apart = ({ layout, values }: Params, cluster: number): Params => {
    const random = seed('ifca').split(cluster).random()
    return { layout, values: cluster === 0 ? values : values.map((value) => value + spread * random.normal()) }
  }
  const largest = ({ models, rows }: ClusterState): ModelState => models[rows.indexOf(Math.max(...rows))]!
  return {
    name: 'ifca',
    init: (params) => ({
      models: Array.from({ length: clusters }, (_, cluster) => ({ params: apart(params, cluster), loss: Number.NaN })),
      rows: new Float64Array(clusters),
    }),
    publish: ({ models }) => ({ values: joined(...models.map(({ params }) => params.values)), numbers: {}, vectors: {} }),
    client: {
      init: () => 0,
      codec: numberCodec,
      update:
        (work) =>
        async (node, { values: all }) => {
          const models = Array.from({ length: clusters }, (_, j) => all.slice(j * size, (j + 1) * size))
          const losses: number[] = []
          for (const values of models) losses.push(await lossAt(work, node, values))
          const group = losses.indexOf(Math.min(...losses))
          const { values, weight, loss } = await work(node, { values: models[group]!, numbers: {}, vectors: {} })
          return [{ group, update: { values, weight, ...(loss === undefined ? {} : { loss }) } }, group]
        },
    },
    fold: groupedMean(clusters, bounds),
    step: regrouped,
    model: (state) => largest(state).params,
    modelAt: ({ models }, cluster) => models[cluster]!.params,
    loss: (state) => largest(state).loss,
    codec: clusterStateCodec,
  }
}
