// Exact coins: is a uniform number U below e^−γ, for a rational γ? U is known by its first bits; more are drawn only while the answer is open. Bounds of e^−γ come
// from its series in integers (the idea of Canonne, Kamath, Steinke 2020, section 5.1, with bits instead of coins: randomness is the dear part here).

/** A rational number. */
export interface Rational {
  readonly over: bigint
  /** Above 0. */
  readonly under: bigint
}

/** The rational that a finite float64 is. */
export const rational = (x: number): Rational => {
  let exponent = 0
  let mantissa = x
  // exact: multiplication by 2, and a float64 has no more than 1074 binary places
  while (!Number.isInteger(mantissa)) {
    mantissa *= 2
    exponent += 1
  }
  return { over: BigInt(mantissa), under: 1n << BigInt(exponent) }
}

/** A uniform number in [0, 1) of which the first bits are known. */
export interface LazyUniform {
  /** Whether it is below e^−γ, γ ≥ 0. Answers to several questions agree with one number. */
  readonly below: (gamma: Rational) => boolean
}

/** The uniform number that begins with the `bits` bits of `prefix`; the next ones come from `more`, uniform in [0, 2^32). */
export const lazyUniform = (prefix: number, bits: number, more: () => number): LazyUniform => {
  let known = BigInt(prefix)
  let precision = bits
  return {
    below: (gamma) => {
      for (;;) {
        const [low, high] = exponentialBounds(gamma, precision)
        // the number lies in [known, known + 1) · 2^−precision
        if (known + 1n <= low) return true
        if (known >= high) return false
        known = (known << 32n) | BigInt(more())
        precision += 32
      }
    },
  }
}

/** Guard bits: the errors below stay under 2^32 of the last place of that many more bits. */
const GUARD = 64n
const SLACK = 1n << 32n

/** Integers around e^−γ · 2^bits, γ ≥ 0: low ≤ it ≤ high. */
export const exponentialBounds = ({ over, under }: Rational, bits: number): readonly [bigint, bigint] => {
  const whole = over / under
  // e^−whole < 2^−bits: all that is known is that it lies between 0 and 1
  if (whole > BigInt(bits)) return [0n, 1n]
  const places = BigInt(bits) + GUARD
  const one = 1n << places
  let value = negativeExponential(((over - whole * under) << places) / under, places)
  // at most `bits` multiplications by e^−1, each of which adds an error of three last places
  const inverse = negativeExponential(one, places)
  for (let i = 0n; i < whole; i++) value = (value * inverse) >> places
  return [value > SLACK ? (value - SLACK) >> GUARD : 0n, ((value + SLACK) >> GUARD) + 1n]
}

/** e^−f for f in [0, 1], both scaled by 2^places: the alternating series, each of whose at most `places` terms is cut down by less than two last places. */
const negativeExponential = (f: bigint, places: bigint): bigint => {
  let term = 1n << places
  let sum = 0n
  for (let k = 1n; term !== 0n; k++) {
    sum += term
    term = -((term * f) >> places) / k
  }
  return sum
}
