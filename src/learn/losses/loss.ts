// Losses, row by row. The training step weights the rows and sums them, so that padding rows (weight 0) leave no trace.
import type { Node } from '../graph/node.ts'
import { axisLength, shapeError, showShape, sizeOf } from '../graph/shape.ts'
import { mean } from '../ops/elementwise.ts'
import { reshape } from '../ops/structure.ts'

/** A loss of each row: `output [batch, ...]` (logits or values) and `target [batch, ...]` → `[batch]`. */
export interface Loss {
  /** Identifies the loss and its options. */
  readonly name: string
  /** `weights [batch]` is 0 for rows that are padding; losses that look across rows must leave those out. */
  readonly rows: (output: Node, target: Node, weights: Node) => Node
}

/** The targets in the shape of the output. Throws `graph-shape` if their sizes differ. */
export const aligned = (name: string, output: Node, target: Node): Node => {
  if (sizeOf(output.shape) !== sizeOf(target.shape)) {
    throw shapeError(`take ${name}`, `targets of shape ${showShape(output.shape)}`, showShape(target.shape))
  }
  return reshape(target, output.shape)
}

/** Mean over each row's values: `[batch, …]` → `[batch]`. */
export const rowMean = (x: Node): Node => {
  const [batch = 1] = x.shape
  const rows = reshape(x, [batch, -1])
  return axisLength(rows.shape, 1) === 1 ? reshape(rows, [batch]) : mean(rows, [1])
}
