// The native engine: ONNX Runtime in worker threads. A local epoch is one call: a Loop inside the graph takes all its steps.
// One thread a session, so that the same call gives the same bits whatever the number of workers and cores.
import { YimengError } from '../../../base/index.ts'
import { sizeOf } from '../../graph/shape.ts'
import { epochModel, epochNames, trainedSize } from '../../onnx/epoch.ts'
import { forwardModel } from '../../onnx/forward.ts'
import {
  checkEpoch,
  epochResult,
  maskSeries,
  normalisedWeights,
  scalarSeries,
  startState,
  stepOptions,
  trainedPart,
  trainedParts,
} from '../../training/epoch.ts'
import { type Step, trainingStep } from '../../training/step.ts'
import type { Batchable } from '../../types.ts'
import type { Engine } from '../engine.ts'
import type { Feed } from './message.ts'
import { compiledProgram, type Program, pool } from './pool.ts'

/** Where graphs run. Only `cpu` comes with the package on every platform. */
export type Device = 'cpu' | 'cuda' | 'webgpu' | 'coreml' | 'directml'

const providers: Readonly<Record<Device, string>> = { cpu: 'cpu', cuda: 'cuda', webgpu: 'webgpu', coreml: 'coreml', directml: 'dml' }

const floats = (name: string, values: Float32Array, dims: readonly number[] = [values.length]): Feed => ({
  name,
  type: 'float32',
  dims,
  values,
})

/** A data set on shared memory: every worker reads it in place. */
interface Shared {
  readonly inputs: Float32Array
  readonly targets: Float32Array
}

const onSharedMemory = (values: Float32Array): Float32Array => {
  if (values.buffer instanceof SharedArrayBuffer) return values
  const shared = new Float32Array(new SharedArrayBuffer(values.byteLength))
  shared.set(values)
  return shared
}

// rows of a prediction call: few sizes, so that few graphs are compiled; of large pictures fewer at once, since every layer's output is in memory
const CHUNKS = [16, 256] as const
const CHUNK_ELEMENTS = 2 ** 20

/**
 * Starts the engine. `workers` threads run calls side by side (default 1); the result of a call does not depend on their number.
 * Data sets are copied to shared memory once and let go with the caller's `Batchable`; they must not change after the first call.
 *
 * @throws YimengError `engine-option` for a number of workers below 1. Calls reject with `diverged` when a loss or parameter is not finite, `engine-session` when
 * the device is missing, `engine-run`, `engine-worker`, `engine-closed`.
 */
export const nativeEngine = (options: { readonly workers?: number; readonly device?: Device } = {}): Engine => {
  const { workers = 1, device = 'cpu' } = options
  if (!Number.isSafeInteger(workers) || workers < 1) {
    throw new YimengError({ code: 'engine-option', cannot: 'start the engine', expected: 'at least one worker', got: String(workers) })
  }
  const threads = pool(workers, [providers[device]])
  const shared = new WeakMap<Batchable, Shared>()
  const share = (data: Batchable): Shared => {
    const before = shared.get(data)
    if (before !== undefined) return before
    const now = { inputs: onSharedMemory(data.inputs), targets: onSharedMemory(data.targets) }
    shared.set(data, now)
    return now
  }

  return {
    name: 'native',
    trainer: async (model, loss, optimiser) => {
      const compiled = new Map<string, { readonly step: Step; readonly program: Program }>()
      return {
        start: (params) => startState(model, optimiser, params),
        epoch: async (state, data, order, hyper) => {
          checkEpoch(model, optimiser, state, data, order, hyper)
          if (order.steps === 0) return { state, losses: new Float32Array(0) }
          const wanted = stepOptions(data, order, hyper)
          const key = JSON.stringify(wanted)
          let ready = compiled.get(key)
          if (ready === undefined) {
            const step = trainingStep(model, loss, optimiser, wanted)
            ready = { step, program: compiledProgram(epochModel(step)) }
            compiled.set(key, ready)
          }
          const { step } = ready
          const { inputs, targets } = share(data)
          const { steps, batch } = order
          const noise = hyper.perSample?.noise
          const slotSize = step.slots.length === 0 ? 0 : (state.optimiser.length - 1) / step.slots.length
          const feeds: Feed[] = [
            floats(epochNames.params, state.params.values),
            ...step.slots.map((_, s) => floats(epochNames.slot(s), state.optimiser.slice(1 + s * slotSize, 1 + (s + 1) * slotSize))),
            floats(epochNames.x, inputs, [data.rows, ...model.input]),
            floats(epochNames.y, targets, [data.rows, ...data.targetShape]),
            { name: epochNames.indices, type: 'int32', dims: [steps, batch], values: order.indices },
            floats(epochNames.weights, Float32Array.from(normalisedWeights(order)), [steps, batch]),
            ...scalarSeries(step, state, order, hyper).map((series, i) => floats(step.scalars[i]?.name ?? '', Float32Array.from(series))),
            ...maskSeries(step, order, hyper).map((values, i): Feed => {
              const mask = step.masks[i]
              return { name: mask?.name ?? '', type: 'uint8', dims: [steps, ...(mask?.node.shape ?? [])], values }
            }),
            ...(step.anchors.length > 0 && hyper.anchor !== undefined ? [floats(epochNames.anchor, trainedPart(step, hyper.anchor))] : []),
            ...(step.corrections.length > 0 && hyper.correction !== undefined
              ? [floats(epochNames.correction, trainedPart(step, hyper.correction))]
              : []),
            ...(step.noises.length > 0 && noise !== undefined
              ? [floats(epochNames.noise, trainedParts(step, noise), [steps, trainedSize(step)])]
              : []),
          ]
          const fetches = [epochNames.nextParams, ...step.slots.map((_, s) => epochNames.nextSlot(s)), epochNames.losses]
          const outputs = await threads.run(ready.program, feeds, fetches)
          const [values, losses] = [outputs[0], outputs.at(-1)]
          if (values === undefined || losses === undefined) throw new RangeError('the engine returned nothing')
          return epochResult(model, state, values, outputs.slice(1, -1), losses)
        },
      }
    },
    predictor: async (model, head) => {
      const compiled = new Map<number, Program>()
      return {
        predict: async (params, inputs, rows) => {
          const [width, outWidth] = [sizeOf(model.input), sizeOf(model.output)]
          if (params.values.length !== model.layout.size || inputs.length !== rows * width) {
            throw new YimengError({
              code: 'data-shape',
              cannot: 'predict',
              expected: `${model.layout.size} parameters and ${rows * width} input values`,
              got: `${params.values.length} and ${inputs.length}`,
            })
          }
          const result = new Float32Array(rows * outWidth)
          const fits = Math.max(1, Math.floor(CHUNK_ELEMENTS / width))
          const batch = Math.min(fits, rows <= CHUNKS[0] ? CHUNKS[0] : CHUNKS[1])
          let ready = compiled.get(batch)
          if (ready === undefined) {
            ready = compiledProgram(forwardModel(model, head, batch))
            compiled.set(batch, ready)
          }
          const chunk = async (first: number): Promise<void> => {
            const here = Math.min(batch, rows - first)
            const x = new Float32Array(batch * width)
            x.set(inputs.subarray(first * width, (first + here) * width))
            const [output] = await threads.run(
              ready,
              [floats('params', params.values), floats('x', x, [batch, ...model.input])],
              ['output'],
            )
            if (output !== undefined) result.set(output.subarray(0, here * outWidth), first * outWidth)
          }
          await Promise.all(Array.from({ length: Math.ceil(rows / batch) }, (_, k) => chunk(k * batch)))
          return result
        },
      }
    },
    close: threads.close,
  }
}
