// Reproducible randomness: a tree of seeds. Never for secrets: see `Csprng`, a different type on purpose.

/** A node of the seed tree. The same path from the same root gives the same numbers, on every machine. */
export interface Seed {
  /** Child seed: independent of its parent's and siblings' numbers. Labels are part of the public contract of a program. */
  readonly split: (...labels: readonly (string | number)[]) => Seed
  /** A fresh stream from the start of this seed's numbers. */
  readonly random: () => Random
  /** 128 bits as hex: to journal and compare seeds. */
  readonly id: string
}

/** A stream of reproducible random numbers. */
export interface Random {
  /** Uniform in [0, 2^32). */
  readonly uint32: () => number
  /** Uniform in [0, 1), 53 bits. */
  readonly uniform: () => number
  /** Uniform integer in [0, below), without modulo bias. */
  readonly integer: (below: number) => number
  /** Standard normal. */
  readonly normal: () => number
  /** Gamma with the given shape and scale 1 (Marsaglia and Tsang 2000). */
  readonly gamma: (shape: number) => number
  /** The numbers 0 … n−1 in random order (Fisher and Yates). */
  readonly permutation: (n: number) => Uint32Array
}
