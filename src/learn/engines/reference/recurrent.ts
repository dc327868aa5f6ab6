// GRU and LSTM in plain loops: the equations of PyTorch's documentation, one state after the other.
import { inputOf, type Node } from '../../graph/node.ts'
import type { Evaluation } from './evaluate.ts'

const none = new Float64Array(0)
const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x))

/** Σ weights[row]·vector + bias[row]. */
const sums = (weights: Float64Array, vector: Float64Array, bias: Float64Array): Float64Array =>
  bias.map((start, row) => vector.reduce((sum, value, i) => sum + value * (weights[row * vector.length + i] ?? 0), start))

/** Runs `step` over time for each row of the batch; it gets the gates' sums from input and state, and gives the next state. */
const recur = (
  node: Node,
  [x = none, wi = none, wh = none, bi = none, bh = none]: readonly Float64Array[],
  step: (fromInput: Float64Array, fromHidden: Float64Array, state: Float64Array, row: number) => Float64Array,
): Float64Array => {
  const [time = 1, batch = 1, hidden = 1] = node.shape
  const inputs = inputOf(node, 0).shape[2] ?? 1
  const result = new Float64Array(time * batch * hidden)
  for (let row = 0; row < batch; row++) {
    let state: Float64Array = new Float64Array(hidden)
    for (let t = 0; t < time; t++) {
      const at = t * batch + row
      state = step(sums(wi, x.subarray(at * inputs, (at + 1) * inputs), bi), sums(wh, state, bh), state, row)
      result.set(state, at * hidden)
    }
  }
  return result
}

/** h ← (1 − z)·n + z·h. */
export const gru: Evaluation<'gru'> = (node, inputs) =>
  recur(node, inputs, (a, b, state) => {
    const h = state.length
    const gate = (k: number, j: number): number => sigmoid((a[k * h + j] ?? 0) + (b[k * h + j] ?? 0))
    return state.map((before, j) => {
      const n = Math.tanh((a[2 * h + j] ?? 0) + gate(0, j) * (b[2 * h + j] ?? 0))
      return (1 - gate(1, j)) * n + gate(1, j) * before
    })
  })

/** c ← f·c + i·g, h ← o·tanh c. */
export const lstm: Evaluation<'lstm'> = (node, inputs) => {
  const cells = new Map<number, Float64Array>()
  return recur(node, inputs, (a, b, state, row) => {
    const h = state.length
    const sum = (k: number, j: number): number => (a[k * h + j] ?? 0) + (b[k * h + j] ?? 0)
    const before = cells.get(row) ?? new Float64Array(h)
    const cell = before.map((c, j) => sigmoid(sum(1, j)) * c + sigmoid(sum(0, j)) * Math.tanh(sum(2, j)))
    cells.set(row, cell)
    return cell.map((c, j) => sigmoid(sum(3, j)) * Math.tanh(c))
  })
}

/** vector·weights for `[width]` and `[width, columns]`. */
const times = (vector: Float64Array, weights: Float64Array, columns: number): Float64Array =>
  Float64Array.from({ length: columns }, (_, j) => vector.reduce((sum, value, i) => sum + value * (weights[i * columns + j] ?? 0), 0))

/** See the lowering of the same name. */
export const gruBackward: Evaluation<'gruBackward'> = (node, [dy = none, z = none, a = none, w = none]) => {
  const [time = 1, batch = 1, hidden = 1] = node.shape
  const dh = Float64Array.from(dy)
  for (let t = time - 2; t >= 0; t--) {
    for (let row = 0; row < batch; row++) {
      const [here, later] = [(t * batch + row) * hidden, ((t + 1) * batch + row) * hidden]
      const gates = Float64Array.from({ length: 3 * hidden }, (_, k) => (dh[later + (k % hidden)] ?? 0) * (a[later * 3 + k] ?? 0))
      const back = times(gates, w, hidden)
      for (let j = 0; j < hidden; j++) dh[here + j] = (dh[here + j] ?? 0) + (dh[later + j] ?? 0) * (z[later + j] ?? 0) + (back[j] ?? 0)
    }
  }
  return dh
}

/** See the lowering of the same name. */
export const lstmBackward: Evaluation<'lstmBackward'> = (
  node,
  [dy = none, p = none, f = none, ofI = none, ofF = none, ofG = none, ofO = none, w = none],
) => {
  const [time = 1, batch = 1, hidden = 1] = inputOf(node, 0).shape
  const gates = new Float64Array(time * batch * 4 * hidden)
  const dc = new Float64Array(batch * hidden)
  for (let t = time - 1; t >= 0; t--) {
    for (let row = 0; row < batch; row++) {
      const [here, later] = [(t * batch + row) * hidden, ((t + 1) * batch + row) * hidden]
      const last = t === time - 1
      const back = last ? none : times(gates.subarray(4 * later, 4 * (later + hidden)), w, hidden)
      for (let j = 0; j < hidden; j++) {
        const at = here + j
        const dh = (dy[at] ?? 0) + (back[j] ?? 0)
        const cell = dh * (p[at] ?? 0) + (last ? 0 : (dc[row * hidden + j] ?? 0) * (f[later + j] ?? 0))
        dc[row * hidden + j] = cell
        for (const [gate, coefficient] of [ofI, ofF, ofG, ofO].entries())
          gates[4 * here + gate * hidden + j] = (gate === 3 ? dh : cell) * (coefficient[at] ?? 0)
      }
    }
  }
  return gates
}

/** cₜ = factorₜ ⊙ cₜ₋₁ + termₜ. */
export const linearScan: Evaluation<'linearScan'> = (node, [factor = none, term = none]) => {
  const [, batch = 1, hidden = 1] = node.shape
  const c = Float64Array.from(term)
  for (let i = batch * hidden; i < c.length; i++) c[i] = (c[i] ?? 0) + (factor[i] ?? 0) * (c[i - batch * hidden] ?? 0)
  return c
}
