// Operations that move values (reshape, expand, transpose, concat, slice) and the one that undoes a repetition (sum over axes).
import { type Graph, inputOf, type Node, type Rule } from '../graph/node.ts'
import { axisLength, broadcastShape, sameShape, shapeError, showShape, sizeOf } from '../graph/shape.ts'
import type { Shape } from '../types.ts'

/** The same values in row-major order under another shape. One length may be −1: what remains. */
export const reshape = (x: Node, shape: Shape): Node => {
  const known = sizeOf(shape.filter((length) => length !== -1))
  const full = shape.map((length) => (length === -1 ? sizeOf(x.shape) / known : length))
  if (sameShape(x.shape, full)) return x
  // two reshapes in a row are one
  return x.op === 'reshape' ? reshape(inputOf(x, 0), full) : x.graph.emit('reshape', [x], { shape: full })
}

/** All axes but the first become one: `[rows, …]` → `[rows, features]`. */
export const flatten = (x: Node): Node => reshape(x, [axisLength(x.shape, 0), -1])

/** Repeats along axes of length 1 (and new leading axes) up to `shape`. */
export const expand = (x: Node, shape: Shape): Node => (sameShape(x.shape, shape) ? x : x.graph.emit('expand', [x], { shape }))

/** Axis i of the result is axis `permutation[i]` of x. */
export const transpose = (x: Node, permutation: readonly number[]): Node =>
  permutation.every((axis, i) => axis === i) ? x : x.graph.emit('transpose', [x], { permutation })

/** Joins tensors along one axis. */
export const concat = (xs: readonly Node[], axis: number): Node => {
  const [first] = xs
  if (first === undefined) throw shapeError('join tensors', 'at least one', 'none')
  return xs.length === 1 ? first : first.graph.emit('concat', xs, { axis })
}

/** Elements `start` … `end`−1 along one axis. */
export const slice = (x: Node, axis: number, start: number, end: number): Node =>
  start === 0 && end === axisLength(x.shape, axis) ? x : x.graph.emit('slice', [x], { axis, start, end })

/** Sum over `axes`; they stay with length 1 if `keep`. */
export const reduceSum = (x: Node, axes: readonly number[], keep: boolean): Node =>
  axes.length === 0 ? x : x.graph.emit('reduceSum', [x], { axes: axes.map((axis) => (axis < 0 ? axis + x.shape.length : axis)), keep })

/** Sums a broadcast gradient back to the shape it was broadcast from. */
export const reduceTo = (dy: Node, shape: Shape): Node => {
  if (sameShape(dy.shape, shape)) return dy
  const lead = dy.shape.length - shape.length
  const axes = dy.shape.flatMap((length, axis) => (axis < lead || (shape[axis - lead] === 1 && length !== 1) ? [axis] : []))
  const summed = axes.length === 0 ? dy : reduceSum(dy, axes, false)
  return reshape(summed, shape)
}

/** A constant vector. */
export const vector = (graph: Graph, values: readonly number[]): Node =>
  concat(
    values.map((value) => reshape(graph.constant(value), [1])),
    0,
  )

/** Zeros of a shape. */
export const zerosLike = (x: Node): Node => expand(x.graph.constant(0), x.shape)

/** Rules of this family. */
export const structureRules: { readonly [K in 'reduceSum' | 'reshape' | 'expand' | 'transpose' | 'concat' | 'slice']: Rule<K> } = {
  reduceSum: {
    shape: ([x = []], { axes, keep }) => {
      if (axes.some((axis) => axis < 0 || axis >= x.length)) throw shapeError('sum', `axes of ${showShape(x)}`, showShape(axes))
      return keep ? kept(x, axes) : x.filter((_, axis) => !axes.includes(axis))
    },
    gradient: (node, dy) => {
      const { shape } = inputOf(node, 0)
      return [expand(reshape(dy, kept(shape, node.attributes.axes)), shape)]
    },
  },
  reshape: {
    shape: ([x = []], { shape }) => {
      if (sizeOf(x) !== sizeOf(shape)) throw shapeError('reshape', `${sizeOf(x)} elements as ${showShape(x)} has`, showShape(shape))
      return shape
    },
    gradient: (node, dy) => [reshape(dy, inputOf(node, 0).shape)],
  },
  expand: {
    shape: ([x = []], { shape }) => {
      if (!sameShape(broadcastShape(x, shape), shape))
        throw shapeError('expand', `a shape that ${showShape(x)} stretches to`, showShape(shape))
      return shape
    },
    gradient: (node, dy) => [reduceTo(dy, inputOf(node, 0).shape)],
  },
  transpose: {
    shape: ([x = []], { permutation }) => {
      if ([...permutation].sort((a, b) => a - b).some((axis, i) => axis !== i) || permutation.length !== x.length) {
        throw shapeError('transpose', `a permutation of ${x.length} axes`, showShape(permutation))
      }
      return permutation.map((axis) => axisLength(x, axis))
    },
    gradient: (node, dy) => [transpose(dy, invert(node.attributes.permutation))],
  },
  concat: {
    shape: (inputs, { axis }) => {
      const [first = []] = inputs
      const rest = (shape: Shape): Shape => shape.filter((_, i) => i !== axis)
      for (const shape of inputs) {
        if (shape.length !== first.length || !sameShape(rest(shape), rest(first))) {
          throw shapeError('join tensors', `${showShape(first)} but for axis ${axis}`, showShape(shape))
        }
      }
      return first.map((length, i) => (i === axis ? inputs.reduce((sum, shape) => sum + axisLength(shape, axis), 0) : length))
    },
    gradient: (node, dy) => {
      let start = 0
      return node.inputs.map((input) => {
        const end = start + axisLength(input.shape, node.attributes.axis)
        const part = slice(dy, node.attributes.axis, start, end)
        start = end
        return part
      })
    },
  },
  slice: {
    shape: ([x = []], { axis, start, end }) => {
      if (start < 0 || end <= start || end > axisLength(x, axis)) {
        throw shapeError('take a slice', `a range within axis ${axis} of ${showShape(x)}`, `${start}–${end}`)
      }
      return x.map((length, i) => (i === axis ? end - start : length))
    },
    gradient: (node, dy) => {
      const x = inputOf(node, 0)
      const { axis, start, end } = node.attributes
      const zeros = (length: number): readonly Node[] =>
        length === 0
          ? []
          : [
              expand(
                x.graph.constant(0),
                x.shape.map((whole, i) => (i === axis ? length : whole)),
              ),
            ]
      return [concat([...zeros(start), dy, ...zeros(axisLength(x.shape, axis) - end)], axis)]
    },
  },
}

const invert = (permutation: readonly number[]): readonly number[] => {
  const inverse = Array.from(permutation, () => 0)
  for (const [i, axis] of permutation.entries()) inverse[axis] = i
  return inverse
}

const kept = (shape: Shape, axes: readonly number[]): Shape => shape.map((length, axis) => (axes.includes(axis) ? 1 : length))
