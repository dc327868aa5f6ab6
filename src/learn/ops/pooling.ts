// Pooling over any number of spatial axes. Only the maximum needs operations of its own: averages are sums.
import { YimengError } from '../../base/index.ts'
import { inputOf, type Node, type Rule } from '../graph/node.ts'
import { axisLength, sameShape, shapeError, showShape, sizeOf } from '../graph/shape.ts'
import { convGeometry, convSpatial, conv, type PerAxis, perAxis } from './convolution.ts'
import { mean, mul } from './elementwise.ts'
import { expand, reduceSum, reshape } from './structure.ts'

/** Windows of a pooling, for each spatial axis. */
export interface PoolGeometry {
  readonly kernel: readonly number[]
  readonly stride: readonly number[]
  readonly padding: readonly number[]
}

/** Options of a pooling; the stride is the kernel unless given, as in PyTorch. */
export interface PoolOptions {
  readonly kernel: PerAxis
  readonly stride?: PerAxis
  readonly padding?: PerAxis
}

const poolGeometry = ({ kernel, stride = kernel, padding = 0 }: PoolOptions, rank: number): PoolGeometry => ({
  kernel: perAxis(kernel, rank),
  stride: perAxis(stride, rank),
  padding: perAxis(padding, rank),
})

/** Largest value of each window: `[batch, channels, …]`. Padding never wins; of equal values the first in row-major order takes the gradient. */
export const maxPool = (x: Node, options: PoolOptions): Node => x.graph.emit('maxPool', [x], poolGeometry(options, x.shape.length - 2))

/** Mean of each window; padding counts as zeros (PyTorch's `count_include_pad`). */
export const averagePool = (x: Node, options: PoolOptions): Node => {
  const [batch, channels, ...spatial] = x.shape
  const { kernel, stride, padding } = poolGeometry(options, spatial.length)
  const share = 1 / sizeOf(kernel)
  const apart = spatial.every((length, i) => stride[i] === kernel[i] && padding[i] === 0 && length % (kernel[i] ?? 1) === 0)
  if (!apart) {
    const weight = expand(x.graph.constant(share), [channels ?? 1, 1, ...kernel])
    return conv(x, weight, { stride, padding, groups: channels ?? 1 })
  }
  // windows that tile the map: [batch, channels, h/k, k, w/k, k]
  const tiles = reshape(x, [batch ?? 1, channels ?? 1, ...spatial.flatMap((length, i) => [length / (kernel[i] ?? 1), kernel[i] ?? 1])])
  return mul(
    reduceSum(
      tiles,
      spatial.map((_, i) => 3 + 2 * i),
      false,
    ),
    share,
  )
}

/** Mean over all spatial axes: `[batch, channels, …]` → `[batch, channels]`. */
export const globalAveragePool = (x: Node): Node =>
  mean(
    x,
    x.shape.slice(2).map((_, i) => i + 2),
  )

/** Repeats each value `factor` times along each spatial axis (nearest neighbour). */
export const upsample = (x: Node, factor: number): Node => {
  const [batch = 1, channels = 1, ...spatial] = x.shape
  const wide = expand(reshape(x, [batch, channels, ...spatial.flatMap((length) => [length, 1])]), [
    batch,
    channels,
    ...spatial.flatMap((length) => [length, factor]),
  ])
  return reshape(wide, [batch, channels, ...spatial.map((length) => length * factor)])
}

/** Rules of this family. */
export const poolingRules: { readonly [K in 'maxPool' | 'maxPoolGrad']: Rule<K> } = {
  maxPool: {
    shape: ([x = []], { kernel, stride, padding }) => {
      const spatial = convSpatial(x.slice(2), kernel, convGeometry({ stride, padding }, kernel.length))
      if (kernel.length !== x.length - 2 || spatial.some((length) => !(length >= 1)) || padding.some((p, i) => 2 * p > (kernel[i] ?? 0))) {
        throw shapeError(
          'pool',
          'windows within the padded input, padding at most half a window',
          `${showShape(kernel)} on ${showShape(x)}`,
        )
      }
      return [axisLength(x, 0), axisLength(x, 1), ...spatial]
    },
    gradient: (node, dy) => {
      const x = inputOf(node, 0)
      return [x.graph.emit('maxPoolGrad', [x, node, dy], node.attributes)]
    },
  },
  maxPoolGrad: {
    shape: ([x = [], y = [], dy = []]) => {
      if (!sameShape(y, dy)) throw shapeError('differentiate a pooling', `a gradient of shape ${showShape(y)}`, showShape(dy))
      return x
    },
    gradient: () => {
      throw new YimengError({
        code: 'graph-gradient',
        cannot: 'differentiate twice',
        expected: 'operations with second derivatives',
        got: 'max pooling',
      })
    },
  },
}
