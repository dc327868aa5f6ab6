// The transforms that optimisers are chained of.
import type { Node } from '../graph/node.ts'
import { abs, add, div, maximum, mul, sign, sqrt, sub } from '../ops/elementwise.ts'
import { reduceSum } from '../ops/structure.ts'
import type { Blocks, Transform } from './optimiser.ts'

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

/** Adds l2·w after the direction is found, so that the decay is not scaled by it (Loshchilov and Hutter 2019). */
export const decoupledDecay = (l2: number): Transform => ({ ...addDecay(l2), name: `decoupledDecay(${l2})` })

const one = (scalars: readonly Node[]): Node => at(scalars, 0)
const square = (x: Node): Node => mul(x, x)

/** Adam with the largest gradient so far instead of the root of the mean square (Kingma and Ba 2015, section 7.1). */
export const scaleByAdamax = (beta1: number, beta2: number, epsilon: number): Transform => ({
  name: `scaleByAdamax(${beta1}, ${beta2}, ${epsilon})`,
  slots: 2,
  scalarCount: 1,
  scalars: (t) => [1 / (1 - beta1 ** t)],
  apply: ({ gradients, slots: [firsts = [], largests = []], scalars }) => {
    const first = gradients.map((g, i) => add(mul(at(firsts, i), beta1), mul(g, 1 - beta1)))
    const largest = gradients.map((g, i) => maximum(mul(at(largests, i), beta2), add(abs(g), epsilon)))
    return { gradients: first.map((m, i) => div(mul(m, one(scalars)), at(largest, i))), slots: [first, largest] }
  },
})

/** g / (√Σg² + ε) (Duchi et al. 2011). */
export const scaleByAdagrad = (epsilon: number): Transform => ({
  name: `scaleByAdagrad(${epsilon})`,
  slots: 1,
  ...none,
  apply: ({ gradients, slots: [sums = []] }) => {
    const next = gradients.map((g, i) => add(at(sums, i), square(g)))
    return { gradients: gradients.map((g, i) => div(g, add(sqrt(at(next, i)), epsilon))), slots: [next] }
  },
})

/** g / (√v + ε) with v the running mean square (Tieleman and Hinton 2012). */
export const scaleByRmsprop = (decay: number, epsilon: number): Transform => ({
  name: `scaleByRmsprop(${decay}, ${epsilon})`,
  slots: 1,
  ...none,
  apply: ({ gradients, slots: [means = []] }) => {
    const next = gradients.map((g, i) => add(mul(at(means, i), decay), mul(square(g), 1 - decay)))
    return { gradients: gradients.map((g, i) => div(g, add(sqrt(at(next, i)), epsilon))), slots: [next] }
  },
})

/** Adam whose second moment moves by the size of the gradient only, whatever its own (Zaheer et al. 2018, algorithm 2, with Adam's corrections). */
export const scaleByYogi = (beta1: number, beta2: number, epsilon: number): Transform => ({
  ...scaleByAdam(beta1, beta2, epsilon),
  name: `scaleByYogi(${beta1}, ${beta2}, ${epsilon})`,
  apply: ({ gradients, slots: [firsts = [], seconds = []], scalars }) => {
    const first = gradients.map((g, i) => add(mul(at(firsts, i), beta1), mul(g, 1 - beta1)))
    const second = gradients.map((g, i) => {
      const v = at(seconds, i)
      return sub(v, mul(mul(sign(sub(v, square(g))), square(g)), 1 - beta2))
    })
    return {
      gradients: first.map((m, i) => div(mul(m, one(scalars)), add(mul(sqrt(at(second, i)), at(scalars, 1)), epsilon))),
      slots: [first, second],
    }
  },
})

/** Shortens the whole gradient to length `limit` where it is longer. */
export const clipByNorm = (limit: number): Transform => ({
  name: `clipByNorm(${limit})`,
  slots: 0,
  ...none,
  apply: ({ gradients }) => {
    const squares = gradients.map((g) =>
      reduceSum(
        square(g),
        g.shape.map((_, axis) => axis),
        false,
      ),
    )
    const norm = sqrt(squares.reduce((sum, each) => add(sum, each)))
    const factor = div(limit, maximum(norm, limit))
    return { gradients: gradients.map((g) => mul(g, factor)), slots: [] }
  },
})
