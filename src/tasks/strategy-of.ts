// From a strategy's name and options, and those of a compression, to the strategy.
import type { Layout, RingVector } from '../algebra/index.ts'
import { YimengError } from '../base/index.ts'
import {
  type Algorithm,
  asynchronous,
  compressed,
  cyclic,
  ditto,
  fedAdagrad,
  fedAdam,
  fedAsync,
  fedAvg,
  fedAvgM,
  fedBn,
  fedBuff,
  fedBulyan,
  fedCon,
  fedConRobust,
  fedDyn,
  fedKrum,
  fedMedian,
  fedNova,
  type FedOpt,
  fedPer,
  fedProx,
  fedRep,
  fedTrimmedMean,
  fedYogi,
  flTrustStrategy,
  hierarchical,
  ifca,
  int4,
  int8,
  lastLayer,
  layerMean,
  layerRate,
  layersNamed,
  type LinearStrategy,
  type LocalWork,
  type Mean,
  normClipping,
  perFedAvg,
  powerSgd,
  qFedAvg,
  qsgd,
  randomK,
  reptile,
  rfa,
  robust,
  scaffold,
  scheduled,
  sharedScale,
  sharedSupport,
  sign,
  type SumProtocol,
  ternary,
  topK,
  transformed,
  type Update,
  weightedMean,
} from '../federated/index.ts'
import type { CompressionSpec, RateScheduleSpec, StrategySpec } from '../federated/spec/index.ts'
import { rateAt } from './schedule.ts'

/** A strategy whose types are its own affair. Those with robust folds are not linear: where single updates may not be seen, the round refuses them (`sum-linear`). */
export type AnyStrategy = LinearStrategy<unknown, unknown, unknown, unknown, unknown>

/** What is public about the updates: the model's layout, and the most rows that a cohort holds. */
interface Bounds {
  readonly layout: Layout
  readonly maxWeight?: number
}

/** Algorithms whose rounds are not those of a strategy (publish, train, add up, step): see {@link wholeAlgorithm}. */
type Whole = 'fedbuff' | 'fedasync'

type Makers = {
  readonly [K in Exclude<StrategySpec['name'], Whole>]: (options: Extract<StrategySpec, { readonly name: K }>, bounds: Bounds) => object
}

/** The options that are there: one left out of a spec takes the strategy's own default. */
const given = <K extends string, T>(name: K, value: T | undefined): { readonly [P in K]?: T } =>
  (value === undefined ? {} : { [name]: value }) as { readonly [P in K]?: T }

const own = (layers: readonly string[] | undefined, { layout }: Bounds): RegExp =>
  layers === undefined ? lastLayer(layout) : layersNamed(layers)

/** A server's optimiser, at the pace of its schedule. */
const paced = (optimiser: FedOpt, schedule: RateScheduleSpec | undefined): object =>
  schedule === undefined ? optimiser : scheduled(optimiser, (round) => rateAt(schedule, round))

/** A total table: a strategy of the spec's schema that nobody makes does not compile. */
const makers: Makers = {
  fedavg: (_, bounds) => fedAvg(bounds),
  fedprox: ({ mu }, bounds) => fedProx({ ...bounds, mu }),
  fedavgm: ({ schedule, ...options }, bounds) => paced(fedAvgM({ ...bounds, ...options }), schedule),
  fedadagrad: ({ schedule, ...options }, bounds) => paced(fedAdagrad({ ...bounds, ...options }), schedule),
  fedadam: ({ schedule, ...options }, bounds) => paced(fedAdam({ ...bounds, ...options }), schedule),
  fedyogi: ({ schedule, ...options }, bounds) => paced(fedYogi({ ...bounds, ...options }), schedule),
  scaffold: ({ serverRate, sites, weighting }, bounds) => scaffold({ ...bounds, serverRate, weighting, ...given('sites', sites) }),
  fednova: ({ momentum }, bounds) => fedNova({ ...bounds, ...given('momentum', momentum) }),
  feddyn: ({ alpha, sites }, bounds) => fedDyn({ ...bounds, alpha, ...given('sites', sites) }),
  qfedavg: ({ q }, bounds) => qFedAvg({ ...bounds, q }),
  fedcon: ({ epsilon, leastLoss }, bounds) => fedCon({ ...bounds, epsilon, leastLoss }),
  'fedcon-robust': ({ epsilon, leastLoss, cap }, bounds) => fedConRobust({ ...bounds, epsilon, leastLoss, cap }),
  fedmedian: (_, bounds) => fedMedian(bounds),
  trimmedmean: ({ share }, bounds) => fedTrimmedMean({ ...bounds, share }),
  krum: ({ liars, keep }, bounds) => fedKrum({ ...bounds, liars, keep }),
  bulyan: ({ liars }, bounds) => fedBulyan({ ...bounds, liars }),
  rfa: ({ weighting }, bounds) => rfa({ ...bounds, weighting }),
  normclipping: ({ most }, bounds) => normClipping({ ...bounds, most }),
  fltrust: ({ trusted }, bounds) => flTrustStrategy({ ...bounds, trusted }),
  fedper: ({ layers }, bounds) => fedPer({ ...bounds, personal: own(layers, bounds) }),
  fedbn: (_, bounds) => fedBn(bounds),
  fedrep: ({ layers, headSteps, bodySteps }, bounds) => fedRep({ ...bounds, personal: own(layers, bounds), headSteps, bodySteps }),
  ditto: ({ lambda }, bounds) => ditto({ ...bounds, lambda }),
  ifca: ({ clusters, spread }, bounds) => ifca({ ...bounds, clusters, spread }),
  perfedavg: ({ inner, steps }, bounds) => perFedAvg({ ...bounds, inner, steps }),
  reptile: ({ rate }, bounds) => reptile({ ...bounds, rate }),
  cyclic: ({ order }, bounds) => cyclic({ ...bounds, order }),
  hierarchical: ({ regions, every }, bounds) => hierarchical({ ...bounds, regions, every }),
}

/** A strategy that sends differences and takes their mean: what can be compressed. */
type Compressible = LinearStrategy<unknown, Update, RingVector, Mean, unknown>

/** Those that send differences as they are. */
const compressibles: readonly StrategySpec['name'][] = ['fedavgm', 'fedadagrad', 'fedadam', 'fedyogi', 'feddyn', 'reptile']

const notCompressible = (got: string, expected = `strategy fedavg, fedprox, ${compressibles.join(', ')}`): YimengError =>
  new YimengError({ code: 'strategy-compression', cannot: 'compress updates', expected, got })

const compressible = (spec: StrategySpec, bounds: Bounds): Compressible => {
  // these send models; a mean of differences is the same but for rounding
  if (spec.name === 'fedavg' || spec.name === 'fedprox') {
    const { name, publish } = spec.name === 'fedavg' ? fedAvg(bounds) : fedProx({ ...bounds, mu: spec.mu })
    return { ...robust(name, bounds.layout, weightedMean(bounds)), publish } as unknown as Compressible
  }
  if (compressibles.includes(spec.name)) return strategyOf(spec, bounds.layout, undefined, bounds.maxWeight) as unknown as Compressible
  throw notCompressible(spec.name)
}

type Packers = {
  readonly [K in Exclude<CompressionSpec['kind'], 'powerSgd'>]: (
    strategy: Compressible,
    options: Extract<CompressionSpec, { readonly kind: K }>,
    bounds: Bounds,
  ) => object
}

const packers: Packers = {
  none: (strategy) => strategy,
  topK: (strategy, { share }, bounds) => compressed(strategy, topK(share), bounds),
  randomK: (strategy, { share }, bounds) => compressed(strategy, randomK(share), bounds),
  fixedMask: (strategy, { share }, bounds) => compressed(strategy, randomK(share, 'fixed'), bounds),
  int8: (strategy, _, bounds) => compressed(strategy, int8, bounds),
  int4: (strategy, _, bounds) => compressed(strategy, int4, bounds),
  qsgd: (strategy, { steps }, bounds) => compressed(strategy, qsgd(steps), bounds),
  sign: (strategy, _, bounds) => compressed(strategy, sign, bounds),
  ternary: (strategy, { share }, bounds) => compressed(strategy, ternary(share), bounds),
  layerRate: (strategy, { rate }, bounds) => transformed(strategy, layerRate(bounds.layout, rate), layerMean(bounds.layout)),
  sharedSupport: (strategy, { share, redraw }, bounds) => sharedSupport(strategy, { ...bounds, share, redraw }),
  sharedScale: (strategy, { bits, maxAbs }, bounds) => {
    const { transform, fold } = sharedScale({ ...bounds, edge: maxAbs, gridBits: bits })
    return transformed(strategy, transform, fold)
  },
}

/**
 * The strategy of a spec for a model of this layout. Bounds: |value| ≤ 2^12, at most `maxRows` rows in a cohort (default 2^20).
 *
 * @throws YimengError `strategy-option` for options that do not fit, `strategy-compression` for a strategy whose updates cannot be compressed, `strategy-whole` for what is no strategy.
 */
export const strategyOf = (
  spec: StrategySpec,
  layout: Layout,
  compression: CompressionSpec = { kind: 'none' },
  maxRows?: number,
): AnyStrategy => {
  const bounds: Bounds = { layout, ...given('maxWeight', maxRows) }
  if (spec.name === 'fedbuff' || spec.name === 'fedasync' || compression.kind === 'powerSgd')
    throw new YimengError({
      code: 'strategy-whole',
      cannot: 'make strategy',
      expected: 'one whose rounds publish, train, add up and step',
      got: compression.kind === 'powerSgd' ? compression.kind : spec.name,
    })
  if (compression.kind !== 'none') {
    const pack = packers[compression.kind] as (strategy: Compressible, options: CompressionSpec, bounds: Bounds) => object
    return pack(compressible(spec, bounds), compression, bounds) as AnyStrategy
  }
  const make = makers[spec.name] as (options: StrategySpec, bounds: Bounds) => object
  // the state's type is known to the strategy alone; everything around it carries it unopened
  return make(spec, bounds) as AnyStrategy
}

/** What an algorithm is made of. */
interface AlgorithmSpec {
  readonly strategy: StrategySpec
  readonly compression: CompressionSpec
  readonly cohort: { readonly maxRows: number }
}

/** Whether a spec's rounds are not those of a strategy: see {@link wholeAlgorithm}. */
export const isWhole = ({ strategy, compression }: Pick<AlgorithmSpec, 'strategy' | 'compression'>): boolean =>
  strategy.name === 'fedbuff' || strategy.name === 'fedasync' || compression.kind === 'powerSgd'

/** An algorithm whose types are its own affair. */
type AnyAlgorithm<Site> = Algorithm<unknown, unknown, Site>

/**
 * The algorithm of a spec whose rounds are not those of a strategy: asynchronous ones, and PowerSGD, which adds up twice.
 *
 * @throws YimengError `strategy-option`, `strategy-compression` as {@link strategyOf}.
 */
export const wholeAlgorithm = <Site>(
  { strategy, compression, cohort }: AlgorithmSpec,
  layout: Layout,
  work: LocalWork<Site>,
  via: SumProtocol<'linear'> | SumProtocol<'any'>,
): AnyAlgorithm<Site> => {
  const bounds = { layout, maxWeight: cohort.maxRows }
  if (compression.kind === 'powerSgd') {
    if (strategy.name !== 'fedavg') throw notCompressible(strategy.name, 'fedavg with powerSgd')
    return powerSgd({ ...bounds, rank: compression.rank }, work, via) as AnyAlgorithm<Site>
  }
  if (compression.kind !== 'none' || (strategy.name !== 'fedbuff' && strategy.name !== 'fedasync')) throw notCompressible(strategy.name)
  const it = strategy.name === 'fedbuff' ? fedBuff({ ...bounds, ...strategy }) : fedAsync({ ...bounds, ...strategy })
  return asynchronous(it, work, via) as AnyAlgorithm<Site>
}
