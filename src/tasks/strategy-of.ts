// From a strategy's name and options, and those of a compression, to the strategy.
import type { Layout, RingVector } from '../algebra/index.ts'
import { YimengError } from '../base/index.ts'
import {
  compressed,
  cyclic,
  ditto,
  fedAdagrad,
  fedAdam,
  fedAvg,
  fedAvgM,
  fedBulyan,
  fedCon,
  fedConRobust,
  fedDyn,
  fedKrum,
  fedMedian,
  fedNova,
  fedProx,
  fedTrimmedMean,
  fedYogi,
  flTrustStrategy,
  hierarchical,
  ifca,
  int4,
  int8,
  layerMean,
  layerRate,
  type LinearStrategy,
  type Mean,
  normClipping,
  perFedAvg,
  qFedAvg,
  qsgd,
  randomK,
  reptile,
  rfa,
  robust,
  scaffold,
  sharedScale,
  sharedSupport,
  sign,
  ternary,
  topK,
  transformed,
  type Update,
  weightedMean,
} from '../federated/index.ts'
import type { CompressionSpec, StrategySpec } from '../federated/spec/index.ts'

/** A strategy whose types are its own affair. Those with robust folds are not linear: where single updates may not be seen, the round refuses them (`sum-linear`). */
export type AnyStrategy = LinearStrategy<unknown, unknown, unknown, unknown, unknown>

type Makers = { readonly [K in StrategySpec['name']]: (options: Extract<StrategySpec, { readonly name: K }>, layout: Layout) => object }

/** The options that are there: one left out of a spec takes the strategy's own default. */
const given = <K extends string, T>(name: K, value: T | undefined): { readonly [P in K]?: T } =>
  (value === undefined ? {} : { [name]: value }) as { readonly [P in K]?: T }

/** A total table: a strategy of the spec's schema that nobody makes does not compile. */
const makers: Makers = {
  fedavg: (_, layout) => fedAvg({ layout }),
  fedprox: ({ mu }, layout) => fedProx({ layout, mu }),
  fedavgm: (options, layout) => fedAvgM({ layout, ...options }),
  fedadagrad: (options, layout) => fedAdagrad({ layout, ...options }),
  fedadam: (options, layout) => fedAdam({ layout, ...options }),
  fedyogi: (options, layout) => fedYogi({ layout, ...options }),
  scaffold: ({ serverRate, sites, weighting }, layout) => scaffold({ layout, serverRate, weighting, ...given('sites', sites) }),
  fednova: ({ momentum }, layout) => fedNova({ layout, momentum }),
  feddyn: ({ alpha, sites }, layout) => fedDyn({ layout, alpha, ...given('sites', sites) }),
  qfedavg: ({ q }, layout) => qFedAvg({ layout, q }),
  fedcon: ({ epsilon, leastLoss }, layout) => fedCon({ layout, epsilon, leastLoss }),
  'fedcon-robust': ({ epsilon, leastLoss, cap }, layout) => fedConRobust({ layout, epsilon, leastLoss, cap }),
  fedmedian: (_, layout) => fedMedian({ layout }),
  trimmedmean: ({ share }, layout) => fedTrimmedMean({ layout, share }),
  krum: ({ liars, keep }, layout) => fedKrum({ layout, liars, keep }),
  bulyan: ({ liars }, layout) => fedBulyan({ layout, liars }),
  rfa: ({ weighting }, layout) => rfa({ layout, weighting }),
  normclipping: ({ most }, layout) => normClipping({ layout, most }),
  fltrust: ({ trusted }, layout) => flTrustStrategy({ layout, trusted }),
  ditto: ({ lambda }, layout) => ditto({ layout, lambda }),
  ifca: ({ clusters, spread }, layout) => ifca({ layout, clusters, spread }),
  perfedavg: ({ inner, steps }, layout) => perFedAvg({ layout, inner, steps }),
  reptile: ({ rate }, layout) => reptile({ layout, rate }),
  cyclic: ({ order }, layout) => cyclic({ layout, order }),
  hierarchical: ({ regions, every }, layout) => hierarchical({ layout, regions, every }),
}

/** A strategy that sends differences and takes their mean: what can be compressed. */
type Compressible = LinearStrategy<unknown, Update, RingVector, Mean, unknown>

/** Those that send differences as they are. */
const compressibles: readonly StrategySpec['name'][] = ['fedavgm', 'fedadagrad', 'fedadam', 'fedyogi', 'feddyn', 'reptile']

const compressible = (spec: StrategySpec, layout: Layout): Compressible => {
  // these send models; a mean of differences is the same but for rounding
  if (spec.name === 'fedavg' || spec.name === 'fedprox') {
    const { name, publish } = spec.name === 'fedavg' ? fedAvg({ layout }) : fedProx({ layout, mu: spec.mu })
    return { ...robust(name, layout, weightedMean({ layout })), publish } as unknown as Compressible
  }
  if (compressibles.includes(spec.name))
    return (makers[spec.name] as (options: StrategySpec, layout: Layout) => object)(spec, layout) as Compressible
  throw new YimengError({
    code: 'strategy-compression',
    cannot: 'compress updates',
    expected: `strategy fedavg, fedprox, ${compressibles.join(', ')}`,
    got: spec.name,
  })
}

type Packers = {
  readonly [K in CompressionSpec['kind']]: (
    strategy: Compressible,
    options: Extract<CompressionSpec, { readonly kind: K }>,
    layout: Layout,
  ) => object
}

const packers: Packers = {
  none: (strategy) => strategy,
  topK: (strategy, { share }, layout) => compressed(strategy, topK(share), { layout }),
  randomK: (strategy, { share }, layout) => compressed(strategy, randomK(share), { layout }),
  fixedMask: (strategy, { share }, layout) => compressed(strategy, randomK(share, 'fixed'), { layout }),
  int8: (strategy, _, layout) => compressed(strategy, int8, { layout }),
  int4: (strategy, _, layout) => compressed(strategy, int4, { layout }),
  qsgd: (strategy, { steps }, layout) => compressed(strategy, qsgd(steps), { layout }),
  sign: (strategy, _, layout) => compressed(strategy, sign, { layout }),
  ternary: (strategy, { share }, layout) => compressed(strategy, ternary(share), { layout }),
  layerRate: (strategy, { rate }, layout) => transformed(strategy, layerRate(layout, rate), layerMean(layout)),
  sharedSupport: (strategy, { share, redraw }, layout) => sharedSupport(strategy, { layout, share, redraw }),
  sharedScale: (strategy, { bits, maxAbs }, layout) => {
    const { transform, fold } = sharedScale({ layout, edge: maxAbs, gridBits: bits })
    return transformed(strategy, transform, fold)
  },
}

/**
 * The strategy of a spec for a model of this layout. Bounds are the folds' defaults: |value| ≤ 2^12, at most 2^20 rows.
 *
 * @throws YimengError `strategy-option` for options that do not fit, `strategy-compression` for a strategy whose updates cannot be compressed.
 */
export const strategyOf = (spec: StrategySpec, layout: Layout, compression: CompressionSpec = { kind: 'none' }): AnyStrategy => {
  if (compression.kind !== 'none') {
    const pack = packers[compression.kind] as (strategy: Compressible, options: CompressionSpec, layout: Layout) => object
    return pack(compressible(spec, layout), compression, layout) as AnyStrategy
  }
  const make = makers[spec.name] as (options: StrategySpec, layout: Layout) => object
  // the state's type is known to the strategy alone; everything around it carries it unopened
  return make(spec, layout) as AnyStrategy
}
