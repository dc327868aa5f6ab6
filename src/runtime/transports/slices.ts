// A frame in parts, as what is written to a line: views of bounded size, from a position on.

/** Written at once: TLS copies what it is given, so that a whole model would be copied before its first byte leaves. */
export const SLICE_BYTES = 2 ** 18

/** The bytes from `start` to `end` of all parts taken together, in views of at most {@link SLICE_BYTES}. */
export const slices = function* (
  parts: readonly Uint8Array[],
  start = 0,
  end = Number.POSITIVE_INFINITY,
): Generator<Uint8Array, void, undefined> {
  let before = 0
  for (const part of parts) {
    const stop = Math.min(part.length, end - before)
    for (let at = Math.max(0, start - before); at < stop; at += SLICE_BYTES) yield part.subarray(at, Math.min(stop, at + SLICE_BYTES))
    before += part.length
  }
}
