// Evaluates a graph in float64 with plain loops: slow, short, and independent of ONNX Runtime. It is what the fast engines are checked against.
import { reachable } from '../../graph/graph.ts'
import type { Node, OpName } from '../../graph/node.ts'
import { shapeError, sizeOf } from '../../graph/shape.ts'

/** Computes one operation from the values of its inputs. */
export type Evaluation<K extends OpName> = (node: Node<K>, inputs: readonly Float64Array[]) => Float64Array

/** An evaluation for every operation but the inputs, which are given. */
export type Evaluations = { readonly [K in Exclude<OpName, 'input'>]: Evaluation<K> }

/** Values of `outputs`, given those of the graph's inputs. Throws `graph-shape` if an input that is needed has no value or one of the wrong size. */
export const evaluate = (
  evaluations: Evaluations,
  outputs: readonly Node[],
  given: ReadonlyMap<Node, Float64Array>,
): readonly Float64Array[] => {
  const values = new Map<Node, Float64Array>()
  for (const node of reachable(outputs)) {
    const known = given.get(node)
    if (known !== undefined) {
      if (known.length !== sizeOf(node.shape)) throw shapeError('evaluate a graph', `${sizeOf(node.shape)} values`, `${known.length}`)
      values.set(node, known)
      continue
    }
    if (node.op === 'input')
      throw shapeError('evaluate a graph', 'a value for each input', `none for ${(node as Node<'input'>).attributes.name}`)
    const evaluation = evaluations[node.op] as unknown as Evaluation<OpName>
    values.set(
      node,
      evaluation(
        node,
        node.inputs.map((input) => values.get(input) ?? new Float64Array(0)),
      ),
    )
  }
  return outputs.map((node) => values.get(node) ?? new Float64Array(0))
}
