// What a model is: a parameter layout, an initialiser and a forward pass that builds graph nodes.
import type { Layout, Params } from '../../algebra/index.ts'
import type { Seed } from '../../base/index.ts'
import type { Graph, Node } from '../graph/node.ts'
import type { Shape } from '../types.ts'
import type { Backbone } from './backbone.ts'

/** The graph node of each parameter, by its name in the layout. Throws `model-parameter` for an unknown name. */
export type ParamNodes = (name: string) => Node

/** What the forward pass is for. */
export interface Mode {
  /** True while training: batch norm uses the batch's statistics, dropout drops. */
  readonly training: boolean
  /** Registers the new value of a buffer (a parameter that is not trained, as batch norm's running mean). Without effect when not training. */
  readonly update: (name: string, value: Node) => void
  /** A mask that changes with every step: 1 with chance `chance`, else 0. Drawn from the call's seed. Only while training. */
  readonly keep: (chance: number, shape: Shape) => Node
}

/** A model with static shapes. `input` and `output` leave out the batch axis. */
export interface Model {
  /** Identifies architecture and sizes: `mlp(30-64-32-2)`. */
  readonly name: string
  readonly input: Shape
  readonly output: Shape
  /** Names and shapes as PyTorch's `state_dict` gives them. */
  readonly layout: Layout
  /** Names in `layout` that hold running statistics and take no gradient. */
  readonly buffers: ReadonlySet<string>
  /** Fresh parameters; the same seed gives the same bits. */
  readonly init: (seed: Seed) => Params
  /** `x` is `[batch, ...input]`; the result is `[batch, ...output]`: logits or plain values, no softmax. */
  readonly forward: (graph: Graph, params: ParamNodes, x: Node, mode: Mode) => Node
  /** A trained network that rows go through before `forward`, which takes its output: `input` is that output's shape, not the rows'. */
  readonly backbone?: Backbone
}
