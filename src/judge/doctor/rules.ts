// The doctor's rules, frozen: from how unlike the sites' data are to the method to try first. Changed only together with docs/doctor.md, which gives reasons and sources.

/** How unlike the sites' training rows are; each from 0 (alike) to 1. */
export interface Skew {
  readonly sites: number
  readonly rows: number
  /** Classes that any site has; 1 for a numeric label. */
  readonly classes: number
  /** Class mixes: mean total variation distance of a site's mix from the whole one, weighted by rows, less what chance alone makes. 0 for a numeric label. */
  readonly label: number
  /** Share of (site, class) pairs where the site has no row of the class. */
  readonly missingClasses: number
  /** Inputs: share of the variance within classes that the sites explain, mean over the inputs, less what chance alone makes. */
  readonly feature: number
  /** Sizes: 1 − Jain's index of the sites' numbers of rows. */
  readonly quantity: number
}

/** What is most wrong, and so what to try. */
export type Finding = 'label' | 'labelOfTwo' | 'feature' | 'quantity' | 'none'

/** From which value on a skew counts. */
export const thresholds = { label: 0.15, feature: 0.1, quantity: 0.3 } as const

/** The method for each finding, as `--methods` takes it. */
export const methodFor: Readonly<Record<Finding, string>> = {
  label: 'fedadam',
  labelOfTwo: 'fedavgm:momentum=0.9:learningRate=0.5',
  feature: 'ditto',
  quantity: 'fednova',
  none: 'fedavg',
}

/**
 * The first rule that applies: unlike class mixes (of two classes, of more), then unlike inputs, then unlike sizes where sites work in epochs (with a fixed number of steps, sizes change no site's
 * number of steps).
 *
 * @example
 * ```ts
 * const alike = { sites: 5, rows: 500, classes: 3, label: 0.02, missingClasses: 0, feature: 0.01, quantity: 0.5 }
 * assert.equal(findingOf(alike, { epochs: true }), 'quantity')
 * assert.equal(findingOf({ ...alike, label: 0.6 }, { epochs: true }), 'label')
 * assert.equal(findingOf({ ...alike, label: 0.6, classes: 2 }, { epochs: true }), 'labelOfTwo')
 * ```
 */
export const findingOf = (skew: Skew, { epochs }: { readonly epochs: boolean }): Finding => {
  if (skew.label >= thresholds.label) return skew.classes === 2 ? 'labelOfTwo' : 'label'
  if (skew.feature >= thresholds.feature) return 'feature'
  if (epochs && skew.quantity >= thresholds.quantity) return 'quantity'
  return 'none'
}
