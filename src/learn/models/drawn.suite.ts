// Numbers that TypeScript and Python draw alike, so that golden files of large models need not hold them (tools/golden/learn-models.py has the same function).

/** Values in [−scale, scale) from a hash of position and stream (the finaliser of MurmurHash3); exact in float32 for a scale that is a power of two. */
export const drawn = (stream: number, length: number, scale: number): Float32Array =>
  Float32Array.from({ length }, (_, i) => {
    let h = (Math.imul(i, 0x9e3779b1) + Math.imul(stream, 0x85ebca77)) >>> 0
    h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
    h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
    h = (h ^ (h >>> 16)) >>> 0
    return ((h >>> 8) / 2 ** 23 - 1) * scale
  })

/** Power of two below √(3 / fan-in) or, for vectors, 1/8: keeps the values of a deep network in range. */
export const drawnScale = (shape: readonly number[]): number => {
  const fanIn = shape.slice(1).reduce((product, length) => product * length, 1)
  return shape.length === 1 ? 0.125 : 2 ** Math.floor(Math.log2(Math.sqrt(3 / fanIn)))
}

/** Sums of a vector's elements with signs drawn from a stream: their differences tell two vectors apart as their distance does. */
export const projections = (values: ArrayLike<number>, count: number): readonly number[] =>
  Array.from({ length: count }, (_, k) => {
    const signs = drawn(1000 + k, values.length, 1)
    let sum = 0
    for (let i = 0; i < values.length; i++) sum += (signs[i] ?? 0) < 0 ? -(values[i] ?? 0) : (values[i] ?? 0)
    return sum
  })
