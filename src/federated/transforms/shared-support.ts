// The same places for all: every site sends the values at places that the server draws and publishes (as a number). What travels is a short vector that adds up in a ring, so
// it may go under a masked sum. Konečný et al. 2016, "Federated learning: strategies for improving communication efficiency", arXiv 1610.05492, section 2 (random mask);
// Ergun, Sami, Güler 2021, "Sparsified secure aggregation for privacy-preserving federated learning", arXiv 2112.12872, for why places must agree under masks.
import type { RingVector } from '../../algebra/index.ts'
import { float32Codec, seed, structCodec } from '../../base/index.ts'
import { plus } from '../arithmetic.ts'
import { sizeOf } from '../folds/lifting.ts'
import { type Mean, type MeanBounds, weightedMean } from '../folds/weighted-mean.ts'
import { numberCodec } from '../strategies/fed-avg.ts'
import type { LinearStrategy } from '../strategy.ts'
import type { Update } from '../update.ts'
import { broken } from './compressor.ts'
import { support } from './random-k.ts'
import { kept } from './top-k.ts'
import type { Both } from './transform.ts'

/** Options of {@link sharedSupport}. */
export interface SharedSupportOptions extends MeanBounds {
  readonly share: number
  /** Whether places are drawn anew each round, with error feedback. If not they stay for ever, and the other values never change. Default true. */
  readonly redraw?: boolean
}

/** The strategy's state, and the number of rounds so far. */
export interface Counted<S> {
  readonly inner: S
  readonly rounds: number
}

/**
 * A strategy that sends differences (`fedAvgM`, …) on a share of the places. A node keeps what was not sent, `[size]`.
 *
 * @throws YimengError `packed` for a share outside (0, 1].
 */
export const sharedSupport = <S, N>(
  strategy: LinearStrategy<S, Update, RingVector, Mean, N>,
  { share, redraw = true, ...bounds }: SharedSupportOptions,
): LinearStrategy<Counted<S>, Update, RingVector, Mean, Both<N, Float32Array>> => {
  if (!(share > 0 && share <= 1)) throw broken('a share above 0, at most 1', String(share))
  const size = sizeOf(bounds)
  const k = kept(share, size)
  const places = (round: number): Uint32Array => support(seed('shared support').split(redraw ? round : 0), k, size)
  const { layout: _, length: __, ...sums } = bounds
  return {
    name: `${strategy.name} ▸ shared support(${share})`,
    init: (params) => ({ inner: strategy.init(params), rounds: 0 }),
    publish: ({ inner, rounds }) => {
      const published = strategy.publish(inner)
      return { ...published, numbers: { ...published.numbers, support: rounds } }
    },
    client: {
      init: (params) => ({ first: strategy.client.init(params), second: new Float32Array(redraw ? size : 0) }),
      codec: structCodec<Both<N, Float32Array>>({ first: strategy.client.codec, second: float32Codec }),
      update: (work) => {
        const train = strategy.client.update(work)
        return async (node, model, { first, second: lost }) => {
          const [{ values, ...facts }, next] = await train(node, model, first)
          const wanted = redraw ? plus(values, lost) : values
          const at = places(model.numbers['support']!)
          const sent = Float32Array.from(at, (index) => wanted[index]!)
          const left = redraw ? wanted.slice() : lost
          if (redraw) for (const index of at) left[index] = 0
          return [
            { ...facts, values: sent },
            { first: next, second: left },
          ]
        }
      },
    },
    fold: weightedMean({ ...sums, length: k }),
    step: ({ inner, rounds }, mean) => {
      const values = new Float64Array(size)
      for (const [i, index] of places(rounds).entries()) values[index] = mean.values[i]!
      return { inner: strategy.step(inner, { ...mean, values }), rounds: rounds + 1 }
    },
    model: ({ inner }) => strategy.model(inner),
    loss: ({ inner }) => strategy.loss(inner),
    codec: structCodec<Counted<S>>({ inner: strategy.codec, rounds: numberCodec }),
  }
}
