// Abort signals, joined without leaving listeners behind: a run has one signal for thousands of rounds.
import { onAbort } from '../base/index.ts'

/** A signal that aborts with the first of `sources`. Call `release` when nobody needs it any more. */
export interface JoinedSignal {
  readonly signal: AbortSignal
  readonly release: () => void
}

/** Joins signals. Not `AbortSignal.any`: its result hangs on to a long-lived source until it is collected. */
export const joinSignals = (...sources: readonly AbortSignal[]): JoinedSignal => {
  const controller = new AbortController()
  const aborted = sources.find((source) => source.aborted)
  if (aborted !== undefined) controller.abort(aborted.reason)
  const listeners = sources.map((source) => onAbort(source, () => controller.abort(source.reason)))
  return {
    signal: controller.signal,
    release: () => {
      for (const remove of listeners) remove()
    },
  }
}

/** `work`, or a rejection with the signal's reason if that comes first. */
export const unlessAborted = <T>(work: Promise<T>, signal: AbortSignal): Promise<T> =>
  new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason as Error)
    if (signal.aborted) abort()
    const release = signal.aborted ? undefined : onAbort(signal, abort)
    work.then(resolve, reject).finally(() => release?.())
  })
