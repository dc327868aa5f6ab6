// Loops of CKKS for sums (src/crypto/ckks.ts): polynomials of N coefficients modulo X^N + 1 and a prime p below 2^30 with p ≡ 1 mod 2N. A residue is below p.
//
// Products by a fixed factor w follow Shoup: with q = ⌊w·2^32 / p⌋, x·w − ⌊x·q / 2^32⌋·p lies in [0, 2p) for every 32-bit x (Harvey 2014, "Faster arithmetic for number-theoretic
// transforms", section 3). Transforms are negacyclic and leave the values in bit-reversed order, which pointwise operations do not see. Counts are multiples of 4, addresses of 16.

// @ts-ignore: decorator
@inline
function times(x: u32, w: u32, q: u32, p: u32): u32 {
  return x * w - <u32>((<u64>x * <u64>q) >> 32) * p
}

// @ts-ignore: decorator
@inline
function times4(x: v128, w: v128, q: v128, p: v128): v128 {
  const carried = v128.shuffle<i32>(i64x2.extmul_low_i32x4_u(x, q), i64x2.extmul_high_i32x4_u(x, q), 1, 3, 5, 7)
  return i32x4.sub(i32x4.mul(x, w), i32x4.mul(carried, p))
}

// @ts-ignore: decorator
@inline
function below(x: u32, p: u32): u32 {
  return min<u32>(x, x - p)
}

// @ts-ignore: decorator
@inline
function below4(x: v128, p: v128): v128 {
  return i32x4.min_u(x, i32x4.sub(x, p))
}

function quotient(w: u32, p: u32): u32 {
  return <u32>((<u64>w << 32) / p)
}

// Pairs (w, ⌊w·2^32/p⌋) for w = root^i, in the bit-reversed order of i < 2^bits.
export function powers(at: usize, bits: i32, root: u32, p: u32): void {
  let w: u32 = 1
  for (let i = 0; i < 1 << bits; i++) {
    let reversed = 0
    for (let bit = 0; bit < bits; bit++) reversed |= ((i >> bit) & 1) << (bits - 1 - bit)
    const entry = at + (<usize>reversed << 3)
    store<u32>(entry, w)
    store<u32>(entry, quotient(w, p), 4)
    w = <u32>((<u64>w * <u64>root) % p)
  }
}

// Residues to residues, in place. `table` holds the powers of a primitive root of order 2N.
export function forward(x: usize, count: i32, table: usize, p: u32): void {
  const twice = 2 * p
  const ps = i32x4.splat(p)
  const twices = i32x4.splat(twice)
  for (let gap = count >> 1, m = 1; gap > 0; gap >>= 1, m <<= 1) {
    const step = <usize>gap << 2
    for (let i = 0; i < m; i++) {
      const w = load<u32>(table + (<usize>(m + i) << 3))
      const q = load<u32>(table + (<usize>(m + i) << 3), 4)
      let at = x + ((<usize>i * step) << 1)
      const stop = at + step
      if (gap >= 4) {
        const ws = i32x4.splat(w)
        const qs = i32x4.splat(q)
        for (; at < stop; at += 16) {
          const u = below4(v128.load(at), twices)
          const v = times4(v128.load(at + step), ws, qs, ps)
          v128.store(at, i32x4.add(u, v))
          v128.store(at + step, i32x4.add(u, i32x4.sub(twices, v)))
        }
      } else
        for (; at < stop; at += 4) {
          const u = below(load<u32>(at), twice)
          const v = times(load<u32>(at + step), w, q, p)
          store<u32>(at, u + v)
          store<u32>(at + step, u + twice - v)
        }
    }
  }
  for (const stop = x + (<usize>count << 2); x < stop; x += 16) v128.store(x, below4(below4(v128.load(x), twices), ps))
}

// Values below 2p to residues, in place. `table` holds the powers of the inverse root, `scale` is N⁻¹.
export function inverse(x: usize, count: i32, table: usize, p: u32, scale: u32): void {
  const twice = 2 * p
  const ps = i32x4.splat(p)
  const twices = i32x4.splat(twice)
  for (let gap = 1, m = count >> 1; m > 0; gap <<= 1, m >>= 1) {
    const step = <usize>gap << 2
    for (let i = 0; i < m; i++) {
      const w = load<u32>(table + (<usize>(m + i) << 3))
      const q = load<u32>(table + (<usize>(m + i) << 3), 4)
      let at = x + ((<usize>i * step) << 1)
      const stop = at + step
      if (gap >= 4) {
        const ws = i32x4.splat(w)
        const qs = i32x4.splat(q)
        for (; at < stop; at += 16) {
          const u = v128.load(at)
          const v = v128.load(at + step)
          v128.store(at, below4(i32x4.add(u, v), twices))
          v128.store(at + step, times4(i32x4.add(u, i32x4.sub(twices, v)), ws, qs, ps))
        }
      } else
        for (; at < stop; at += 4) {
          const u = load<u32>(at)
          const v = load<u32>(at + step)
          store<u32>(at, below(u + v, twice))
          store<u32>(at + step, times(u + twice - v, w, q, p))
        }
    }
  }
  const ws = i32x4.splat(scale)
  const qs = i32x4.splat(quotient(scale, p))
  for (const stop = x + (<usize>count << 2); x < stop; x += 16) v128.store(x, below4(times4(v128.load(x), ws, qs, ps), ps))
}

// ⌊x·2^32/p⌋ of each residue x: what makes x a fixed factor.
export function quotients(x: usize, to: usize, count: i32, p: u32): void {
  for (const stop = x + (<usize>count << 2); x < stop; x += 4, to += 4) store<u32>(to, quotient(load<u32>(x), p))
}

// x·w below 2p, in place, for factors w with their quotients.
export function multiply(x: usize, w: usize, q: usize, count: i32, p: u32): void {
  const ps = i32x4.splat(p)
  for (const stop = x + (<usize>count << 2); x < stop; x += 16, w += 16, q += 16)
    v128.store(x, times4(v128.load(x), v128.load(w), v128.load(q), ps))
}

// total + x, in place: residues.
export function add(total: usize, x: usize, count: i32, p: u32): void {
  const ps = i32x4.splat(p)
  for (const stop = total + (<usize>count << 2); total < stop; total += 16, x += 16)
    v128.store(total, below4(i32x4.add(v128.load(total), v128.load(x)), ps))
}

// total − x + more, in place: residues.
export function subtract(total: usize, x: usize, count: i32, p: u32, more: u32): void {
  const ps = i32x4.splat(p)
  const mores = i32x4.splat(more)
  for (const stop = total + (<usize>count << 2); total < stop; total += 16, x += 16)
    v128.store(total, below4(i32x4.add(below4(i32x4.add(v128.load(total), i32x4.sub(ps, v128.load(x))), ps), mores), ps))
}

// total·w + x, in place, for one factor w: residues.
export function scaleAdd(total: usize, x: usize, count: i32, p: u32, w: u32): void {
  const ps = i32x4.splat(p)
  const ws = i32x4.splat(w)
  const qs = i32x4.splat(quotient(w, p))
  for (const stop = total + (<usize>count << 2); total < stop; total += 16, x += 16)
    v128.store(total, below4(i32x4.add(below4(times4(v128.load(total), ws, qs, ps), ps), v128.load(x)), ps))
}

// Whether all are residues.
export function sound(x: usize, count: i32, p: u32): i32 {
  for (const stop = x + (<usize>count << 2); x < stop; x += 4) if (load<u32>(x) >= p) return 0
  return 1
}

// Uniform residues from words of randomness: the lower 30 bits of each, those at or above p left out. Number of residues written, `count` at most.
export function uniform(from: usize, words: i32, to: usize, count: i32, p: u32): i32 {
  let written = 0
  for (let i = 0; i < words && written < count; i++) {
    const residue = load<u32>(from + (<usize>i << 2)) & 0x3fffffff
    store<u32>(to + (<usize>written << 2), residue)
    written += <i32>(residue < p)
  }
  return written
}

// Centred binomial numbers from −48 to 48 (variance 24), from 12 bytes of randomness each.
export function noise(from: usize, to: usize, count: i32): void {
  for (const stop = to + (<usize>count << 2); to < stop; from += 12, to += 4) {
    const middle = load<i32>(from, 4)
    store<i32>(to, popcnt(load<i32>(from)) + popcnt(middle & 0xffff) - popcnt(middle >>> 16) - popcnt(load<i32>(from, 8)))
  }
}

// Small signed numbers as residues.
export function residues(from: usize, to: usize, count: i32, p: u32): void {
  const ps = i32x4.splat(p)
  for (const stop = from + (<usize>count << 2); from < stop; from += 16, to += 16) {
    const x = v128.load(from)
    v128.store(to, i32x4.add(x, v128.and(i32x4.shr_s(x, 31), ps)))
  }
}

// to + noise + element·2^shift, in place: residues. Elements of 64 bits where `wide`, else of 32. w0 = 2^shift, w1 = 2^(32 + shift) mod p.
export function encode(elements: usize, wide: i32, noise: usize, to: usize, count: i32, p: u32, w0: u32, w1: u32): void {
  const twice = 2 * p
  const q0 = quotient(w0, p)
  const q1 = quotient(w1, p)
  const width = <usize>4 << <usize>wide
  for (const stop = to + (<usize>count << 2); to < stop; to += 4, noise += 4, elements += width) {
    const small = load<i32>(noise)
    let sum = below(load<u32>(to) + <u32>small + (<u32>(small >> 31) & p) + times(load<u32>(elements), w0, q0, p), twice)
    if (wide != 0) sum = below(sum + times(load<u32>(elements, 4), w1, q1, p), twice)
    store<u32>(to, below(sum, p))
  }
}

// From residues r0, r1 (and r2, where `wide`) of v·2^shift + e + 2^(shift − 1) to v modulo 2^64 (2^32), by Garner's mixed radix; returns the largest |e|.
// p0 > p1 > p2 > p0/2, i01 = p0⁻¹ mod p1, i012 = (p0·p1)⁻¹ mod p2. Numbers below p0·p1·p2 < 2^90 are carried as low + high·2^32.
export function decode(
  r0: usize,
  r1: usize,
  r2: usize,
  wide: i32,
  to: usize,
  count: i32,
  shift: i32,
  p0: u32,
  p1: u32,
  p2: u32,
  i01: u32,
  i012: u32,
): i32 {
  const q01 = quotient(i01, p1)
  const q012 = quotient(i012, p2)
  const both = <u64>p0 * <u64>p1
  const p0in2 = below(p0, p2)
  const qp0in2 = quotient(p0in2, p2)
  const mask = (1 << shift) - 1
  const half = 1 << (shift - 1)
  let most = 0
  for (let i = 0; i < count; i++) {
    const at = <usize>i << 2
    const v0 = load<u32>(r0 + at)
    const v1 = below(times(load<u32>(r1 + at) + p1 - below(v0, p1), i01, q01, p1), p1)
    let low = <u64>v0 + <u64>v1 * <u64>p0
    let high: u64 = 0
    if (wide != 0) {
      const known = below(below(v0, p2) + below(times(v1, p0in2, qp0in2, p2), p2), p2)
      const v2 = below(times(load<u32>(r2 + at) + p2 - known, i012, q012, p2), p2)
      low += <u64>v2 * (both & 0xffffffff)
      high = <u64>v2 * (both >> 32)
    }
    most = max(most, abs((<i32>low & mask) - half))
    const value = (low >> shift) + (high << (32 - shift))
    if (wide != 0) store<u64>(to + (<usize>i << 3), value)
    else store<u32>(to + at, <u32>value)
  }
  return most
}
