// Rejection sampling of integer noise: discrete Gaussian and discrete Laplace, one loop for both. The method and its proof stand in src/privacy/sampling/candidate.ts.
//
// A candidate takes three 32-bit words of secret randomness at `words`. Decisions are exact or not made: where 31 or 32 random bits and the error of the
// floating-point exponential leave one open, the loop stops before that candidate, and the caller decides it with more bits.

/** Thresholds ⌊2^31 e^−v⌋ for v = 1 … DEPTH lie at the address that `draw` gets. */
const DEPTH: i32 = 20
/** Half of the band, in units of 2^−32, in which an acceptance is left open: 2^8 times what the error can be. */
const BAND: f64 = 1.0 / 256.0

/**
 * Draws up to `wanted` numbers (float64 at `out`) from up to `count` candidates. `width` is the length of a strip, `uneven` = 2^32 mod width; a candidate x in strip v
 * is kept with probability exp(−(quadratic x² + linear x − v + constant)).
 * Returns candidates used · 2^32 + numbers drawn; if neither limit is reached, the next candidate is undecided.
 */
export function draw(
  words: usize,
  count: i32,
  out: usize,
  wanted: i32,
  thresholds: usize,
  width: u32,
  uneven: u32,
  quadratic: f64,
  linear: f64,
  constant: f64,
): i64 {
  let used: i32 = 0
  let drawn: i32 = 0
  while (used < count && drawn < wanted) {
    const at = words + (<usize>used) * 12
    const product = <u64>load<u32>(at) * <u64>width
    const second = load<u32>(at, 4)
    const prefix = second >>> 1
    let strip: i32 = 0
    while (strip < DEPTH && prefix < load<u32>(thresholds + (<usize>strip << 2))) strip++
    if (strip == DEPTH || prefix == load<u32>(thresholds + (<usize>strip << 2))) break
    used++
    if (<u32>product < uneven) continue
    const x = <f64>((product >> 32) + <u64>width * <u64>strip)
    const negative = second & 1
    if (x == 0 && negative != 0) continue
    const exponent = quadratic * x * x + linear * x - <f64>strip + constant
    const edge = Math.exp(-exponent) * 4294967296.0
    const third = <f64>load<u32>(at, 8)
    if (third + 1 <= edge - BAND) {
      store<f64>(out + (<usize>drawn << 3), negative != 0 ? -x : x)
      drawn++
    } else if (third < edge + BAND) {
      used--
      break
    }
  }
  return ((<i64>used) << 32) | <i64>drawn
}
