// Losses, row by row. The training step weights the rows and sums them, so that padding rows (weight 0) leave no trace.
import type { Node } from '../graph/node.ts'
import { axisLength, shapeError, showShape, sizeOf } from '../graph/shape.ts'
import { mean, mul, neg, softplus, sub } from '../ops/elementwise.ts'
import { logSoftmax, oneHot } from '../ops/rows.ts'
import { reduceSum, reshape } from '../ops/structure.ts'

/** A loss of each row: `output [batch, ...]` (logits or values) and `target [batch, ...]` → `[batch]`. */
export interface Loss {
  /** Identifies the loss and its options. */
  readonly name: string
  readonly rows: (output: Node, target: Node) => Node
}

/** −log softmax(output)[target]: `output [batch, classes]`, `target [batch]` class indices. PyTorch's CrossEntropyLoss. */
export const crossEntropy: Loss = {
  name: 'crossEntropy',
  rows: (output, target) => {
    const [batch, classes] = [axisLength(output.shape, 0), axisLength(output.shape, -1)]
    if (output.shape.length !== 2 || sizeOf(target.shape) !== batch) {
      throw shapeError(
        'take cross-entropy',
        'logits [batch, classes] and one class a row',
        `${showShape(output.shape)} and ${showShape(target.shape)}`,
      )
    }
    return neg(reduceSum(mul(logSoftmax(output), oneHot(reshape(target, [batch]), classes)), [1], false))
  },
}

const aligned = (name: string, output: Node, target: Node): Node => {
  if (sizeOf(output.shape) !== sizeOf(target.shape)) {
    throw shapeError(`take ${name}`, `targets of shape ${showShape(output.shape)}`, showShape(target.shape))
  }
  return reshape(target, output.shape)
}

const rowMean = (x: Node): Node => {
  const [batch = 1] = x.shape
  const rows = reshape(x, [batch, -1])
  return axisLength(rows.shape, 1) === 1 ? reshape(rows, [batch]) : mean(rows, [1])
}

/** Binary cross-entropy on logits, targets in [0, 1], mean over a row's outputs. PyTorch's BCEWithLogitsLoss: log(1 + eᶻ) − z·y. */
export const binaryCrossEntropy: Loss = {
  name: 'binaryCrossEntropy',
  rows: (output, target) => rowMean(sub(softplus(output), mul(output, aligned('binary cross-entropy', output, target)))),
}

/** Squared difference, mean over a row's outputs. PyTorch's MSELoss. */
export const meanSquaredError: Loss = {
  name: 'meanSquaredError',
  rows: (output, target) => {
    const difference = sub(output, aligned('squared error', output, target))
    return rowMean(mul(difference, difference))
  },
}
