// A public image set that Yimeng knows by name: what it is, whose it is, which files hold it, and how they become an ImageDataset.
import type { NamedSet } from '../../sets/index.ts'
import type { Table } from '../../table.ts'
import type { CategoricalColumn } from '../../types.ts'
import type { ImageDataset } from '../image-dataset.ts'

/** How a set gets at its files. Paths are those of `files`, or of others in the same folders. */
export interface ImageSetFiles {
  /** All bytes of a file. @throws YimengError `data-absent` */
  readonly bytes: (path: string) => Promise<Uint8Array>
  /** A CSV file as a table. */
  readonly table: (path: string, format?: { readonly header?: readonly string[]; readonly delimiter?: string }) => Table
}

/** Pictures or volumes with a name. */
export interface NamedImageSet extends NamedSet {
  /** `[channels, height, width]` or `[channels, depth, height, width]`. */
  readonly shape: readonly number[]
  readonly label: CategoricalColumn
  readonly load: (files: ImageSetFiles) => Promise<ImageDataset>
}
