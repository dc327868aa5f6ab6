// Points of Curve25519 from Edwards to Montgomery form, many at once: u = (1 + y) / (1 - y) modulo p = 2^255 - 19 (RFC 7748, section 4.1), with one inversion for all of them (Montgomery 1987,
// section 10.3.1). Numbers are 16 limbs of 16 bits in 64-bit words, as in TweetNaCl (Bernstein and others 2014), which keeps every sum of products far from overflow. No branch on a value.

const LIMBS: usize = 16
/** Bytes of a number in memory. */
const SIZE: usize = LIMBS << 3

// @ts-ignore: decorator
@inline
function limb(x: usize, i: usize): i64 {
  return load<i64>(x + (i << 3))
}

function carry(x: usize): void {
  for (let i: usize = 0; i < LIMBS; i++) {
    const value = limb(x, i)
    const over = value >> 16
    store<i64>(x + (i << 3), value - (over << 16))
    // 2^256 = 38
    const next = x + (((i + 1) & 15) << 3)
    store<i64>(next, load<i64>(next) + (i === 15 ? 38 * over : over))
  }
}

// out = a * b; out may be a or b
function multiply(out: usize, a: usize, b: usize, scratch: usize): void {
  for (let k: usize = 0; k < LIMBS; k++) {
    let low: i64 = 0
    let high: i64 = 0
    for (let i: usize = 0; i <= k; i++) low += limb(a, i) * limb(b, k - i)
    for (let i: usize = k + 1; i < LIMBS; i++) high += limb(a, i) * limb(b, k + LIMBS - i)
    store<i64>(scratch + (k << 3), low + 38 * high)
  }
  memory.copy(out, scratch, SIZE)
  carry(out)
  carry(out)
}

// out = 1 / a = a^(p - 2)
function invert(out: usize, a: usize, scratch: usize): void {
  const c = scratch + SIZE
  memory.copy(c, a, SIZE)
  for (let bit: i32 = 253; bit >= 0; bit--) {
    multiply(c, c, c, scratch)
    if (bit !== 2 && bit !== 4) multiply(c, c, a, scratch)
  }
  memory.copy(out, c, SIZE)
}

// 255 bits, the sign of x left out
function unpack(out: usize, bytes: usize): void {
  for (let i: usize = 0; i < LIMBS; i++) store<i64>(out + (i << 3), <i64>load<u16>(bytes + (i << 1)))
  store<i64>(out + 120, limb(out, 15) & 0x7fff)
}

// the smallest residue
function pack(bytes: usize, x: usize, scratch: usize): void {
  carry(x)
  carry(x)
  carry(x)
  for (let times = 0; times < 2; times++) {
    let borrow: i64 = 0
    for (let i: usize = 0; i < LIMBS; i++) {
      const value = limb(x, i) - borrow - (i === 0 ? 0xffed : i === 15 ? 0x7fff : 0xffff)
      borrow = (value >> 16) & 1
      store<i64>(scratch + (i << 3), value & 0xffff)
    }
    // keep x where x - p is negative
    const mask = borrow - 1
    for (let i: usize = 0; i < LIMBS; i++) store<i64>(x + (i << 3), limb(x, i) ^ ((limb(x, i) ^ limb(scratch, i)) & mask))
  }
  for (let i: usize = 0; i < LIMBS; i++) store<u16>(bytes + (i << 1), <u16>limb(x, i))
}

/** Bytes of memory that `count` points take besides the points. */
export function roomFor(count: usize): usize {
  return (2 * count + 4) * SIZE
}

/** The u of each of `count` points in Edwards form of 32 bytes, in their place. None may be the neutral point (y = 1), which a hash gives with probability 2^-252. `room` as {@link roomFor} says. */
export function toMontgomery(points: usize, count: usize, room: usize): void {
  if (count === 0) return
  const scratch = room
  const total = scratch + 2 * SIZE
  const numerator = total + SIZE
  const denominators = numerator + SIZE
  const products = denominators + count * SIZE
  memory.fill(total, 0, SIZE)
  store<i64>(total, 1)
  for (let k: usize = 0; k < count; k++) {
    const denominator = denominators + k * SIZE
    unpack(denominator, points + (k << 5))
    for (let i: usize = 0; i < LIMBS; i++) store<i64>(denominator + (i << 3), (i === 0 ? 1 : 0) - limb(denominator, i))
    // the product of all denominators before this one
    memory.copy(products + k * SIZE, total, SIZE)
    multiply(total, total, denominator, scratch)
  }
  invert(total, total, scratch)
  for (let k: usize = count; k-- > 0; ) {
    const denominator = denominators + k * SIZE
    const point = points + (k << 5)
    unpack(numerator, point)
    store<i64>(numerator, limb(numerator, 0) + 1)
    multiply(numerator, numerator, products + k * SIZE, scratch)
    multiply(numerator, numerator, total, scratch)
    multiply(total, total, denominator, scratch)
    pack(point, numerator, scratch)
  }
}
