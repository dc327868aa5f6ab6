// What it takes to write one operation in ONNX.
import type { Node, OpName } from '../graph/node.ts'
import type { OnnxAttribute } from './proto.ts'

/** Where lowered nodes go. */
export interface Emitter {
  /** Adds an ONNX node with one output and returns the output's name. */
  readonly emit: (op: string, inputs: readonly string[], attributes?: Readonly<Record<string, OnnxAttribute>>, domain?: string) => string
  /** The same with several outputs. */
  readonly emits: (
    op: string,
    inputs: readonly string[],
    outputs: number,
    attributes?: Readonly<Record<string, OnnxAttribute>>,
  ) => readonly string[]
  /** Whether some gradient asks for what the lowering of this node could leave behind. */
  readonly differentiated: (node: Node) => boolean
  /** Leaves names beside a result, for the lowering of its gradient. */
  readonly leave: (result: string, names: readonly string[]) => void
  /** What was left beside a result. */
  readonly left: (result: string) => readonly string[]
  /** Name of a baked-in tensor; equal tensors are one. */
  readonly floats: (values: readonly number[], dims?: readonly number[]) => string
  readonly ints: (values: readonly number[], dims?: readonly number[]) => string
}

/** Writes one operation in ONNX; `inputs` are the names of its inputs. Returns the name of its result. */
export type Lowering<K extends OpName> = (node: Node<K>, inputs: readonly string[], to: Emitter) => string

/** A lowering for every operation but the leaves that feeds bind. */
export type Lowerings = { readonly [K in Exclude<OpName, 'input'>]: Lowering<K> }
