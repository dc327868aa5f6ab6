// Cyclic weight transfer: one model goes from site to site.
// Chang, Balachandar, Lam, Yi, Brown, Beers, Rosen, Rubin, Kalpathy-Cramer 2018, "Distributed deep learning networks among institutions for medical imaging", JAMIA 25(8),
// cyclical weight transfer:   round t:  site t mod K trains the model that the site before it left
import { type Codec, structCodec, voidCodec, YimengError } from '../../base/index.ts'
import type { Aggregation } from '../aggregation.ts'
import { type ByNode, byNode } from '../folds/by-node.ts'
import { sizeOf, type VectorShape } from '../folds/lifting.ts'
import type { NodeId } from '../placement.ts'
import type { Strategy } from '../strategy.ts'
import { type Update, updateCodec } from '../update.ts'
import { type ModelState, modelStateCodec, numberCodec } from './fed-avg.ts'
import { option } from './option.ts'

/** The model, and whose turn it is. */
export interface CyclicState {
  readonly model: ModelState
  readonly turn: number
}

const cyclicStateCodec: Codec<CyclicState> = structCodec<CyclicState>({ model: modelStateCodec, turn: numberCodec })

/** What the site in turn sent; undefined if it did not. */
type Passed = Update | undefined

/** The one update that has values. All others are empty. */
const passedOn = (shape: VectorShape): Aggregation<Update, ByNode<Update>, Passed> => {
  const size = sizeOf(shape)
  const all = byNode(updateCodec)
  return {
    ...all,
    lift: (update, from) => {
      const { values } = update
      if ((values.length === 0 || values.length === size) && values.every(Number.isFinite)) return all.lift(update, from)
      throw new YimengError({
        code: 'update-values',
        cannot: 'take update',
        expected: `${size} finite values, or none`,
        got: 'others',
        where: { node: from },
      })
    },
    finish: (total) => [...all.finish(total).values()].find(({ values }) => values.length > 0),
  }
}

/** Options of {@link cyclic}. */
export interface CyclicOptions extends VectorShape {
  /** The way that the model goes. */
  readonly order: readonly NodeId[]
}

/** Cyclic weight transfer: in a round one site trains, and the others send a few bytes. If it fails, the next site goes on from the same model. The server sees every site's model. */
export const cyclic = ({ order, ...shape }: CyclicOptions): Strategy<CyclicState, Update, ByNode<Update>, Passed> => {
  option('cyclic weight transfer', 'order', order.length, order.length > 0 && new Set(order).size === order.length, 'of different sites')
  return {
    name: 'cyclic',
    init: (params) => ({ model: { params, loss: Number.NaN }, turn: 0 }),
    publish: ({ model, turn }) => ({ values: model.params.values, numbers: { turn }, vectors: {} }),
    client: {
      init: () => undefined,
      codec: voidCodec,
      update:
        (work) =>
        async (node, { values: received, numbers }) => {
          if (order[numbers['turn']!] !== node.id) return [{ values: new Float32Array(0), weight: 0 }, undefined]
          const { values, weight, loss } = await work(node, { values: received, numbers: {}, vectors: {} })
          return [{ values, weight, ...(loss === undefined ? {} : { loss }) }, undefined]
        },
    },
    fold: passedOn(shape),
    step: ({ model, turn }, passed) => ({
      model:
        passed === undefined ? model : { params: { layout: model.params.layout, values: passed.values }, loss: passed.loss ?? Number.NaN },
      turn: (turn + 1) % order.length,
    }),
    model: ({ model }) => model.params,
    loss: ({ model }) => model.loss,
    codec: cyclicStateCodec,
  }
}
