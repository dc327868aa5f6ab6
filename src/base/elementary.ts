// ln and exp from +, −, × and ÷ alone. IEEE 754 fixes those four to the last bit; it does not fix Math.log and Math.exp, and a seed must give the same numbers
// on every machine. Both are within 2 ulp of the true value on the ranges that sampling needs.

const LN2_HIGH = 0.6931471803691238 // the upper 33 bits of ln 2, so that multiples up to 2^20 of it are exact
const LN2_LOW = 1.9082149292705877e-10 // ln 2 − LN2_HIGH
const float = new Float64Array(1)
const halves = new Uint32Array(float.buffer)

/** Natural logarithm of a normal number above 0. */
export const ln = (x: number): number => {
  float[0] = x
  const high = halves[1] ?? 0
  let exponent = (high >>> 20) - 1023
  halves[1] = (high & 0x000fffff) | 0x3ff00000
  let mantissa = float[0]
  // bring the mantissa to [√½, √2), where the series below converges fastest
  if (mantissa > Math.SQRT2) {
    mantissa /= 2
    exponent += 1
  }
  // ln m = 2 artanh s = 2 (s + s³/3 + s⁵/5 + …), s = (m − 1) / (m + 1): |s| ≤ 0.172, so the term s^23 / 23 is below 2^-62
  const s = (mantissa - 1) / (mantissa + 1)
  const square = s * s
  let series = 0
  for (let k = 21; k >= 3; k -= 2) series = (series + 1 / k) * square
  return exponent * LN2_HIGH + (2 * s + (2 * s * series + exponent * LN2_LOW))
}

/** e to the power x; 0 below −708, where the result would not be a normal number. `x` is at most 709. */
export const exp = (x: number): number => {
  if (x < -708) return 0
  const k = Math.round(x / Math.LN2)
  const rest = x - k * LN2_HIGH - k * LN2_LOW // |rest| ≤ 0.347
  let series = 1
  for (let n = 14; n >= 1; n -= 1) series = 1 + (series * rest) / n // rest^15 / 15! is below 2^-62
  // 2^k by its bits, in two steps so that k = 1024 does not overflow on the way
  const half = k >> 1
  return series * powerOfTwo(half) * powerOfTwo(k - half)
}

const powerOfTwo = (k: number): number => {
  halves[0] = 0
  halves[1] = (k + 1023) << 20
  return float[0] ?? 0
}
