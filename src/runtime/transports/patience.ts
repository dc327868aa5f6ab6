// How long the node's side waits for a line that is down, and how often it tries.
import { setTimeout as sleep } from 'node:timers/promises'
import { csprng, monotonicMs, YimengError } from '../../base/index.ts'

/** A line that is down for longer ends what goes over it: ten minutes. */
export const GIVE_UP_MS = 600_000
const MOST_PAUSE_MS = 10_000

/**
 * Pause before the next try: doubles, with half of it by chance, so that many nodes do not come back at once. A line that was heard lately is not waited for long: one that comes and goes is met while
 * it is there.
 */
export const pauseMs = (failures: number, silentMs = Number.POSITIVE_INFINITY): number => {
  const most = Math.min(MOST_PAUSE_MS, 50 * 2 ** Math.min(failures, 10), 500 + silentMs / 4)
  return most / 2 + (most / 2) * (csprng().integer(1000) / 1000)
}

/** Patience with one line. */
export interface Patience {
  /** The coordinator was heard: waiting starts anew. */
  readonly heard: () => void
  /** Waits before the next try, or less when the signal aborts. Rejects with YimengError `link-lost` when nothing was heard for too long. */
  readonly again: (failures: number, signal: AbortSignal) => Promise<void>
}

/** A fresh one. */
export const patience = (giveUpMs = GIVE_UP_MS): Patience => {
  let lastMs = monotonicMs()
  return {
    heard: () => {
      lastMs = monotonicMs()
    },
    again: async (failures, signal) => {
      const silentMs = monotonicMs() - lastMs
      if (silentMs > giveUpMs)
        throw new YimengError({ code: 'link-lost', cannot: 'reach the coordinator', expected: 'an answer', got: `none in ${giveUpMs} ms` })
      await sleep(pauseMs(failures, silentMs), undefined, { signal }).catch(() => undefined)
    },
  }
}

/** Whether an answer of this status will be the same next time. */
export const isRefusal = (status: number): boolean => status >= 400 && status < 500 && ![408, 409, 429].includes(status)
