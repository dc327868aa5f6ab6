// One training step as a graph: forward, loss, backward, optimiser. Every engine runs this same graph, once for each batch.
import type { Layout } from '../../algebra/index.ts'
import { YimengError } from '../../base/index.ts'
import { gradients } from '../graph/gradient.ts'
import { graph } from '../graph/graph.ts'
import type { Node } from '../graph/node.ts'
import type { Loss } from '../losses/loss.ts'
import type { Mode, Model, ParamNodes } from '../models/model.ts'
import { add, mul, sub } from '../ops/elementwise.ts'
import { gemm } from '../ops/linear.ts'
import { concat, expand, reduceSum, reshape } from '../ops/structure.ts'
import type { Blocks, Optimiser } from '../optimisers/optimiser.ts'
import type { Hyper, Shape } from '../types.ts'
import { clippedGradients } from './clipping.ts'
import { type Block, blockShape, blocksOf } from './block.ts'

/** What fixes a step's graph, beside model, loss and optimiser. Terms that a call does not use are not in its graph: that is how μ = 0 is bit for bit the plain step. */
export interface StepOptions {
  readonly batch: number
  /** Shape of one row's target. */
  readonly target: Shape
  readonly proximal: boolean
  readonly correction: boolean
  readonly weightDecay: boolean
  readonly perSample: boolean
  readonly noise: boolean
}

/** A number that changes from step to step: its input node and its value at step t (from 1) under the call's hyper-parameters. */
export interface StepScalar {
  readonly name: string
  readonly node: Node
  /** `weightSum`: of the step's rows, before they are normalised. */
  readonly value: (t: number, hyper: Hyper, weightSum: number) => number
}

/** A mask of 0 and 1 that is drawn anew for every step. */
export interface StepMask {
  readonly name: string
  readonly node: Node
  /** Chance of a 1. */
  readonly chance: number
}

/** The graph of one step. Blocks that are not trained have no slots, anchors or corrections. */
export interface Step {
  readonly layout: Layout
  readonly blocks: readonly Block[]
  readonly options: StepOptions
  /** `[batch, ...input]`. */
  readonly x: Node
  /** `[batch, ...target]`. */
  readonly y: Node
  /** Row weights that add up to 1 (or to 0 in an empty batch): `[batch]`. */
  readonly weights: Node
  /** Each tensor of the layout, in its order. */
  readonly tensors: readonly Node[]
  /** Each block; the tensor itself where a block holds one. */
  readonly params: Blocks
  /** For each slot, one node for each trained block. */
  readonly slots: readonly Blocks[]
  readonly scalars: readonly StepScalar[]
  readonly masks: readonly StepMask[]
  /** For each trained block; empty without the proximal term. */
  readonly anchors: Blocks
  /** For each trained block; empty without the correction. */
  readonly corrections: Blocks
  /** Noise of the step, for each trained block; empty without. */
  readonly noises: Blocks
  /** Loss of the batch before the update: a scalar. */
  readonly loss: Node
  readonly nextParams: Blocks
  readonly nextSlots: readonly Blocks[]
  /** Gradient of the loss for each tensor, in the layout's order; undefined for fixed ones and for those that the loss does not depend on. */
  readonly gradients: readonly (Node | undefined)[]
}

/** Builds the step. Throws `graph-shape` where model, loss and target do not fit. */
export const trainingStep = (model: Model, loss: Loss, optimiser: Optimiser, options: StepOptions): Step => {
  const g = graph()
  // nothing between gradient and step: the step can be folded into the backward pass
  const plain = optimiser.transforms.length === 0 && !options.proximal && !options.correction && !options.weightDecay && !options.perSample
  const blocks = blocksOf(model.layout, model.buffers, !plain)
  const x = g.input('x', [options.batch, ...model.input])
  const y = g.input('y', [options.batch, ...options.target])
  const weights = g.input('weights', [options.batch])
  const byName = new Map<string, Node>(model.layout.entries.map(({ name, shape }) => [name, g.input(`tensor.${name}`, shape)]))
  const parameter: ParamNodes = (name) => {
    const node = byName.get(name)
    if (node === undefined)
      throw new YimengError({
        code: 'model-parameter',
        cannot: 'find a parameter',
        expected: `one of ${[...byName.keys()].join(', ')}`,
        got: name,
      })
    return node
  }
  const packed = (prefix: string, block: Block): Node => g.input(`${prefix}.${block.offset}`, blockShape(block))
  const params = blocks.map((block) => only(block, parameter) ?? packed('block', block))
  const trained = blocks.filter((block) => block.trained)
  const trainedParams = params.filter((_, i) => blocks[i]?.trained === true)
  const scalars: StepScalar[] = []
  const scalar = (name: string, value: StepScalar['value']): Node => {
    const node = g.input(`scalar.${name}`, [])
    scalars.push({ name: `scalar.${name}`, node, value })
    return node
  }

  const buffers = new Map<string, Node>()
  const masks: StepMask[] = []
  const mode: Mode = {
    training: true,
    update: (name, value) => void buffers.set(name, value),
    keep: (chance, shape) => {
      const name = `mask.${masks.length}`
      const node = g.input(name, shape)
      masks.push({ name, node, chance })
      return node
    },
  }
  const rows = loss.rows(model.forward(g, parameter, x, mode), y, weights)
  const tensors = model.layout.entries.map(({ name }) => parameter(name))
  const wanted = model.layout.entries.filter(({ name }) => !model.buffers.has(name)).map(({ name }) => parameter(name))
  const found = options.perSample
    ? clippedGradients(
        rows,
        wanted,
        mul(
          weights,
          scalar('clipScale', (_t, { perSample }, weightSum) => weightSum / (perSample?.denominator ?? options.batch)),
        ),
        scalar('clip', (_t, { perSample }) => perSample?.clip ?? Number.NaN),
      )
    : gradients(rows, wanted, weights)
  const byTensor = new Map(wanted.map((node, i) => [node, found[i]]))
  const gradientOf = (tensor: Node): Node => byTensor.get(tensor) ?? expand(g.constant(0), tensor.shape)

  let directions: Blocks = trained.map((block) => {
    const parts = block.entries.map(({ name }) => gradientOf(parameter(name)))
    return parts.length === 1
      ? concat(parts, 0)
      : concat(
          parts.map((part) => reshape(part, [-1])),
          0,
        )
  })
  const noises = options.noise ? trained.map((block) => packed('noise', block)) : []
  if (options.noise) {
    const share = scalar('noiseScale', (_t, { perSample }) => 1 / (perSample?.denominator ?? options.batch))
    directions = directions.map((d, i) => add(d, mul(at(noises, i), share)))
  }
  if (options.weightDecay) {
    const l2 = scalar('weightDecay', (_t, hyper) => hyper.weightDecay ?? 0)
    directions = directions.map((d, i) => add(d, mul(at(trainedParams, i), l2)))
  }
  const anchors = options.proximal ? trained.map((block) => packed('anchor', block)) : []
  if (options.proximal) {
    const mu = scalar('proximal', (_t, hyper) => hyper.proximal ?? 0)
    directions = directions.map((d, i) => add(d, mul(sub(at(trainedParams, i), at(anchors, i)), mu)))
  }
  const corrections = options.correction ? trained.map((block) => packed('correction', block)) : []
  if (options.correction) directions = directions.map((d, i) => add(d, at(corrections, i)))

  const slots: Blocks[] = []
  const nextSlots: Blocks[] = []
  for (const [k, transform] of optimiser.transforms.entries()) {
    const own = Array.from({ length: transform.slots }, (_, s) => trained.map((block) => packed(`slot.${k}.${s}`, block)))
    const numbers = Array.from({ length: transform.scalarCount }, (_, s) =>
      scalar(`transform.${k}.${s}`, (t, hyper) => transform.scalars(t, hyper)[s] ?? Number.NaN),
    )
    const result = transform.apply({ gradients: directions, params: trainedParams, slots: own, scalars: numbers })
    directions = result.gradients
    slots.push(...own)
    nextSlots.push(...result.slots)
  }
  const pace: StepScalar['value'] = (t, hyper) => hyper.learningRate * (hyper.schedule?.(t) ?? 1)
  const stepped = plain
    ? descend(
        rows,
        trainedParams,
        mul(
          weights,
          scalar('descent', (...call) => -pace(...call)),
        ),
      )
    : stepBy(trainedParams, directions, scalar('learningRate', pace))
  let next = 0
  const nextParams = blocks.map((block, i) => {
    if (block.trained) return at(stepped, next++)
    return buffers.get(block.entries[0]?.name ?? '') ?? at(params, i)
  })
  return {
    layout: model.layout,
    blocks,
    options,
    x,
    y,
    weights,
    tensors,
    params,
    slots,
    scalars,
    masks,
    anchors,
    corrections,
    noises,
    loss: reduceSum(mul(rows, weights), [0], false),
    nextParams,
    nextSlots,
    gradients: tensors.map((tensor) => byTensor.get(tensor)),
  }
}

/**
 * Gradient descent inside the backward pass: its seed carries the factor −rate, so that what arrives at a parameter is the step itself, and a matrix product adds it
 * to the weights as it goes, without passes of its own over gradient and weights.
 */
const descend = (rows: Node, params: Blocks, seed: Node): Blocks => {
  const steps = gradients(rows, params, seed)
  return params.map((w, i) => {
    const step = steps[i]
    if (step === undefined) return w
    const [a, b, bias] = step.inputs
    return step.op === 'gemm' && a !== undefined && b !== undefined && bias === undefined
      ? gemm(a, b, { ...(step as Node<'gemm'>).attributes, bias: w })
      : add(w, step)
  })
}

const stepBy = (params: Blocks, directions: Blocks, rate: Node): Blocks => params.map((w, i) => sub(w, mul(at(directions, i), rate)))

const only = (block: Block, parameter: ParamNodes): Node | undefined => {
  const [first] = block.entries
  return block.entries.length === 1 && first !== undefined ? parameter(first.name) : undefined
}

const at = (nodes: Blocks, i: number): Node => {
  const node = nodes[i]
  if (node === undefined) throw new RangeError(`no block ${i}`)
  return node
}
