// GRU and LSTM in ONNX: fused kernels forward, unrolled recursions backward. Nested loops cost more for each step than the step itself.
import { inputOf } from '../graph/node.ts'
import { axisLength } from '../graph/shape.ts'
import type { Emitter, Lowering } from './lowering.ts'

const reshape = (to: Emitter, x: string, shape: readonly number[]): string => to.emit('Reshape', [x, to.ints(shape)])

/** Rows of gates in another order. */
const reorder = (to: Emitter, x: string, order: readonly number[], hidden: number): string => {
  const parts = to.emits('Split', [x, to.ints(order.map(() => hidden))], order.length, { axis: { int: 0 } })
  return to.emit(
    'Concat',
    order.map((k) => parts[k] ?? ''),
    { axis: { int: 0 } },
  )
}

/** The fused kernel; `order` lists our gates in ONNX's order. */
const fused =
  <K extends 'gru' | 'lstm'>(op: 'GRU' | 'LSTM', order: readonly number[]): Lowering<K> =>
  (node, [x = '', wi = '', wh = '', bi = '', bh = ''], to) => {
    const hidden = axisLength(node.shape, 2)
    const inputs = axisLength(inputOf(node, 0).shape, 2)
    const gates = order.length
    const w = reshape(to, reorder(to, wi, order, hidden), [1, gates * hidden, inputs])
    const r = reshape(to, reorder(to, wh, order, hidden), [1, gates * hidden, hidden])
    const b = reshape(to, to.emit('Concat', [reorder(to, bi, order, hidden), reorder(to, bh, order, hidden)], { axis: { int: 0 } }), [
      1,
      2 * gates * hidden,
    ])
    const y = to.emit(op, [x, w, r, b], { hidden_size: { int: hidden }, ...(op === 'GRU' ? { linear_before_reset: { int: 1 } } : {}) })
    return reshape(to, y, node.shape)
  }

/** ONNX has z, r, n. */
export const gru = fused<'gru'>('GRU', [1, 0, 2])
/** ONNX has i, o, f, g. */
export const lstm = fused<'lstm'>('LSTM', [0, 3, 1, 2])

/** A sequence as its steps: `[time, batch, width]` → time times `[batch, width]`. */
const steps = (to: Emitter, x: string, [time = 1, batch = 1, width = 1]: readonly number[]): readonly string[] =>
  to.emits('Split', [reshape(to, x, [time * batch, width]), to.ints(Array.from({ length: time }, () => batch))], time, { axis: { int: 0 } })

const joined = (to: Emitter, parts: readonly string[], shape: readonly number[]): string =>
  reshape(to, to.emit('Concat', parts, { axis: { int: 0 } }), shape)

/** dhₜ = dyₜ + dhₜ₊₁ ⊙ zₜ₊₁ + (dhₜ₊₁ ⊙ aₜ₊₁)·W. */
export const gruBackward: Lowering<'gruBackward'> = (node, [dy = '', z = '', a = '', w = ''], to) => {
  const [time = 1, batch = 1, hidden = 1] = node.shape
  const [dys, zs, as] = [steps(to, dy, node.shape), steps(to, z, node.shape), steps(to, a, [time, batch, 3 * hidden])]
  const found: string[] = []
  let dh = ''
  for (let t = time - 1; t >= 0; t--) {
    if (t === time - 1) dh = dys[t] ?? ''
    else {
      const gates = to.emit('Mul', [to.emit('Concat', [dh, dh, dh], { axis: { int: 1 } }), as[t + 1] ?? ''])
      const direct = to.emit('Add', [to.emit('Mul', [dh, zs[t + 1] ?? '']), dys[t] ?? ''])
      dh = to.emit('Gemm', [gates, w, direct])
    }
    found.unshift(dh)
  }
  return joined(to, found, node.shape)
}

/** dhₜ = dyₜ + gatesₜ₊₁·W, dcₜ = dhₜ ⊙ pₜ + dcₜ₊₁ ⊙ fₜ₊₁, gatesₜ = [dcₜ ⊙ ofIₜ, dcₜ ⊙ ofFₜ, dcₜ ⊙ ofGₜ, dhₜ ⊙ ofOₜ]. Result: the gates' gradients side by side. */
export const lstmBackward: Lowering<'lstmBackward'> = (
  node,
  [dy = '', p = '', f = '', ofI = '', ofF = '', ofG = '', ofO = '', w = ''],
  to,
) => {
  const { shape } = inputOf(node, 0)
  const [time = 1] = shape
  const [dys, ps, fs] = [steps(to, dy, shape), steps(to, p, shape), steps(to, f, shape)]
  const coefficients = [ofI, ofF, ofG, ofO].map((each) => steps(to, each, shape))
  const found: string[] = []
  let dc = ''
  for (let t = time - 1; t >= 0; t--) {
    const [later] = found
    const dh = later === undefined ? (dys[t] ?? '') : to.emit('Gemm', [later, w, dys[t] ?? ''])
    const fromState = to.emit('Mul', [dh, ps[t] ?? ''])
    dc = later === undefined ? fromState : to.emit('Add', [fromState, to.emit('Mul', [dc, fs[t + 1] ?? ''])])
    const gates = coefficients.map((each, gate) => to.emit('Mul', [gate === 3 ? dh : dc, each[t] ?? '']))
    found.unshift(to.emit('Concat', gates, { axis: { int: 1 } }))
  }
  return joined(to, found, node.shape)
}

/** cₜ = factorₜ ⊙ cₜ₋₁ + termₜ, from 0. */
export const linearScan: Lowering<'linearScan'> = (node, [factor = '', term = ''], to) => {
  const [factors, terms] = [steps(to, factor, node.shape), steps(to, term, node.shape)]
  const found: string[] = []
  for (const [t, each] of terms.entries())
    found.push(t === 0 ? each : to.emit('Add', [to.emit('Mul', [factors[t] ?? '', found[t - 1] ?? '']), each]))
  return joined(to, found, node.shape)
}
