// Where a value lives is part of its type. Located values are opaque: only the verbs of a round open them.

declare const place: unique symbol

/** Names one site's process in an alliance. */
export type NodeId = string

/** A value that lives at the placement `P` and nowhere else. The function type makes `P` invariant: a client value is never taken for a server value. */
export interface At<P extends 'server' | 'clients', T> {
  readonly [place]: (p: P) => readonly [P, T]
}
export type AtServer<T> = At<'server', T>
export type AtClients<T> = At<'clients', T>
/** A tuple of values, each at `P`. */
export type AllAt<P extends 'server' | 'clients', A extends readonly unknown[]> = { readonly [K in keyof A]: At<P, A[K]> }
