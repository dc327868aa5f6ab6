// A table of vectors, as PyTorch's nn.Embedding.
import type { Node } from '../graph/node.ts'
import type { ParamNodes } from '../models/model.ts'
import { takeRows } from '../ops/linear.ts'
import { normal, type ParameterSpec } from './initialiser.ts'

/** A table `[rows, width]` of standard normal numbers. */
export const embeddingParameters = (name: string, rows: number, width: number): readonly ParameterSpec[] => [
  { name: `${name}.weight`, shape: [rows, width], initialiser: normal(1) },
]

/** The vectors of indices `[…]`: `[…, width]`. */
export const embedding = (params: ParamNodes, name: string, indices: Node): Node => takeRows(params(`${name}.weight`), indices)
