// Optimisers as chains of pure transforms of the gradient, built into the training graph (the idea of optax: each transform maps gradients and its own state to
// gradients and new state). After the chain, every parameter takes the step w − learningRate · gradient.
import { YimengError } from '../../base/index.ts'
import type { Node } from '../graph/node.ts'
import { add, div, mul, sqrt } from '../ops/elementwise.ts'
import type { Hyper } from '../types.ts'

/** One value for each block of parameters. */
export type Blocks = readonly Node[]

/** What a transform sees in one step. */
export interface TransformInput {
  readonly gradients: Blocks
  readonly params: Blocks
  /** The transform's own state: for each slot, one value for each block. Zero before the first step. */
  readonly slots: readonly Blocks[]
  /** The numbers that `scalars` gives for this step, as scalar nodes. */
  readonly scalars: readonly Node[]
}

/** Maps gradients to gradients. */
export interface Transform {
  /** Identifies the transform and its constants. */
  readonly name: string
  /** How many vectors of the parameters' length it keeps. */
  readonly slots: number
  /** How many numbers it takes a step. */
  readonly scalarCount: number
  /** The numbers of step `t` (counted from 1 over the whole training), computed in float64 outside the graph. */
  readonly scalars: (t: number, hyper: Hyper) => readonly number[]
  readonly apply: (input: TransformInput) => { readonly gradients: Blocks; readonly slots: readonly Blocks[] }
}

/** A named chain of transforms. */
export interface Optimiser {
  readonly name: string
  readonly transforms: readonly Transform[]
}

const none = { scalarCount: 0, scalars: () => [] }

/** Adds l2·w to the gradient: the penalty (l2/2)‖w‖². */
export const addDecay = (l2: number): Transform => ({
  name: `addDecay(${l2})`,
  slots: 0,
  ...none,
  apply: ({ gradients, params }) => ({ gradients: gradients.map((g, i) => add(g, mul(at(params, i), l2))), slots: [] }),
})

/** v ← factor·v + g; the gradient becomes v, or g + factor·v with Nesterov's look-ahead (PyTorch's SGD, dampening 0). */
export const momentum = (factor: number, nesterov = false): Transform => ({
  name: `momentum(${factor}${nesterov ? ', nesterov' : ''})`,
  slots: 1,
  ...none,
  apply: ({ gradients, slots: [velocities = []] }) => {
    const next = gradients.map((g, i) => add(mul(at(velocities, i), factor), g))
    return { gradients: nesterov ? gradients.map((g, i) => add(g, mul(at(next, i), factor))) : next, slots: [next] }
  },
})

/** Adam's direction: m̂ / (√v̂ + ε) (Kingma and Ba 2015, algorithm 1). */
export const scaleByAdam = (beta1: number, beta2: number, epsilon: number): Transform => ({
  name: `scaleByAdam(${beta1}, ${beta2}, ${epsilon})`,
  slots: 2,
  scalarCount: 2,
  // 1 − βᵗ cancels in float32 while t is small, so the corrections come from outside
  scalars: (t) => [1 / (1 - beta1 ** t), 1 / Math.sqrt(1 - beta2 ** t)],
  apply: ({ gradients, slots: [firsts = [], seconds = []], scalars: [firstScale, secondScale] }) => {
    if (firstScale === undefined || secondScale === undefined) throw new RangeError('scaleByAdam takes two scalars')
    const first = gradients.map((g, i) => add(mul(at(firsts, i), beta1), mul(g, 1 - beta1)))
    const second = gradients.map((g, i) => add(mul(at(seconds, i), beta2), mul(mul(g, g), 1 - beta2)))
    return {
      gradients: first.map((m, i) => div(mul(m, firstScale), add(mul(sqrt(at(second, i)), secondScale), epsilon))),
      slots: [first, second],
    }
  },
})

const at = (blocks: Blocks, i: number): Node => {
  const block = blocks[i]
  if (block === undefined) throw new RangeError(`no block ${i}`)
  return block
}

/** Transforms one after the other. */
export const chain = (...transforms: readonly Transform[]): Optimiser => ({
  name: `chain(${transforms.map(({ name }) => name).join(', ')})`,
  transforms,
})

const within = (optimiser: string, name: string, value: number, low: number, below: number): void => {
  if (!(value >= low && value < below)) {
    throw new YimengError({
      code: 'optimiser-option',
      cannot: `make ${optimiser}`,
      expected: `${name} in [${low}, ${below})`,
      got: String(value),
    })
  }
}

/** Stochastic gradient descent, as torch.optim.SGD (dampening 0). `weightDecay` is an L2 penalty. */
export const sgd = (
  options: { readonly momentum?: number; readonly nesterov?: boolean; readonly weightDecay?: number } = {},
): Optimiser => {
  const { momentum: factor = 0, nesterov = false, weightDecay = 0 } = options
  within('sgd', 'momentum', factor, 0, 1)
  within('sgd', 'weightDecay', weightDecay, 0, Number.POSITIVE_INFINITY)
  return {
    name: `sgd(momentum ${factor}${nesterov ? ' nesterov' : ''}, decay ${weightDecay})`,
    transforms: [...(weightDecay === 0 ? [] : [addDecay(weightDecay)]), ...(factor === 0 ? [] : [momentum(factor, nesterov)])],
  }
}

/** Adam, as torch.optim.Adam. `weightDecay` is an L2 penalty inside the gradient. */
export const adam = (
  options: { readonly beta1?: number; readonly beta2?: number; readonly epsilon?: number; readonly weightDecay?: number } = {},
): Optimiser => {
  const { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, weightDecay = 0 } = options
  within('adam', 'beta1', beta1, 0, 1)
  within('adam', 'beta2', beta2, 0, 1)
  within('adam', 'epsilon', epsilon, 0, Number.POSITIVE_INFINITY)
  within('adam', 'weightDecay', weightDecay, 0, Number.POSITIVE_INFINITY)
  return {
    name: `adam(${beta1}, ${beta2}, ${epsilon}, decay ${weightDecay})`,
    transforms: [...(weightDecay === 0 ? [] : [addDecay(weightDecay)]), scaleByAdam(beta1, beta2, epsilon)],
  }
}
