// The graph: values of static shape and the operations that make them. Everything is a real number; indices travel as numbers and are rounded where they are used.
import type { Shape } from '../types.ts'

/** Every operation and its attributes. Each engine and the reverse mode have one rule for each: a missing rule is a compile error. */
export interface OpAttributes {
  // leaves
  readonly input: { readonly name: string }
  readonly constant: { readonly value: number }
  // elementwise, one input
  readonly neg: None
  readonly exp: None
  readonly log: None
  readonly sqrt: None
  readonly abs: None
  readonly sign: None
  readonly relu: None
  readonly sigmoid: None
  readonly tanh: None
  readonly softplus: None
  readonly erf: None
  // elementwise, two inputs, broadcast as in NumPy
  readonly add: None
  readonly sub: None
  readonly mul: None
  readonly div: None
  readonly maximum: None
  /** `(y, dy)`: dy where y > 0, else 0. `y` is the output of relu, never below 0. */
  readonly reluGrad: None
  /** `(a, b)`: 1 where a > b, else 0. */
  readonly greater: None
  // rows
  readonly softmax: None
  readonly logSoftmax: None
  readonly oneHot: { readonly depth: number }
  // products
  readonly gemm: { readonly transposeA: boolean; readonly transposeB: boolean }
  /** The last two axes are matrices; the axes before are the same in both. */
  readonly matmul: { readonly transposeA: boolean; readonly transposeB: boolean }
  /** `(table, indices)`. */
  readonly takeRows: None
  // convolution, its geometry for each spatial axis
  readonly conv: ConvAttributes
  /** `(dy, weight)`; `spatial` are the lengths of the input that it is the gradient of. */
  readonly convInputGrad: ConvAttributes & { readonly spatial: Shape }
  /** `(x, dy)`. */
  readonly convFilterGrad: ConvAttributes & { readonly kernel: Shape }
  // pooling
  readonly maxPool: PoolAttributes
  /** `(x, maxPool(x), dy)`. */
  readonly maxPoolGrad: PoolAttributes
  // normalisation
  /** `(x, scale, shift)`. */
  readonly channelAffine: None
  /** `(x, weight, bias)`. */
  readonly batchNorm: { readonly epsilon: number }
  /** `(x, batchNorm(x))`. */
  readonly batchMoment: { readonly which: 'mean' | 'variance' }
  readonly standardise: { readonly epsilon: number }
  /** `(x, standardise(x))`. */
  readonly inverseDeviation: { readonly epsilon: number }
  // recurrent layers
  /** `(x, input weights, hidden weights, input bias, hidden bias)`. */
  readonly gru: None
  readonly lstm: None
  /** `(dy, z, coefficients, hidden weights)`. */
  readonly gruBackward: None
  /** `(dy, p, f, coefficients of the gates i, f, g and o, hidden weights)`. */
  readonly lstmBackward: None
  /** `(factor, term)`: cₜ = factorₜ·cₜ₋₁ + termₜ along the first axis. */
  readonly linearScan: None
  // reductions
  readonly reduceSum: { readonly axes: readonly number[]; readonly keep: boolean }
  // shape
  readonly reshape: { readonly shape: Shape }
  readonly expand: { readonly shape: Shape }
  readonly transpose: { readonly permutation: readonly number[] }
  readonly concat: { readonly axis: number }
  readonly slice: { readonly axis: number; readonly start: number; readonly end: number }
}

interface ConvAttributes {
  readonly stride: readonly number[]
  readonly padding: readonly number[]
  readonly dilation: readonly number[]
  readonly groups: number
}

interface PoolAttributes {
  readonly kernel: readonly number[]
  readonly stride: readonly number[]
  readonly padding: readonly number[]
}

/** No attributes. */
interface None {
  readonly none?: never
}

/** Name of an operation. */
export type OpName = keyof OpAttributes

/** One value of a graph. `id` grows in the order of creation, which is a topological order. */
export interface Node<K extends OpName = OpName> {
  readonly id: number
  readonly op: K
  readonly inputs: readonly Node[]
  readonly attributes: OpAttributes[K]
  readonly shape: Shape
  readonly graph: Graph
}

/** A graph under construction. Equal operations on equal inputs are one node. */
export interface Graph {
  /** Adds an operation; the shape follows from the operation's rule. Throws `graph-shape` where the inputs do not fit. */
  readonly emit: <K extends OpName>(op: K, inputs: readonly Node[], attributes: OpAttributes[K]) => Node<K>
  /** A value that is fed in when the graph runs. Names are unique. */
  readonly input: (name: string, shape: Shape) => Node<'input'>
  /** A scalar constant. */
  readonly constant: (value: number) => Node<'constant'>
}

/** How one operation behaves in any graph: the shape it makes, and how a gradient of its output becomes gradients of its inputs. */
export interface Rule<K extends OpName> {
  readonly shape: (inputs: readonly Shape[], attributes: OpAttributes[K]) => Shape
  /** Gradients of the inputs, in order; undefined where there is none (a constant, a step function). */
  readonly gradient: (node: Node<K>, dy: Node) => readonly (Node | undefined)[]
}

/** A rule for every operation. */
export type Rules = { readonly [K in OpName]: Rule<K> }

/** Input `i` of a node. */
export const inputOf = (node: Node, i: number): Node => {
  const input = node.inputs[i]
  if (input === undefined) throw new RangeError(`node ${node.op} has no input ${i}`)
  return input
}
