// A fixed number of worker threads that run jobs, first come first served. Which worker runs a job never changes its result.
import { Worker } from 'node:worker_threads'
import { YimengError } from '../../../base/index.ts'
import { engineClosed, engineFault, type Feed, type Program, type Runner } from '../onnx-engine.ts'
import type { Answer, Job } from './message.ts'

interface Request {
  readonly program: Program
  readonly feeds: readonly Feed[]
  readonly fetches: readonly string[]
  readonly resolve: (outputs: readonly Float32Array[]) => void
  readonly reject: (error: Error) => void
}

interface Thread {
  readonly worker: Worker
  /** Programs that it holds, the least recently used first. */
  readonly held: Set<string>
  current: Request | undefined
}

// sessions of large graphs take megabytes each; a run needs few graphs at a time
const HELD_SESSIONS = 24

// the sources run as they are; the published package holds compiled files
const workerFile = new URL(import.meta.url.endsWith('.ts') ? './worker.ts' : './worker.js', import.meta.url)

/** A view of a part of a buffer would send the whole buffer. */
const compact = (feed: Feed): Feed =>
  feed.values.buffer instanceof SharedArrayBuffer || feed.values.byteLength === feed.values.buffer.byteLength
    ? feed
    : { ...feed, values: feed.values.slice() }

const CPU = 'cpu'

/** What a missing device is called. The runtime's own text is long; its first line says enough. */
const missing = (provider: string, fault: string): YimengError =>
  new YimengError({
    code: 'engine-device',
    cannot: `compute on ${provider}`,
    expected: 'a device that this machine has, or engine.fallBack to go on with the CPU',
    got: (fault.split('\n')[0] ?? '').slice(0, 160),
  })

/** A pool of `size` worker threads. Threads start with the first jobs. */
export const pool = (size: number, device: { readonly provider: string; readonly fallBack: boolean }): Runner => {
  let { provider } = device
  const threads: Thread[] = []
  const waiting: Request[] = []
  let jobs = 0
  let open = true

  const settle = (thread: Thread, finish: (request: Request) => void): void => {
    const request = thread.current
    thread.current = undefined
    if (request !== undefined) finish(request)
    // an idle worker does not keep the process alive; one that is being ended must, until `close` has seen it end
    if (open) thread.worker.unref()
    next()
  }

  const answered = (thread: Thread, answer: Answer): void =>
    settle(thread, (request) => {
      const { program, resolve, reject } = request
      if ('outputs' in answer) return resolve(answer.outputs)
      if (answer.creating) thread.held.delete(program.hash)
      if (!answer.creating || answer.provider === CPU) return reject(engineFault(answer.creating, answer.provider, answer.fault))
      const fault = missing(answer.provider, answer.fault)
      if (!device.fallBack) return reject(fault)
      if (provider !== CPU) process.emitWarning(`${fault.message}: computing on the CPU`, 'YimengWarning')
      provider = CPU
      waiting.unshift(request)
    })

  const start = (): Thread => {
    const thread: Thread = { worker: new Worker(workerFile), held: new Set(), current: undefined }
    const lost = (got: string): void => {
      threads.splice(threads.indexOf(thread), threads.includes(thread) ? 1 : 0)
      settle(thread, ({ reject }) =>
        reject(
          open
            ? new YimengError({ code: 'engine-worker', cannot: 'run the engine', expected: 'a living worker thread', got })
            : engineClosed(),
        ),
      )
    }
    thread.worker.on('message', (answer: Answer) => answered(thread, answer))
    thread.worker.on('error', (error) => lost(error instanceof Error ? error.message : String(error)))
    thread.worker.on('exit', (code) => lost(`exit code ${code}`))
    threads.push(thread)
    return thread
  }

  const next = (): void => {
    if (!open) return
    const [request] = waiting
    if (request === undefined) return
    const idle = threads.filter(({ current }) => current === undefined)
    // a worker that holds the session already saves compiling it
    const thread = idle.find(({ held }) => held.has(request.program.hash)) ?? (threads.length < size ? start() : idle[0])
    if (thread === undefined) return
    waiting.shift()
    send(thread, request)
  }

  const send = (thread: Thread, request: Request): void => {
    const { hash, model } = request.program
    const held = thread.held.delete(hash)
    thread.held.add(hash)
    const evict = [...thread.held].slice(0, Math.max(0, thread.held.size - HELD_SESSIONS))
    for (const program of evict) thread.held.delete(program)
    thread.current = request
    thread.worker.ref()
    const job: Job = {
      id: jobs++,
      program: hash,
      ...(held ? {} : { model }),
      evict,
      feeds: request.feeds.map(compact),
      fetches: request.fetches,
      provider,
    }
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker thread, not a window
    thread.worker.postMessage(job)
  }

  return {
    run: (program, feeds, fetches) =>
      new Promise((resolve, reject) => {
        if (!open) return reject(engineClosed())
        waiting.push({ program, feeds, fetches, resolve, reject })
        next()
      }),
    share: (values) => {
      if (values.buffer instanceof SharedArrayBuffer) return values
      const shared = new Float32Array(new SharedArrayBuffer(values.byteLength))
      shared.set(values)
      return shared
    },
    close: async () => {
      open = false
      for (const { reject } of waiting.splice(0)) reject(engineClosed())
      // a thread is ended between requests only: ending one while the runtime computes takes the whole process down with it (Napi::Error, ONNX Runtime 1.30)
      await Promise.all(
        [...threads].map(async ({ worker, current }) => {
          if (current !== undefined) {
            current.reject(engineClosed())
            await new Promise<void>((done) => {
              worker.once('message', () => done())
              worker.once('exit', () => done())
            })
          }
          await worker.terminate()
        }),
      )
    },
  }
}
