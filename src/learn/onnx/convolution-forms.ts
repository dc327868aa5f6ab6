// Convolution in ONNX: several ways to write each of its three products. All give the same numbers up to rounding; convolution.ts chooses. Shapes: x [N, C, …], w [O, C/g, …k], dy [N, O, …].
import { inputOf, type Node } from '../graph/node.ts'
import { axisLength, sizeOf } from '../graph/shape.ts'
import type { ConvGeometry } from '../ops/convolution.ts'
import type { Shape } from '../types.ts'
import type { Emitter, Lowering } from './lowering.ts'
import type { OnnxAttribute } from './proto.ts'

type Attributes = Readonly<Record<string, OnnxAttribute>>

/** How each product is computed. */
export interface Formulations {
  /** `direct`: Conv. `folded`: Conv in 3-D with the batch as depth, so that tiny maps make one wide product. */
  readonly conv: 'direct' | 'folded'
  /** `flipped`: Conv with the filter turned (stride 1). `transposed`: ConvTranspose. `…Folded`: with the batch as depth. `mirrored`: the maps are turned and not the filter, which pays where they are smaller. `shifts`: one Gemm, then a sum of shifted maps (stride 1). */
  readonly convInputGrad: 'flipped' | 'flippedFolded' | 'mirrored' | 'transposed' | 'transposedFolded' | 'shifts'
  /** `swapped`: Conv with batch and channels swapped. `depth`: Conv in 3-D with the channels as depth. `columns`: patches as columns, then one Gemm. `taps`: one Gemm for each tap of the kernel, without columns. */
  readonly convFilterGrad: 'swapped' | 'depth' | 'columns' | 'taps'
}

/** Elements of a map up to which the batch is folded into it. */
export const FOLDED = 16

const ints = (values: readonly number[]): OnnxAttribute => ({ ints: values })

const geometryAttributes = ({ stride, padding, dilation, groups }: ConvGeometry, end: readonly number[] = padding): Attributes => ({
  strides: ints(stride),
  pads: ints([...padding, ...end]),
  dilations: ints(dilation),
  group: { int: groups },
})

/** The same geometry with a leading axis that nothing happens on. */
const deeper = ({ stride, padding, dilation, groups }: ConvGeometry): ConvGeometry => ({
  stride: [1, ...stride],
  padding: [0, ...padding],
  dilation: [1, ...dilation],
  groups,
})

const reshape = (to: Emitter, x: string, shape: Shape): string => to.emit('Reshape', [x, to.ints(shape)])
const transpose = (to: Emitter, x: string, permutation: readonly number[]): string => to.emit('Transpose', [x], { perm: ints(permutation) })

/** Exchanges the first two of `rank` + 2 axes. */
const swap = (to: Emitter, x: string, rank: number): string => transpose(to, x, [1, 0, ...Array.from({ length: rank }, (_, i) => i + 2)])

/** `[N, C, …]` → `[1, C, N, …]`. */
const fold = (to: Emitter, x: string, shape: Shape): string => {
  const [n = 1, c = 1, ...spatial] = shape
  return reshape(to, swap(to, x, spatial.length), [1, c, n, ...spatial])
}

/** `[1, C, N, …]` → `[N, C, …]`. */
const unfold = (to: Emitter, x: string, shape: Shape): string => {
  const [n = 1, c = 1, ...spatial] = shape
  return swap(to, reshape(to, x, [c, n, ...spatial]), spatial.length)
}

/** `[O, I, …k]` → `[O, I, 1, …k]`. */
const deepen = (to: Emitter, w: string, [o = 1, i = 1, ...kernel]: Shape): string => reshape(to, w, [o, i, 1, ...kernel])

/** Lowerings of each product, by formulation. */
export const convolutionForms = {
  conv: {
    direct: (node, inputs, to) =>
      to.emit('Conv', inputs, { ...geometryAttributes(node.attributes), kernel_shape: ints(inputOf(node, 1).shape.slice(2)) }),
    folded: (node, [x = '', w = '', ...bias], to) => {
      const [xs, ws] = [inputOf(node, 0).shape, inputOf(node, 1).shape]
      const y = to.emit('Conv', [fold(to, x, xs), deepen(to, w, ws), ...bias], {
        ...geometryAttributes(deeper(node.attributes)),
        kernel_shape: ints([1, ...ws.slice(2)]),
      })
      return unfold(to, y, node.shape)
    },
  } satisfies Record<Formulations['conv'], Lowering<'conv'>>,

  convInputGrad: {
    flipped: (node, [dy = '', w = ''], to) => {
      const ws = inputOf(node, 1).shape
      return to.emit('Conv', [dy, flipped(to, w, ws, node.attributes.groups)], flippedAttributes(node, ws))
    },
    flippedFolded: (node, [dy = '', w = ''], to) => {
      const ws = inputOf(node, 1).shape
      const { groups } = node.attributes
      const turned = deepen(to, flipped(to, w, ws, groups), [(ws[1] ?? 1) * groups, (ws[0] ?? 1) / groups, ...ws.slice(2)])
      const padding = flippedPadding(node.attributes, ws)
      const dx = to.emit('Conv', [fold(to, dy, inputOf(node, 0).shape), turned], {
        ...geometryAttributes(deeper({ ...node.attributes, stride: padding.map(() => 1), padding })),
        kernel_shape: ints([1, ...ws.slice(2)]),
      })
      return unfold(to, dx, node.shape)
    },
    mirrored: (node, [dy = '', w = ''], to) => {
      const [dys, ws] = [inputOf(node, 0).shape, inputOf(node, 1).shape]
      const [n, c, o] = [axisLength(dys, 0), axisLength(ws, 1), axisLength(ws, 0)]
      const padding = flippedPadding(node.attributes, ws)
      const geometry = { ...node.attributes, stride: padding.map(() => 1), padding }
      const [map, out] = [dys.slice(2), node.shape.slice(2)]
      const filter = swap(to, w, ws.length - 2)
      // tiny maps as 3-D with the batch as depth, as in `folded`
      if (sizeOf(map) <= FOLDED) {
        const turned = reshape(to, reverse(to, swap(to, dy, map.length), o * n, map), [1, o, n, ...map])
        const dx = to.emit('Conv', [turned, deepen(to, filter, [c, o, ...ws.slice(2)])], {
          ...geometryAttributes(deeper(geometry)),
          kernel_shape: ints([1, ...ws.slice(2)]),
        })
        return swap(to, reshape(to, reverse(to, dx, c * n, out), [c, n, ...out]), map.length)
      }
      const dx = to.emit('Conv', [reshape(to, reverse(to, dy, n * o, map), dys), filter], {
        ...geometryAttributes(geometry),
        kernel_shape: ints(ws.slice(2)),
      })
      return reshape(to, reverse(to, dx, n * c, out), node.shape)
    },
    transposed: (node, inputs, to) =>
      to.emit('ConvTranspose', inputs, {
        ...geometryAttributes(node.attributes),
        kernel_shape: ints(inputOf(node, 1).shape.slice(2)),
        output_padding: ints(outputPadding(node)),
      }),
    transposedFolded: (node, [dy = '', w = ''], to) => {
      const ws = inputOf(node, 1).shape
      const dx = to.emit('ConvTranspose', [fold(to, dy, inputOf(node, 0).shape), deepen(to, w, ws)], {
        ...geometryAttributes(deeper(node.attributes)),
        kernel_shape: ints([1, ...ws.slice(2)]),
        output_padding: ints([0, ...outputPadding(node)]),
      })
      return unfold(to, dx, node.shape)
    },
    shifts: (node, [dy = '', w = ''], to) => {
      const [dys, ws] = [inputOf(node, 0).shape, inputOf(node, 1).shape]
      const [n, c, o, taps] = [axisLength(dys, 0), axisLength(ws, 1), axisLength(ws, 0), sizeOf(ws.slice(2))]
      const rank = ws.length - 2
      // [taps·C, O] · [O, N·map]
      const turned = reshape(to, transpose(to, reshape(to, w, [o, c, taps]), [2, 1, 0]), [taps * c, o])
      const product = to.emit('Gemm', [turned, reshape(to, swap(to, dy, rank), [o, n * sizeOf(dys.slice(2))])])
      const parts = to.emits('Split', [product, to.ints(Array.from({ length: taps }, () => c))], taps, { axis: { int: 0 } })
      const { padding, dilation } = node.attributes
      const shifted = parts.map((part, tap) => {
        const at = tapPosition(tap, ws.slice(2)).map((t, i) => t * (dilation[i] ?? 1) - (padding[i] ?? 0))
        const rest = at.map((start, i) => (node.shape[i + 2] ?? 1) - (dys[i + 2] ?? 1) - start)
        // negative pads crop what fell off the map
        return to.emit('Pad', [reshape(to, part, [c, n, ...dys.slice(2)]), to.ints([0, 0, ...at, 0, 0, ...rest])])
      })
      return swap(to, to.emit('Sum', shifted), rank)
    },
  } satisfies Record<Formulations['convInputGrad'], Lowering<'convInputGrad'>>,

  convFilterGrad: {
    swapped: (node, [x = '', dy = ''], to) => {
      const { groups, stride, dilation } = node.attributes
      const rank = node.shape.length - 2
      const source = matched(node, x, to)
      const [n = 1, c = 1, ...spatial] = source.shape
      const inner = c / groups
      const axes = spatial.map((_, i) => i + 3)
      // [C/g, g·N, …]
      const swapped =
        groups === 1
          ? swap(to, source.x, rank)
          : reshape(to, transpose(to, reshape(to, source.x, [n, groups, inner, ...spatial]), [2, 1, 0, ...axes]), [
              inner,
              groups * n,
              ...spatial,
            ])
      const dw = to.emit('Conv', [swapped, swap(to, dy, rank)], {
        ...geometryAttributes({ stride: dilation, dilation: stride, padding: source.begin, groups }, source.end),
        kernel_shape: ints(inputOf(node, 1).shape.slice(2)),
      })
      return swap(to, dw, rank)
    },
    depth: (node, [x = '', dy = ''], to) => {
      const { groups, stride, dilation } = node.attributes
      const dys = inputOf(node, 1).shape
      const rank = node.shape.length - 2
      const source = matched(node, x, to)
      const [n = 1, c = 1, ...spatial] = source.shape
      const inner = c / groups
      const axes = spatial.map((_, i) => i + 3)
      const volume = groups === 1 ? source.x : transpose(to, reshape(to, source.x, [n, groups, inner, ...spatial]), [1, 0, 2, ...axes])
      const dw = to.emit(
        'Conv',
        [reshape(to, volume, [1, groups * n, inner, ...spatial]), deepen(to, swap(to, dy, rank), [dys[1] ?? 1, n, ...dys.slice(2)])],
        {
          ...geometryAttributes(deeper({ stride: dilation, dilation: stride, padding: source.begin, groups }), [0, ...source.end]),
          kernel_shape: ints([1, ...dys.slice(2)]),
        },
      )
      return reshape(to, dw, node.shape)
    },
    columns: (node, [x = '', dy = ''], to) => {
      const [xs, dys] = [inputOf(node, 0).shape, inputOf(node, 1).shape]
      const { kernel } = node.attributes
      const [c, o, taps] = [axisLength(xs, 1), axisLength(dys, 1), sizeOf(kernel)]
      const patches = shiftedMaps(node, x, to)
      const columns = taps === 1 ? (patches[0] ?? '') : to.emit('Concat', patches, { axis: { int: 0 } })
      const rows = axisLength(xs, 0) * sizeOf(dys.slice(2))
      const product = to.emit('Gemm', [reshape(to, swap(to, dy, kernel.length), [o, rows]), reshape(to, columns, [taps * c, rows])], {
        transB: { int: 1 },
      })
      return reshape(to, transpose(to, reshape(to, product, [o, taps, c]), [0, 2, 1]), node.shape)
    },
    taps: (node, [x = '', dy = ''], to) => {
      const [xs, dys] = [inputOf(node, 0).shape, inputOf(node, 1).shape]
      const [c, o, rows] = [axisLength(xs, 1), axisLength(dys, 1), axisLength(xs, 0) * sizeOf(dys.slice(2))]
      const gradient = reshape(to, swap(to, dy, node.attributes.kernel.length), [o, rows])
      const parts = shiftedMaps(node, x, to).map((map) =>
        reshape(to, to.emit('Gemm', [gradient, reshape(to, map, [c, rows])], { transB: { int: 1 } }), [o, c, 1]),
      )
      return reshape(to, to.emit('Concat', parts, { axis: { int: 2 } }), node.shape)
    },
  } satisfies Record<Formulations['convFilterGrad'], Lowering<'convFilterGrad'>>,
} as const

/** For each tap of the kernel, what of x it is multiplied with: `[C, N, …map]`. */
const shiftedMaps = (node: Node<'convFilterGrad'>, x: string, to: Emitter): readonly string[] => {
  const { stride, padding, dilation, kernel } = node.attributes
  const map = inputOf(node, 1).shape.slice(2)
  const channelsFirst = swap(to, x, kernel.length)
  const padded = padding.every((p) => p === 0)
    ? channelsFirst
    : to.emit('Pad', [channelsFirst, to.ints([0, 0, ...padding, 0, 0, ...padding])])
  const axes = to.ints(kernel.map((_, i) => i + 2))
  return Array.from({ length: sizeOf(kernel) }, (_, tap) => {
    const start = tapPosition(tap, kernel).map((t, i) => t * (dilation[i] ?? 1))
    const end = start.map((s, i) => s + ((map[i] ?? 1) - 1) * (stride[i] ?? 1) + 1)
    return to.emit('Slice', [padded, to.ints(start), to.ints(end), axes, to.ints(stride)])
  })
}

/** Position of the `tap`-th element of a kernel, in row-major order. */
const tapPosition = (tap: number, kernel: Shape): readonly number[] => {
  const position: number[] = []
  let rest = tap
  for (const length of [...kernel].reverse()) {
    position.unshift(rest % length)
    rest = Math.floor(rest / length)
  }
  return position
}

/** w `[g·o, i, …k]` → `[g·i, o, …k]` with every kernel turned by 180°. A Slice of step −1 does this 20 times slower. */
const flipped = (to: Emitter, w: string, [out = 1, inner = 1, ...kernel]: Shape, groups: number): string => {
  const taps = sizeOf(kernel)
  const outer = out / groups
  const tapsFirst = transpose(to, reshape(to, w, [groups, outer, inner, taps]), [3, 0, 2, 1])
  const turned =
    taps === 1
      ? tapsFirst
      : to.emit('Gather', [tapsFirst, to.ints(Array.from({ length: taps }, (_, t) => taps - 1 - t))], { axis: { int: 0 } })
  return reshape(to, transpose(to, turned, [1, 2, 3, 0]), [groups * inner, outer, ...kernel])
}

/** Maps `[rows, …map]` turned by 180°. */
const reverse = (to: Emitter, x: string, rows: number, map: Shape): string => {
  const size = sizeOf(map)
  return to.emit('Gather', [reshape(to, x, [rows, size]), to.ints(Array.from({ length: size }, (_, i) => size - 1 - i))], {
    axis: { int: 1 },
  })
}

/** Padding of the filter turned by 180°: what the filter reaches beyond the padding. Below 0 there is no such convolution. */
export const flippedPadding = ({ padding, dilation }: ConvGeometry, ws: Shape): readonly number[] =>
  padding.map((p, i) => (dilation[i] ?? 1) * ((ws[i + 2] ?? 1) - 1) - p)

const flippedAttributes = (node: Node<'convInputGrad'>, ws: Shape): Attributes => {
  const padding = flippedPadding(node.attributes, ws)
  return { ...geometryAttributes({ ...node.attributes, stride: padding.map(() => 1), padding }), kernel_shape: ints(ws.slice(2)) }
}

/** Rows at the end that the stride left over. */
const outputPadding = (node: Node<'convInputGrad'>): readonly number[] => {
  const [dys, ws] = [inputOf(node, 0).shape, inputOf(node, 1).shape]
  const { stride, padding, dilation, spatial } = node.attributes
  return spatial.map((length, i) => {
    const reached = ((dys[i + 2] ?? 1) - 1) * (stride[i] ?? 1) - 2 * (padding[i] ?? 0) + (dilation[i] ?? 1) * ((ws[i + 2] ?? 1) - 1) + 1
    return length - reached
  })
}

/** x as a filter gradient reads it: its name, shape and the pads at begin and end. */
interface Matched {
  readonly x: string
  readonly shape: Shape
  readonly begin: readonly number[]
  readonly end: readonly number[]
}

/** Pads that make the filter gradient come out at the kernel's size. Rows that the stride left over take no part: where they exceed the padding, x is cut. */
const matched = (node: Node<'convFilterGrad'>, x: string, to: Emitter): Matched => {
  const [xs, dys] = [inputOf(node, 0).shape, inputOf(node, 1).shape]
  const { stride, padding, dilation, kernel } = node.attributes
  const reach = kernel.map((k, i) => (stride[i] ?? 1) * ((dys[i + 2] ?? 1) - 1) + (dilation[i] ?? 1) * (k - 1) + 1)
  const end = reach.map((length, i) => length - (xs[i + 2] ?? 1) - (padding[i] ?? 0))
  if (end.every((length) => length >= 0)) return { x, shape: xs, begin: padding, end }
  const grown = end.map((length) => Math.max(0, length))
  const padded = to.emit('Pad', [x, to.ints([0, 0, ...padding, 0, 0, ...grown])])
  const cut = to.emit('Slice', [padded, to.ints(kernel.map(() => 0)), to.ints(reach), to.ints(kernel.map((_, i) => i + 2))])
  const zeros = kernel.map(() => 0)
  return { x: cut, shape: [...xs.slice(0, 2), ...reach], begin: zeros, end: zeros }
}
