// The native engine: ONNX Runtime in worker threads. A local epoch is one call: a Loop inside the graph takes all its steps.
// One thread a session, so that the same call gives the same bits whatever the number of workers and cores.
import { YimengError } from '../../../base/index.ts'
import type { Engine } from '../engine.ts'
import { onnxEngine } from '../onnx-engine.ts'
import { pool } from './pool.ts'

/** Where graphs run. Only `cpu` comes with the package on every platform. */
export type Device = 'cpu' | 'cuda' | 'webgpu' | 'coreml' | 'directml'

const providers: Readonly<Record<Device, string>> = { cpu: 'cpu', cuda: 'cuda', webgpu: 'webgpu', coreml: 'coreml', directml: 'dml' }

/** How the engine starts. */
export interface NativeOptions {
  /** Threads that run calls side by side; 1 by default. */
  readonly workers?: number | undefined
  readonly device?: Device | undefined
  /** Where the device is missing, go on with the CPU and warn once. */
  readonly fallBack?: boolean | undefined
}

/**
 * Starts the engine. The result of a call does not depend on the number of workers.
 * Data sets are copied to shared memory once and let go with the caller's `Batchable`; they must not change after the first call.
 *
 * @throws YimengError `engine-option` for a number of workers below 1. Calls reject with `diverged` when a loss or parameter is not finite, `engine-device`
 * when the device is missing, `engine-session`, `engine-run`, `engine-worker`, `engine-closed`.
 */
export const nativeEngine = (options: NativeOptions = {}): Engine => {
  const { workers = 1, device = 'cpu', fallBack = false } = options
  if (!Number.isSafeInteger(workers) || workers < 1) {
    throw new YimengError({ code: 'engine-option', cannot: 'start the engine', expected: 'at least one worker', got: String(workers) })
  }
  return onnxEngine('native', pool(workers, { provider: providers[device], fallBack }))
}
