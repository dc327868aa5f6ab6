// Arithmetic of flat vectors: computed in float64, kept in float32 as everything that travels.

/** a + by·b, `[size]`. */
export const plus = (a: Float32Array, b: ArrayLike<number>, by = 1): Float32Array => a.map((value, i) => value + by * b[i]!)

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
