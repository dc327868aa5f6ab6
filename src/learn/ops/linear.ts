// Matrix products.
import type { Node, Rule } from '../graph/node.ts'
import { axisLength, sameShape, shapeError, showShape } from '../graph/shape.ts'
import { reduceTo } from './structure.ts'

/** How {@link gemm} reads its operands. */
export interface GemmOptions {
  readonly transposeA?: boolean
  readonly transposeB?: boolean
  /** Added to every row: `[n]`; or to the whole: `[m, n]`. */
  readonly bias?: Node
}

/** op(a)·op(b) + bias for matrices: `[m, k] · [k, n] → [m, n]`. */
export const gemm = (a: Node, b: Node, options: GemmOptions = {}): Node =>
  a.graph.emit('gemm', options.bias === undefined ? [a, b] : [a, b, options.bias], {
    transposeA: options.transposeA ?? false,
    transposeB: options.transposeB ?? false,
  })

/** A dense layer as PyTorch's `nn.Linear`: x·Wᵀ + b, with x `[rows, in]`, W `[out, in]`, b `[out]`. */
export const affine = (x: Node, weight: Node, bias?: Node): Node =>
  gemm(x, weight, { transposeB: true, ...(bias === undefined ? {} : { bias }) })

/** Rules of this family. */
export const linearRules: { readonly gemm: Rule<'gemm'> } = {
  gemm: {
    shape: ([a = [], b = [], bias], { transposeA, transposeB }) => {
      if (a.length !== 2 || b.length !== 2) throw shapeError('multiply', 'two matrices', `${showShape(a)} and ${showShape(b)}`)
      const [m, k] = [axisLength(a, transposeA ? 1 : 0), axisLength(a, transposeA ? 0 : 1)]
      const [inner, n] = [axisLength(b, transposeB ? 1 : 0), axisLength(b, transposeB ? 0 : 1)]
      if (k !== inner) throw shapeError('multiply', 'equal inner lengths', `${k} and ${inner}`)
      if (bias !== undefined && !sameShape(bias, [n]) && !sameShape(bias, [m, n]))
        throw shapeError('multiply', `a bias of shape [${n}] or [${m}, ${n}]`, showShape(bias))
      return [m, n]
    },
    gradient: (node, dy) => {
      const [a, b, bias] = node.inputs
      if (a === undefined || b === undefined) return []
      const { transposeA, transposeB } = node.attributes
      const da = transposeA ? gemm(b, dy, { transposeA: transposeB, transposeB: true }) : gemm(dy, b, { transposeB: !transposeB })
      const db = transposeB ? gemm(dy, a, { transposeA: true, transposeB: transposeA }) : gemm(a, dy, { transposeA: !transposeA })
      return bias === undefined ? [da, db] : [da, db, reduceTo(dy, bias.shape)]
    },
  },
}
