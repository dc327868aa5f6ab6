// Tables with a schema, before any preprocessing.

/** A column as a person reads it. Categorical values are strings; `levels` lists them in order. */
export type Column =
  | { readonly kind: 'numeric'; readonly name: string }
  | { readonly kind: 'categorical'; readonly name: string; readonly levels: readonly string[] }

/** What a table holds and what its columns are for. */
export interface Schema {
  /** Feature columns, in order. */
  readonly features: readonly Column[]
  /** The column to predict: classes for a categorical label, a number for a numeric one. */
  readonly label: Column
  /** Column that names the patient: rows of one patient never stand on both sides of a split. */
  readonly patient?: string
  /** Column that names the natural site of a row. */
  readonly site?: string
}

/**
 * A data set in memory, column by column. `values[j][i]` is row i of feature j: the number, the level's index, or NaN where it is missing.
 * `labels[i]` is the class index or the number.
 */
export interface Dataset {
  readonly name: string
  readonly schema: Schema
  readonly rows: number
  readonly values: readonly Float64Array[]
  readonly labels: Float64Array
  readonly patients?: readonly string[]
  /** Natural site of each row. */
  readonly sites?: readonly string[]
  /** 1-based line of the source that each row came from, for messages. */
  readonly lines?: Uint32Array
}

/** Splits rows over sites. A partition is a list of index lists, never a copy of the data. */
export type Partition = readonly Uint32Array[]
