// What a release of data did, as far as privacy accounting needs to know: immutable records, told apart by `kind`. Accountants read them; mechanisms carry them.
// The vocabulary follows differential-privacy accounting practice (events apart from accountants).
//
// Multipliers are noise / sensitivity, where the sensitivity is how far the released value can move under the accountant's adjacency: for a sum of contributions
// clipped to length C it is C when a unit is added or removed, and 2 C when a unit is replaced by another.

/** One private release, or a composition of releases. Multipliers are relative to the sensitivity of what was released, so an event holds for any bound. */
export type DpEvent =
  /** Nothing was released. */
  | { readonly kind: 'none' }
  /** Released without protection: no finite ε covers it. */
  | { readonly kind: 'nonPrivate' }
  /** A release that no accountant can cost yet: every accountant refuses it by its `what`. */
  | { readonly kind: 'unsupported'; readonly what: string }
  /** Normal noise; `noiseMultiplier` = stddev / L2 sensitivity. */
  | { readonly kind: 'gaussian'; readonly noiseMultiplier: number }
  /** Laplace noise; `noiseMultiplier` = scale / L1 sensitivity. */
  | { readonly kind: 'laplace'; readonly noiseMultiplier: number }
  /**
   * Discrete Gaussian noise on `dimension` integers; `noiseMultiplier` = σ / L2 sensitivity, `sensitivity` the L2 sensitivity in steps of the grid
   * (Canonne, Kamath, Steinke 2020).
   */
  | { readonly kind: 'discreteGaussian'; readonly noiseMultiplier: number; readonly sensitivity: number; readonly dimension: number }
  /**
   * Sum of `parties` independent discrete Gaussians, as parties add them below a masked sum; `noiseMultiplier` = √parties · σ of one / L2 sensitivity, the rest
   * as for `discreteGaussian`. Count only parties whose noise is certain to be there: honest, and not dropped out (Kairouz, Liu, Steinke 2021).
   */
  | {
      readonly kind: 'distributedDiscreteGaussian'
      readonly noiseMultiplier: number
      readonly sensitivity: number
      readonly dimension: number
      readonly parties: number
    }
  /** Discrete Laplace noise on integers; `noiseMultiplier` = scale / L1 sensitivity, `sensitivity` the L1 sensitivity in steps of the grid: an integer. */
  | { readonly kind: 'discreteLaplace'; readonly noiseMultiplier: number; readonly sensitivity: number }
  /** Exponential mechanism: each choice has weight exp(ε · score / (2 · sensitivity of the scores)). */
  | { readonly kind: 'exponential'; readonly epsilon: number }
  /** `event` on a sample that takes every unit independently with probability `probability`. The sample stays secret. */
  | { readonly kind: 'poissonSampled'; readonly probability: number; readonly event: DpEvent }
  /** `event` on `sample` units drawn uniformly from `population`, without replacement unless `replacement` is set. The sample stays secret. */
  | {
      readonly kind: 'fixedSizeSampled'
      readonly population: number
      readonly sample: number
      readonly replacement?: boolean
      readonly event: DpEvent
    }
  /** `event`, `count` times over. */
  | { readonly kind: 'repeated'; readonly event: DpEvent; readonly count: number }
  /** All of `events`, each chosen possibly after seeing the earlier ones. */
  | { readonly kind: 'composed'; readonly events: readonly DpEvent[] }

/** An event of one kind. */
export type DpEventOf<K extends DpEvent['kind']> = Extract<DpEvent, { readonly kind: K }>
