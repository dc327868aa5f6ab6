// Many waits on one AbortSignal: a run's signal is waited on by every one of its nodes.

const waits = new WeakMap<AbortSignal, Set<() => void>>()
/** Takes a signal's one listener back. */
const releases = new WeakMap<Set<() => void>, () => void>()

/**
 * Calls `act` once when the signal aborts, unless the returned function has been called before. The platform searches a signal's whole list for each listener added or
 * removed, which ten thousand nodes that wait on one signal pay squared; here a signal has one listener however many wait.
 *
 * @param signal - not aborted yet
 */
export const onAbort = (signal: AbortSignal, act: () => void): (() => void) => {
  const before = waits.get(signal)
  const acts = before ?? new Set()
  const all = (): void => {
    waits.delete(signal)
    for (const each of acts) each()
  }
  if (before === undefined) {
    waits.set(signal, acts)
    signal.addEventListener('abort', all, { once: true })
    releases.set(acts, () => signal.removeEventListener('abort', all))
  }
  acts.add(act)
  return () => {
    acts.delete(act)
    // a listener left behind would keep a derived signal alive as long as its source
    if (acts.size > 0 || waits.get(signal) !== acts) return
    waits.delete(signal)
    releases.get(acts)?.()
  }
}
