// Tables with a schema, before any preprocessing. Data stay column by column; a part of a data set is a list of row indices, never a copy.
import type { Seed } from '../base/index.ts'

/** What every column has: its name in the table, and what a person may want to know. */
interface ColumnBase {
  readonly name: string
  /** Unit of measurement, as in `mm Hg`. */
  readonly unit?: string
  /** One line for people. */
  readonly description?: string
  /** Cells of this column that mean "missing", beside the table's markers: `-1`, `999`. Compared as numbers in a numeric column. */
  readonly missing?: readonly string[]
}

/** A column of numbers. */
export interface NumericColumn extends ColumnBase {
  readonly kind: 'numeric'
  /** Where its values lie, known without looking at them: values beyond count as the nearer end in private statistics. */
  readonly range?: readonly [smallest: number, largest: number]
}

/** A column of categories: strings, listed in order in `levels`. */
export interface CategoricalColumn extends ColumnBase {
  readonly kind: 'categorical'
  readonly levels: readonly string[]
}

/** A column as a person reads it. */
export type Column = NumericColumn | CategoricalColumn

/** What a table holds and what its columns are for. */
export interface Schema {
  /** Feature columns, in order. */
  readonly features: readonly Column[]
  /** The column to predict: classes for a categorical label (two classes: the second is the positive one), a number for a numeric one. */
  readonly label: Column
  /** Column that names the patient: rows of one patient never stand on both sides of a split. */
  readonly patient?: string
  /** Column that names the natural site of a row. */
  readonly site?: string
  /** Cells that mean "missing" in any column, compared without case. Default: {@link missingMarkers}. */
  readonly missing?: readonly string[]
}

/** Rows to learn from and rows to judge by; ascending and disjoint. `validation` is empty unless asked for. */
export interface Split {
  readonly train: Uint32Array
  readonly validation: Uint32Array
  readonly test: Uint32Array
}

/** What splits and partitions know of rows: labels, and whose they are. Tables and image sets both have it. */
export interface Labelled {
  readonly name: string
  readonly schema: { readonly label: Column }
  readonly rows: number
  /** Class index or number of each row, never missing. */
  readonly labels: Float64Array
  /** Patient of each row; an empty string is a patient of its own. */
  readonly patients?: readonly string[]
  /** Natural site of each row. */
  readonly sites?: readonly string[]
  /** 1-based line of the source that each row came from, for messages. */
  readonly lines?: Uint32Array
  /** The split that came with the data, if one did. */
  readonly split?: Split
}

/**
 * A data set in memory, column by column. `values[j][i]` is row i of feature j: the number, or the level's index; NaN where it is missing, −1 where
 * a category is none of the column's levels. `labels[i]` is the class index or the number, never missing.
 */
export interface Dataset extends Labelled {
  readonly schema: Schema
  /** One array of length `rows` for each feature. */
  readonly values: readonly Float64Array[]
  /** Cells of categorical features that the schema does not list, by column name. Absent: none. */
  readonly unknown?: Readonly<Record<string, number>>
}

/** Which rows each site holds: index lists, ascending and disjoint. */
export type Partition = readonly Uint32Array[]

/**
 * Deals rows over sites by their labels (class indices; `labels.length` rows). The same seed gives the same partition. Every row goes to exactly one site,
 * unless the partitioner says otherwise.
 */
export type Partitioner = (labels: ArrayLike<number>, sites: number, seed: Seed) => Partition
