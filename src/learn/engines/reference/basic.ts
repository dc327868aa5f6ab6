// The plain operations: elementwise, rows, products, sums and moves.
import { inputOf, type OpName } from '../../graph/node.ts'
import { axisLength, shapeError, sizeOf, stridesOf } from '../../graph/shape.ts'
import type { Shape } from '../../types.ts'
import type { Evaluation, Evaluations } from './evaluate.ts'

/** For each element of `shape`, in row-major order: its index in a tensor of shape `from` that is broadcast to `shape`. */
export const broadcastIndices = (from: Shape, shape: Shape): Int32Array => {
  const lead = shape.length - from.length
  const strides = stridesOf(from)
  return stridedIndices(
    shape,
    shape.map((_, axis) => (axis < lead || from[axis - lead] === 1 ? 0 : (strides[axis - lead] ?? 0))),
  )
}

/** For each element of `shape`, in row-major order: Σ position·stride. */
export const stridedIndices = (shape: Shape, strides: readonly number[]): Int32Array => {
  let indices = Int32Array.of(0)
  for (const [axis, length] of shape.entries()) {
    const next = new Int32Array(indices.length * length)
    const stride = strides[axis] ?? 0
    for (const [i, index] of indices.entries()) for (let k = 0; k < length; k++) next[i * length + k] = index + k * stride
    indices = next
  }
  return indices
}

const map =
  <K extends OpName>(f: (x: number) => number): Evaluation<K> =>
  (_node, [x = new Float64Array(0)]) =>
    x.map((value) => f(value))

const zip =
  <K extends OpName>(f: (a: number, b: number) => number): Evaluation<K> =>
  (node, [a = new Float64Array(0), b = new Float64Array(0)]) => {
    const [ia, ib] = [broadcastIndices(inputOf(node, 0).shape, node.shape), broadcastIndices(inputOf(node, 1).shape, node.shape)]
    return Float64Array.from({ length: sizeOf(node.shape) }, (_, i) => f(a[ia[i] ?? 0] ?? 0, b[ib[i] ?? 0] ?? 0))
  }

/** Applies `f` to each run of values along the last axis. */
const rowwise =
  <K extends OpName>(f: (row: Float64Array) => Float64Array): Evaluation<K> =>
  (node, [x = new Float64Array(0)]) => {
    const width = axisLength(node.shape, -1)
    const result = new Float64Array(x.length)
    for (let start = 0; start < x.length; start += width) result.set(f(x.subarray(start, start + width)), start)
    return result
  }

const logSum = (row: Float64Array): number => {
  const top = row.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY)
  return top + Math.log(row.reduce((sum, value) => sum + Math.exp(value - top), 0))
}

/** 2/√π e^(−x²) Σ 2ⁿ x^(2n+1) / (2n+1)!!: all terms have one sign, so nothing cancels. */
const erf = (x: number): number => {
  if (Math.abs(x) > 6) return Math.sign(x)
  let [term, sum] = [x, x]
  for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(sum); n++) {
    term *= (2 * x * x) / (2 * n + 1)
    sum += term
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum
}

/** Product of two matrices that lie in longer arrays. */
const product = (
  a: Float64Array,
  b: Float64Array,
  m: number,
  k: number,
  n: number,
  transposeA: boolean,
  transposeB: boolean,
): Float64Array => {
  const result = new Float64Array(m * n)
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      let sum = 0
      for (let p = 0; p < k; p++) sum += (a[transposeA ? p * m + i : i * k + p] ?? 0) * (b[transposeB ? j * k + p : p * n + j] ?? 0)
      result[i * n + j] = sum
    }
  }
  return result
}

/** Everything but convolution, pooling, normalisation and recurrence. */
export const basic = {
  constant: (node) => Float64Array.of(node.attributes.value),
  neg: map((x) => -x),
  exp: map(Math.exp),
  log: map(Math.log),
  sqrt: map(Math.sqrt),
  abs: map(Math.abs),
  sign: map(Math.sign),
  relu: map((x) => (x > 0 ? x : x === x ? 0 : x)),
  sigmoid: map((x) => 1 / (1 + Math.exp(-x))),
  tanh: map(Math.tanh),
  softplus: map((x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)))),
  erf: map(erf),
  add: zip((a, b) => a + b),
  sub: zip((a, b) => a - b),
  mul: zip((a, b) => a * b),
  div: zip((a, b) => a / b),
  maximum: zip((a, b) => Math.max(a, b)),
  reluGrad: zip((y, dy) => (y > 0 ? dy : 0)),
  greater: zip((a, b) => (a > b ? 1 : 0)),
  softmax: rowwise((row) => {
    const all = logSum(row)
    return row.map((value) => Math.exp(value - all))
  }),
  logSoftmax: rowwise((row) => {
    const all = logSum(row)
    return row.map((value) => value - all)
  }),
  oneHot: (node, [indices = new Float64Array(0)]) => {
    const { depth } = node.attributes
    const result = new Float64Array(indices.length * depth)
    for (const [i, k] of indices.entries()) if (k >= 0 && k < depth) result[i * depth + k] = 1
    return result
  },
  gemm: (node, [a = new Float64Array(0), b = new Float64Array(0), bias]) => {
    const { transposeA, transposeB } = node.attributes
    const [m, n] = [axisLength(node.shape, 0), axisLength(node.shape, 1)]
    const k = axisLength(inputOf(node, 0).shape, transposeA ? 0 : 1)
    const result = product(a, b, m, k, n, transposeA, transposeB)
    return bias === undefined ? result : result.map((value, i) => value + (bias[bias.length === n ? i % n : i] ?? 0))
  },
  matmul: (node, [a = new Float64Array(0), b = new Float64Array(0)]) => {
    const { transposeA, transposeB } = node.attributes
    const [m, n] = [axisLength(node.shape, -2), axisLength(node.shape, -1)]
    const k = axisLength(inputOf(node, 0).shape, transposeA ? -2 : -1)
    const result = new Float64Array(sizeOf(node.shape))
    for (let s = 0; s * m * n < result.length; s++) {
      result.set(product(a.subarray(s * m * k), b.subarray(s * k * n), m, k, n, transposeA, transposeB), s * m * n)
    }
    return result
  },
  takeRows: (node, [table = new Float64Array(0), indices = new Float64Array(0)]) => {
    const width = axisLength(node.shape, -1)
    const result = new Float64Array(sizeOf(node.shape))
    for (const [i, row] of indices.entries()) {
      if (!(row >= 0 && (row + 1) * width <= table.length))
        throw shapeError('take rows', `indices below ${table.length / width}`, String(row))
      result.set(table.subarray(row * width, (row + 1) * width), i * width)
    }
    return result
  },
  reduceSum: (node, [x = new Float64Array(0)]) => {
    const { shape } = inputOf(node, 0)
    const kept = shape.map((length, axis) => (node.attributes.axes.includes(axis) ? 1 : length))
    const result = new Float64Array(sizeOf(node.shape))
    for (const [i, to] of broadcastIndices(kept, shape).entries()) result[to] = (result[to] ?? 0) + (x[i] ?? 0)
    return result
  },
  reshape: (_node, [x = new Float64Array(0)]) => x,
  expand: (node, [x = new Float64Array(0)]) => Float64Array.from(broadcastIndices(inputOf(node, 0).shape, node.shape), (i) => x[i] ?? 0),
  transpose: (node, [x = new Float64Array(0)]) => {
    const strides = stridesOf(inputOf(node, 0).shape)
    return Float64Array.from(
      stridedIndices(
        node.shape,
        node.attributes.permutation.map((axis) => strides[axis] ?? 0),
      ),
      (i) => x[i] ?? 0,
    )
  },
  concat: (node, inputs) => {
    const { axis } = node.attributes
    const result = new Float64Array(sizeOf(node.shape))
    const strides = stridesOf(node.shape)
    let start = 0
    for (const [j, part] of inputs.entries()) {
      const { shape } = inputOf(node, j)
      for (const [i, to] of stridedIndices(shape, strides).entries()) result[to + start * (strides[axis] ?? 0)] = part[i] ?? 0
      start += axisLength(shape, axis)
    }
    return result
  },
  slice: (node, [x = new Float64Array(0)]) => {
    const { axis, start } = node.attributes
    const strides = stridesOf(inputOf(node, 0).shape)
    return Float64Array.from(stridedIndices(node.shape, strides), (i) => x[i + start * (strides[axis] ?? 0)] ?? 0)
  },
} satisfies Partial<Evaluations>
