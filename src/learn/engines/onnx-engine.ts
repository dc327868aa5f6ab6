// An engine over any ONNX Runtime: builds the graphs, lays out what goes in, reads what comes out. How sessions run — threads, a browser — is the runner's affair.
import { sha256Hex, YimengError } from '../../base/index.ts'
import { sizeOf } from '../graph/shape.ts'
import { epochModel, epochNames, trainedSize } from '../onnx/epoch.ts'
import { forwardModel } from '../onnx/forward.ts'
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
} from '../training/epoch.ts'
import { type Step, trainingStep } from '../training/step.ts'
import type { Batchable } from '../types.ts'
import type { Engine } from './engine.ts'
import { throughBackbones } from './backbone-features.ts'

/** A tensor on its way to a session. */
export interface Feed {
  readonly name: string
  readonly type: 'float32' | 'int32' | 'uint8'
  readonly dims: readonly number[]
  readonly values: Float32Array | Int32Array | Uint8Array
}

/** A compiled graph: its bytes, and the hash that names its sessions. */
export interface Program {
  readonly model: Uint8Array
  readonly hash: string
}

/** Runs programs. */
export interface Runner {
  /** The fetched tensors in order, in memory of their own. Rejects with `engine-session`, `engine-run`, `engine-worker` or `engine-closed`. */
  readonly run: (program: Program, feeds: readonly Feed[], fetches: readonly string[]) => Promise<readonly Float32Array[]>
  /** The same values where many runs can read them without a copy for each. */
  readonly share: (values: Float32Array) => Float32Array
  readonly close: () => Promise<void>
}

/** Why a call on a closed engine fails. */
export const engineClosed = (): YimengError =>
  new YimengError({ code: 'engine-closed', cannot: 'run the engine', expected: 'an open engine', got: 'a closed one' })

/** Why a graph did not start (`creating`) or did not run. */
export const engineFault = (creating: boolean, where: string, got: string): YimengError =>
  new YimengError({
    code: creating ? 'engine-session' : 'engine-run',
    cannot: creating ? `start the engine (${where})` : 'run the engine',
    expected: 'ONNX Runtime to accept the graph',
    got,
  })

const programOf = (model: Uint8Array): Program => ({ model, hash: sha256Hex(model) })

const floats = (name: string, values: Float32Array, dims: readonly number[] = [values.length]): Feed => ({
  name,
  type: 'float32',
  dims,
  values,
})

/** A data set where the runner wants it. */
interface Shared {
  readonly inputs: Float32Array
  readonly targets: Float32Array
}

// graphs that a trainer keeps: one for each size of batch and set of terms
const COMPILED = 32

/** The values last used, at most `limit` of them. */
const recent = <T>(limit: number): { readonly get: (key: string) => T | undefined; readonly set: (key: string, value: T) => void } => {
  const values = new Map<string, T>()
  const set = (key: string, value: T): void => {
    values.delete(key)
    values.set(key, value)
    for (const oldest of values.keys()) if (values.size > limit) values.delete(oldest)
  }
  return {
    get: (key) => {
      const value = values.get(key)
      if (value !== undefined) set(key, value)
      return value
    },
    set,
  }
}

// rows of a prediction call: few sizes, so that few graphs are compiled; of large pictures fewer at once, since every layer's output is in memory
const CHUNKS = [16, 256] as const
const CHUNK_ELEMENTS = 2 ** 20

/** The engine over a runner. Data sets are shared once and let go with the caller's `Batchable`. */
export const onnxEngine = (name: string, runner: Runner): Engine => {
  const shared = new WeakMap<Batchable, Shared>()
  const share = (data: Batchable): Shared => {
    const before = shared.get(data)
    if (before !== undefined) return before
    const now = { inputs: runner.share(data.inputs), targets: runner.share(data.targets) }
    shared.set(data, now)
    return now
  }
  return throughBackbones({
    name,
    trainer: async (model, loss, optimiser) => {
      const compiled = recent<{ readonly step: Step; readonly program: Program }>(COMPILED)
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
            ready = { step, program: programOf(epochModel(step)) }
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
          const outputs = await runner.run(ready.program, feeds, fetches)
          const [values, losses] = [outputs[0], outputs.at(-1)]
          if (values === undefined || losses === undefined) throw new RangeError('the engine returned nothing')
          return epochResult(model, state, values, outputs.slice(1, -1), losses)
        },
      }
    },
    predictor: async (model, head) => {
      const compiled = recent<Program>(COMPILED)
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
          let ready = compiled.get(String(batch))
          if (ready === undefined) {
            ready = programOf(forwardModel(model, head, batch))
            compiled.set(String(batch), ready)
          }
          const values = runner.share(params.values)
          const chunk = async (first: number): Promise<void> => {
            const here = Math.min(batch, rows - first)
            const x = new Float32Array(batch * width)
            x.set(inputs.subarray(first * width, (first + here) * width))
            const [output] = await runner.run(ready, [floats('params', values), floats('x', x, [batch, ...model.input])], ['output'])
            if (output !== undefined) result.set(output.subarray(0, here * outWidth), first * outWidth)
          }
          await Promise.all(Array.from({ length: Math.ceil(rows / batch) }, (_, k) => chunk(k * batch)))
          return result
        },
      }
    },
    close: runner.close,
  })
}
