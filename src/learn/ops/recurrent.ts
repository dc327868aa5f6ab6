// GRU and LSTM as PyTorch defines them (Cho et al. 2014 with the reset gate after the product; Hochreiter and Schmidhuber 1997). The forward pass is one fused kernel.
// Backwards, the gates of all times are computed again in one product, so that only a thin recursion over time is left to do step by step.
// Shapes: x [time, batch, inputs], states [time, batch, hidden], weights as in nn.GRU and nn.LSTM with gates r, z, n and i, f, g, o.
import { YimengError } from '../../base/index.ts'
import { inputOf, type Node, type Rule } from '../graph/node.ts'
import { axisLength, sameShape, shapeError, showShape } from '../graph/shape.ts'
import type { Shape } from '../types.ts'
import { add, mul, sigmoid, sub, tanh } from './elementwise.ts'
import { gemm } from './linear.ts'
import { concat, expand, reduceSum, reshape, slice } from './structure.ts'

/** Weights of one layer. */
export interface RecurrentWeights {
  /** `[gates · hidden, inputs]`. */
  readonly input: Node
  /** `[gates · hidden, hidden]`. */
  readonly hidden: Node
  readonly inputBias: Node
  readonly hiddenBias: Node
}

const operands = (x: Node, { input, hidden, inputBias, hiddenBias }: RecurrentWeights): readonly Node[] => [
  x,
  input,
  hidden,
  inputBias,
  hiddenBias,
]

/** Hidden states of a GRU that starts at 0: `x [time, batch, inputs]` → `[time, batch, hidden]`. */
export const gru = (x: Node, weights: RecurrentWeights): Node => x.graph.emit('gru', operands(x, weights), {})

/** Hidden states of an LSTM that starts at 0: `x [time, batch, inputs]` → `[time, batch, hidden]`. */
export const lstm = (x: Node, weights: RecurrentWeights): Node => x.graph.emit('lstm', operands(x, weights), {})

const shapeOf =
  (gates: number) =>
  ([x = [], wi = [], wh = [], bi = [], bh = []]: readonly Shape[]): Shape => {
    const [time = 0, batch = 0, inputs = 0] = x
    const hidden = wh[1] ?? 0
    const wanted = [[gates * hidden, inputs], [gates * hidden, hidden], [gates * hidden], [gates * hidden]]
    if (x.length !== 3 || [wi, wh, bi, bh].some((shape, i) => !sameShape(shape, wanted[i] ?? []))) {
      throw shapeError('run a recurrent layer', `weights ${wanted.map(showShape).join(', ')}`, [wi, wh, bi, bh].map(showShape).join(', '))
    }
    return [time, batch, hidden]
  }

/** The states before each step: 0, then all but the last. */
const before = (states: Node): Node => {
  const [time = 1, batch = 1, hidden = 1] = states.shape
  const zero = expand(states.graph.constant(0), [1, batch, hidden])
  return time === 1 ? zero : concat([zero, slice(states, 0, 0, time - 1)], 0)
}

/** What every backward pass starts from: sizes, rows of x and of the states before, and both products with their biases, cut into gates. */
const replay = (node: Node, gates: number) => {
  const [x, wi, wh, bi, bh] = [0, 1, 2, 3, 4].map((i) => inputOf(node, i)) as [Node, Node, Node, Node, Node]
  const [time = 1, batch = 1, hidden = 1] = node.shape
  const rows = time * batch
  const flatX = reshape(x, [rows, axisLength(x.shape, 2)])
  const previous = before(node)
  const flatPrevious = reshape(previous, [rows, hidden])
  const cut = (product: Node): readonly Node[] =>
    Array.from({ length: gates }, (_, k) => reshape(slice(product, 1, k * hidden, (k + 1) * hidden), [time, batch, hidden]))
  return {
    x,
    wi,
    wh,
    rows,
    hidden,
    flatX,
    previous,
    flatPrevious,
    fromInput: cut(gemm(flatX, wi, { transposeB: true, bias: bi })),
    fromHidden: cut(gemm(flatPrevious, wh, { transposeB: true, bias: bh })),
    // for cells that need only the sum of both: the second product is added to the first as it goes
    together: cut(gemm(flatPrevious, wh, { transposeB: true, bias: gemm(flatX, wi, { transposeB: true, bias: add(bi, bh) }) })),
  }
}

/** Gradients of all inputs from those of the gates' sums, `[rows, gates · hidden]` each. */
const spread = ({ x, wi, flatX, flatPrevious }: ReturnType<typeof replay>, ofInput: Node, ofHidden: Node): readonly Node[] => [
  reshape(gemm(ofInput, wi), x.shape),
  gemm(ofInput, flatX, { transposeA: true }),
  gemm(ofHidden, flatPrevious, { transposeA: true }),
  reduceSum(ofInput, [0], false),
  reduceSum(ofHidden, [0], false),
]

/** Gates side by side: `[rows, gates · hidden]`. */
const side = (gates: readonly Node[], rows: number, hidden: number): Node =>
  concat(
    gates.map((gate) => reshape(gate, [rows, hidden])),
    1,
  )

const ramp = (s: Node): Node => mul(s, sub(1, s))
const bend = (t: Node): Node => sub(1, mul(t, t))
const part = <T>(parts: readonly T[], i: number): T => {
  const found = parts[i]
  if (found === undefined) throw new RangeError(`no gate ${i}`)
  return found
}

const once = (): never => {
  throw new YimengError({
    code: 'graph-gradient',
    cannot: 'differentiate twice',
    expected: 'operations with second derivatives',
    got: 'a recurrent layer',
  })
}

/** Rules of this family. */
export const recurrentRules: { readonly [K in 'gru' | 'lstm' | 'gruBackward' | 'lstmBackward' | 'linearScan']: Rule<K> } = {
  gru: {
    shape: shapeOf(3),
    gradient: (node, dy) => {
      const past = replay(node, 3)
      const { fromInput, fromHidden, previous, wh, rows, hidden } = past
      const r = sigmoid(add(part(fromInput, 0), part(fromHidden, 0)))
      const z = sigmoid(add(part(fromInput, 1), part(fromHidden, 1)))
      const inner = part(fromHidden, 2)
      const n = tanh(add(part(fromInput, 2), mul(r, inner)))
      // gradient of each gate's sum per unit gradient of the state
      const ofN = mul(sub(1, z), bend(n))
      const ofR = mul(mul(ofN, inner), ramp(r))
      const ofZ = mul(sub(previous, n), ramp(z))
      const coefficients = reshape(side([ofR, ofZ, mul(ofN, r)], rows, hidden), [...node.shape.slice(0, 2), 3 * hidden])
      const dh = node.graph.emit('gruBackward', [dy, z, coefficients, wh], {})
      const ofHidden = mul(reshape(dh, [rows, 1, hidden]), reshape(coefficients, [rows, 3, hidden]))
      const ofInput = side([mul(dh, ofR), mul(dh, ofZ), mul(dh, ofN)], rows, hidden)
      return spread(past, ofInput, reshape(ofHidden, [rows, 3 * hidden]))
    },
  },
  lstm: {
    shape: shapeOf(4),
    gradient: (node, dy) => {
      const past = replay(node, 4)
      const { together, wh, rows, hidden } = past
      const [i, f, g, o] = [sigmoid(part(together, 0)), sigmoid(part(together, 1)), tanh(part(together, 2)), sigmoid(part(together, 3))]
      // Large tensors are walked once for each operation, so products that are there already are used again: i·g, and the state itself, which is o·tanh(c)
      const fresh = mul(i, g)
      const cell = node.graph.emit('linearScan', [f, fresh], {})
      const kept = sub(cell, fresh)
      // per unit gradient of the cell: i·g·(1 − i), f·c·(1 − f) and i·(1 − g²); of the state: h·(1 − o); of the cell through the state: o·(1 − tanh²(c))
      const [ofI, ofF, ofG, ofO] = [mul(fresh, sub(1, i)), mul(kept, sub(1, f)), sub(i, mul(fresh, g)), mul(node, sub(1, o))]
      const through = sub(o, mul(node, tanh(cell)))
      const gates = reshape(node.graph.emit('lstmBackward', [dy, through, f, ofI, ofF, ofG, ofO, wh], {}), [rows, 4 * hidden])
      return spread(past, gates, gates)
    },
  },
  gruBackward: { shape: ([dy = []]) => dy, gradient: once },
  lstmBackward: { shape: ([dy = []]) => [...dy.slice(0, 2), 4 * axisLength(dy, 2)], gradient: once },
  linearScan: { shape: ([factor = []]) => factor, gradient: once },
}
