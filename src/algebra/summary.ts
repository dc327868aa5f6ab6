// What a column of a table looks like, as far as sums can tell: the common language of preprocessing (which uses it) and of federated analytics (which computes it).

/** A numeric column over all rows of all sites. `variance` is the population variance. With `count` 0, `mean` and `variance` are NaN, `min` is +Infinity and `max` −Infinity. */
export interface NumericSummary {
  readonly kind: 'numeric'
  /** Values present. */
  readonly count: number
  readonly missing: number
  readonly mean: number
  readonly variance: number
  readonly min: number
  readonly max: number
}

/** A categorical column over all rows of all sites: how often each level was seen at any site. */
export interface CategoricalSummary {
  readonly kind: 'categorical'
  readonly counts: Readonly<Record<string, number>>
  readonly missing: number
}

/** Summary of one column. */
export type ColumnSummary = NumericSummary | CategoricalSummary
