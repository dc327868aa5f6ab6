// Image sets: labels like any data set's, and pixels as bytes, in memory or decoded when asked for. A part of a set is a list of row indices, never a copy.
import type { CategoricalColumn, Labelled } from '../types.ts'

/** Where an image set's bytes come from. */
export interface Pixels {
  /** Bytes `[rows.length, ...shape]` of the rows asked for, in that order. Rejects with `image-corrupt` and the like, naming file and row. */
  readonly read: (rows: ArrayLike<number>) => Promise<Uint8Array>
  /** Bytes held in memory now. */
  readonly heldBytes: () => number
}

/** A file or row that was left out, and why: code and texts of the fault it was refused with. */
export interface SkippedImage {
  readonly file: string
  /** 0-based row of an array. */
  readonly row?: number
  readonly code: string
  readonly expected: string
  readonly got: string
}

/** Pictures or volumes with a class each. */
export interface ImageDataset extends Labelled {
  readonly schema: { readonly label: CategoricalColumn }
  /** `[channels, height, width]` or `[channels, depth, height, width]`. */
  readonly shape: readonly number[]
  readonly pixels: Pixels
  /** The byte that becomes 1 in a model's input: 255 unless the source counts otherwise. */
  readonly white: number
  /** File of each row, where rows are files. */
  readonly files?: readonly string[]
  /** What was left out under the policy `skip`. */
  readonly skipped: readonly SkippedImage[]
}

/** What to do with a file that cannot be read: refuse the whole set, or go on without it and list it. */
export type CorruptPolicy = 'refuse' | 'skip'

/** Bytes of one row. */
export const rowBytes = (shape: readonly number[]): number => shape.reduce((product, length) => product * length, 1)
