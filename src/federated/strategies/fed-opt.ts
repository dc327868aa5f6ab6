// FedOpt: the server treats the mean difference Δ as a gradient (of the other sign) and takes a step of its own optimiser.
// Reddi, Charles, Zaheer, Garrett, Rush, Konečný, Kumar, McMahan 2021, "Adaptive federated optimization", ICLR, algorithms 1 and 2:
//   site k:  Δ_k = w_k − w_t          server:  Δ = Σ_k (n_k/n) Δ_k
//   SGD with momentum (Hsu, Qi, Brown 2019, "Measuring the effects of non-identical data distribution", FedAvgM):  m ← β·m + Δ;  w ← w + η·m
//   adaptive:  m ← β1·m + (1−β1)·Δ;  v ← v + Δ²  (Adagrad)  |  β2·v + (1−β2)·Δ²  (Adam)  |  v − (1−β2)·Δ²·sign(v − Δ²)  (Yogi);  w ← w + η·m / (√v + τ)
// As in algorithm 2 there is no bias correction, and v starts at τ².
import type { RingVector } from '../../algebra/index.ts'
import { type Codec, float64Codec, structCodec, YimengError } from '../../base/index.ts'
import { type Mean, type MeanBounds, weightedMean } from '../folds/weighted-mean.ts'
import { type LinearStrategy, sendDifference } from '../strategy.ts'
import type { Update } from '../update.ts'
import { type ModelState, modelStateCodec } from './fed-avg.ts'

/** The model with the server optimiser's moments, `[size]` each; `second` is empty for SGD. Moments are kept in float64: they are the server's alone. */
export interface OptimiserState {
  readonly model: ModelState
  readonly first: Float64Array
  readonly second: Float64Array
}

const optimiserStateCodec: Codec<OptimiserState> = structCodec<OptimiserState>({
  model: modelStateCodec,
  first: float64Codec,
  second: float64Codec,
})

/** A server optimiser on the mean difference. */
export type FedOpt = LinearStrategy<OptimiserState, Update, RingVector, Mean>

/** How one coordinate moves: `first` and `second` moment and the step, from the moments before and the mean difference. */
interface Rule {
  readonly name: string
  readonly first: (m: number, delta: number) => number
  /** Absent: no second moment. */
  readonly second?: (v: number, delta: number) => number
  readonly startSecond: number
  readonly step: (m: number, v: number) => number
}

const fedOpt = (rule: Rule, bounds: MeanBounds): FedOpt => ({
  name: rule.name,
  init: (params) => ({
    model: { params, loss: Number.NaN },
    first: new Float64Array(params.values.length),
    second: new Float64Array(rule.second === undefined ? 0 : params.values.length).fill(rule.startSecond),
  }),
  publish: ({ model }) => ({ values: model.params.values, numbers: {}, vectors: {} }),
  client: sendDifference,
  fold: weightedMean(bounds),
  step: ({ model, first, second }, { values: delta, loss }) => {
    const { layout, values } = model.params
    const [m, v, w] = [first.slice(), second.slice(), values.slice()]
    for (let i = 0; i < w.length; i += 1) {
      m[i] = rule.first(m[i]!, delta[i]!)
      if (rule.second !== undefined) v[i] = rule.second(v[i]!, delta[i]!)
      w[i] = w[i]! + rule.step(m[i]!, rule.second === undefined ? 0 : v[i]!)
    }
    return { model: { params: { layout, values: w }, loss }, first: m, second: v }
  },
  model: ({ model }) => model.params,
  loss: ({ model }) => model.loss,
  codec: optimiserStateCodec,
})

/** η: the server's learning rate. */
interface Rate {
  readonly learningRate: number
}

/** Options of {@link fedAvgM}. */
export interface FedAvgMOptions extends MeanBounds, Rate {
  /** β in [0, 1). Default 0. */
  readonly momentum?: number
}

/** Options of {@link fedAdagrad}. */
export interface FedAdagradOptions extends MeanBounds, Rate {
  /** β1 in [0, 1). Default 0, as in the paper's experiments. */
  readonly beta1?: number
  /** τ > 0, the degree of adaptivity. Default 1e-3. */
  readonly tau?: number
}

/** Options of {@link fedAdam} and {@link fedYogi}. */
export interface FedAdamOptions extends MeanBounds, Rate {
  /** β1 in [0, 1). Default 0.9. */
  readonly beta1?: number
  /** β2 in [0, 1). Default 0.99. */
  readonly beta2?: number
  /** τ > 0, the degree of adaptivity. Default 1e-3. */
  readonly tau?: number
}

const within = (name: string, value: number, inside: boolean, expected: string): number => {
  if (inside) return value
  throw new YimengError({ code: 'fedopt-option', cannot: 'make server optimiser', expected: `${name} ${expected}`, got: String(value) })
}
const positive = (name: string, value: number): number =>
  within(name, value, value > 0 && Number.isFinite(value), 'a finite number above 0')
const decay = (name: string, value: number): number => within(name, value, value >= 0 && value < 1, 'in [0, 1)')

/**
 * Server SGD with momentum (FedAvgM). With rate 1 and momentum 0 it is FedAvg but for the rounding of the differences to float32.
 *
 * @throws YimengError `fedopt-option`, as do the others here.
 */
export const fedAvgM = ({ learningRate, momentum = 0, ...bounds }: FedAvgMOptions): FedOpt => {
  const eta = positive('learningRate', learningRate)
  const beta = decay('momentum', momentum)
  return fedOpt({ name: 'fedavgm', first: (m, delta) => beta * m + delta, startSecond: 0, step: (m) => eta * m }, bounds)
}

const adaptive = (
  name: string,
  second: (v: number, delta: number) => number,
  { learningRate, beta1, tau }: { readonly learningRate: number; readonly beta1: number; readonly tau: number },
  bounds: MeanBounds,
): FedOpt => {
  const eta = positive('learningRate', learningRate)
  const beta = decay('beta1', beta1)
  positive('tau', tau)
  return fedOpt(
    {
      name,
      first: (m, delta) => beta * m + (1 - beta) * delta,
      second,
      startSecond: tau * tau,
      step: (m, v) => (eta * m) / (Math.sqrt(v) + tau),
    },
    bounds,
  )
}

/** Server Adagrad: steps shrink where differences were large. */
export const fedAdagrad = ({ learningRate, beta1 = 0, tau = 1e-3, ...bounds }: FedAdagradOptions): FedOpt =>
  adaptive('fedadagrad', (v, delta) => v + delta * delta, { learningRate, beta1, tau }, bounds)

/** Server Adam. */
export const fedAdam = ({ learningRate, beta1 = 0.9, beta2 = 0.99, tau = 1e-3, ...bounds }: FedAdamOptions): FedOpt => {
  decay('beta2', beta2)
  return adaptive('fedadam', (v, delta) => beta2 * v + (1 - beta2) * delta * delta, { learningRate, beta1, tau }, bounds)
}

/** Server Yogi: like Adam, but the second moment moves by at most (1−β2)·Δ² a round. */
export const fedYogi = ({ learningRate, beta1 = 0.9, beta2 = 0.99, tau = 1e-3, ...bounds }: FedAdamOptions): FedOpt => {
  decay('beta2', beta2)
  const second = (v: number, delta: number): number => v - (1 - beta2) * delta * delta * Math.sign(v - delta * delta)
  return adaptive('fedyogi', second, { learningRate, beta1, tau }, bounds)
}
