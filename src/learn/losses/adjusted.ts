// Cross-entropy of logits that are adjusted class by class: what a site with few classes trains with, so that it does not push down what it has never seen.
import { axisLength, shapeError, showShape } from '../graph/shape.ts'
import { add, mul } from '../ops/elementwise.ts'
import { slice, vector } from '../ops/structure.ts'
import { crossEntropy } from './cross-entropy.ts'
import type { Loss } from './loss.ts'

/** Shift of a class that the softmax leaves out: far below any logit, far above float32's −3.4e38. */
export const LEFT_OUT = -1e30

/** How a loss sees logits: z′ = factors · z + shifts, each `[classes]`. Factors 1 and shifts 0: the plain loss, bit for bit with two logits or more. */
export interface Adjustment {
  readonly factors: readonly number[]
  readonly shifts: readonly number[]
}

/** Targets `[rows, 1 + 2 · classes]` of {@link adjustedCrossEntropy}: class, factors, shifts. The adjustment is data, so that all sites share one graph. */
export const adjustedTargets = (classes: ArrayLike<number>, { factors, shifts }: Adjustment): Float32Array => {
  const width = 1 + factors.length + shifts.length
  const targets = new Float32Array(classes.length * width)
  for (let row = 0; row < classes.length; row += 1) targets.set([classes[row] ?? 0, ...factors, ...shifts], row * width)
  return targets
}

/**
 * −log softmax(factors · output + shifts)[class]: `output [batch, classes]`, or `[batch, 1]` for two classes, whose one logit z stands for the pair (−z/2, z/2);
 * `target [batch, 1 + 2 · classes]` from {@link adjustedTargets}.
 */
export const adjustedCrossEntropy: Loss = {
  name: 'adjustedCrossEntropy',
  rows: (output, target, weights) => {
    const logits = axisLength(output.shape, -1) === 1 ? mul(output, vector(output.graph, [-0.5, 0.5])) : output
    const classes = axisLength(logits.shape, -1)
    if (axisLength(target.shape, -1) !== 1 + 2 * classes)
      throw shapeError('take adjusted cross-entropy', `targets [batch, ${1 + 2 * classes}]`, showShape(target.shape))
    const adjusted = add(mul(logits, slice(target, 1, 1, 1 + classes)), slice(target, 1, 1 + classes, 1 + 2 * classes))
    return crossEntropy.rows(adjusted, slice(target, 1, 0, 1), weights)
  },
}
