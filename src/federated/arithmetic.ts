// Arithmetic of flat vectors: computed in float64, kept in float32 as everything that travels. Loops, not `map`: that boxes each number that it hands over and takes, and models have many.

/** a + by·b, `[size]`. */
export const plus = (a: Float32Array, b: ArrayLike<number>, by = 1): Float32Array => {
  const sum = new Float32Array(a.length)
  for (let i = 0; i < sum.length; i += 1) sum[i] = a[i]! + by * b[i]!
  return sum
}

/** a − b, `[size]`. */
export const minus = (a: Float32Array, b: ArrayLike<number>): Float32Array => plus(a, b, -1)

/** One vector after the other. */
export const joined = (...parts: readonly ArrayLike<number>[]): Float32Array => {
  const whole = new Float32Array(parts.reduce((size, part) => size + part.length, 0))
  let start = 0
  for (const part of parts) {
    whole.set(part, start)
    start += part.length
  }
  return whole
}

/** ‖a‖². */
export const squaredLength = (a: ArrayLike<number>): number => {
  let sum = 0
  for (let i = 0; i < a.length; i += 1) sum += a[i]! ** 2
  return sum
}
