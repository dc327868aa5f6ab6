// Losses of numbers, margins and survival times.
import { shapeError, showShape } from '../graph/shape.ts'
import { abs, add, greater, maximum, mul, neg, relu, sub } from '../ops/elementwise.ts'
import { logSoftmax, oneHot, softmax } from '../ops/rows.ts'
import { reduceSum, reshape, slice, vector } from '../ops/structure.ts'
import { aligned, type Loss, rowMean } from './loss.ts'

/** Squared difference, mean over a row's outputs. PyTorch's MSELoss. */
export const meanSquaredError: Loss = {
  name: 'meanSquaredError',
  rows: (output, target) => {
    const difference = sub(output, aligned('squared error', output, target))
    return rowMean(mul(difference, difference))
  },
}

/**
 * d²/2β where |d| < β, else |d| − β/2, mean over a row's outputs. PyTorch's SmoothL1Loss. `ofClasses` compares softmax(output) with the class's row of 0 and 1, as the
 * students' brain-tumour network was trained.
 */
export const smoothL1 = (options: { readonly beta?: number; readonly ofClasses?: boolean } = {}): Loss => {
  const { beta = 1, ofClasses = false } = options
  return {
    name: `smoothL1(${beta}${ofClasses ? ', of classes' : ''})`,
    rows: (output, target) => {
      const [batch = 1, classes = 1] = output.shape
      const difference = ofClasses
        ? sub(softmax(output), oneHot(reshape(target, [batch]), classes))
        : sub(output, aligned('smooth L1', output, target))
      // |d| − β/2 beyond β, and the parabola within: with c = min(|d|, β) it is c·(|d| − c/2)/β
      const size = abs(difference)
      const capped = sub(size, relu(sub(size, beta)))
      return rowMean(mul(mul(capped, sub(size, mul(capped, 0.5))), 1 / beta))
    },
  }
}

/** max(0, 1 − y·z) with targets 0 and 1 read as y = −1 and 1, mean over a row's outputs. */
export const hinge: Loss = {
  name: 'hinge',
  rows: (output, target) => rowMean(relu(sub(1, mul(output, sub(mul(aligned('hinge loss', output, target), 2), 1))))),
}

/**
 * Negative log partial likelihood of Cox 1972, with the batch as the risk set (Breslow's form for ties): for each event, −(h − log Σ eʰ over those still at risk).
 * `output [batch, 1]` are log hazards, `target [batch, 2]` hold time and event (1) or censoring (0). Rows of weight 0 are in no risk set.
 */
export const coxPartialLikelihood: Loss = {
  name: 'coxPartialLikelihood',
  rows: (output, target, weights) => {
    const [batch = 1] = output.shape
    if (output.shape.length !== 2 || output.shape[1] !== 1 || target.shape.length !== 2 || target.shape[1] !== 2) {
      throw shapeError(
        'take the partial likelihood',
        'log hazards [batch, 1] and targets [batch, 2]',
        `${showShape(output.shape)} and ${showShape(target.shape)}`,
      )
    }
    const times = slice(target, 1, 0, 1)
    const itself = oneHot(
      vector(
        output.graph,
        Array.from({ length: batch }, (_, i) => i),
      ),
      batch,
    )
    // row i, column j: 1 where j left before i did, or j is padding and not i itself
    const left = greater(times, reshape(times, [1, batch]))
    const padding = mul(sub(1, greater(reshape(weights, [1, batch]), 0)), sub(1, itself))
    const hazards = add(reshape(output, [1, batch]), mul(maximum(left, padding), -1e30))
    // log softmax at i itself is h − log Σ eʰ
    return mul(neg(reduceSum(mul(logSoftmax(hazards), itself), [1], false)), reshape(slice(target, 1, 1, 2), [batch]))
  },
}
