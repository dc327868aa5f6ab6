// A fold that adds nothing up: every node's value under its name. For metrics of single sites, and for robust statistics, which need single updates.
// It needs a protocol that carries any fold: whoever may not see single sites may not run it.
import { type Codec, listCodec, structCodec, textCodec, YimengError } from '../../base/index.ts'
import type { Aggregation } from '../aggregation.ts'
import type { NodeId } from '../placement.ts'

/** Values by node. */
export type ByNode<T> = ReadonlyMap<NodeId, T>

/** Sorted by name, so that neither bytes nor iteration tell the order of arrival. */
const inOrder = <T>(values: ByNode<T>): readonly (readonly [NodeId, T])[] => [...values].sort(([a], [b]) => (a < b ? -1 : 1))

const byNodeCodec = <T>(value: Codec<T>): Codec<ByNode<T>> => {
  const list = listCodec(structCodec<{ readonly node: NodeId; readonly value: T }>({ node: textCodec, value }))
  return {
    encode: (values) => list.encode(inOrder(values).map(([node, each]) => ({ node, value: each }))),
    decode: (bytes) => {
      const items = list.decode(bytes)
      if (items.every(({ node }, i) => i === 0 || items[i - 1]!.node < node))
        return new Map(items.map(({ node, value: each }) => [node, each]))
      throw new YimengError({ code: 'by-node', cannot: 'read values by node', expected: 'different nodes in order', got: 'others' })
    },
  }
}

/** The fold keyed by node; the result is sorted by name. Holds all values at once, which is its price. */
export const byNode = <T>(codec: Codec<T>): Aggregation<T, ByNode<T>, ByNode<T>> => ({
  input: codec,
  total: byNodeCodec(codec),
  sum: {
    zero: () => new Map(),
    add: (total, x) => {
      const both = total as Map<NodeId, T>
      for (const [node, value] of x) {
        if (both.has(node))
          throw new YimengError({ code: 'by-node', cannot: 'add value', expected: 'one of each node', got: 'another one', where: { node } })
        both.set(node, value)
      }
      return both
    },
  },
  lift: (x, from) => new Map([[from, x]]),
  finish: (total) => new Map(inOrder(total)),
})
