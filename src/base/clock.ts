// The only reading of clocks. Time is the server's: a node's clock is never trusted, so results never depend on it.

/** Milliseconds since 1970-01-01 UTC, for records that people read. It may jump. */
export const now = (): number => Date.now()

/** Milliseconds since some moment, for durations and deadlines. It never goes back. */
export const monotonicMs = (): number => performance.now()
