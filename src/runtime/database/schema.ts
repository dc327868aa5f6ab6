// Tables and their history, for both databases.
import type { Migration } from 'kysely/migration'

/** What differs between the two: names of column types. */
export interface ColumnTypes {
  readonly bytes: 'blob' | 'bytea'
  /** Counts up by itself. */
  readonly sequence: 'integer' | 'serial'
}

/** A schema and its history. Names of migrations sort in the order they are applied in, and an applied one is never changed. */
export interface Schema {
  /** Tells several schemas in one PostgreSQL database apart. */
  readonly name: string
  readonly migrations: (types: ColumnTypes) => Readonly<Record<string, Migration>>
}
