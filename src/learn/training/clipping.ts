// Per-sample clipping for differentially private training (Abadi et al. 2016, algorithm 1), exact and without a backward pass for each sample: dense layers need only
// norms (the "ghost norm", Goodfellow 2015), convolutions one filter gradient for each sample, in one grouped product.
import { YimengError } from '../../base/index.ts'
import { backward } from '../graph/gradient.ts'
import { reachable } from '../graph/graph.ts'
import { inputOf, type Node } from '../graph/node.ts'
import { sizeOf } from '../graph/shape.ts'
import { convFilterGrad } from '../ops/convolution.ts'
import { add, div, maximum, mul, sqrt } from '../ops/elementwise.ts'
import { gemm } from '../ops/linear.ts'
import { expand, reduceSum, reduceTo, reshape } from '../ops/structure.ts'

/** What one use of a parameter gives: each sample's squared gradient norm `[batch]`, and the gradient summed over samples with factors `[batch]`. */
interface Share {
  readonly squares: Node
  readonly sum: (factors: Node) => Node
}

const refuse = (expected: string, got: string): never => {
  throw new YimengError({ code: 'per-sample', cannot: 'clip gradients sample by sample', expected, got })
}

const square = (x: Node): Node => mul(x, x)

/** From the samples' gradients themselves: `[batch, …parameter]`. */
const explicit = (gradients: Node, parameter: Node): Share => {
  const [batch = 1] = gradients.shape
  const rows = reshape(gradients, [batch, -1])
  return {
    squares: reduceSum(square(rows), [1], false),
    sum: (factors) => reshape(gemm(reshape(factors, [1, batch]), rows), parameter.shape),
  }
}

const spatialAxes = (x: Node): readonly number[] => x.shape.slice(2).map((_, i) => i + 2)

/** Gradients of input `i` of `node`, which is a parameter, given the gradient of the node's output for each sample. */
const shareOf = (node: Node, i: number, dy: Node, batch: number): Share => {
  const parameter = inputOf(node, i)
  const x = inputOf(node, 0)
  if (node.shape[0] !== batch)
    return refuse(`layers that keep the samples along the first axis (${batch})`, `${node.op} of [${node.shape.join(', ')}]`)
  if (node.op === 'gemm' && i > 0 && !(node as Node<'gemm'>).attributes.transposeA) {
    const dySquares = reduceSum(square(dy), [1], false)
    const scaled = (factors: Node): Node => mul(dy, reshape(factors, [batch, 1]))
    if (i === 2)
      return parameter.shape.length === 1
        ? { squares: dySquares, sum: (factors) => reduceSum(scaled(factors), [0], false) }
        : refuse('a bias', 'a matrix that is added')
    const { transposeB } = (node as Node<'gemm'>).attributes
    return {
      squares: mul(dySquares, reduceSum(square(x), [1], false)),
      sum: (factors) => (transposeB ? gemm(scaled(factors), x, { transposeA: true }) : gemm(x, scaled(factors), { transposeA: true })),
    }
  }
  if (node.op === 'conv' && i === 1) {
    const { attributes } = node as Node<'conv'>
    const apart = (each: Node): Node => reshape(each, [1, batch * (each.shape[1] ?? 1), ...each.shape.slice(2)])
    const groups = batch * attributes.groups
    const filters = convFilterGrad(apart(x), apart(dy), { ...attributes, groups }, parameter.shape.slice(2))
    return explicit(reshape(filters, [batch, ...parameter.shape]), parameter)
  }
  if (node.op === 'conv' && i === 2) return explicit(reduceSum(dy, spatialAxes(dy), false), parameter)
  if (node.op === 'channelAffine' && i > 0) return explicit(reduceSum(i === 1 ? mul(dy, x) : dy, spatialAxes(dy), false), parameter)
  if ((node.op === 'add' || node.op === 'mul') && parameter.shape.length < node.shape.length) {
    const whole = node.op === 'add' ? dy : mul(dy, inputOf(node, 1 - i))
    const lead = node.shape.length - parameter.shape.length - 1
    return explicit(reduceTo(whole, [batch, ...Array.from({ length: lead }, () => 1), ...parameter.shape]), parameter)
  }
  return refuse('dense, convolution, group norm and layer norm layers', node.op)
}

/**
 * For each parameter, Σ weightᵢ · gᵢ · min(1, limit / ‖gᵢ‖), with gᵢ the gradient of `rows[i]` over all parameters together. `rows` and `weights` are `[batch]`, `limit` is
 * a scalar. Undefined for a parameter that the loss does not depend on.
 *
 * @throws YimengError `per-sample` where rows are mixed (batch norm) or a parameter is used twice or in a layer without a rule.
 */
export const clippedGradients = (rows: Node, parameters: readonly Node[], weights: Node, limit: Node): readonly (Node | undefined)[] => {
  const batch = rows.shape[0] ?? 1
  const order = reachable([rows])
  if (order.some(({ op }) => op === 'batchNorm')) refuse('samples that do not mix: group norm', 'batch norm')
  const found = backward(rows, parameters, expand(rows.graph.constant(1), rows.shape))
  const shares = parameters.map((parameter): Share | undefined => {
    const uses = order.flatMap((node) => node.inputs.flatMap((input, i) => (input === parameter ? [{ node, i }] : [])))
    const [use] = uses
    if (use === undefined) return undefined
    if (uses.length > 1) return refuse('every parameter used once', `one of ${sizeOf(parameter.shape)} numbers used ${uses.length} times`)
    const dy = found.get(use.node)
    return dy === undefined ? undefined : shareOf(use.node, use.i, dy, batch)
  })
  const squares = shares.flatMap((share) => (share === undefined ? [] : [share.squares]))
  const [first, ...rest] = squares
  if (first === undefined) return parameters.map(() => undefined)
  const norms = sqrt(rest.reduce((sum, each) => add(sum, each), first))
  const factors = mul(weights, div(limit, maximum(norms, limit)))
  return shares.map((share) => share?.sum(factors))
}
