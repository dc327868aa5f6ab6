// How much each asker may ask: token buckets (a burst, then a rate). What is above them is refused with 429, before any work is done for it; nodes come back after a pause.
import { monotonicMs } from '../base/index.ts'

/** Requests. `burst` at once, `perSecond` for ever. */
export interface Rate {
  readonly burst: number
  readonly perSecond: number
}

/** Pieces of links and blobs, and a run's news: a site or a person alone on a fast line asks for some hundreds a second. */
export const STREAM_RATE: Rate = { burst: 4_000, perSecond: 2_000 }
/** All else that a member asks: a node some times a minute, a person as fast as their commands are. */
export const CONTROL_RATE: Rate = { burst: 200, perSecond: 20 }
/** From one address without a certificate of the alliance: joining, checking, trying. Many sites may lie behind one address. */
export const STRANGER_RATE: Rate = { burst: 1_000, perSecond: 50 }

/** Askers that are remembered; one that is forgotten begins with a full bucket. */
const MOST_ASKERS = 20_000

/** Buckets of one kind. `take`: whether one more request of this asker is within the rate. */
export const rateLimit = ({ burst, perSecond }: Rate, clock: () => number = monotonicMs) => {
  const buckets = new Map<string, { left: number; atMs: number }>()
  return {
    take: (asker: string): boolean => {
      const atMs = clock()
      const bucket = buckets.get(asker) ?? { left: burst, atMs }
      bucket.left = Math.min(burst, bucket.left + ((atMs - bucket.atMs) / 1000) * perSecond)
      bucket.atMs = atMs
      // the oldest goes first
      buckets.delete(asker)
      if (buckets.size >= MOST_ASKERS) for (const [oldest] of buckets.entries().take(1)) buckets.delete(oldest)
      buckets.set(asker, bucket)
      if (bucket.left < 1) return false
      bucket.left -= 1
      return true
    },
  }
}
