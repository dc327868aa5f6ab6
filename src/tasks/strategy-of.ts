// From a strategy's name and options to the strategy.
import type { Layout } from '../algebra/index.ts'
import { fedAdagrad, fedAdam, fedAvg, fedAvgM, fedProx, fedYogi, type LinearStrategy } from '../federated/index.ts'
import type { StrategySpec } from '../federated/spec/index.ts'

/** A strategy whose types are its own affair. */
export type AnyStrategy = LinearStrategy<unknown, unknown, unknown, unknown, unknown>

/** The strategy of a spec for a model of this layout. Bounds are the folds' defaults: |value| ≤ 2^12, at most 2^20 rows. */
export const strategyOf = (spec: StrategySpec, layout: Layout): AnyStrategy => {
  const make = () => {
    switch (spec.name) {
      case 'fedavg':
        return fedAvg({ layout })
      case 'fedprox':
        return fedProx({ layout, mu: spec.mu })
      case 'fedavgm':
        return fedAvgM({ layout, learningRate: spec.learningRate, momentum: spec.momentum })
      case 'fedadagrad':
        return fedAdagrad({ layout, learningRate: spec.learningRate, beta1: spec.beta1, tau: spec.tau })
      case 'fedadam':
        return fedAdam({ layout, learningRate: spec.learningRate, beta1: spec.beta1, beta2: spec.beta2, tau: spec.tau })
      case 'fedyogi':
        return fedYogi({ layout, learningRate: spec.learningRate, beta1: spec.beta1, beta2: spec.beta2, tau: spec.tau })
    }
  }
  // the state's type is known to the strategy alone; everything around it carries it unopened
  return make() as unknown as AnyStrategy
}
