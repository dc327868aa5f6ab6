// Waiting for something to change, with many who wait.

/** Rings for all who wait. */
export interface Bell {
  readonly ring: () => void
  /** Resolves with the next ring, with the signal, or after `mostMs`. */
  readonly heard: (signal: AbortSignal, mostMs?: number) => Promise<void>
}

/** A bell. */
export const bell = (): Bell => {
  const waiters = new Set<() => void>()
  return {
    ring: () => {
      for (const done of waiters) done()
    },
    heard: (signal, mostMs) =>
      new Promise((resolve) => {
        if (signal.aborted) return resolve()
        const done = (): void => {
          clearTimeout(timer)
          waiters.delete(done)
          signal.removeEventListener('abort', done)
          resolve()
        }
        const timer = mostMs === undefined ? undefined : setTimeout(done, mostMs)
        waiters.add(done)
        signal.addEventListener('abort', done, { once: true })
      }),
  }
}
