// Cross-entropy: of classes, with weights, smoothing or fewer classes than the model has, and of single bits.
import { YimengError } from '../../base/index.ts'
import type { Node } from '../graph/node.ts'
import { axisLength, shapeError, showShape, sizeOf } from '../graph/shape.ts'
import { add, mul, neg, softplus, sub } from '../ops/elementwise.ts'
import { logSoftmax, oneHot } from '../ops/rows.ts'
import { reduceSum, reshape, vector } from '../ops/structure.ts'
import { aligned, type Loss, rowMean } from './loss.ts'

const classTargets = (output: Node, target: Node): Node => {
  const [batch, classes] = [axisLength(output.shape, 0), axisLength(output.shape, -1)]
  if (output.shape.length !== 2 || sizeOf(target.shape) !== batch) {
    throw shapeError(
      'take cross-entropy',
      'logits [batch, classes] and one class a row',
      `${showShape(output.shape)} and ${showShape(target.shape)}`,
    )
  }
  return oneHot(reshape(target, [batch]), classes)
}

// the sign goes to the shares, through which no gradient runs: that spares a node in the backward pass
const pick = (logs: Node, shares: Node): Node => reduceSum(mul(logs, neg(shares)), [1], false)

/** −log softmax(output)[target]: `output [batch, classes]`, `target [batch]` class indices. PyTorch's CrossEntropyLoss. */
export const crossEntropy: Loss = {
  name: 'crossEntropy',
  rows: (output, target) => pick(logSoftmax(output), classTargets(output, target)),
}

/**
 * −Σ shares · log softmax(output): `output [batch, classes]`, or `[batch, 1]` for two classes, whose one logit z stands for the pair (−z/2, z/2); `target [batch, classes]`,
 * the share of each class in a row, as mixup makes them.
 */
export const shareCrossEntropy: Loss = {
  name: 'shareCrossEntropy',
  rows: (output, target) => {
    const logits = axisLength(output.shape, -1) === 1 ? mul(output, vector(output.graph, [-0.5, 0.5])) : output
    return pick(logSoftmax(logits), aligned('cross-entropy of shares', logits, target))
  },
}

/** Options of {@link crossEntropyWith}. */
export interface CrossEntropyOptions {
  /** Factor of each class's rows. The step still divides by the sum of the rows' own weights, unlike PyTorch, which divides by the sum of these factors. */
  readonly classWeights?: readonly number[]
  /** Share of the target that is spread evenly over all classes (Szegedy et al. 2016, section 7). */
  readonly labelSmoothing?: number
  /**
   * The classes that this site has: the softmax runs over these alone, so that a site does not push down classes it has never seen. The other classes' logits take no
   * gradient.
   */
  readonly present?: readonly number[]
}

// far below any logit, far above float32's −3.4e38
const ABSENT = -1e30

const checkOptions = (labelSmoothing: number, present?: readonly number[]): void => {
  if (labelSmoothing >= 0 && labelSmoothing < 1 && present?.length !== 0) return
  throw new YimengError({
    code: 'loss-option',
    cannot: 'make cross-entropy',
    expected: 'a smoothing in [0, 1) and at least one class present',
    got: JSON.stringify({ labelSmoothing, present }),
  })
}

/** Cross-entropy with class weights, label smoothing or restricted softmax. Throws `loss-option` for a smoothing outside [0, 1) or no class present. */
export const crossEntropyWith = (options: CrossEntropyOptions): Loss => {
  const { classWeights, labelSmoothing = 0, present } = options
  checkOptions(labelSmoothing, present)
  return {
    name: `crossEntropyWith(${JSON.stringify({ classWeights, labelSmoothing, present })})`,
    rows: (output, target) => {
      const classes = axisLength(output.shape, -1)
      const held = Array.from({ length: classes }, (_, k) => present === undefined || present.includes(k))
      const { graph } = output
      const logits =
        present === undefined
          ? output
          : add(
              output,
              vector(
                graph,
                held.map((here) => (here ? 0 : ABSENT)),
              ),
            )
      const truth = classTargets(output, target)
      const count = held.filter(Boolean).length
      const even = vector(
        graph,
        held.map((here) => (here ? labelSmoothing / count : 0)),
      )
      const shares = labelSmoothing === 0 ? truth : add(mul(truth, 1 - labelSmoothing), even)
      const weighted = classWeights === undefined ? shares : mul(shares, vector(graph, classWeights))
      return pick(logSoftmax(logits), weighted)
    },
  }
}

const ofBits = (output: Node, truth: Node): Node => rowMean(sub(softplus(output), mul(output, truth)))

/** Binary cross-entropy on logits, targets in [0, 1], mean over a row's outputs. PyTorch's BCEWithLogitsLoss: log(1 + eᶻ) − z·y. */
export const binaryCrossEntropy: Loss = {
  name: 'binaryCrossEntropy',
  rows: (output, target) => ofBits(output, aligned('binary cross-entropy', output, target)),
}

/** Binary cross-entropy with smoothed targets: a share of each is spread evenly over both classes. Throws `loss-option` as {@link crossEntropyWith}. */
export const binaryCrossEntropyWith = ({ labelSmoothing }: { readonly labelSmoothing: number }): Loss => {
  checkOptions(labelSmoothing)
  return {
    name: `binaryCrossEntropyWith(${JSON.stringify({ labelSmoothing })})`,
    rows: (output, target) => {
      const truth = aligned('binary cross-entropy', output, target)
      return ofBits(output, add(mul(truth, 1 - labelSmoothing), labelSmoothing / 2))
    },
  }
}
