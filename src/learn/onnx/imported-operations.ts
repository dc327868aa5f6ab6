// ONNX operations as nodes of our graph: what an imported network may consist of. Anything else is refused by name.
import type { Node } from '../graph/node.ts'
import { axisLength, sizeOf } from '../graph/shape.ts'
import { gelu, leakyRelu } from '../ops/activation.ts'
import { conv, type ConvOptions } from '../ops/convolution.ts'
import { add, div, erf, exp, log, maximum, mean, mul, neg, type Operand, relu, sigmoid, sqrt, sub, tanh } from '../ops/elementwise.ts'
import { gemm, matmul } from '../ops/linear.ts'
import { channelAffine, standardise } from '../ops/normalisation.ts'
import { averagePool, globalAveragePool, maxPool } from '../ops/pooling.ts'
import { softmax } from '../ops/rows.ts'
import { concat, reduceSum, reshape, slice, transpose } from '../ops/structure.ts'
import { onnxFault, type ReadNode, type ReadTensor } from './read-proto.ts'

/** A value on the way: a node of the graph, or numbers that are known before it runs: a stored tensor, or the target of a Reshape. */
export type Value = Node | Known
export interface Known {
  readonly numbers: ArrayLike<number>
  /** The tensor of the file that these are all of. */
  readonly stored?: ReadTensor
}

/** One operation of a file with its inputs at hand. */
export interface Operation {
  readonly node: ReadNode
  /** Input `i` as a node; a stored tensor becomes a parameter, trained unless it is a `statistic`. */
  readonly tensor: (i: number, statistic?: boolean) => Node
  /** Input `i` as numbers; undefined if it is absent. Refused if it is only known when the network runs. */
  readonly numbers: (i: number) => readonly number[] | undefined
  /** Input `i` as it is. */
  readonly value: (i: number) => Value
  readonly has: (i: number) => boolean
  /** A tensor of the operation's own, under the name of its output. */
  readonly stored: (tensor: ReadTensor) => Known
  /** Rows that the file was made for, where it fixes them. */
  readonly batch: number | undefined
}

/** Makes the first output of an operation. */
export type Importer = (operation: Operation) => Value

export const isNode = (value: Value): value is Node => 'graph' in value

const refuse = ({ node }: Operation, expected: string, got: string): never => {
  throw onnxFault(expected, got, { operation: node.op, output: node.outputs[0] ?? '' })
}

const int = ({ node }: Operation, name: string, usual: number): number => node.attributes.ints.get(name)?.[0] ?? usual
const real = ({ node }: Operation, name: string, usual: number): number => node.attributes.floats.get(name)?.[0] ?? usual
const all = (values: readonly number[], wanted: number): boolean => values.every((each) => each === wanted)
const positive = (axis: number, rank: number): number => (axis < 0 ? axis + rank : axis)

/** Stride, padding and dilation of a convolution or pooling over `x`. */
const geometry = (
  operation: Operation,
  x: Node,
  kernel: readonly number[],
): { readonly stride: readonly number[]; readonly padding: readonly number[]; readonly dilation: readonly number[] } => {
  const { ints, texts } = operation.node.attributes
  const ones = kernel.map(() => 1)
  const [stride, dilation] = [ints.get('strides') ?? ones, ints.get('dilations') ?? ones]
  const auto = texts.get('auto_pad') ?? 'NOTSET'
  const zeros = kernel.map(() => 0)
  // SAME: as many outputs as strides fit in the input
  const wanted = kernel.map((length, i) => {
    const input = axisLength(x.shape, i + 2)
    const [step, reach] = [stride[i] ?? 1, (dilation[i] ?? 1) * (length - 1) + 1]
    return Math.max(0, (Math.ceil(input / step) - 1) * step + reach - input)
  })
  const pads =
    auto === 'NOTSET'
      ? (ints.get('pads') ?? [...zeros, ...zeros])
      : auto === 'VALID'
        ? [...zeros, ...zeros]
        : [...wanted.map((total) => total / 2), ...wanted.map((total) => total / 2)]
  const [begin, end] = [pads.slice(0, kernel.length), pads.slice(kernel.length)]
  if (begin.some((pad, i) => pad !== end[i] || !Number.isInteger(pad) || pad < 0))
    refuse(operation, 'the same padding on both sides', auto === 'NOTSET' ? `[${pads.join(', ')}]` : auto)
  return { stride, padding: begin, dilation }
}

const convolve: Importer = (operation) => {
  const [x, weight] = [operation.tensor(0), operation.tensor(1)]
  const options: ConvOptions = { ...geometry(operation, x, weight.shape.slice(2)), groups: int(operation, 'group', 1) }
  return conv(x, weight, operation.has(2) ? { ...options, bias: operation.tensor(2) } : options)
}

const pool =
  (kind: 'max' | 'average'): Importer =>
  (operation) => {
    const x = operation.tensor(0)
    const kernel = operation.node.attributes.ints.get('kernel_shape') ?? []
    const { stride, padding, dilation } = geometry(operation, x, kernel)
    if (!all(dilation, 1)) refuse(operation, 'pooling without dilation', `[${dilation.join(', ')}]`)
    const left = kernel.map((length, i) => (axisLength(x.shape, i + 2) + 2 * (padding[i] ?? 0) - length) % (stride[i] ?? 1))
    if (int(operation, 'ceil_mode', 0) !== 0 && !all(left, 0)) refuse(operation, 'windows that fit', 'ceil_mode')
    if (kind === 'max') return maxPool(x, { kernel, stride, padding })
    if (!all(padding, 0) && int(operation, 'count_include_pad', 0) === 0) refuse(operation, 'padding that counts', 'count_include_pad 0')
    return averagePool(x, { kernel, stride, padding })
  }

const batchNorm: Importer = (operation) => {
  // as in inference: the stored statistics
  const [mu, variance] = [operation.tensor(3, true), operation.tensor(4, true)]
  const scale = div(operation.tensor(1), sqrt(add(variance, real(operation, 'epsilon', 1e-5))))
  return channelAffine(operation.tensor(0), scale, sub(operation.tensor(2), mul(mu, scale)))
}

const dense: Importer = (operation) => {
  const [a, b] = [operation.tensor(0), operation.tensor(1)]
  if (real(operation, 'alpha', 1) !== 1 || real(operation, 'beta', 1) !== 1 || int(operation, 'transA', 0) !== 0)
    refuse(operation, 'alpha 1, beta 1 and transA 0', 'others')
  const product = gemm(a, b, { transposeB: int(operation, 'transB', 0) !== 0 })
  return operation.has(2) ? add(product, operation.tensor(2)) : product
}

const multiply: Importer = (operation) => {
  const [a, b] = [operation.tensor(0), operation.tensor(1)]
  if (b.shape.length !== 2) return matmul(a, b)
  const product = gemm(reshape(a, [-1, axisLength(a.shape, -1)]), b)
  return reshape(product, [...a.shape.slice(0, -1), axisLength(b.shape, 1)])
}

const unary =
  (make: (x: Node) => Node): Importer =>
  (operation) =>
    make(operation.tensor(0))

const binary =
  (make: (a: Operand, b: Operand) => Node): Importer =>
  (operation) =>
    make(operation.tensor(0), operation.tensor(1))

/** min(max(x, low), high). */
const clamp = (x: Node, low: number, high: number): Node => {
  const above = Number.isFinite(low) ? (low === 0 ? relu(x) : maximum(x, low)) : x
  return Number.isFinite(high) ? neg(maximum(neg(above), -high)) : above
}

const clip: Importer = (operation) => {
  const low = operation.numbers(1)?.[0] ?? real(operation, 'min', -Infinity)
  const high = operation.numbers(2)?.[0] ?? real(operation, 'max', Infinity)
  // float32's own limits stand for none
  return clamp(operation.tensor(0), low < -3e38 ? -Infinity : low, high > 3e38 ? Infinity : high)
}

const axesOf = (operation: Operation, rank: number): readonly number[] | undefined =>
  (operation.numbers(1) ?? operation.node.attributes.ints.get('axes'))?.map((axis) => positive(axis, rank))

const reduce =
  (make: (x: Node, axes: readonly number[], keep: boolean) => Node): Importer =>
  (operation) => {
    const x = operation.tensor(0)
    return make(x, axesOf(operation, x.shape.length) ?? x.shape.map((_, axis) => axis), int(operation, 'keepdims', 1) !== 0)
  }

const shapeTo: Importer = (operation) => {
  const x = operation.tensor(0)
  const wanted = (operation.numbers(1) ?? []).map((length, i) => (length === 0 ? axisLength(x.shape, i) : length))
  // a file for a fixed number of rows takes any number here
  const open = wanted[0] === operation.batch && !wanted.includes(-1) ? [x.shape[0] ?? 1, ...wanted.slice(1)] : wanted
  const known = sizeOf(open.filter((length) => length !== -1))
  const size = sizeOf(x.shape)
  if (open.includes(-1) ? known === 0 || size % known !== 0 : known !== size)
    refuse(operation, `${size} values for shape [${open.join(', ')}]`, 'another number')
  return reshape(x, open)
}

const joined: Importer = (operation) => {
  const parts = operation.node.inputs.map((_, i) => operation.value(i))
  if (parts.every((part) => !isNode(part))) return flat(parts.flatMap((_, i) => operation.numbers(i) ?? []))
  const tensors = parts.map((_, i) => operation.tensor(i))
  return concat(tensors, positive(int(operation, 'axis', 0), tensors[0]?.shape.length ?? 0))
}

const flat = (numbers: ArrayLike<number>): Known => ({ numbers })

const withAxes = (operation: Operation): Value => {
  const x = operation.value(0)
  if (!isNode(x)) return flat(x.numbers)
  const rank = x.shape.length + (operation.numbers(1) ?? operation.node.attributes.ints.get('axes') ?? []).length
  const axes = axesOf(operation, rank) ?? []
  const rest = [...x.shape]
  return reshape(
    x,
    Array.from({ length: rank }, (_, axis) => (axes.includes(axis) ? 1 : (rest.shift() ?? 1))),
  )
}

const withoutAxes = (operation: Operation): Value => {
  const x = operation.value(0)
  if (!isNode(x)) return flat(x.numbers)
  const axes = axesOf(operation, x.shape.length) ?? x.shape.flatMap((length, axis) => (length === 1 && axis > 0 ? [axis] : []))
  return reshape(
    x,
    x.shape.filter((_, axis) => !axes.includes(axis)),
  )
}

const cut: Importer = (operation) => {
  const [starts = [], ends = []] = [operation.numbers(1), operation.numbers(2)]
  if (!all(operation.numbers(4) ?? [1], 1)) refuse(operation, 'steps of 1', 'others')
  const x = operation.value(0)
  if (!isNode(x)) return flat(Array.from(x.numbers).slice(starts[0], ends[0]))
  const axes = (operation.numbers(3) ?? starts.map((_, i) => i)).map((axis) => positive(axis, x.shape.length))
  return axes.reduce<Node>((h, axis, i) => {
    const length = axisLength(h.shape, axis)
    const place = (at: number): number => Math.min(length, Math.max(0, positive(at, length)))
    return slice(h, axis, place(starts[i] ?? 0), place(ends[i] ?? length))
  }, x)
}

/** Importers by ONNX's name of the operation. */
export const importers: Readonly<Record<string, Importer>> = {
  Conv: convolve,
  MaxPool: pool('max'),
  AveragePool: pool('average'),
  GlobalAveragePool: unary((x) => reshape(globalAveragePool(x), [...x.shape.slice(0, 2), ...x.shape.slice(2).map(() => 1)])),
  BatchNormalization: batchNorm,
  Gemm: dense,
  MatMul: multiply,
  Relu: unary(relu),
  LeakyRelu: (operation) => leakyRelu(operation.tensor(0), real(operation, 'alpha', 0.01)),
  Sigmoid: unary(sigmoid),
  Tanh: unary(tanh),
  Erf: unary(erf),
  Gelu: (operation) => {
    const { texts } = operation.node.attributes
    return (texts.get('approximate') ?? 'none') === 'none'
      ? gelu(operation.tensor(0))
      : refuse(operation, 'the exact GELU', 'an approximation')
  },
  Exp: unary(exp),
  Log: unary(log),
  Sqrt: unary(sqrt),
  Neg: unary(neg),
  Clip: clip,
  HardSigmoid: (operation) => clamp(add(mul(operation.tensor(0), real(operation, 'alpha', 0.2)), real(operation, 'beta', 0.5)), 0, 1),
  HardSwish: unary((x) => mul(x, clamp(add(mul(x, 1 / 6), 0.5), 0, 1))),
  Softmax: (operation) => {
    const x = operation.tensor(0)
    const axis = positive(int(operation, 'axis', -1), x.shape.length)
    return axis === x.shape.length - 1 ? softmax(x) : refuse(operation, 'a softmax over the last axis', `axis ${axis}`)
  },
  LayerNormalization: (operation) => {
    const x = operation.tensor(0)
    const axis = positive(int(operation, 'axis', -1), x.shape.length)
    if (axis !== x.shape.length - 1) return refuse(operation, 'a layer norm over the last axis', `axis ${axis}`)
    const scaled = mul(standardise(x, real(operation, 'epsilon', 1e-5)), operation.tensor(1))
    return operation.has(2) ? add(scaled, operation.tensor(2)) : scaled
  },
  Max: binary(maximum),
  Add: binary(add),
  Sub: binary(sub),
  Mul: binary(mul),
  Div: binary(div),
  ReduceMean: reduce(mean),
  ReduceSum: reduce(reduceSum),
  Concat: joined,
  Reshape: shapeTo,
  Flatten: (operation) => {
    const x = operation.tensor(0)
    const axis = positive(int(operation, 'axis', 1), x.shape.length)
    return reshape(x, [sizeOf(x.shape.slice(0, axis)), -1])
  },
  Transpose: (operation) => {
    const x = operation.tensor(0)
    return transpose(x, operation.node.attributes.ints.get('perm') ?? x.shape.map((_, axis) => axis).reverse())
  },
  Squeeze: withoutAxes,
  Unsqueeze: withAxes,
  Slice: cut,
  Identity: (operation) => operation.value(0),
  // in inference nothing is dropped
  Dropout: (operation) => operation.value(0),
  Cast: (operation) => operation.value(0),
  Shape: (operation) => flat(operation.tensor(0).shape),
  Gather: (operation) => {
    const from = operation.value(0)
    if (isNode(from)) return refuse(operation, 'indices into known numbers', 'indices into a tensor')
    const at = operation.numbers(1) ?? []
    return flat(at.map((i) => from.numbers[positive(i, from.numbers.length)] ?? Number.NaN))
  },
  Constant: (operation) => {
    const { tensors, ints } = operation.node.attributes
    const stored = tensors.get('value')
    return stored === undefined ? flat(ints.get('value_ints') ?? []) : operation.stored(stored)
  },
}
