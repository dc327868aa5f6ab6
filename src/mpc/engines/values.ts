// Values of an engine are opaque to programs: their brands exist for the compiler only, and what is inside them only the engine knows that made them. So making one and looking into one are
// casts, and those that tell the compiler so are here. A program cannot call this file: it is not exported.
import { YimengError } from '../../base/index.ts'
import type { MatrixShape } from '../arithmetic/held-matrix.ts'
import type { Party } from '../party.ts'
import type { Held, HeldMatrix, Shared, Sharing } from '../secure.ts'

interface Inside {
  readonly content: unknown
}

/** A shared vector of `length` integers of `width` bits with the engine's `content`. */
export const makeShared = <K extends Sharing>(kind: K, length: number, width: number, content?: unknown): Shared<K> =>
  ({ kind, length, width, content }) as Inside as unknown as Shared<K>

/** What the engine put into a shared vector: it knows what it puts into each kind. */
export const insideOf = (x: Shared<Sharing>): unknown => (x as unknown as Inside).content

/** A value of `party`; without one where it is not known. */
export const makeHeld = <P extends Party, T>(party: P, known?: { readonly value: T }): Held<P, T> =>
  ({ party, content: known }) as Inside as unknown as Held<P, T>

/** Whose it is. */
export const partyOf = <P extends Party>(x: Held<P, unknown>): P => x.party

/** The value, where it is known. */
export const knownOf = <T>(x: Held<Party, T>): { readonly value: T } | undefined =>
  (x as unknown as Inside).content as { readonly value: T } | undefined

/** A prepared matrix with the engine's `content`. */
export const makeMatrix = <P extends Party>(holder: P, shape: MatrixShape, content?: unknown): HeldMatrix<P> =>
  ({ holder, shape, content }) as Inside as unknown as HeldMatrix<P>

/** What the engine put into a matrix. */
export const insideOfMatrix = (matrix: HeldMatrix<Party>): unknown => (matrix as unknown as Inside).content

/** Whether all vectors are of one kind. */
export const allOf = <K extends Sharing>(list: readonly Shared<Sharing>[], kind: K): list is readonly Shared<K>[] =>
  list.every((x) => x.kind === kind)

/** `made` as a vector of the kind of `parts`. @throws YimengError `mpc-kind` when it is of another. */
export const likeParts = <K extends Sharing>(parts: readonly Shared<K>[], made: Shared<Sharing>): Shared<K> => {
  const kind = parts[0]?.kind
  if (made.kind !== kind)
    throw new YimengError({ code: 'mpc-kind', cannot: 'compute on shares', expected: `${kind} shares`, got: made.kind })
  return made as Shared<K>
}
