// The web engine: the same graphs in a browser page or its worker, on onnxruntime-web. The caller hands the runtime in, so that nobody else has to install it.
// A call blocks its thread while it runs (WASM) — use it in a worker where the page must stay alive — and cannot be interrupted: keep calls short.
import type { Engine } from '../engine.ts'
import { engineClosed, engineFault, type Feed, onnxEngine, type Program, type Runner } from '../onnx-engine.ts'

/** What the engine needs of `onnxruntime-web` (or of any build of ONNX Runtime for JavaScript): the shape of its module. */
export interface WebRuntime {
  readonly InferenceSession: { readonly create: (model: Uint8Array, options: WebSessionOptions) => Promise<WebSession> }
  readonly Tensor: new (
    type: 'float32' | 'int32' | 'uint8',
    values: Float32Array | Int32Array | Uint8Array,
    dims: readonly number[],
  ) => unknown
}

/** Options of a session. */
export interface WebSessionOptions {
  readonly executionProviders: readonly string[]
  readonly graphOptimizationLevel: 'all'
  readonly logSeverityLevel: 4
}

/** A session of the runtime. */
export interface WebSession {
  readonly run: (feeds: never, fetches: readonly string[]) => Promise<Readonly<Record<string, { readonly data: unknown }>>>
  readonly release: () => Promise<void>
}

// sessions of large graphs take megabytes each
const HELD_SESSIONS = 8

/**
 * An engine in this thread. `providers` are the runtime's own names; `wasm` runs everywhere, on `webgpu` the graphs are untested.
 * Calls run one after the other and reject with `diverged`, `engine-session`, `engine-run` or `engine-closed`.
 */
export const webEngine = (options: { readonly runtime: WebRuntime; readonly providers?: readonly string[] }): Engine => {
  const { runtime, providers = ['wasm'] } = options
  const sessions = new Map<string, WebSession>()
  let open = true
  let last: Promise<unknown> = Promise.resolve()

  const sessionOf = async ({ hash, model }: Program): Promise<WebSession> => {
    const before = sessions.get(hash)
    sessions.delete(hash)
    const session =
      before ??
      (await runtime.InferenceSession.create(model, { executionProviders: providers, graphOptimizationLevel: 'all', logSeverityLevel: 4 }))
    sessions.set(hash, session)
    for (const [oldest, other] of sessions) {
      if (sessions.size <= HELD_SESSIONS) break
      sessions.delete(oldest)
      await other.release()
    }
    return session
  }

  const runNow = async (program: Program, feeds: readonly Feed[], fetches: readonly string[]): Promise<readonly Float32Array[]> => {
    if (!open) throw engineClosed()
    let creating = true
    try {
      const session = await sessionOf(program)
      creating = false
      const tensors = Object.fromEntries(feeds.map(({ name, type, values, dims }) => [name, new runtime.Tensor(type, values, dims)]))
      const results = await session.run(tensors as never, fetches)
      return fetches.map((name) => Float32Array.from(results[name]?.data as Float32Array))
    } catch (error) {
      throw engineFault(creating, providers.join(', '), error instanceof Error ? error.message : String(error))
    }
  }

  const runner: Runner = {
    run: async (program, feeds, fetches) => {
      // one run at a time: a session is not re-entrant
      const mine = last.then(() => runNow(program, feeds, fetches))
      last = mine.catch(() => {})
      return mine
    },
    share: (values) => values,
    close: async () => {
      open = false
      await last
      for (const session of sessions.values()) await session.release()
      sessions.clear()
    },
  }
  return onnxEngine('web', runner)
}
