// Operations along the last axis: softmax and class codes.
import type { Node, Rule } from '../graph/node.ts'
import { shapeError, showShape } from '../graph/shape.ts'
import { exp, mul, sub } from './elementwise.ts'
import { reduceSum } from './structure.ts'

/** eˣ / Σ eˣ along the last axis, without overflow. */
export const softmax = (x: Node): Node => x.graph.emit('softmax', [x], {})

/** x − log Σ eˣ along the last axis, without overflow. */
export const logSoftmax = (x: Node): Node => x.graph.emit('logSoftmax', [x], {})

/** Class indices `[…]` as rows of 0 and 1: `[…, depth]`. An index outside 0 … depth−1 gives a row of zeros. */
export const oneHot = (indices: Node, depth: number): Node => indices.graph.emit('oneHot', [indices], { depth })

const last = <K extends 'softmax' | 'logSoftmax'>(gradient: (y: Node, dy: Node) => Node): Rule<K> => ({
  shape: ([x = []]) => {
    if (x.length === 0) throw shapeError('normalise', 'at least one axis', showShape(x))
    return x
  },
  gradient: (node, dy) => [gradient(node, dy)],
})

/** Rules of this family. */
export const rowRules: { readonly [K in 'softmax' | 'logSoftmax' | 'oneHot']: Rule<K> } = {
  softmax: last((y, dy) => {
    const weighted = mul(dy, y)
    return sub(weighted, mul(y, reduceSum(weighted, [-1], true)))
  }),
  logSoftmax: last((y, dy) => sub(dy, mul(exp(y), reduceSum(dy, [-1], true)))),
  oneHot: {
    shape: ([indices = []], { depth }) => [...indices, depth],
    gradient: () => [undefined],
  },
}
