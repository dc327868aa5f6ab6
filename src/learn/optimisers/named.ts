// The optimisers people ask for by name, with PyTorch's defaults and formulas.
import { YimengError } from '../../base/index.ts'
import { chain, type Optimiser, type Transform } from './optimiser.ts'
import {
  addDecay,
  clipByNorm,
  decoupledDecay,
  momentum,
  scaleByAdagrad,
  scaleByAdam,
  scaleByAdamax,
  scaleByRmsprop,
  scaleByYogi,
} from './transforms.ts'

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

const moments = (
  name: string,
  options: { readonly beta1?: number; readonly beta2?: number; readonly epsilon?: number; readonly weightDecay?: number },
  epsilonDefault = 1e-8,
): { readonly beta1: number; readonly beta2: number; readonly epsilon: number; readonly weightDecay: number } => {
  const { beta1 = 0.9, beta2 = 0.999, epsilon = epsilonDefault, weightDecay = 0 } = options
  within(name, 'beta1', beta1, 0, 1)
  within(name, 'beta2', beta2, 0, 1)
  within(name, 'epsilon', epsilon, 0, Number.POSITIVE_INFINITY)
  within(name, 'weightDecay', weightDecay, 0, Number.POSITIVE_INFINITY)
  return { beta1, beta2, epsilon, weightDecay }
}

const decay = (l2: number): readonly Transform[] => (l2 === 0 ? [] : [addDecay(l2)])

/** Options of the Adam family. */
export interface AdamOptions {
  readonly beta1?: number
  readonly beta2?: number
  readonly epsilon?: number
  readonly weightDecay?: number
}

/** Adam with decoupled weight decay, as torch.optim.AdamW. */
export const adamw = (options: AdamOptions = {}): Optimiser => {
  const { beta1, beta2, epsilon, weightDecay } = moments('adamw', { weightDecay: 0.01, ...options })
  return chain(scaleByAdam(beta1, beta2, epsilon), ...(weightDecay === 0 ? [] : [decoupledDecay(weightDecay)]))
}

/** Adamax, as torch.optim.Adamax. */
export const adamax = (options: AdamOptions = {}): Optimiser => {
  const { beta1, beta2, epsilon, weightDecay } = moments('adamax', options)
  return chain(...decay(weightDecay), scaleByAdamax(beta1, beta2, epsilon))
}

/** Yogi (Zaheer et al. 2018). */
export const yogi = (options: AdamOptions = {}): Optimiser => {
  const { beta1, beta2, epsilon, weightDecay } = moments('yogi', options, 1e-3)
  return chain(...decay(weightDecay), scaleByYogi(beta1, beta2, epsilon))
}

/** Adagrad, as torch.optim.Adagrad. */
export const adagrad = (options: { readonly epsilon?: number; readonly weightDecay?: number } = {}): Optimiser => {
  const { epsilon, weightDecay } = moments('adagrad', options, 1e-10)
  return chain(...decay(weightDecay), scaleByAdagrad(epsilon))
}

/** RMSprop, as torch.optim.RMSprop (not centred). */
export const rmsprop = (
  options: { readonly alpha?: number; readonly epsilon?: number; readonly momentum?: number; readonly weightDecay?: number } = {},
): Optimiser => {
  const { alpha = 0.99, momentum: factor = 0 } = options
  const { epsilon, weightDecay } = moments('rmsprop', options)
  within('rmsprop', 'alpha', alpha, 0, 1)
  within('rmsprop', 'momentum', factor, 0, 1)
  return chain(...decay(weightDecay), scaleByRmsprop(alpha, epsilon), ...(factor === 0 ? [] : [momentum(factor)]))
}

/** The same optimiser on gradients whose length is at most `limit`. */
export const clipped = (limit: number, optimiser: Optimiser): Optimiser => {
  within('a clipped optimiser', 'limit', limit, Number.MIN_VALUE, Number.POSITIVE_INFINITY)
  return { name: `clipped(${limit}, ${optimiser.name})`, transforms: [clipByNorm(limit), ...optimiser.transforms] }
}
