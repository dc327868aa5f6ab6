// Ctrl-C: the first stops cleanly between steps, the second at once.
import { monotonicMs } from '../base/index.ts'
import type { Terminal } from './terminal.ts'

/** Exit code of a stopped command: 128 + SIGINT, as shells have it. */
export const stoppedExitCode = 130

/** Why a command ended: the person asked for it. */
export class Stopped extends Error {
  constructor() {
    super('stopped')
    this.name = 'Stopped'
  }
}

/** Runs work that can be stopped. The signal aborts with {@link Stopped}; work that obeys rejects with it. */
export const stoppable = async <T>({ texts, warn }: Terminal, work: (signal: AbortSignal) => Promise<T>): Promise<T> => {
  const controller = new AbortController()
  let firstMs = 0
  const stop = () => {
    if (controller.signal.aborted) {
      // the terminal and npm may both pass on the same key press
      if (monotonicMs() - firstMs < 300) return
      warn(texts.stop.forced)
      // not `process.exit`: it ends threads while they compute, and the engine answers that with an abort and a core dump
      process.kill(process.pid, 'SIGKILL')
    }
    firstMs = monotonicMs()
    warn(`\n${texts.stop.stopping}`)
    controller.abort(new Stopped())
  }
  process.on('SIGINT', stop)
  process.on('SIGTERM', stop)
  try {
    return await work(controller.signal)
  } finally {
    process.off('SIGINT', stop)
    process.off('SIGTERM', stop)
  }
}
