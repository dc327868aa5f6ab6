// A public data set that Yimeng knows by name: what it is, whose it is, which files hold it, and how they become a Dataset.
import type { CsvFormat, Table } from '../table.ts'
import type { Dataset, Schema } from '../types.ts'

/** A file of a data set. */
export interface DataFile {
  /** Below the package's `data/` when embedded, else below `YIMENG_DATA` or the cache; with forward slashes. */
  readonly path: string
  readonly bytes: number
  readonly sha256: string
  /** As others publish it. */
  readonly md5?: string
  /** `bytes` and `sha256` are those of the unpacked content: the same content is gzipped in more than one way. */
  readonly gzipped?: boolean
  /** MD5 of another published version that is accepted too: the same rows in another order. */
  readonly orMd5?: string
  /** In the package. */
  readonly embedded: boolean
  /** The public original, byte for byte the same. */
  readonly url?: string
}

/** What every named set tells, tables and images alike. */
export interface NamedSet {
  readonly name: string
  readonly title: string
  /** What a row is and what is predicted, in a sentence or two. */
  readonly description: string
  readonly rows: number
  /** Natural sites; empty when there are none. */
  readonly sites: readonly string[]
  readonly licence: string
  readonly citation: string
  readonly source: string
  readonly files: readonly DataFile[]
}

/** A table with a name. */
export interface NamedDataSet extends NamedSet {
  readonly schema: Schema
  /** Builds the data set; `open` gives the table of one of `files`. */
  readonly load: (open: (path: string, format?: CsvFormat & { readonly site?: string }) => Table) => Promise<Dataset>
}
