// Loops over vectors of the rings Z/2^32 and Z/2^64, and to and from fixed point. 128-bit SIMD throughout.
//
// Callers own the memory: they pass byte addresses (multiples of 16) and a number of elements. Loops run in whole registers, so up to 15 bytes after a vector's
// last element are read and, in a result, overwritten: vectors need that slack. Signed numbers are two's complement.

// @ts-ignore: decorator
@inline
function end(at: usize, count: i32, width: usize): usize {
  return at + (<usize>count) * width
}

export function add32(total: usize, x: usize, count: i32): void {
  for (const stop = end(total, count, 4); total < stop; total += 16, x += 16) v128.store(total, i32x4.add(v128.load(total), v128.load(x)))
}

export function subtract32(total: usize, x: usize, count: i32): void {
  for (const stop = end(total, count, 4); total < stop; total += 16, x += 16) v128.store(total, i32x4.sub(v128.load(total), v128.load(x)))
}

export function scale32(x: usize, count: i32, by: i32): void {
  const factor = i32x4.splat(by)
  for (const stop = end(x, count, 4); x < stop; x += 16) v128.store(x, i32x4.mul(v128.load(x), factor))
}

export function add64(total: usize, x: usize, count: i32): void {
  for (const stop = end(total, count, 8); total < stop; total += 16, x += 16) v128.store(total, i64x2.add(v128.load(total), v128.load(x)))
}

export function subtract64(total: usize, x: usize, count: i32): void {
  for (const stop = end(total, count, 8); total < stop; total += 16, x += 16) v128.store(total, i64x2.sub(v128.load(total), v128.load(x)))
}

export function scale64(x: usize, count: i32, by: i64): void {
  const factor = i64x2.splat(by)
  for (const stop = end(x, count, 8); x < stop; x += 16) v128.store(x, i64x2.mul(v128.load(x), factor))
}

// Rounding to the nearest integer, ties to even, and the change to two's complement in one addition: for |v| ≤ 2^51, the last bit of v + 1.5·2^52 is worth 1, so
// its lower bits spell the integer; subtracting the bits of 1.5·2^52 leaves it. (SIMD has no conversion from float64 to int64.)
const ROUND: f64 = 6755399441055744.0
const ROUND_BITS: i64 = 0x4338000000000000

// @ts-ignore: decorator
@inline
function fixed(scaled: v128): v128 {
  return i64x2.sub(f64x2.add(scaled, f64x2.splat(ROUND)), i64x2.splat(ROUND_BITS))
}

// The first element that is NaN or beyond ±most, or −1. Only after a block is known to hold one: this loop is slow.
function firstBeyond32(from: usize, count: i32, most: f64): i32 {
  for (let i = 0; i < count; i++) if (!(abs<f64>(<f64>load<f32>(from + ((<usize>i) << 2))) <= most)) return i
  return -1
}

function firstBeyond64(from: usize, count: i32, most: f64): i32 {
  for (let i = 0; i < count; i++) if (!(abs<f64>(load<f64>(from + ((<usize>i) << 3))) <= most)) return i
  return -1
}

// float32 → Z/2^64: round(x · scale) · weight. −1, or the index of the first element that is NaN or beyond ±most (the result is then void).
export function lift32to64(from: usize, to: usize, count: i32, scale: f64, most: f64, weight: i64): i32 {
  const first = from
  const stop = end(from, count, 4)
  const factor = f64x2.splat(scale)
  const bound = f64x2.splat(most)
  const times = i64x2.splat(weight)
  let within = i64x2.splat(-1)
  v128.store(stop, i64x2.splat(0)) // the slack must not look out of bounds
  for (; from < stop; from += 16, to += 32) {
    const four = v128.load(from)
    const low = f64x2.promote_low_f32x4(four)
    const high = f64x2.promote_low_f32x4(v128.shuffle<i64>(four, four, 1, 1))
    within = v128.and(within, v128.and(f64x2.le(f64x2.abs(low), bound), f64x2.le(f64x2.abs(high), bound)))
    v128.store(to, i64x2.mul(fixed(f64x2.mul(low, factor)), times))
    v128.store(to, i64x2.mul(fixed(f64x2.mul(high, factor)), times), 16)
  }
  return i64x2.all_true(within) ? -1 : firstBeyond32(first, count, most)
}

// float64 → Z/2^64, as above
export function lift64to64(from: usize, to: usize, count: i32, scale: f64, most: f64, weight: i64): i32 {
  const first = from
  const stop = end(from, count, 8)
  const factor = f64x2.splat(scale)
  const bound = f64x2.splat(most)
  const times = i64x2.splat(weight)
  let within = i64x2.splat(-1)
  v128.store(stop, i64x2.splat(0))
  for (; from < stop; from += 16, to += 16) {
    const two = v128.load(from)
    within = v128.and(within, f64x2.le(f64x2.abs(two), bound))
    v128.store(to, i64x2.mul(fixed(f64x2.mul(two, factor)), times))
  }
  return i64x2.all_true(within) ? -1 : firstBeyond64(first, count, most)
}

// float32 → Z/2^32, as above; the lower halves of the 64-bit integers are the 32-bit ones
export function lift32to32(from: usize, to: usize, count: i32, scale: f64, most: f64, weight: i32): i32 {
  const first = from
  const stop = end(from, count, 4)
  const factor = f64x2.splat(scale)
  const bound = f64x2.splat(most)
  const times = i32x4.splat(weight)
  let within = i64x2.splat(-1)
  v128.store(stop, i64x2.splat(0))
  for (; from < stop; from += 16, to += 16) {
    const four = v128.load(from)
    const low = f64x2.promote_low_f32x4(four)
    const high = f64x2.promote_low_f32x4(v128.shuffle<i64>(four, four, 1, 1))
    within = v128.and(within, v128.and(f64x2.le(f64x2.abs(low), bound), f64x2.le(f64x2.abs(high), bound)))
    const integers = v128.shuffle<i32>(fixed(f64x2.mul(low, factor)), fixed(f64x2.mul(high, factor)), 0, 2, 4, 6)
    v128.store(to, i32x4.mul(integers, times))
  }
  return i64x2.all_true(within) ? -1 : firstBeyond32(first, count, most)
}

// float64 → Z/2^32, as above
export function lift64to32(from: usize, to: usize, count: i32, scale: f64, most: f64, weight: i32): i32 {
  const first = from
  const stop = end(from, count, 8)
  const factor = f64x2.splat(scale)
  const bound = f64x2.splat(most)
  const times = i32x4.splat(weight)
  let within = i64x2.splat(-1)
  v128.store(stop, i64x2.splat(0))
  for (; from < stop; from += 16, to += 8) {
    const two = v128.load(from)
    within = v128.and(within, f64x2.le(f64x2.abs(two), bound))
    const integers = fixed(f64x2.mul(two, factor))
    v128.store64_lane(to, i32x4.mul(v128.shuffle<i32>(integers, integers, 0, 2, 0, 2), times), 0)
  }
  return i64x2.all_true(within) ? -1 : firstBeyond64(first, count, most)
}

// Z/2^64 → float64: signed integer (rounded to 53 bits) · unit / divisor
export function lower64(from: usize, to: usize, count: i32, unit: f64, divisor: f64): void {
  for (const stop = end(from, count, 8); from < stop; from += 8, to += 8) store<f64>(to, (<f64>load<i64>(from) * unit) / divisor)
}

// Z/2^32 → float64, exact but for the division
export function lower32(from: usize, to: usize, count: i32, unit: f64, divisor: f64): void {
  for (const stop = end(from, count, 4); from < stop; from += 4, to += 8) store<f64>(to, (<f64>load<i32>(from) * unit) / divisor)
}
