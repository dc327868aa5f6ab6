// From a strategy's name and options to the strategy.
import type { Layout } from '../algebra/index.ts'
import { fedAdagrad, fedAdam, fedAvg, fedAvgM, fedProx, fedYogi, type LinearStrategy } from '../federated/index.ts'
import type { StrategySpec } from '../federated/spec/index.ts'

/** A strategy whose types are its own affair. */
export type AnyStrategy = LinearStrategy<unknown, unknown, unknown, unknown, unknown>

type Makers = { readonly [K in StrategySpec['name']]: (options: Extract<StrategySpec, { readonly name: K }>, layout: Layout) => object }

/** A total table: a strategy of the spec's schema that nobody makes does not compile. */
const makers: Makers = {
  fedavg: (_, layout) => fedAvg({ layout }),
  fedprox: ({ mu }, layout) => fedProx({ layout, mu }),
  fedavgm: (options, layout) => fedAvgM({ layout, ...options }),
  fedadagrad: (options, layout) => fedAdagrad({ layout, ...options }),
  fedadam: (options, layout) => fedAdam({ layout, ...options }),
  fedyogi: (options, layout) => fedYogi({ layout, ...options }),
}

/** The strategy of a spec for a model of this layout. Bounds are the folds' defaults: |value| ≤ 2^12, at most 2^20 rows. */
export const strategyOf = (spec: StrategySpec, layout: Layout): AnyStrategy => {
  const make = makers[spec.name] as (options: StrategySpec, layout: Layout) => object
  // the state's type is known to the strategy alone; everything around it carries it unopened
  return make(spec, layout) as AnyStrategy
}
