// A whole local epoch as one ONNX graph: parameters, optimiser state, the site's data and the batch order go in, a Loop takes the steps, parameters, state and losses come out.
import type { Node } from '../graph/node.ts'
import { type Block, blockShape } from '../training/block.ts'
import type { Step } from '../training/step.ts'
import { lower, onnxBuilder, type OnnxBuilder } from './emitter.ts'
import { onnxModel, type OnnxValue } from './proto.ts'

/** Names of the inputs and outputs of an epoch's graph. Every slot is flat and covers the trained blocks in order; `scalar.…` inputs are `[steps]`. */
export const epochNames = {
  params: 'params',
  nextParams: 'nextParams',
  losses: 'losses',
  x: 'x',
  y: 'y',
  indices: 'indices',
  weights: 'weights',
  anchor: 'anchor',
  correction: 'correction',
  noise: 'noise',
  slot: (s: number): string => `slot.${s}`,
  nextSlot: (s: number): string => `nextSlot.${s}`,
} as const

/** Number of elements that the optimiser moves. */
export const trainedSize = (step: Step): number => step.blocks.reduce((sum, block) => sum + (block.trained ? block.size : 0), 0)

/** Inputs: `params [P]`, `slot.s [T]`, `x [rows, …]`, `y [rows, …]`, `indices [steps, batch]` int32, `weights [steps, batch]`, one `[steps]` vector for each scalar; `anchor [T]` and `correction [T]` if used. */
export const epochModel = (step: Step): Uint8Array => {
  const outer = onnxBuilder()
  const body = outer.body()
  const trained = step.blocks.filter((block) => block.trained)
  const bound = new Map<Node, string>()

  const split = (from: OnnxBuilder, name: string, blocks: readonly Block[], prefix: string): readonly string[] => {
    const flat = blocks.length === 1 ? [name] : blocks.map((_, i) => `${prefix}.flat.${i}`)
    if (blocks.length > 1)
      from.push({ op: 'Split', inputs: [name, from.ints(blocks.map(({ size }) => size))], outputs: flat, attributes: { axis: { int: 0 } } })
    return blocks.map((block, i) => {
      const shape = blockShape(block)
      return shape.length === 1 ? (flat[i] ?? '') : from.emit('Reshape', [flat[i] ?? '', from.ints(shape)])
    })
  }

  // carried from step to step: each block, then each slot of each trained block
  const initial = [...split(outer, epochNames.params, step.blocks, 'params')]
  for (const [s] of step.slots.entries()) initial.push(...split(outer, epochNames.slot(s), trained, `slot.${s}`))
  const carriedNodes = [...step.params, ...step.slots.flat()]
  const carriedNames = carriedNodes.map((_, i) => `carried.${i}`)
  for (const [i, node] of carriedNodes.entries()) bound.set(node, carriedNames[i] ?? '')
  for (const [i, name] of (step.anchors.length > 0 ? split(outer, epochNames.anchor, trained, 'anchor') : []).entries()) {
    const node = step.anchors[i]
    if (node !== undefined) bound.set(node, name)
  }
  for (const [i, name] of (step.corrections.length > 0 ? split(outer, epochNames.correction, trained, 'correction') : []).entries()) {
    const node = step.corrections[i]
    if (node !== undefined) bound.set(node, name)
  }

  // inside: unpack the tensors, take the batch's rows
  const tensors = new Map(step.layout.entries.map(({ name }, i) => [name, step.tensors[i]]))
  for (const [i, block] of step.blocks.entries()) {
    if (block.entries.length === 1) continue
    const parts = block.entries.map(({ offset }) => `tensor.${offset}`)
    body.push({
      op: 'Split',
      inputs: [carriedNames[i] ?? '', body.ints(block.entries.map(({ size }) => size))],
      outputs: parts,
      attributes: { axis: { int: 0 } },
    })
    for (const [j, { name, shape }] of block.entries.entries()) {
      const tensor = tensors.get(name)
      if (tensor !== undefined)
        bound.set(tensor, shape.length === 1 ? (parts[j] ?? '') : body.emit('Reshape', [parts[j] ?? '', body.ints(shape)]))
    }
  }
  const rows = body.emit('Gather', [epochNames.indices, 'step'])
  bound.set(step.x, body.emit('Gather', [epochNames.x, rows]))
  bound.set(step.y, body.emit('Gather', [epochNames.y, rows]))
  bound.set(step.weights, body.emit('Gather', [epochNames.weights, 'step']))
  for (const { node, name } of step.scalars) bound.set(node, body.emit('Gather', [name, 'step']))
  for (const { node, name } of step.masks) bound.set(node, body.emit('Cast', [body.emit('Gather', [name, 'step'])], { to: { int: 1 } }))
  if (step.noises.length > 0) {
    for (const [i, name] of split(body, body.emit('Gather', [epochNames.noise, 'step']), trained, 'noise').entries()) {
      const node = step.noises[i]
      if (node !== undefined) bound.set(node, name)
    }
  }
  const nextNodes = [...step.nextParams, ...step.nextSlots.flat()]
  lower([...nextNodes, step.loss], bound, body, outer)
  // a Loop's outputs must be made in its body and be distinct, even where a block does not change; what is made there already needs no copy
  const made = new Set(body.nodes.flatMap(({ outputs }) => outputs))
  const nextNames = nextNodes.map((node) => {
    const name = bound.get(node) ?? ''
    return made.delete(name) ? name : body.emit('Identity', [name])
  })
  const loss = body.emit('Identity', [bound.get(step.loss) ?? ''])
  body.push({ op: 'Identity', inputs: ['go'], outputs: ['goOn'] })

  const float = (name: string, dims: readonly (number | string)[]): OnnxValue => ({ name, type: 'float', dims })
  const carriedShapes = carriedNodes.map(({ shape }) => shape)
  const finals = carriedNames.map((_, i) => `final.${i}`)
  const steps = outer.emit('Gather', [outer.emit('Shape', [epochNames.indices]), outer.ints([0], [])])
  outer.push({
    op: 'Loop',
    inputs: [steps, '', ...initial],
    outputs: [...finals, epochNames.losses],
    attributes: {
      body: {
        graph: {
          name: 'step',
          inputs: [
            { name: 'step', type: 'int64', dims: [] },
            { name: 'go', type: 'bool', dims: [] },
            ...carriedNames.map((name, i) => float(name, carriedShapes[i] ?? [])),
          ],
          outputs: [
            { name: 'goOn', type: 'bool', dims: [] },
            ...nextNames.map((name, i) => float(name, carriedShapes[i] ?? [])),
            float(loss, []),
          ],
          nodes: body.nodes,
          tensors: [],
        },
      },
    },
  })
  const join = (names: readonly string[], output: string): void => {
    const flat = names.map((name) => outer.emit('Reshape', [name, outer.ints([-1])]))
    outer.push({
      op: flat.length === 1 ? 'Identity' : 'Concat',
      inputs: flat,
      outputs: [output],
      ...(flat.length === 1 ? {} : { attributes: { axis: { int: 0 } } }),
    })
  }
  join(finals.slice(0, step.blocks.length), epochNames.nextParams)
  for (const [s] of step.slots.entries()) {
    const start = step.blocks.length + s * trained.length
    join(finals.slice(start, start + trained.length), epochNames.nextSlot(s))
  }
  const size = trainedSize(step)
  return onnxModel({
    name: 'epoch',
    inputs: [
      float(epochNames.params, [step.layout.size]),
      ...step.slots.map((_, s) => float(epochNames.slot(s), [size])),
      float(epochNames.x, ['rows', ...step.x.shape.slice(1)]),
      float(epochNames.y, ['rows', ...step.y.shape.slice(1)]),
      { name: epochNames.indices, type: 'int32', dims: ['steps', step.options.batch] },
      float(epochNames.weights, ['steps', step.options.batch]),
      ...step.scalars.map(({ name }) => float(name, ['steps'])),
      ...step.masks.map(({ name, node }): OnnxValue => ({ name, type: 'uint8', dims: ['steps', ...node.shape] })),
      ...(step.anchors.length > 0 ? [float(epochNames.anchor, [size])] : []),
      ...(step.corrections.length > 0 ? [float(epochNames.correction, [size])] : []),
      ...(step.noises.length > 0 ? [float(epochNames.noise, ['steps', size])] : []),
    ],
    outputs: [
      float(epochNames.nextParams, [step.layout.size]),
      ...step.slots.map((_, s) => float(epochNames.nextSlot(s), [size])),
      float(epochNames.losses, ['steps']),
    ],
    nodes: outer.nodes,
    tensors: outer.tensors,
  })
}
