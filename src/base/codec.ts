// Bytes cross boundaries, never references: every value that moves has a codec.

/** Turns a value into bytes and back. `decode` throws {@link YimengError} on anything that `encode` cannot have made, and never keeps a reference to its input. */
export interface Codec<T> {
  readonly encode: (value: T) => Uint8Array
  readonly decode: (bytes: Uint8Array) => T
}
