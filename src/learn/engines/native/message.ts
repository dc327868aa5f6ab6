// What the engine and its worker threads say to each other.

import type { Feed } from '../onnx-engine.ts'

/** One run of a session. Feeds on shared memory are not copied. `model` is sent only when the worker does not hold the session yet; sessions in `evict` are let go first. */
export interface Job {
  readonly id: number
  readonly program: string
  readonly model?: Uint8Array
  readonly evict: readonly string[]
  readonly feeds: readonly Feed[]
  readonly fetches: readonly string[]
  readonly provider: string
}

/** What comes back: the fetched tensors in order, or the fault's text. */
export type Answer =
  | { readonly id: number; readonly outputs: readonly Float32Array[] }
  | { readonly id: number; readonly fault: string; readonly creating: boolean; readonly provider: string }
