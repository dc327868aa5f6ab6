// A worker thread of the native engine: holds sessions and runs them one after the other. A run blocks its thread, which is why it is not the main one.
import { parentPort } from 'node:worker_threads'
import { env, InferenceSession, Tensor } from 'onnxruntime-node'
import type { Answer, Job } from './message.ts'

// faults come back as answers; the runtime's own log would reach the user's terminal
env.logLevel = 'fatal'

const sessions = new Map<string, InferenceSession>()

const sessionOf = async (job: Job): Promise<InferenceSession> => {
  for (const program of job.evict) {
    await sessions.get(program)?.release()
    sessions.delete(program)
  }
  const before = sessions.get(job.program)
  if (before !== undefined) return before
  if (job.model === undefined) throw new RangeError('no such session')
  const session = await InferenceSession.create(job.model, {
    executionProviders: [job.provider],
    // one thread a session: results do not depend on the machine's cores, and sites run side by side instead
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
    logSeverityLevel: 4,
  })
  sessions.set(job.program, session)
  return session
}

const run = async (job: Job): Promise<Answer> => {
  let creating = true
  try {
    const session = await sessionOf(job)
    creating = false
    const feeds = Object.fromEntries(job.feeds.map(({ name, type, dims, values }) => [name, new Tensor(type, values, dims)]))
    const results = await session.run(feeds, [...job.fetches])
    // copied: the runtime owns the memory of its outputs, which must not outlive this thread
    const outputs = job.fetches.map((name) => Float32Array.from(results[name]?.data as Float32Array))
    return { id: job.id, outputs }
  } catch (error) {
    return { id: job.id, fault: error instanceof Error ? error.message : String(error), creating, provider: job.provider }
  }
}

const serve = async (job: Job): Promise<void> => {
  const answer = await run(job)
  const memory = 'outputs' in answer ? answer.outputs.map(({ buffer }) => buffer as ArrayBuffer) : []
  parentPort?.postMessage(answer, memory)
}

parentPort?.on('message', (job: Job) => void serve(job))
