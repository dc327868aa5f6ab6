// FedCon: sites that fit well count more, and sites that fit badly take longer steps.
// FATE_JzLab 1.0.7, README of FedCon (the stated rule; its code adds models up in round 1 and takes a fresh Adagrad each epoch: see docs/algorithms.md):
//   Conᵢ ← (1/Lᵢ) / Σⱼ (1/Lⱼ);   site i:  θᵢ ← θᵢ − aᵢ·∇Lᵢ(θᵢ),  aᵢ = η / √(Conᵢ + ε);   server:  θ ← Σᵢ Conᵢ·θᵢ
// Lᵢ is the site's mean loss over its work of the round. Conᵢ of the mean is this round's; that of aᵢ the last round's, which a site computes from its own Lᵢ and the
// published sum: so the sum alone has to be known, and it may be taken under masks.
// fedConRobust caps every Conᵢ, for the price of showing single losses to the server.
import type { RingVector } from '../../algebra/index.ts'
import { type Codec, structCodec } from '../../base/index.ts'
import type { Aggregation } from '../aggregation.ts'
import type { ByNode } from '../folds/by-node.ts'
import { cappedMean } from '../folds/capped-mean.ts'
import { type Mean, type MeanBounds, weightedMean } from '../folds/weighted-mean.ts'
import type { ClientHalf, LinearStrategy, Strategy } from '../strategy.ts'
import type { Update } from '../update.ts'
import { type ModelState, modelStateCodec, numberCodec } from './fed-avg.ts'
import { option, positive } from './option.ts'

/** The model and Σ 1/Lⱼ of the last round (0 before the first). */
export interface FedConState {
  readonly model: ModelState
  readonly total: number
}

const fedConStateCodec: Codec<FedConState> = structCodec<FedConState>({ model: modelStateCodec, total: numberCodec })

/** Options of {@link fedCon}. */
export interface FedConOptions extends MeanBounds {
  /** ε: a site's step is at most η / √ε. Default 0.001. */
  readonly epsilon?: number
  /** Losses below count as this. Default 2^−10. */
  readonly leastLoss?: number
}

/** Weights are whole numbers: 1/L in steps of 2^−10. */
const STEPS = 2 ** 10

const client = ({ epsilon, leastLoss }: Required<Pick<FedConOptions, 'epsilon' | 'leastLoss'>>): ClientHalf<Update, number> => ({
  init: () => 0,
  codec: numberCodec,
  update:
    (work) =>
    async (node, { values, numbers }, last) => {
      const total = numbers['total']!
      // before both are known every site takes η
      const rate = total > 0 && last > 0 ? 1 / Math.sqrt(Math.min(1, last / total) + epsilon) : 1
      const { values: trained, loss } = await work(node, { values, numbers: { rate }, vectors: {} })
      const inverse = Math.max(1, Math.round(STEPS / Math.max(leastLoss, loss ?? Number.POSITIVE_INFINITY)))
      return [{ values: trained, weight: inverse, ...(loss === undefined ? {} : { loss }) }, inverse / STEPS]
    },
})

const contributionMean = <Acc, F extends Aggregation<Update, Acc, Mean>>(
  name: string,
  { epsilon = 0.001, leastLoss = 2 ** -10 }: FedConOptions,
  fold: F,
): Strategy<FedConState, Update, Acc, Mean, number> & { readonly fold: F } => ({
  name,
  init: (params) => ({ model: { params, loss: Number.NaN }, total: 0 }),
  publish: ({ model, total }) => ({ values: model.params.values, numbers: { total }, vectors: {} }),
  client: client({ epsilon: positive(name, 'epsilon', epsilon), leastLoss: positive(name, 'leastLoss', leastLoss) }),
  fold,
  step: ({ model: { params } }, mean) => ({
    model: { params: { layout: params.layout, values: Float32Array.from(mean.values) }, loss: mean.loss },
    total: mean.weight / STEPS,
  }),
  model: ({ model }) => model.params,
  loss: ({ model }) => model.loss,
  codec: fedConStateCodec,
})

/** FedCon as stated. Runs under any sum protocol. A site that lies about its loss gets the weight of `leastLoss`: where sites may lie, take {@link fedConRobust}. */
export const fedCon = (options: FedConOptions): LinearStrategy<FedConState, Update, RingVector, Mean, number> => {
  const { epsilon: _, leastLoss: __, ...bounds } = options
  return contributionMean('fedcon', options, weightedMean({ maxWeight: 2 ** 27, ...bounds }))
}

/** Options of {@link fedConRobust}. */
export interface FedConRobustOptions extends FedConOptions {
  /** No site counts more than this many times the mean share 1/N; at least 1. Default 2. */
  readonly cap?: number
}

/** FedCon with Conᵢ ≤ cap / N, whatever loss a site claims. The server sees single losses and updates. */
export const fedConRobust = ({ cap = 2, ...options }: FedConRobustOptions): Strategy<FedConState, Update, ByNode<Update>, Mean, number> =>
  contributionMean('fedcon-robust', options, cappedMean(options, option('FedCon', 'cap', cap, cap >= 1 && Number.isFinite(cap), 'from 1')))
