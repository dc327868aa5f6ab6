// Convolution over any number of spatial axes. Its three products — output, gradient of the input, gradient of the filter — are three operations, each bilinear, and each
// one's derivatives are the other two: the family is closed under differentiation. Which ONNX nodes compute each is chosen from the shape (onnx/convolution.ts).
import { inputOf, type Node, type Rule } from '../graph/node.ts'
import { axisLength, shapeError, showShape } from '../graph/shape.ts'
import type { Shape } from '../types.ts'
import { reduceSum } from './structure.ts'

/** How a filter moves, for each spatial axis, as PyTorch's `nn.Conv2d` reads it: padding on both sides, `groups` of channels that do not mix. */
export interface ConvGeometry {
  readonly stride: readonly number[]
  readonly padding: readonly number[]
  readonly dilation: readonly number[]
  readonly groups: number
}

/** One number for all axes, or one for each. */
export type PerAxis = number | readonly number[]

/** Options of a convolution; PyTorch's defaults. */
export interface ConvOptions {
  readonly stride?: PerAxis
  readonly padding?: PerAxis
  readonly dilation?: PerAxis
  readonly groups?: number
}

/** A number for each of `rank` axes. */
export const perAxis = (value: PerAxis, rank: number): readonly number[] =>
  typeof value === 'number' ? Array.from({ length: rank }, () => value) : value

/** Options spelt out for `rank` spatial axes. */
export const convGeometry = ({ stride = 1, padding = 0, dilation = 1, groups = 1 }: ConvOptions, rank: number): ConvGeometry => ({
  stride: perAxis(stride, rank),
  padding: perAxis(padding, rank),
  dilation: perAxis(dilation, rank),
  groups,
})

/**
 * `x [batch, channels, …spatial]` with `weight [out, channels / groups, …kernel]` and `bias [out]` → `[batch, out, …]`: a cross-correlation, as every deep-learning
 * library means by convolution.
 */
export const conv = (x: Node, weight: Node, options: ConvOptions & { readonly bias?: Node } = {}): Node => {
  const geometry = convGeometry(options, x.shape.length - 2)
  return x.graph.emit('conv', options.bias === undefined ? [x, weight] : [x, weight, options.bias], geometry)
}

/** Transposed convolution: `x [batch, in, …]` with `weight [in, out / groups, …kernel]` → `[batch, out, …]`. PyTorch's `nn.ConvTranspose2d`. */
export const convTranspose = (x: Node, weight: Node, options: ConvOptions & { readonly outputPadding?: PerAxis } = {}): Node => {
  const rank = x.shape.length - 2
  const geometry = convGeometry(options, rank)
  const extra = perAxis(options.outputPadding ?? 0, rank)
  const spatial = Array.from(
    { length: rank },
    (_, i) =>
      ((x.shape[i + 2] ?? 1) - 1) * at(geometry.stride, i) -
      2 * at(geometry.padding, i) +
      at(geometry.dilation, i) * ((weight.shape[i + 2] ?? 1) - 1) +
      at(extra, i) +
      1,
  )
  return convInputGrad(x, weight, geometry, spatial)
}

/** Gradient of a convolution's input: `dy [batch, out, …]`, `weight` → `[batch, channels, …spatial]`. */
export const convInputGrad = (dy: Node, weight: Node, geometry: ConvGeometry, spatial: Shape): Node =>
  dy.graph.emit('convInputGrad', [dy, weight], { ...pick(geometry), spatial })

/** Gradient of a convolution's filter: `x`, `dy` → `[out, channels / groups, …kernel]`. */
export const convFilterGrad = (x: Node, dy: Node, geometry: ConvGeometry, kernel: Shape): Node =>
  x.graph.emit('convFilterGrad', [x, dy], { ...pick(geometry), kernel })

const at = (values: readonly number[], i: number): number => values[i] ?? 1

const pick = ({ stride, padding, dilation, groups }: ConvGeometry): ConvGeometry => ({ stride, padding, dilation, groups })

const outputLength = (length: number, kernel: number, { stride, padding, dilation }: ConvGeometry, i: number): number =>
  Math.floor((length + 2 * (padding[i] ?? 0) - at(dilation, i) * (kernel - 1) - 1) / at(stride, i)) + 1

/** Spatial lengths that a convolution makes. */
export const convSpatial = (spatial: Shape, kernel: Shape, geometry: ConvGeometry): Shape =>
  spatial.map((length, i) => outputLength(length, kernel[i] ?? 1, geometry, i))

const check = (x: Shape, weight: Shape, geometry: ConvGeometry): Shape => {
  const { groups } = geometry
  const rank = x.length - 2
  const [out, inner] = [axisLength(weight, 0), axisLength(weight, 1)]
  const fits =
    rank >= 1 &&
    weight.length === x.length &&
    axisLength(x, 1) === inner * groups &&
    out % groups === 0 &&
    [geometry.stride, geometry.padding, geometry.dilation].every(
      (values) => values.length === rank && values.every(Number.isSafeInteger),
    ) &&
    geometry.stride.every((s) => s > 0) &&
    geometry.dilation.every((d) => d > 0) &&
    geometry.padding.every((p) => p >= 0)
  const spatial = convSpatial(x.slice(2), weight.slice(2), geometry)
  if (!fits || spatial.some((length) => length < 1)) {
    throw shapeError(
      'convolve',
      'a filter [out, channels / groups, …kernel] within the padded input',
      `${showShape(weight)} on ${showShape(x)}, groups ${groups}`,
    )
  }
  return [axisLength(x, 0), out, ...spatial]
}

/** Rules of this family. */
export const convolutionRules: { readonly [K in 'conv' | 'convInputGrad' | 'convFilterGrad']: Rule<K> } = {
  conv: {
    shape: ([x = [], weight = [], bias], geometry) => {
      const shape = check(x, weight, geometry)
      if (bias !== undefined && (bias.length !== 1 || bias[0] !== shape[1]))
        throw shapeError('convolve', `a bias of shape [${shape[1]}]`, showShape(bias))
      return shape
    },
    gradient: (node, dy) => {
      const [x, weight] = [inputOf(node, 0), inputOf(node, 1)]
      const { attributes: geometry } = node
      const dx = convInputGrad(dy, weight, geometry, x.shape.slice(2))
      const dw = convFilterGrad(x, dy, geometry, weight.shape.slice(2))
      return node.inputs.length === 2
        ? [dx, dw]
        : [
            dx,
            dw,
            reduceSum(
              dy,
              dy.shape.flatMap((_, axis) => (axis === 1 ? [] : [axis])),
              false,
            ),
          ]
    },
  },
  convInputGrad: {
    shape: ([dy = [], weight = []], { spatial, ...geometry }) => {
      const x = [axisLength(dy, 0), axisLength(weight, 1) * geometry.groups, ...spatial]
      const made = check(x, weight, geometry)
      if (showShape(made) !== showShape(dy))
        throw shapeError('transpose a convolution', `an input of shape ${showShape(made)}`, showShape(dy))
      return x
    },
    gradient: (node, dx) => {
      const [dy, weight] = [inputOf(node, 0), inputOf(node, 1)]
      return [conv(dx, weight, node.attributes), convFilterGrad(dx, dy, node.attributes, weight.shape.slice(2))]
    },
  },
  convFilterGrad: {
    shape: ([x = [], dy = []], { kernel, ...geometry }) => {
      const weight = [axisLength(dy, 1), axisLength(x, 1) / geometry.groups, ...kernel]
      const made = check(x, weight, geometry)
      if (showShape(made) !== showShape(dy))
        throw shapeError('differentiate a convolution', `a gradient of shape ${showShape(made)}`, showShape(dy))
      return weight
    },
    gradient: (node, dw) => {
      const [x, dy] = [inputOf(node, 0), inputOf(node, 1)]
      return [convInputGrad(dy, dw, node.attributes, x.shape.slice(2)), conv(x, dw, node.attributes)]
    },
  },
}
