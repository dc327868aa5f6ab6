// Distributed differential privacy for a strategy: each site clips, rounds to a grid and adds its share of discrete Gaussian noise; only their masked sum carries noise enough, and nobody, the
// server included, sees less than that sum. Kairouz, Liu, Steinke 2021, "The distributed discrete Gaussian mechanism for federated learning with secure aggregation", ICML, algorithm 1
// without the rotation (one bound for all coordinates: the ring is wide enough).
// Unit: a site; adjacency: it is there or not. The noise is planned for the sites that certainly add theirs: the quorum less those who may collude with the server.
import type { Layout, RingVector } from '../../algebra/index.ts'
import { type Csprng, structCodec } from '../../base/index.ts'
import { clip, type DpEvent, distributedGaussian, type IntegerVector, quantiser } from '../../privacy/index.ts'
import { type IntegerTotal, integerSum } from '../folds/integer-sum.ts'
import type { Mean } from '../folds/weighted-mean.ts'
import { numberCodec } from '../strategies/fed-avg.ts'
import type { LinearStrategy } from '../strategy.ts'
import type { Update } from '../update.ts'
import { boundOf, type PrivateState, type PrivateStrategy, withBound } from './central.ts'

/** Choices of {@link distributedlyPrivate}. */
export interface DistributedOptions {
  readonly layout: Layout
  /** Noise of all shares together / sensitivity of the quantised update. */
  readonly noiseMultiplier: number
  /** L2 bound of an update. */
  readonly clip: number
  /** Most sites in a round. */
  readonly cohort: number
  /** Sites whose noise is certain to be in the sum: the quorum, less those who may collude. */
  readonly parties: number
  readonly rng: Csprng
}

/** Steps of the grid in a bound: rounding then adds less than 1/64 of the bound to a vector's length. */
export const gridSteps = (dimension: number): number => Math.max(1024, 32 * Math.ceil(Math.sqrt(dimension)))

/** What one round costs. Throws `noise-options`. */
export const distributedEvent = (of: {
  readonly dimension: number
  readonly parties: number
  readonly noiseMultiplier: number
}): DpEvent => {
  const { dimension, parties, noiseMultiplier } = of
  const { sensitivity } = quantiser({ l2: 1, dimension, stepsPerBound: gridSteps(dimension) })
  return { kind: 'distributedDiscreteGaussian', noiseMultiplier, sensitivity, dimension, parties }
}

/** Noise beyond this many standard deviations is refused as out of bounds, which happens to one coordinate with chance 1e-32. */
const TAIL = 12

/**
 * Wraps a strategy whose sites send differences. For masked sums only: with a plain one the server would see each site's small share of the noise.
 *
 * @throws YimengError `noise-options`, `integer-sum`, `clip-bound` for options that cannot be.
 */
export const distributedlyPrivate = <S, Acc, N>(
  strategy: LinearStrategy<S, Update, Acc, Mean, N>,
  options: DistributedOptions,
): PrivateStrategy<S, IntegerVector, RingVector, IntegerTotal, N> => {
  const { layout, cohort, parties, rng, noiseMultiplier } = options
  const unit = clip(1)
  const grid = quantiser({ l2: 1, dimension: layout.size, stepsPerBound: gridSteps(layout.size) })
  const share = distributedGaussian({ noiseMultiplier, quantiser: grid, parties })
  const shareStddev = (noiseMultiplier * grid.sensitivity) / Math.sqrt(parties)
  const maxAbs = Math.ceil(grid.sensitivity + TAIL * shareStddev)
  const { client } = strategy
  return {
    name: `${strategy.name} ▸ clipped ▸ distributed noise`,
    event: share.event,
    init: (params) => ({ inner: strategy.init(params), l2: options.clip }),
    publish: ({ inner, l2 }) => withBound(strategy.publish(inner), l2),
    client: {
      init: client.init,
      codec: client.codec,
      update: (work) => {
        const train = client.update(work)
        return async (node, model, local) => {
          const [{ values }, next] = await train(node, model, local)
          const l2 = boundOf(model)
          const bounded = unit({ values: values.map((value) => value / l2) })
          return [share.perturb(grid.quantise(bounded, rng), rng), next]
        }
      },
    },
    fold: integerSum({ length: layout.size, maxAbs, cohort }),
    step: ({ inner, l2 }, { values, contributions }) => {
      const mean = Float64Array.from(values, (whole) => (whole * grid.step * l2) / contributions)
      return { inner: strategy.step(inner, { values: mean, weight: contributions, loss: Number.NaN, contributions }), l2 }
    },
    model: ({ inner }) => strategy.model(inner),
    loss: () => Number.NaN,
    codec: structCodec<PrivateState<S>>({ inner: strategy.codec, l2: numberCodec }),
  }
}
