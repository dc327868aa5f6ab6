// What a site can do about classes that it has few rows of, or none; with any strategy, since only the site's own loss and batches change. n_c: the site's rows of class c.
//   restricted   Li, Zhan 2021, "FedRS: federated learning with restricted softmax for label distribution non-IID data", KDD, section 4.1:
//                p ∝ exp(α_c · z_c),  α_c = 1 where n_c > 0, else α in [0, 1];   'out': the softmax runs over the classes that the site has
//   calibrated   Zhang, Li, Li, Xu, Wu, Ding, Wu 2022, "Federated learning with label distribution skew via logits calibration" (FedLC), ICML, equation 8:
//                p ∝ exp(z_c − τ · n_c^(−1/4));   a class without rows is left out, to which the rule tends as n_c → 0
//                (the paper's sum leaves out the row's own class; with it, as in the authors' code, τ = 0 is the plain loss)
//   balanced     batches in turns of one row from each class that the site has
import { type Adjustment, adjustedTargets, LEFT_OUT } from '../learn/index.ts'
import type { LocalSpec } from './run-spec.ts'
import type { TrainingRows } from './training-rows.ts'

/** What a site trains on. */
export interface TrainingSite {
  readonly train: TrainingRows
  /** The class of each row, where batches are balanced. */
  readonly classes?: ArrayLike<number>
  /** Whose row each is, where the data name patients. */
  readonly patients?: readonly string[]
}

/** A loss that goes by the classes that a site has. */
export type Remedy = Extract<LocalSpec['loss'], { readonly kind: 'restricted' | 'calibrated' }>
/** Whether a loss is one. */
export const isRemedy = (loss: LocalSpec['loss']): loss is Remedy => loss.kind === 'restricted' || loss.kind === 'calibrated'

/** How a site with `counts[c]` rows of class c sees logits: `[classes]`. */
export const adjustment = (loss: Remedy, counts: readonly number[]): Adjustment => {
  const [ones, zeros] = [counts.map(() => 1), counts.map(() => 0)]
  if (loss.kind === 'calibrated' && loss.tau === 0) return { factors: ones, shifts: zeros }
  if (loss.kind === 'calibrated') return { factors: ones, shifts: counts.map((n) => (n > 0 ? -loss.tau * n ** -0.25 : LEFT_OUT)) }
  const { missing } = loss
  return missing === 'out'
    ? { factors: ones, shifts: counts.map((n) => (n > 0 ? 0 : LEFT_OUT)) }
    : { factors: counts.map((n) => (n > 0 ? 1 : missing)), shifts: zeros }
}

/** A site's rows as its loss and its batches want them. `classes`: how many there are in all; undefined for a number to predict. */
export const trainingSite = (
  train: TrainingRows,
  { loss, sampling }: Pick<LocalSpec, 'loss' | 'sampling'>,
  classes: number | undefined,
): TrainingSite => {
  const balanced = sampling === 'balanced' ? { classes: train.targets } : {}
  if (!isRemedy(loss) || classes === undefined) return { train, ...balanced }
  const counts = Array.from({ length: classes }, () => 0)
  for (const k of train.targets) counts[k] = (counts[k] ?? 0) + 1
  return {
    train: { ...train, targets: adjustedTargets(train.targets, adjustment(loss, counts)), targetShape: [1 + 2 * classes] },
    ...balanced,
  }
}
