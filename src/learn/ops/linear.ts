// Matrix products.
import type { Node, Rule } from '../graph/node.ts'
import { axisLength, sameShape, shapeError, showShape, sizeOf } from '../graph/shape.ts'
import { oneHot } from './rows.ts'
import { reduceTo, reshape } from './structure.ts'

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

/** op(a)·op(b) for stacks of matrices: `[…, m, k] · […, k, n] → […, m, n]`. The axes before must be the same. */
export const matmul = (a: Node, b: Node, options: { readonly transposeA?: boolean; readonly transposeB?: boolean } = {}): Node =>
  a.graph.emit('matmul', [a, b], { transposeA: options.transposeA ?? false, transposeB: options.transposeB ?? false })

/** Rows of a table: `table [rows, width]`, `indices […]` → `[…, width]`. Indices outside the table fail when the graph runs. */
export const takeRows = (table: Node, indices: Node): Node => table.graph.emit('takeRows', [table, indices], {})

/** Rules of this family. */
export const linearRules: { readonly [K in 'gemm' | 'matmul' | 'takeRows']: Rule<K> } = {
  matmul: {
    shape: ([a = [], b = []], { transposeA, transposeB }) => {
      const stack = a.slice(0, -2)
      if (a.length < 2 || !sameShape(stack, b.slice(0, -2)))
        throw shapeError('multiply', 'stacks of matrices of one shape', `${showShape(a)} and ${showShape(b)}`)
      const [m, k] = [axisLength(a, transposeA ? -1 : -2), axisLength(a, transposeA ? -2 : -1)]
      const [inner, n] = [axisLength(b, transposeB ? -1 : -2), axisLength(b, transposeB ? -2 : -1)]
      if (k !== inner) throw shapeError('multiply', 'equal inner lengths', `${k} and ${inner}`)
      return [...stack, m, n]
    },
    gradient: (node, dy) => {
      const [a, b] = node.inputs
      if (a === undefined || b === undefined) return []
      const { transposeA, transposeB } = node.attributes
      return [
        transposeA ? matmul(b, dy, { transposeA: transposeB, transposeB: true }) : matmul(dy, b, { transposeB: !transposeB }),
        transposeB ? matmul(dy, a, { transposeA: true, transposeB: transposeA }) : matmul(a, dy, { transposeA: !transposeA }),
      ]
    },
  },
  takeRows: {
    shape: ([table = [], indices = []]) => {
      if (table.length !== 2) throw shapeError('take rows', 'a table [rows, width]', showShape(table))
      return [...indices, axisLength(table, 1)]
    },
    gradient: (node, dy) => {
      const [table, indices] = node.inputs
      if (table === undefined || indices === undefined) return []
      const count = sizeOf(indices.shape)
      return [
        gemm(oneHot(reshape(indices, [count]), axisLength(table.shape, 0)), reshape(dy, [count, -1]), { transposeA: true }),
        undefined,
      ]
    },
  },
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
