// Random uses of every operation: the table is total, so that no operation goes untested. Run by the gradient tests and by the comparison of engines.
import type { Random } from '../../base/index.ts'
import { graph } from '../graph/graph.ts'
import type { Node, OpName } from '../graph/node.ts'
import { sizeOf } from '../graph/shape.ts'
import type { Shape } from '../types.ts'
import * as elementwise from './elementwise.ts'
import { convFilterGrad, type ConvGeometry, convInputGrad, convSpatial } from './convolution.ts'
import { gemm, matmul, takeRows } from './linear.ts'
import { batchNorm, channelAffine, standardise } from './normalisation.ts'
import { maxPool } from './pooling.ts'
import { gru, lstm } from './recurrent.ts'
import { logSoftmax, oneHot, softmax } from './rows.ts'
import { concat, expand, reduceSum, reshape, slice, transpose } from './structure.ts'

/** Inputs with values, and what is computed from them. */
export interface OpUse {
  /** `fixed`: indices, which have no neighbours to differ from. */
  readonly inputs: readonly { readonly node: Node; readonly values: Float64Array; readonly fixed?: boolean }[]
  readonly output: Node
}

/** Draws one use of an operation. */
export type OpCase = (random: Random) => OpUse

const length = (random: Random): number => 1 + random.integer(4)
const anyShape = (random: Random, rank = 1 + random.integer(3)): Shape => Array.from({ length: rank }, () => length(random))

/** Normal values, kept at least 0.05 from 0 and from each other's kinks: finite differences do not see a corner. */
const away = (random: Random): number => {
  const value = random.normal()
  return value + Math.sign(value) * 0.05
}

type Draw = (random: Random) => number

const use = (random: Random, shapes: readonly Shape[], build: (...xs: Node[]) => Node, draw: Draw = away): OpUse => {
  const g = graph()
  const inputs = shapes.map((shape, i) => ({
    node: g.input(`x${i}`, shape),
    values: Float64Array.from({ length: sizeOf(shape) }, () => Math.fround(draw(random))),
  }))
  return { inputs, output: build(...inputs.map(({ node }) => node)) }
}

const positive: Draw = (random) => 0.3 + random.uniform() * 2

const unary =
  (op: (x: Node) => Node, draw: Draw = away): OpCase =>
  (random) =>
    use(random, [anyShape(random)], (x) => op(x), draw)

/** Two operands of which either may be broadcast. */
const binary =
  (op: (a: Node, b: Node) => Node, draw: Draw = away): OpCase =>
  (random) => {
    const full = anyShape(random, 1 + random.integer(3))
    const thin = (): Shape => full.slice(random.integer(full.length)).map((size) => (random.integer(3) === 0 ? 1 : size))
    const shapes = random.integer(2) === 0 ? [full, thin()] : [thin(), full]
    return use(random, shapes, (a, b) => op(a, b), draw)
  }

const alike =
  (op: (a: Node, b: Node) => Node): OpCase =>
  (random) => {
    const shape = anyShape(random)
    return use(random, [shape, shape], (a, b) => op(a, b))
  }

/** A convolution that fits: one to three spatial axes, any stride, padding, dilation and groups. */
export interface ConvDraw {
  readonly geometry: ConvGeometry
  readonly x: Shape
  readonly weight: Shape
  readonly y: Shape
}

/** Draws a convolution; `rank` spatial axes. */
export const drawConv = (random: Random, rank = 1 + random.integer(3)): ConvDraw => {
  const axes = <T>(draw: () => T): readonly T[] => Array.from({ length: rank }, draw)
  const groups = 1 + random.integer(2)
  const [inner, outer, batch] = [1 + random.integer(2), 1 + random.integer(2), 1 + random.integer(2)]
  const kernel = axes(() => 1 + random.integer(3))
  const dilation = axes(() => 1 + random.integer(2))
  const padding = axes(() => random.integer(3))
  const stride = axes(() => 1 + random.integer(3))
  const spatial = kernel.map(
    (k, i) => Math.max(1, (dilation[i] ?? 1) * (k - 1) + 1 - 2 * (padding[i] ?? 0)) + random.integer(rank === 3 ? 3 : 5),
  )
  const geometry = { stride, padding, dilation, groups }
  return {
    geometry,
    x: [batch, inner * groups, ...spatial],
    weight: [outer * groups, inner, ...kernel],
    y: [batch, outer * groups, ...convSpatial(spatial, kernel, geometry)],
  }
}

const pooling: OpCase = (random) => {
  const rank = 1 + random.integer(2)
  const plain = random.integer(2) === 0
  const kernel = Array.from({ length: rank }, () => (plain ? 2 : 1 + random.integer(3)))
  const stride = kernel.map(() => (plain ? 2 : 1 + random.integer(3)))
  const padding = kernel.map((k) => (plain ? 0 : random.integer(Math.floor(k / 2) + 1)))
  const spatial = kernel.map((k) => (plain ? 2 * (1 + random.integer(3)) : k + random.integer(4)))
  const shape = [1 + random.integer(2), 1 + random.integer(3), ...spatial]
  // a permutation has no ties, and neighbours are farther apart than a finite difference reaches
  const values = random.permutation(sizeOf(shape))
  let next = 0
  return use(
    random,
    [shape],
    (x) => elementwise.mul(maxPool(x, { kernel, stride, padding }), 0.5),
    () => (values[next++] ?? 0) / 10,
  )
}

const recurrent =
  (cell: typeof gru, gates: number): OpCase =>
  (random) => {
    const [time, batch, inputs, hidden] = [1 + random.integer(4), length(random), length(random), 1 + random.integer(3)]
    const wide = gates * hidden
    return use(random, [[time, batch, inputs], [wide, inputs], [wide, hidden], [wide], [wide]], (x, wi, wh, bi, bh) =>
      cell(x, { input: wi, hidden: wh, inputBias: bi, hiddenBias: bh }),
    )
  }

const normed: OpCase = (random) => {
  const shape = [2 + random.integer(3), length(random), ...anyShape(random, random.integer(3))]
  const channels = [shape[1] ?? 1]
  return use(random, [shape, channels, channels], (x, w, b) => batchNorm(x, w, b, 0.1).output)
}

/** A use of every operation. */
export const opCases: { readonly [K in Exclude<OpName, 'input'>]: OpCase } = {
  constant: (random) => use(random, [anyShape(random)], (x) => elementwise.mul(x, random.normal())),
  neg: unary(elementwise.neg),
  exp: unary(elementwise.exp),
  log: unary(elementwise.log, positive),
  sqrt: unary(elementwise.sqrt, positive),
  abs: unary(elementwise.abs),
  sign: unary(elementwise.sign),
  relu: unary(elementwise.relu),
  sigmoid: unary(elementwise.sigmoid),
  tanh: unary(elementwise.tanh),
  softplus: unary(elementwise.softplus),
  erf: unary(elementwise.erf),
  add: binary(elementwise.add),
  sub: binary(elementwise.sub),
  mul: binary(elementwise.mul),
  div: binary(elementwise.div, positive),
  // values on a grid of 0.1 with an offset by operand never lie closer than 0.05
  maximum: binary(
    (a, b) => elementwise.maximum(a, elementwise.add(b, 0.05)),
    (random) => Math.round(random.normal() * 10) / 10,
  ),
  greater: binary(
    (a, b) => elementwise.greater(a, elementwise.add(b, 0.05)),
    (random) => Math.round(random.normal() * 10) / 10,
  ),
  reluGrad: alike((a, b) => elementwise.reluGrad(elementwise.relu(a), b)),
  softmax: unary(softmax),
  logSoftmax: unary(logSoftmax),
  oneHot: (random) => {
    const { inputs, output } = use(
      random,
      [anyShape(random)],
      (x) => oneHot(x, 4),
      () => random.integer(5),
    )
    return { inputs: inputs.map((input) => ({ ...input, fixed: true })), output }
  },
  gemm: (random) => {
    const [m, k, n, transposeA, transposeB] = [
      length(random),
      length(random),
      length(random),
      random.integer(2) === 1,
      random.integer(2) === 1,
    ]
    const shapes = [transposeA ? [k, m] : [m, k], transposeB ? [n, k] : [k, n], ...([[], [[n]], [[m, n]]][random.integer(3)] ?? [])]
    return use(random, shapes, (a, b, bias) => gemm(a, b, { transposeA, transposeB, ...(bias === undefined ? {} : { bias }) }))
  },
  matmul: (random) => {
    const [m, k, n, transposeA, transposeB] = [
      length(random),
      length(random),
      length(random),
      random.integer(2) === 1,
      random.integer(2) === 1,
    ]
    const stack = anyShape(random, random.integer(3))
    const shapes = [
      [...stack, ...(transposeA ? [k, m] : [m, k])],
      [...stack, ...(transposeB ? [n, k] : [k, n])],
    ]
    return use(random, shapes, (a, b) => matmul(a, b, { transposeA, transposeB }))
  },
  takeRows: (random) => {
    const rows = length(random)
    const shape = anyShape(random)
    const drawn = use(random, [[rows, length(random)], shape], (table, indices) => takeRows(table, indices))
    return {
      ...drawn,
      inputs: drawn.inputs.map((input, i) =>
        i === 0 ? input : { ...input, fixed: true, values: input.values.map(() => random.integer(rows)) },
      ),
    }
  },
  conv: (random) => {
    const { geometry, x, weight } = drawConv(random)
    const shapes = [x, weight, ...(random.integer(2) === 0 ? [] : [[weight[0] ?? 1]])]
    return use(random, shapes, (a, w, bias) => a.graph.emit('conv', bias === undefined ? [a, w] : [a, w, bias], geometry))
  },
  convInputGrad: (random) => {
    const { geometry, x, weight, y } = drawConv(random)
    return use(random, [y, weight], (dy, w) => convInputGrad(dy, w, geometry, x.slice(2)))
  },
  convFilterGrad: (random) => {
    const { geometry, x, weight, y } = drawConv(random)
    return use(random, [x, y], (a, dy) => convFilterGrad(a, dy, geometry, weight.slice(2)))
  },
  maxPool: pooling,
  // its own gradient is refused: it is reached as the gradient of maxPool
  maxPoolGrad: pooling,
  channelAffine: (random) => {
    const shape = anyShape(random, 2 + random.integer(3))
    return use(random, [shape, [shape[1] ?? 1], [shape[1] ?? 1]], (x, a, b) => channelAffine(x, a, b))
  },
  batchNorm: normed,
  // no loss may depend on a statistic: checked for its value in the layer's test
  batchMoment: normed,
  standardise: unary((x) => standardise(x, 0.1)),
  inverseDeviation: unary((x) => standardise(x, 0.1)),
  gru: recurrent(gru, 3),
  lstm: recurrent(lstm, 4),
  // parts of the two above
  gruBackward: recurrent(gru, 3),
  lstmBackward: recurrent(lstm, 4),
  linearScan: recurrent(lstm, 4),
  reduceSum: (random) => {
    const shape = anyShape(random)
    const axes = shape.flatMap((_, axis) => (random.integer(2) === 0 ? [axis] : []))
    return use(random, [shape], (x) => reduceSum(x, axes, random.integer(2) === 0))
  },
  reshape: (random) => {
    const shape = anyShape(random)
    return use(random, [shape], (x) => elementwise.exp(reshape(x, [...shape.slice(1), shape[0] ?? 1])))
  },
  expand: (random) => {
    const shape = anyShape(random)
    return use(random, [shape.map((size) => (random.integer(2) === 0 ? 1 : size))], (x) => expand(x, [2, ...shape]))
  },
  transpose: (random) => {
    const shape = anyShape(random, 3)
    return use(random, [shape], (x) => transpose(x, [...random.permutation(3)]))
  },
  concat: (random) => {
    const shape = anyShape(random, 2)
    const axis = random.integer(2)
    const other = shape.map((size, i) => (i === axis ? length(random) : size))
    return use(random, [shape, other, shape], (...xs) => concat(xs, axis))
  },
  slice: (random) => {
    const shape = anyShape(random, 2)
    const axis = random.integer(2)
    const start = random.integer(shape[axis] ?? 1)
    return use(random, [shape], (x) => slice(x, axis, start, start + 1 + random.integer((shape[axis] ?? 1) - start)))
  },
}
