// The reference engine: float64, plain loops, one thread. It takes the same step graph as the fast engines and is the yardstick of the conformance suite.
import type { LayoutEntry } from '../../../algebra/index.ts'
import { YimengError } from '../../../base/index.ts'
import type { Node } from '../../graph/node.ts'
import { sizeOf } from '../../graph/shape.ts'
import type { Block } from '../../training/block.ts'
import {
  checkEpoch,
  epochResult,
  maskSeries,
  normalisedWeights,
  scalarSeries,
  startState,
  stepOptions,
  trainedPart,
} from '../../training/epoch.ts'
import { forwardPass } from '../../training/forward.ts'
import { type Step, trainingStep } from '../../training/step.ts'
import { throughBackbones } from '../backbone-features.ts'
import type { Engine } from '../engine.ts'
import { evaluate } from './evaluate.ts'
import { evaluations } from './evaluations.ts'

export { type LossGradients, lossGradients } from './loss-gradients.ts'

/** The rows of a batch, in float64. */
const gather = (values: Float32Array, width: number, rows: Int32Array): Float64Array => {
  const result = new Float64Array(rows.length * width)
  for (const [i, row] of rows.entries()) result.set(values.subarray(row * width, (row + 1) * width), i * width)
  return result
}

/** Cuts a flat vector into parts that lie one after the other. */
const cut = (flat: Float64Array, parts: readonly { readonly size: number }[]): readonly Float64Array[] => {
  let at = 0
  return parts.map(({ size }) => {
    at += size
    return flat.subarray(at - size, at)
  })
}

const join = (parts: readonly Float64Array[]): Float64Array => {
  const flat = new Float64Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    flat.set(part, at)
    at += part.length
  }
  return flat
}

const bind = (given: Map<Node, Float64Array>, nodes: readonly Node[], values: readonly Float64Array[]): void => {
  for (const [i, node] of nodes.entries()) given.set(node, values[i] ?? new Float64Array(0))
}

/** Binds each tensor, and each block that packs several. */
const bindParams = (given: Map<Node, Float64Array>, step: Step, flat: Float64Array): void => {
  const piece = ({ offset, size }: Block | LayoutEntry): Float64Array => flat.subarray(offset, offset + size)
  bind(given, step.tensors, step.layout.entries.map(piece))
  bind(given, step.params, step.blocks.map(piece))
}

/**
 * Starts the reference engine. Parameters and optimiser state are rounded to float32 between calls, as {@link TrainState} stores them; within a call all is float64.
 */
export const referenceEngine = (): Engine => {
  let open = true
  const check = (): void => {
    if (!open) throw new YimengError({ code: 'engine-closed', cannot: 'run the engine', expected: 'an open engine', got: 'a closed one' })
  }
  return throughBackbones({
    name: 'reference',
    trainer: async (model, loss, optimiser) => ({
      start: (params) => startState(model, optimiser, params),
      epoch: async (state, data, order, hyper) => {
        check()
        checkEpoch(model, optimiser, state, data, order, hyper)
        const step = trainingStep(model, loss, optimiser, stepOptions(data, order, hyper))
        const trained = step.blocks.filter((block) => block.trained)
        const weights = normalisedWeights(order)
        const series = scalarSeries(step, state, order, hyper)
        const masks = maskSeries(step, order, hyper)
        const fixed = new Map<Node, Float64Array>()
        if (hyper.anchor !== undefined) bind(fixed, step.anchors, cut(Float64Array.from(trainedPart(step, hyper.anchor)), trained))
        if (hyper.correction !== undefined)
          bind(fixed, step.corrections, cut(Float64Array.from(trainedPart(step, hyper.correction)), trained))
        let flat = Float64Array.from(state.params.values)
        let slots =
          step.slots.length === 0
            ? []
            : cut(
                Float64Array.from(state.optimiser.subarray(1)),
                step.slots.flatMap(() => trained),
              )
        const losses = new Float32Array(order.steps)
        const outputs = [step.loss, ...step.nextParams, ...step.nextSlots.flat()]
        for (let k = 0; k < order.steps; k++) {
          const rows = order.indices.subarray(k * order.batch, (k + 1) * order.batch)
          const given = new Map(fixed)
          given.set(step.x, gather(data.inputs, sizeOf(model.input), rows))
          given.set(step.y, gather(data.targets, sizeOf(data.targetShape), rows))
          given.set(step.weights, weights.subarray(k * order.batch, (k + 1) * order.batch))
          for (const [i, { node }] of step.scalars.entries()) given.set(node, Float64Array.of(series[i]?.[k] ?? 0))
          for (const [i, { node }] of step.masks.entries()) {
            const size = sizeOf(node.shape)
            given.set(node, Float64Array.from(masks[i]?.subarray(k * size, (k + 1) * size) ?? []))
          }
          const { noise } = hyper.perSample ?? {}
          if (noise !== undefined) {
            const row = noise.subarray(k * model.layout.size, (k + 1) * model.layout.size)
            bind(given, step.noises, cut(Float64Array.from(trainedPart(step, row)), trained))
          }
          bindParams(given, step, flat)
          bind(given, step.slots.flat(), slots)
          const [lossValue, ...rest] = evaluate(evaluations, outputs, given)
          losses[k] = lossValue?.[0] ?? Number.NaN
          flat = Float64Array.from(join(rest.slice(0, step.blocks.length)))
          slots = rest.slice(step.blocks.length)
        }
        return epochResult(model, state, Float32Array.from(flat), step.slots.length === 0 ? [] : [Float32Array.from(join(slots))], losses)
      },
    }),
    predictor: async (model, head) => ({
      predict: async (params, inputs, rows) => {
        check()
        if (rows === 0) return new Float32Array(0)
        const { x, tensors, output } = forwardPass(model, head, rows)
        const given = new Map<Node, Float64Array>([[x, Float64Array.from(inputs)]])
        bind(
          given,
          tensors,
          model.layout.entries.map(({ offset, size }) => Float64Array.from(params.values.subarray(offset, offset + size))),
        )
        return Float32Array.from(evaluate(evaluations, [output], given)[0] ?? [])
      },
    }),
    close: async () => {
      open = false
    },
  })
}
