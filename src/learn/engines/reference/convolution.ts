// Convolution and max pooling in plain loops, for up to three spatial axes: fewer are three with leading axes of length 1.
import { inputOf } from '../../graph/node.ts'
import { sizeOf } from '../../graph/shape.ts'
import type { ConvGeometry } from '../../ops/convolution.ts'
import type { Evaluation } from './evaluate.ts'

type Three = readonly [number, number, number]

/** The last three entries, with `missing` in front where there are fewer. */
const three = (values: readonly number[], missing: number): Three => {
  const [a, b, c] = [...Array.from({ length: 3 - values.length }, () => missing), ...values]
  return [a ?? missing, b ?? missing, c ?? missing]
}

interface Sizes {
  readonly batch: number
  readonly channels: number
  readonly out: number
  readonly groups: number
  readonly x: Three
  readonly y: Three
  readonly kernel: Three
  readonly stride: Three
  readonly padding: Three
  readonly dilation: Three
}

const sizes = (x: readonly number[], y: readonly number[], kernel: readonly number[], geometry: ConvGeometry): Sizes => ({
  batch: x[0] ?? 1,
  channels: x[1] ?? 1,
  out: y[1] ?? 1,
  groups: geometry.groups,
  x: three(x.slice(2), 1),
  y: three(y.slice(2), 1),
  kernel: three(kernel, 1),
  stride: three(geometry.stride, 1),
  padding: three(geometry.padding, 0),
  dilation: three(geometry.dilation, 1),
})

/** Calls `visit` with the flat indices of every (x, weight, y) that meet in a convolution. */
const meetings = (s: Sizes, visit: (x: number, w: number, y: number) => void): void => {
  const [inner, outer] = [s.channels / s.groups, s.out / s.groups]
  const [kernelSize, xSize, ySize] = [sizeOf(s.kernel), sizeOf(s.x), sizeOf(s.y)]
  for (let a = 0; a < s.y[0]; a++)
    for (let b = 0; b < s.y[1]; b++)
      for (let c = 0; c < s.y[2]; c++)
        for (let i = 0; i < s.kernel[0]; i++)
          for (let j = 0; j < s.kernel[1]; j++)
            for (let k = 0; k < s.kernel[2]; k++) {
              const p = a * s.stride[0] + i * s.dilation[0] - s.padding[0]
              const q = b * s.stride[1] + j * s.dilation[1] - s.padding[1]
              const r = c * s.stride[2] + k * s.dilation[2] - s.padding[2]
              if (p < 0 || q < 0 || r < 0 || p >= s.x[0] || q >= s.x[1] || r >= s.x[2]) continue
              const [xAt, wAt, yAt] = [
                (p * s.x[1] + q) * s.x[2] + r,
                (i * s.kernel[1] + j) * s.kernel[2] + k,
                (a * s.y[1] + b) * s.y[2] + c,
              ]
              for (let n = 0; n < s.batch; n++)
                for (let o = 0; o < s.out; o++) {
                  const first = Math.floor(o / outer) * inner
                  for (let d = 0; d < inner; d++)
                    visit((n * s.channels + first + d) * xSize + xAt, (o * inner + d) * kernelSize + wAt, (n * s.out + o) * ySize + yAt)
                }
            }
}

const none = new Float64Array(0)

/** y = x ∗ w + b. */
export const conv: Evaluation<'conv'> = (node, [x = none, w = none, bias]) => {
  const y = new Float64Array(sizeOf(node.shape))
  const map = sizeOf(node.shape.slice(2))
  if (bias !== undefined) for (let i = 0; i < y.length; i++) y[i] = bias[Math.floor(i / map) % bias.length] ?? 0
  const s = sizes(inputOf(node, 0).shape, node.shape, inputOf(node, 1).shape.slice(2), node.attributes)
  meetings(s, (i, j, k) => {
    y[k] = (y[k] ?? 0) + (x[i] ?? 0) * (w[j] ?? 0)
  })
  return y
}

/** Gradient of x. */
export const convInputGrad: Evaluation<'convInputGrad'> = (node, [dy = none, w = none]) => {
  const dx = new Float64Array(sizeOf(node.shape))
  const s = sizes(node.shape, inputOf(node, 0).shape, inputOf(node, 1).shape.slice(2), node.attributes)
  meetings(s, (i, j, k) => {
    dx[i] = (dx[i] ?? 0) + (dy[k] ?? 0) * (w[j] ?? 0)
  })
  return dx
}

/** Gradient of w. */
export const convFilterGrad: Evaluation<'convFilterGrad'> = (node, [x = none, dy = none]) => {
  const dw = new Float64Array(sizeOf(node.shape))
  const s = sizes(inputOf(node, 0).shape, inputOf(node, 1).shape, node.attributes.kernel, node.attributes)
  meetings(s, (i, j, k) => {
    dw[j] = (dw[j] ?? 0) + (x[i] ?? 0) * (dy[k] ?? 0)
  })
  return dw
}

/** Index of the first largest value of each window. */
const winners = (
  shape: readonly number[],
  y: readonly number[],
  {
    kernel,
    stride,
    padding,
  }: { readonly kernel: readonly number[]; readonly stride: readonly number[]; readonly padding: readonly number[] },
  x: Float64Array,
): Int32Array => {
  const s = sizes([sizeOf(shape.slice(0, 2)), 1, ...shape.slice(2)], [1, 1, ...y.slice(2)], kernel, {
    stride,
    padding,
    dilation: kernel.map(() => 1),
    groups: 1,
  })
  const best = new Int32Array(sizeOf(y)).fill(-1)
  // meetings visits each window's elements in row-major order of the kernel, so the first of equals stays
  meetings({ ...s, channels: 1, out: 1 }, (i, _w, k) => {
    const before = best[k] ?? -1
    if (before === -1 || (x[i] ?? 0) > (x[before] ?? 0)) best[k] = i
  })
  return best
}

/** Largest of each window. */
export const maxPool: Evaluation<'maxPool'> = (node, [x = none]) =>
  Float64Array.from(winners(inputOf(node, 0).shape, node.shape, node.attributes, x), (i) => x[i] ?? 0)

/** Sends each gradient to its window's winner. */
export const maxPoolGrad: Evaluation<'maxPoolGrad'> = (node, [x = none, , dy = none]) => {
  const dx = new Float64Array(x.length)
  for (const [k, i] of winners(node.shape, inputOf(node, 1).shape, node.attributes, x).entries()) dx[i] = (dx[i] ?? 0) + (dy[k] ?? 0)
  return dx
}
