// Models on a backbone, on any engine: the backbone's features of a data set are computed once, and training sees only those.
import type { Backbone } from '../models/backbone.ts'
import { sizeOf } from '../graph/shape.ts'
import type { Batchable, Predictor } from '../types.ts'
import type { Engine } from './engine.ts'

// of one data set; the features of larger ones are computed at every call
const HELD_BYTES = 2 ** 30

/**
 * The engine for models on backbones too. Features are held as long as the caller holds the data set they are of, up to 1 GiB for one; nothing is written to disk.
 */
export const throughBackbones = (engine: Engine): Engine => {
  const held = new WeakMap<Backbone, WeakMap<Batchable, Promise<Batchable>>>()

  const features = async (predictor: Predictor, { model, params }: Backbone, data: Batchable): Promise<Batchable> => ({
    ...data,
    inputShape: model.output,
    inputs: await predictor.predict(params, data.inputs, data.rows),
  })

  const featuresOnce = (predictor: Predictor, backbone: Backbone, data: Batchable): Promise<Batchable> => {
    if (4 * data.rows * sizeOf(backbone.model.output) > HELD_BYTES) return features(predictor, backbone, data)
    const own = held.get(backbone) ?? new WeakMap<Batchable, Promise<Batchable>>()
    held.set(backbone, own)
    const before = own.get(data)
    if (before !== undefined) return before
    const now = features(predictor, backbone, data)
    own.set(data, now)
    // what failed is tried again
    now.catch(() => own.delete(data))
    return now
  }

  return {
    ...engine,
    trainer: async (model, loss, optimiser) => {
      const { backbone, ...upper } = model
      const trainer = await engine.trainer(upper, loss, optimiser)
      if (backbone === undefined) return trainer
      const predictor = await engine.predictor(backbone.model, 'identity')
      return {
        start: trainer.start,
        epoch: async (state, data, order, hyper) => trainer.epoch(state, await featuresOnce(predictor, backbone, data), order, hyper),
      }
    },
    predictor: async (model, head) => {
      const { backbone, ...upper } = model
      const predictor = await engine.predictor(upper, head)
      if (backbone === undefined) return predictor
      const before = await engine.predictor(backbone.model, 'identity')
      return {
        predict: async (params, inputs, rows) => predictor.predict(params, await before.predict(backbone.params, inputs, rows), rows),
      }
    },
  }
}
