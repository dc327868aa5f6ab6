// The discrete Fourier transform of real sequences whose length is a power of two, in place: radix 2 with the twiddle factors of one table (Cooley, Tukey 1965).
// A table of exact cosines, not a recurrence: its errors would show in tail masses of 1e-12.

/** A complex sequence as two arrays of equal length. */
export interface Complex {
  readonly re: Float64Array
  readonly im: Float64Array
}

/** Forward transform, in place. The length is a power of two. Applied to swapped parts it is the inverse, up to the length. */
export const transform = ({ re, im }: Complex): void => {
  const n = re.length
  reverseBits(re, im)
  const cos = new Float64Array(n / 2)
  const sin = new Float64Array(n / 2)
  for (let k = 0; k < n / 2; k++) {
    cos[k] = Math.cos((2 * Math.PI * k) / n)
    sin[k] = -Math.sin((2 * Math.PI * k) / n)
  }
  for (let half = 1; half < n; half *= 2) {
    const stride = n / (2 * half)
    for (let start = 0; start < n; start += 2 * half) {
      for (let k = 0; k < half; k++) {
        const c = cos[k * stride]!
        const s = sin[k * stride]!
        const even = start + k
        const odd = even + half
        const x = re[odd]! * c - im[odd]! * s
        const y = re[odd]! * s + im[odd]! * c
        re[odd] = re[even]! - x
        im[odd] = im[even]! - y
        re[even]! += x
        im[even]! += y
      }
    }
  }
}

/** Inverse transform of which only the real part is wanted, in place: the result is `re`. */
export const invertReal = ({ re, im }: Complex): Float64Array => {
  transform({ re: im, im: re })
  const n = re.length
  for (let i = 0; i < n; i++) re[i]! /= n
  return re
}

const reverseBits = (re: Float64Array, im: Float64Array): void => {
  const n = re.length
  for (let i = 1, j = 0; i < n; i++) {
    let bit = n >> 1
    for (; j & bit; bit >>= 1) j ^= bit
    j ^= bit
    if (i < j) {
      const r = re[i]!
      const m = im[i]!
      re[i] = re[j]!
      im[i] = im[j]!
      re[j] = r
      im[j] = m
    }
  }
}

/** Smallest power of two that is at least `n`. */
export const powerOfTwoFrom = (n: number): number => 2 ** Math.ceil(Math.log2(Math.max(2, n)))
