// The native engine: ONNX Runtime in worker threads. A local epoch is one call: a Loop inside the graph takes all its steps.
// One thread a session, so that the same call gives the same bits whatever the number of workers and cores.
import { YimengError } from '../../../base/index.ts'
import type { Engine } from '../engine.ts'
import { onnxEngine } from '../onnx-engine.ts'
import { pool } from './pool.ts'

/** Where graphs run. Only `cpu` comes with the package on every platform. */
export type Device = 'cpu' | 'cuda' | 'webgpu' | 'coreml' | 'directml'

const providers: Readonly<Record<Device, string>> = { cpu: 'cpu', cuda: 'cuda', webgpu: 'webgpu', coreml: 'coreml', directml: 'dml' }

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
  return onnxEngine('native', pool(workers, [providers[device]]))
}
