// What a release of data did, as far as privacy accounting needs to know: immutable records, told apart by `kind`. Accountants read them; mechanisms carry them.
// The vocabulary follows differential-privacy accounting practice (events apart from accountants).

/** One private release, or a composition of releases. Multipliers are relative to the sensitivity of what was released, so an event holds for any bound. */
export type DpEvent =
  /** Nothing was released. */
  | { readonly kind: 'none' }
  /** Released without protection: no finite ε covers it. */
  | { readonly kind: 'nonPrivate' }
  /** Normal noise; `noiseMultiplier` = stddev / L2 sensitivity. */
  | { readonly kind: 'gaussian'; readonly noiseMultiplier: number }
  /** Laplace noise; `noiseMultiplier` = scale / L1 sensitivity. */
  | { readonly kind: 'laplace'; readonly noiseMultiplier: number }
  /** Discrete Gaussian noise on integers; `noiseMultiplier` = σ / L2 sensitivity (Canonne, Kamath, Steinke 2020). */
  | { readonly kind: 'discreteGaussian'; readonly noiseMultiplier: number }
  /** Exponential mechanism with this ε. */
  | { readonly kind: 'exponential'; readonly epsilon: number }
  /** `event` on a sample that takes every unit independently with probability `probability`. */
  | { readonly kind: 'poissonSampled'; readonly probability: number; readonly event: DpEvent }
  /** `event` on `sample` units drawn without replacement from `population`. */
  | { readonly kind: 'fixedSizeSampled'; readonly population: number; readonly sample: number; readonly event: DpEvent }
  /** `event`, `count` times over. */
  | { readonly kind: 'repeated'; readonly event: DpEvent; readonly count: number }
  /** All of `events`, each chosen possibly after seeing the earlier ones. */
  | { readonly kind: 'composed'; readonly events: readonly DpEvent[] }
