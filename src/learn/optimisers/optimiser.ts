// Optimisers as chains of pure transforms of the gradient, built into the training graph (the idea of optax: each transform maps gradients and its own state to
// gradients and new state). After the chain, every parameter takes the step w − learningRate · gradient.
import type { Node } from '../graph/node.ts'
import type { Hyper } from '../types.ts'

/** One value for each block of parameters. */
export type Blocks = readonly Node[]

/** What a transform sees in one step. */
export interface TransformInput {
  readonly gradients: Blocks
  readonly params: Blocks
  /** The transform's own state: for each slot, one value for each block. Zero before the first step. */
  readonly slots: readonly Blocks[]
  /** The numbers that `scalars` gives for this step, as scalar nodes. */
  readonly scalars: readonly Node[]
}

/** Maps gradients to gradients. */
export interface Transform {
  /** Identifies the transform and its constants. */
  readonly name: string
  /** How many vectors of the parameters' length it keeps. */
  readonly slots: number
  /** How many numbers it takes a step. */
  readonly scalarCount: number
  /** The numbers of step `t` (counted from 1 over the whole training), computed in float64 outside the graph. */
  readonly scalars: (t: number, hyper: Hyper) => readonly number[]
  readonly apply: (input: TransformInput) => { readonly gradients: Blocks; readonly slots: readonly Blocks[] }
}

/** A named chain of transforms. */
export interface Optimiser {
  readonly name: string
  readonly transforms: readonly Transform[]
}

/** Transforms one after the other. */
export const chain = (...transforms: readonly Transform[]): Optimiser => ({
  name: `chain(${transforms.map(({ name }) => name).join(', ')})`,
  transforms,
})
