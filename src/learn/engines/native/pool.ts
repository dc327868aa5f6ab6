// A fixed number of worker threads that run jobs, first come first served. Which worker runs a job never changes its result.
import { createHash } from 'node:crypto'
import { Worker } from 'node:worker_threads'
import { YimengError } from '../../../base/index.ts'
import type { Answer, Feed, Job } from './message.ts'

/** A compiled graph: its bytes and the hash that names its sessions. */
export interface Program {
  readonly model: Uint8Array
  readonly hash: string
}

/** The program of an ONNX model. */
export const compiledProgram = (model: Uint8Array): Program => ({ model, hash: createHash('sha256').update(model).digest('hex') })

/** Runs programs. */
export interface Pool {
  /** Rejects with `engine-run`, `engine-session`, `engine-worker` or `engine-closed`. */
  readonly run: (program: Program, feeds: readonly Feed[], fetches: readonly string[]) => Promise<readonly Float32Array[]>
  readonly close: () => Promise<void>
}

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

const closed = (): YimengError =>
  new YimengError({ code: 'engine-closed', cannot: 'run the engine', expected: 'an open engine', got: 'a closed one' })

/** A view of a part of a buffer would send the whole buffer. */
const compact = (feed: Feed): Feed =>
  feed.values.buffer instanceof SharedArrayBuffer || feed.values.byteLength === feed.values.buffer.byteLength
    ? feed
    : { ...feed, values: feed.values.slice() }

/** A pool of `size` worker threads. Threads start with the first jobs. */
export const pool = (size: number, providers: readonly string[]): Pool => {
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
    settle(thread, ({ program, resolve, reject }) => {
      if ('outputs' in answer) return resolve(answer.outputs)
      if (answer.creating) thread.held.delete(program.hash)
      reject(
        new YimengError({
          code: answer.creating ? 'engine-session' : 'engine-run',
          cannot: answer.creating ? `start the engine (${providers.join(', ')})` : 'run the engine',
          expected: 'ONNX Runtime to accept the graph',
          got: answer.fault,
        }),
      )
    })

  const start = (): Thread => {
    const thread: Thread = { worker: new Worker(workerFile), held: new Set(), current: undefined }
    const lost = (got: string): void => {
      threads.splice(threads.indexOf(thread), threads.includes(thread) ? 1 : 0)
      settle(thread, ({ reject }) =>
        reject(
          open ? new YimengError({ code: 'engine-worker', cannot: 'run the engine', expected: 'a living worker thread', got }) : closed(),
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
      providers,
    }
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker thread, not a window
    thread.worker.postMessage(job)
  }

  return {
    run: (program, feeds, fetches) =>
      new Promise((resolve, reject) => {
        if (!open) return reject(closed())
        waiting.push({ program, feeds, fetches, resolve, reject })
        next()
      }),
    close: async () => {
      open = false
      for (const { reject } of waiting.splice(0)) reject(closed())
      // `exit` rejects the request in progress
      await Promise.all([...threads].map(({ worker }) => worker.terminate()))
    },
  }
}
