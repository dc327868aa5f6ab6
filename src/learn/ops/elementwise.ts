// Elementwise operations, with NumPy broadcasting for two inputs.
import { inputOf, type Node, type Rule } from '../graph/node.ts'
import { broadcastShape, sameShape, shapeError, showShape, sizeOf } from '../graph/shape.ts'
import type { Shape } from '../types.ts'
import { expand, reduceSum, reduceTo } from './structure.ts'

type Unary = 'neg' | 'exp' | 'log' | 'sqrt' | 'abs' | 'sign' | 'relu' | 'sigmoid' | 'tanh' | 'softplus' | 'erf'
type Binary = 'add' | 'sub' | 'mul' | 'div' | 'maximum' | 'reluGrad' | 'greater'

const unary =
  (op: Unary) =>
  (x: Node): Node =>
    x.graph.emit(op, [x], {})

/** −x. */
export const neg = unary('neg')
/** eˣ. */
export const exp = unary('exp')
/** Natural logarithm. */
export const log = unary('log')
/** Square root. */
export const sqrt = unary('sqrt')
/** |x|. */
export const abs = unary('abs')
/** −1, 0 or 1. Its gradient is zero. */
export const sign = unary('sign')
/** max(x, 0); the gradient at 0 is 0, as in PyTorch. */
export const relu = unary('relu')
/** 1 / (1 + e⁻ˣ). */
export const sigmoid = unary('sigmoid')
/** Hyperbolic tangent. */
export const tanh = unary('tanh')
/** log(1 + eˣ), without overflow. */
export const softplus = unary('softplus')
/** The error function 2/√π ∫₀ˣ e^(−t²) dt. */
export const erf = unary('erf')

/** A node, or a number that becomes a scalar constant. */
export type Operand = Node | number

const binary =
  (op: Binary) =>
  (a: Operand, b: Operand): Node => {
    const graph = typeof a === 'number' ? (typeof b === 'number' ? undefined : b.graph) : a.graph
    if (graph === undefined) throw shapeError(op, 'at least one tensor', 'two numbers')
    const left = typeof a === 'number' ? graph.constant(a) : a
    const right = typeof b === 'number' ? graph.constant(b) : b
    // an expanded operand is broadcast anyway: the copy is needless if the other operand has the full shape
    const bare = (x: Node, other: Node): Node => {
      if (x.op !== 'expand') return x
      const source = inputOf(x, 0)
      return sameShape(broadcastShape(source.shape, other.shape), broadcastShape(x.shape, other.shape)) ? source : x
    }
    const leftBare = bare(left, right)
    return graph.emit(op, [leftBare, bare(right, leftBare)], {})
  }

/** a + b. */
export const add = binary('add')
/** a − b. */
export const sub = binary('sub')
/** a · b. */
export const mul = binary('mul')
/** a / b. */
export const div = binary('div')
/** The larger of both; ties send the gradient to `a`. */
export const maximum = binary('maximum')
/** dy where y > 0, else 0: the gradient of {@link relu} from its output. */
export const reluGrad = (y: Node, dy: Node): Node => y.graph.emit('reluGrad', [y, dy], {})
/** 1 where a > b, else 0. Its gradient is zero. */
export const greater = binary('greater')

const fill = (x: Node, shape: Shape): Node => (sameShape(x.shape, shape) ? x : expand(x, shape))

const unaryRule = <K extends Unary>(gradient: (x: Node, y: Node, dy: Node) => Node | undefined): Rule<K> => ({
  shape: ([x = []]) => x,
  gradient: (node, dy) => [gradient(inputOf(node, 0), node, dy)],
})

const binaryRule = <K extends Binary>(
  gradient: (a: Node, b: Node, y: Node, dy: Node) => readonly [Node | undefined, Node | undefined],
): Rule<K> => ({
  shape: ([a = [], b = []]) => broadcastShape(a, b),
  gradient: (node, dy) => {
    const [a, b] = [inputOf(node, 0), inputOf(node, 1)]
    const [da, db] = gradient(a, b, node, dy)
    return [da && reduceTo(fill(da, node.shape), a.shape), db && reduceTo(fill(db, node.shape), b.shape)]
  },
})

/** Rules of this family. */
export const elementwiseRules: { readonly [K in Unary | Binary]: Rule<K> } = {
  neg: unaryRule((_x, _y, dy) => neg(dy)),
  exp: unaryRule((_x, y, dy) => mul(dy, y)),
  log: unaryRule((x, _y, dy) => div(dy, x)),
  sqrt: unaryRule((_x, y, dy) => div(mul(dy, 0.5), y)),
  abs: unaryRule((x, _y, dy) => mul(dy, sign(x))),
  sign: unaryRule(() => undefined),
  relu: unaryRule((_x, y, dy) => reluGrad(y, dy)),
  sigmoid: unaryRule((_x, y, dy) => mul(dy, mul(y, sub(1, y)))),
  tanh: unaryRule((_x, y, dy) => mul(dy, sub(1, mul(y, y)))),
  softplus: unaryRule((x, _y, dy) => mul(dy, sigmoid(x))),
  erf: unaryRule((x, _y, dy) => mul(dy, mul(exp(neg(mul(x, x))), 2 / Math.sqrt(Math.PI)))),
  add: binaryRule((_a, _b, _y, dy) => [dy, dy]),
  sub: binaryRule((_a, _b, _y, dy) => [dy, neg(dy)]),
  mul: binaryRule((a, b, _y, dy) => [mul(dy, b), mul(dy, a)]),
  div: binaryRule((_a, b, y, dy) => [div(dy, b), neg(div(mul(dy, y), b))]),
  maximum: binaryRule((a, b, _y, dy) => {
    const second = greater(b, a)
    return [mul(dy, sub(1, second)), mul(dy, second)]
  }),
  reluGrad: {
    shape: ([y = [], dy = []]) => {
      if (!sameShape(y, dy)) throw shapeError('differentiate relu', `a gradient of shape ${showShape(y)}`, showShape(dy))
      return y
    },
    // piecewise linear: no gradient reaches y
    gradient: (node, dz) => [undefined, reluGrad(inputOf(node, 0), dz)],
  },
  greater: binaryRule(() => [undefined, undefined]),
}

/** Mean over the given axes (all by default). */
export const mean = (x: Node, axes: readonly number[] = x.shape.map((_, axis) => axis), keep = false): Node =>
  mul(reduceSum(x, axes, keep), 1 / sizeOf(axes.map((axis) => x.shape.at(axis) ?? 1)))
