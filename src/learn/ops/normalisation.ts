// Normalisation: batch norm over each channel, and standardisation of rows, of which layer norm and group norm are made.
import { YimengError } from '../../base/index.ts'
import { inputOf, type Node, type Rule } from '../graph/node.ts'
import { sameShape, shapeError, showShape, sizeOf } from '../graph/shape.ts'
import type { Shape } from '../types.ts'
import { add, div, mul, sqrt, sub } from './elementwise.ts'
import { reduceSum, reshape } from './structure.ts'

/** scale[c]·x + shift[c] for each channel: `x [batch, channels, …]`. */
export const channelAffine = (x: Node, scale: Node, shift: Node): Node => x.graph.emit('channelAffine', [x, scale, shift], {})

/** A batch-normalised tensor and the statistics of the batch, `[channels]` each; the variance is the population's. */
export interface BatchNormed {
  readonly output: Node
  readonly mean: Node
  readonly variance: Node
}

/** (x − mean) / √(variance + ε) · weight + bias with each channel's mean and variance over batch and map (Ioffe and Szegedy 2015). */
export const batchNorm = (x: Node, weight: Node, bias: Node, epsilon: number): BatchNormed => {
  const output = x.graph.emit('batchNorm', [x, weight, bias], { epsilon })
  return { output, mean: moment(output, 'mean'), variance: moment(output, 'variance') }
}

const moment = (normed: Node<'batchNorm'>, which: 'mean' | 'variance'): Node =>
  normed.graph.emit('batchMoment', [inputOf(normed, 0), normed], { which })

/** (x − mean) / √(variance + ε) along the last axis. */
export const standardise = (x: Node, epsilon: number): Node => x.graph.emit('standardise', [x], { epsilon })

/** Layer norm over the last axis (Ba et al. 2016). */
export const layerNorm = (x: Node, weight: Node, bias: Node, epsilon: number): Node => add(mul(standardise(x, epsilon), weight), bias)

/** Group norm: each sample's channels in `groups` groups are standardised together, then scaled channel by channel (Wu and He 2018). `x [batch, channels, …]`. */
export const groupNorm = (x: Node, groups: number, weight: Node, bias: Node, epsilon: number): Node => {
  const [batch = 1, channels = 1] = x.shape
  if (channels % groups !== 0) throw shapeError('group channels', `a divisor of ${channels}`, `${groups}`)
  return channelAffine(reshape(standardise(reshape(x, [batch, groups, -1]), epsilon), x.shape), weight, bias)
}

/** All axes but the channels'. */
const others = (x: Node): readonly number[] => x.shape.flatMap((_, axis) => (axis === 1 ? [] : [axis]))

const perChannel = (x: Shape, values: readonly Shape[]): Shape => {
  if (x.length < 2 || values.some((shape) => !sameShape(shape, [x[1] ?? 0]))) {
    throw shapeError('normalise channels', `[batch, channels, …] and values of shape [${x[1]}]`, [x, ...values].map(showShape).join(', '))
  }
  return x
}

const once = (): never => {
  throw new YimengError({
    code: 'graph-gradient',
    cannot: 'differentiate',
    expected: 'a statistic that no loss depends on',
    got: 'a gradient of it',
  })
}

/** Rules of this family. */
export const normalisationRules: {
  readonly [K in 'channelAffine' | 'batchNorm' | 'batchMoment' | 'standardise' | 'inverseDeviation']: Rule<K>
} = {
  channelAffine: {
    shape: ([x = [], ...values]) => perChannel(x, values),
    gradient: (node, dy) => {
      const [x, scale] = [inputOf(node, 0), inputOf(node, 1)]
      return [channelAffine(dy, scale, mul(scale, 0)), reduceSum(mul(dy, x), others(x), false), reduceSum(dy, others(x), false)]
    },
  },
  batchNorm: {
    shape: ([x = [], ...values]) => perChannel(x, values),
    gradient: (node, dy) => {
      const [x, weight] = [inputOf(node, 0), inputOf(node, 1)]
      const [mean, variance] = [moment(node, 'mean'), moment(node, 'variance')]
      const share = (x.shape[1] ?? 1) / sizeOf(x.shape)
      const inverse = div(1, sqrt(add(variance, node.attributes.epsilon)))
      const dbias = reduceSum(dy, others(x), false)
      const dweight = mul(inverse, sub(reduceSum(mul(dy, x), others(x), false), mul(mean, dbias)))
      // dx = a·dy + q·x + r, with one number a channel each
      const a = mul(weight, inverse)
      const q = mul(mul(mul(a, inverse), dweight), -share)
      const r = sub(mul(mul(a, dbias), -share), mul(q, mean))
      return [add(channelAffine(dy, a, r), channelAffine(x, q, mul(q, 0))), dweight, dbias]
    },
  },
  batchMoment: {
    shape: ([x = []]) => [x[1] ?? 1],
    gradient: once,
  },
  standardise: {
    shape: ([x = []]) => {
      if (x.length === 0) throw shapeError('standardise', 'at least one axis', showShape(x))
      return x
    },
    gradient: (node, dy) => {
      const x = inputOf(node, 0)
      const inverse = x.graph.emit('inverseDeviation', [x, node], node.attributes)
      const share = 1 / (x.shape.at(-1) ?? 1)
      const centred = sub(dy, mul(reduceSum(dy, [-1], true), share))
      return [mul(inverse, sub(centred, mul(node, mul(reduceSum(mul(dy, node), [-1], true), share))))]
    },
  },
  inverseDeviation: {
    shape: ([x = []]) => [...x.slice(0, -1), 1],
    gradient: once,
  },
}
