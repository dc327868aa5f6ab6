// How a flat parameter vector is carried from step to step: in blocks. A large tensor is a block of its own, in its own shape, so that it is never copied; runs of small
// tensors share one flat block, since a dozen tiny updates cost more in calls than in arithmetic.
import type { Layout, LayoutEntry } from '../../algebra/index.ts'

/** Consecutive tensors of the layout that are updated as one. */
export interface Block {
  readonly entries: readonly LayoutEntry[]
  /** Index of the first element in the flat vector. */
  readonly offset: number
  readonly size: number
  /** Trained by the optimiser; false for running statistics and frozen tensors. */
  readonly trained: boolean
}

// elements; above about 64 kB the copies of packing and unpacking cost more than the calls they save
const PACKED = 16_384

/** The blocks of a layout, in its order. Tensors whose names are in `fixed` are not trained. `packed` false: every tensor is a block. */
export const blocksOf = (layout: Layout, fixed: ReadonlySet<string>, packed = true): readonly Block[] => {
  const blocks: Block[] = []
  for (const entry of layout.entries) {
    const trained = !fixed.has(entry.name)
    const last = blocks.at(-1)
    if (packed && trained && last?.trained && last.size + entry.size <= PACKED) {
      blocks[blocks.length - 1] = { ...last, entries: [...last.entries, entry], size: last.size + entry.size }
    } else {
      blocks.push({ entries: [entry], offset: entry.offset, size: entry.size, trained })
    }
  }
  return blocks
}

/** Shape in which a block travels: its tensor's own, or flat if it holds several. */
export const blockShape = ({ entries, size }: Block): readonly number[] => {
  const [first] = entries
  return entries.length === 1 && first !== undefined ? first.shape : [size]
}
