// Kernels of two-party computation: bit-matrix transpose, tweaks and XOR of 16-byte blocks, correlated transfers over Z/2^64, half-gates layers, products over
// Z/2^64. Addresses are bytes in the module's memory, blocks are 16 bytes, words 64 bits, bits packed lowest first. No kernel branches on a secret bit: bits become masks.

// @ts-ignore: decorator
@inline
function low(a: v128, b: v128): v128 {
  return v128.shuffle<u8>(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23)
}

// @ts-ignore: decorator
@inline
function high(a: v128, b: v128): v128 {
  return v128.shuffle<u8>(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31)
}

// one byte of 16 columns: 8 rows of 16 bits each
// @ts-ignore: decorator
@inline
function bits(v: v128, to: usize): void {
  store<u16>(to + 112, <u16>v128.bitmask<i8>(v))
  v = v128.shl<i8>(v, 1)
  store<u16>(to + 96, <u16>v128.bitmask<i8>(v))
  v = v128.shl<i8>(v, 1)
  store<u16>(to + 80, <u16>v128.bitmask<i8>(v))
  v = v128.shl<i8>(v, 1)
  store<u16>(to + 64, <u16>v128.bitmask<i8>(v))
  v = v128.shl<i8>(v, 1)
  store<u16>(to + 48, <u16>v128.bitmask<i8>(v))
  v = v128.shl<i8>(v, 1)
  store<u16>(to + 32, <u16>v128.bitmask<i8>(v))
  v = v128.shl<i8>(v, 1)
  store<u16>(to + 16, <u16>v128.bitmask<i8>(v))
  v = v128.shl<i8>(v, 1)
  store<u16>(to, <u16>v128.bitmask<i8>(v))
}

/** 128 columns of `bytes` bytes each (`stride` bytes apart, `bytes` a multiple of 16) become 8 * bytes rows of one block each. */
export function transpose(columns: usize, stride: usize, rows: usize, bytes: usize): void {
  for (let group: usize = 0; group < 8; group++) {
    for (let byte: usize = 0; byte < bytes; byte += 16) {
      const at = columns + group * 16 * stride + byte
      const to = rows + byte * 128 + group * 2
      let a0: v128 = v128.load(at + 0 * stride)
      let a1: v128 = v128.load(at + 1 * stride)
      let a2: v128 = v128.load(at + 2 * stride)
      let a3: v128 = v128.load(at + 3 * stride)
      let a4: v128 = v128.load(at + 4 * stride)
      let a5: v128 = v128.load(at + 5 * stride)
      let a6: v128 = v128.load(at + 6 * stride)
      let a7: v128 = v128.load(at + 7 * stride)
      let a8: v128 = v128.load(at + 8 * stride)
      let a9: v128 = v128.load(at + 9 * stride)
      let a10: v128 = v128.load(at + 10 * stride)
      let a11: v128 = v128.load(at + 11 * stride)
      let a12: v128 = v128.load(at + 12 * stride)
      let a13: v128 = v128.load(at + 13 * stride)
      let a14: v128 = v128.load(at + 14 * stride)
      let a15: v128 = v128.load(at + 15 * stride)
      let b0: v128 = low(a0, a8), b1: v128 = high(a0, a8)
      let b2: v128 = low(a1, a9), b3: v128 = high(a1, a9)
      let b4: v128 = low(a2, a10), b5: v128 = high(a2, a10)
      let b6: v128 = low(a3, a11), b7: v128 = high(a3, a11)
      let b8: v128 = low(a4, a12), b9: v128 = high(a4, a12)
      let b10: v128 = low(a5, a13), b11: v128 = high(a5, a13)
      let b12: v128 = low(a6, a14), b13: v128 = high(a6, a14)
      let b14: v128 = low(a7, a15), b15: v128 = high(a7, a15)
      let c0: v128 = low(b0, b8), c1: v128 = high(b0, b8)
      let c2: v128 = low(b1, b9), c3: v128 = high(b1, b9)
      let c4: v128 = low(b2, b10), c5: v128 = high(b2, b10)
      let c6: v128 = low(b3, b11), c7: v128 = high(b3, b11)
      let c8: v128 = low(b4, b12), c9: v128 = high(b4, b12)
      let c10: v128 = low(b5, b13), c11: v128 = high(b5, b13)
      let c12: v128 = low(b6, b14), c13: v128 = high(b6, b14)
      let c14: v128 = low(b7, b15), c15: v128 = high(b7, b15)
      let d0: v128 = low(c0, c8), d1: v128 = high(c0, c8)
      let d2: v128 = low(c1, c9), d3: v128 = high(c1, c9)
      let d4: v128 = low(c2, c10), d5: v128 = high(c2, c10)
      let d6: v128 = low(c3, c11), d7: v128 = high(c3, c11)
      let d8: v128 = low(c4, c12), d9: v128 = high(c4, c12)
      let d10: v128 = low(c5, c13), d11: v128 = high(c5, c13)
      let d12: v128 = low(c6, c14), d13: v128 = high(c6, c14)
      let d14: v128 = low(c7, c15), d15: v128 = high(c7, c15)
      let e0: v128 = low(d0, d8), e1: v128 = high(d0, d8)
      let e2: v128 = low(d1, d9), e3: v128 = high(d1, d9)
      let e4: v128 = low(d2, d10), e5: v128 = high(d2, d10)
      let e6: v128 = low(d3, d11), e7: v128 = high(d3, d11)
      let e8: v128 = low(d4, d12), e9: v128 = high(d4, d12)
      let e10: v128 = low(d5, d13), e11: v128 = high(d5, d13)
      let e12: v128 = low(d6, d14), e13: v128 = high(d6, d14)
      let e14: v128 = low(d7, d15), e15: v128 = high(d7, d15)
      bits(e0, to + 0 * 128)
      bits(e1, to + 1 * 128)
      bits(e2, to + 2 * 128)
      bits(e3, to + 3 * 128)
      bits(e4, to + 4 * 128)
      bits(e5, to + 5 * 128)
      bits(e6, to + 6 * 128)
      bits(e7, to + 7 * 128)
      bits(e8, to + 8 * 128)
      bits(e9, to + 9 * 128)
      bits(e10, to + 10 * 128)
      bits(e11, to + 11 * 128)
      bits(e12, to + 12 * 128)
      bits(e13, to + 13 * 128)
      bits(e14, to + 14 * 128)
      bits(e15, to + 15 * 128)
    }
  }
}

/** to ^= from, `bytes` a multiple of 16. */
export function xorInto(to: usize, from: usize, bytes: usize): void {
  for (let i: usize = 0; i < bytes; i += 16) v128.store(to + i, v128.xor(v128.load(to + i), v128.load(from + i)))
}

/** to ^= bit * from, `bytes` a multiple of 16. */
export function xorWhere(to: usize, from: usize, bytes: usize, bit: i32): void {
  const mask = i32x4.splat(0 - bit)
  for (let i: usize = 0; i < bytes; i += 16) v128.store(to + i, v128.xor(v128.load(to + i), v128.and(v128.load(from + i), mask)))
}

/** out = a ^ b ^ c, `bytes` a multiple of 16. */
export function xor3(out: usize, a: usize, b: usize, c: usize, bytes: usize): void {
  for (let i: usize = 0; i < bytes; i += 16) v128.store(out + i, v128.xor(v128.xor(v128.load(a + i), v128.load(b + i)), v128.load(c + i)))
}

/** `bits` columns from 2^bits leaves of `stride` bytes each: column b is the XOR of the leaves whose number has bit b, `sum` that of all leaves. */
export function foldLeaves(leaves: usize, bits: usize, stride: usize, columns: usize, sum: usize): void {
  if (bits === 2) return foldFour(leaves, stride, columns, sum)
  const count: usize = 1 << bits
  for (let i: usize = 0; i < stride; i += 16) {
    let all = v128.load(leaves + i)
    for (let x: usize = 1; x < count; x++) all = v128.xor(all, v128.load(leaves + x * stride + i))
    v128.store(sum + i, all)
    for (let b: usize = 0; b < bits; b++) {
      const mask: usize = 1 << b
      let folded = i64x2.splat(0)
      for (let x: usize = mask; x < count; x = (x + 1) | mask) folded = v128.xor(folded, v128.load(leaves + x * stride + i))
      v128.store(columns + b * stride + i, folded)
    }
  }
}

// the usual depth, without inner loops: three times as fast
function foldFour(leaves: usize, stride: usize, columns: usize, sum: usize): void {
  const end = leaves + stride
  for (; leaves < end; leaves += 16) {
    const b = v128.load(leaves + stride)
    const c = v128.load(leaves + 2 * stride)
    const d = v128.load(leaves + 3 * stride)
    const odd = v128.xor(b, d)
    v128.store(columns, odd)
    v128.store(columns + stride, v128.xor(c, d))
    v128.store(sum, v128.xor(v128.xor(v128.load(leaves), c), odd))
    columns += 16
    sum += 16
  }
}

/** Block i of `to` is block i of `from`, XOR `offset` (one block), XOR the tweak (first + i, use). */
export function tweak(from: usize, offset: usize, to: usize, count: usize, first: u64, use: u64): void {
  const o = v128.load(offset)
  let t = i64x2.replace_lane(i64x2.splat(<i64>use), 0, <i64>first)
  const one = i64x2.replace_lane(i64x2.splat(0), 0, 1)
  for (let i: usize = 0; i < count; i++) {
    v128.store(to + i * 16, v128.xor(v128.xor(v128.load(from + i * 16), o), t))
    t = v128.add<i64>(t, one)
  }
}

/** The lowest bit of each block, packed; `count` a multiple of 8. */
export function lowBits(blocks: usize, to: usize, count: usize): void {
  for (let i: usize = 0; i < count; i += 8) {
    const at = blocks + i * 16
    let byte: u32 = 0
    for (let j: usize = 0; j < 8; j++) byte |= (<u32>load<u8>(at + j * 16) & 1) << (<u32>j)
    store<u8>(to + (i >> 3), <u8>byte)
  }
}

// Correlated transfers over Z/2^64 in groups of `width`: a group multiplies one integer of the receiver, given by its bits, with one word m of the sender. Bit b carries m << b
// (negated for the last bit when `signed`: two's complement). Only the lowest 64 - b bits of bit b's correction matter, so it travels in (71 - b) / 8 bytes (Asharov and others 2013,
// section 5.4). Groups run over outer x inner; the words m and the accumulators are addressed by two strides in words each. Corrections need 8 bytes of room behind their end.

/** Sender: corrections c = h0 - h1 + m, accumulators -= h0 << b. Hashes are blocks, of which the first word counts. */
export function correlateSend(
  h0: usize, h1: usize, outer: usize, inner: usize, width: usize, signed: bool,
  words: usize, wordOuter: usize, wordInner: usize, sums: usize, sumOuter: usize, sumInner: usize, corrections: usize,
): void {
  for (let j: usize = 0; j < outer; j++) {
    for (let i: usize = 0; i < inner; i++) {
      const m = load<u64>(words + ((j * wordOuter + i * wordInner) << 3))
      const at = sums + ((j * sumOuter + i * sumInner) << 3)
      let sum = load<u64>(at)
      const last = width - 1
      for (let b: usize = 0; b < last; b++) {
        const x = load<u64>(h0)
        store<u64>(corrections, x - load<u64>(h1) + m)
        sum -= x << b
        h0 += 16
        h1 += 16
        corrections += (71 - b) >> 3
      }
      const x = load<u64>(h0)
      store<u64>(corrections, x - load<u64>(h1) + (signed ? 0 - m : m))
      sum -= x << last
      h0 += 16
      h1 += 16
      corrections += (71 - last) >> 3
      store<u64>(at, sum)
    }
  }
}

/** Receiver: accumulators += (h + bit * c) << b. `choices` are packed bits, one per transfer, in the order of the transfers. */
export function correlateReceive(
  h: usize, choices: usize, outer: usize, inner: usize, width: usize,
  sums: usize, sumOuter: usize, sumInner: usize, corrections: usize,
): void {
  let k: usize = 0
  for (let j: usize = 0; j < outer; j++) {
    for (let i: usize = 0; i < inner; i++) {
      const at = sums + ((j * sumOuter + i * sumInner) << 3)
      let sum = load<u64>(at)
      for (let b: usize = 0; b < width; b++) {
        const bit = (<u64>load<u8>(choices + (k >> 3)) >> (k & 7)) & 1
        sum += (load<u64>(h) + (load<u64>(corrections) & (0 - bit))) << b
        h += 16
        corrections += (71 - b) >> 3
        k++
      }
      store<u64>(at, sum)
    }
  }
}

/** Boolean to arithmetic, sender: for bit b of its share x the correlation is 1 - 2 x_b; accumulators += (x_b - h0) << b. */
export function bitsSend(h0: usize, h1: usize, count: usize, width: usize, words: usize, sums: usize, corrections: usize): void {
  for (let i: usize = 0; i < count; i++) {
    const x = load<u64>(words + (i << 3))
    let sum = load<u64>(sums + (i << 3))
    for (let b: usize = 0; b < width; b++) {
      const bit = (x >> b) & 1
      const h = load<u64>(h0)
      store<u64>(corrections, h - load<u64>(h1) + 1 - (bit << 1))
      sum += (bit - h) << b
      h0 += 16
      h1 += 16
      corrections += (71 - b) >> 3
    }
    store<u64>(sums + (i << 3), sum)
  }
}

/** c += a * b, words. */
export function multiplyAdd(c: usize, a: usize, b: usize, count: usize): void {
  const end = count << 3
  for (let i: usize = 0; i < end; i += 8) store<u64>(c + i, load<u64>(c + i) + load<u64>(a + i) * load<u64>(b + i))
}

/** c += a . b with a [n, k], b [k, m], c [n, m], row-major words. */
export function matrixMultiply(a: usize, b: usize, c: usize, n: usize, k: usize, m: usize): void {
  const row = m << 3
  let i: usize = 0
  for (; i + 2 <= n; i += 2) {
    const a0 = a + ((i * k) << 3)
    const a1 = a0 + (k << 3)
    let j: usize = 0
    for (; j + 4 <= m; j += 4) {
      const c0 = c + ((i * m + j) << 3)
      const c1 = c0 + row
      let s00 = load<u64>(c0), s01 = load<u64>(c0, 8), s02 = load<u64>(c0, 16), s03 = load<u64>(c0, 24)
      let s10 = load<u64>(c1), s11 = load<u64>(c1, 8), s12 = load<u64>(c1, 16), s13 = load<u64>(c1, 24)
      let at = b + (j << 3)
      for (let p: usize = 0; p < k; p++) {
        const x0 = load<u64>(a0 + (p << 3))
        const x1 = load<u64>(a1 + (p << 3))
        const y0 = load<u64>(at), y1 = load<u64>(at, 8), y2 = load<u64>(at, 16), y3 = load<u64>(at, 24)
        s00 += x0 * y0
        s01 += x0 * y1
        s02 += x0 * y2
        s03 += x0 * y3
        s10 += x1 * y0
        s11 += x1 * y1
        s12 += x1 * y2
        s13 += x1 * y3
        at += row
      }
      store<u64>(c0, s00)
      store<u64>(c0, s01, 8)
      store<u64>(c0, s02, 16)
      store<u64>(c0, s03, 24)
      store<u64>(c1, s10)
      store<u64>(c1, s11, 8)
      store<u64>(c1, s12, 16)
      store<u64>(c1, s13, 24)
    }
    for (; j < m; j++) {
      let s0: u64 = 0, s1: u64 = 0
      for (let p: usize = 0; p < k; p++) {
        const y = load<u64>(b + ((p * m + j) << 3))
        s0 += load<u64>(a0 + (p << 3)) * y
        s1 += load<u64>(a1 + (p << 3)) * y
      }
      const at = c + ((i * m + j) << 3)
      store<u64>(at, load<u64>(at) + s0)
      store<u64>(at + row, load<u64>(at + row) + s1)
    }
  }
  for (; i < n; i++) {
    for (let j: usize = 0; j < m; j++) {
      let s: u64 = 0
      for (let p: usize = 0; p < k; p++) s += load<u64>(a + ((i * k + p) << 3)) * load<u64>(b + ((p * m + j) << 3))
      const at = c + ((i * m + j) << 3)
      store<u64>(at, load<u64>(at) + s)
    }
  }
}

// Half gates (Zahur, Rosulek and Evans 2015). Labels lie as [wire, row] blocks. A gate is three 32-bit numbers: wires a, b and out. An AND layer of g gates over n rows has g * n
// instances, instance k = gate * n + row; kernels work on instances from .. to. Hash: H(x, t) = p(s(x) ^ t) ^ s(x) ^ t with s(high, low) = (high ^ low, high).

// @ts-ignore: decorator
@inline
function sigma(x: v128): v128 {
  const swapped = v128.shuffle<u8>(x, x, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7)
  return v128.xor(swapped, v128.and(x, i64x2(0, -1)))
}

// @ts-ignore: decorator
@inline
function number(t: u64): v128 {
  return i64x2.replace_lane(i64x2.splat(0), 0, <i64>t)
}

// all ones when the lowest bit of x is set
// @ts-ignore: decorator
@inline
function lowMask(x: v128): v128 {
  return i64x2.splat(0 - (i64x2.extract_lane(x, 0) & 1))
}

const GARBLE_PREPARE: i32 = 0
const GARBLE_FINISH: i32 = 1
const EVALUATE_PREPARE: i32 = 2
const EVALUATE_FINISH: i32 = 3

// One walk over the instances for all four steps: gate by gate, along its rows. `kind` is a constant at every call, so that only its branch is left after inlining. `d` is the offset,
// `t` the tweak of the first instance; `hashes` and `tables` are where the step reads or writes.
// @ts-ignore: decorator
@inline
function eachInstance(kind: i32, labels: usize, rows: usize, gates: usize, from: usize, to: usize, d: v128, t: u64, hashes: usize, tables: usize): void {
  let gate = gates + (from / rows) * 12
  let row = from % rows
  let left = to - from
  while (left > 0) {
    const run = min(left, rows - row)
    let at = labels + ((<usize>load<u32>(gate) * rows + row) << 4)
    let bt = labels + ((<usize>load<u32>(gate, 4) * rows + row) << 4)
    let out = labels + ((<usize>load<u32>(gate, 8) * rows + row) << 4)
    const end = at + (run << 4)
    for (; at < end; at += 16) {
      const a = v128.load(at)
      const b = v128.load(bt)
      if (kind === GARBLE_PREPARE) {
        const t0 = number(t)
        const t1 = number(t + 1)
        v128.store(hashes, v128.xor(sigma(a), t0))
        v128.store(hashes, v128.xor(sigma(v128.xor(a, d)), t0), 16)
        v128.store(hashes, v128.xor(sigma(b), t1), 32)
        v128.store(hashes, v128.xor(sigma(v128.xor(b, d)), t1), 48)
        hashes += 64
        t += 2
      } else if (kind === GARBLE_FINISH) {
        const ha = v128.load(hashes)
        const hb = v128.load(hashes, 32)
        const pa = lowMask(a)
        const pb = lowMask(b)
        const tg = v128.xor(v128.xor(ha, v128.load(hashes, 16)), v128.and(pb, d))
        const te = v128.xor(v128.xor(hb, v128.load(hashes, 48)), a)
        v128.store(tables, tg)
        v128.store(tables, te, 16)
        v128.store(out, v128.xor(v128.xor(ha, v128.and(pa, tg)), v128.xor(hb, v128.and(pb, v128.xor(te, a)))))
        hashes += 64
        tables += 32
      } else if (kind === EVALUATE_PREPARE) {
        v128.store(hashes, v128.xor(sigma(a), number(t)))
        v128.store(hashes, v128.xor(sigma(b), number(t + 1)), 16)
        hashes += 32
        t += 2
      } else {
        const wg = v128.xor(v128.load(hashes), v128.and(lowMask(a), v128.load(tables)))
        const we = v128.xor(v128.load(hashes, 16), v128.and(lowMask(b), v128.xor(v128.load(tables, 16), a)))
        v128.store(out, v128.xor(wg, we))
        hashes += 32
        tables += 32
      }
      bt += 16
      out += 16
    }
    left -= run
    row = 0
    gate += 12
  }
}

/** Four blocks per instance, ready to be encrypted: both labels of a under tweak 2t, both of b under 2t + 1, where t = first + k. */
export function garblePrepare(labels: usize, rows: usize, gates: usize, from: usize, to: usize, delta: usize, first: u64, out: usize): void {
  eachInstance(GARBLE_PREPARE, labels, rows, gates, from, to, v128.load(delta), (first + from) << 1, out, 0)
}

/** From the hashes (four blocks per instance) the tables, two blocks per instance, and the zero labels of the outputs. */
export function garbleFinish(labels: usize, rows: usize, gates: usize, from: usize, to: usize, delta: usize, hashes: usize, tables: usize): void {
  eachInstance(GARBLE_FINISH, labels, rows, gates, from, to, v128.load(delta), 0, hashes, tables)
}

/** Two blocks per instance, ready to be encrypted: the active labels of a and b. */
export function evaluatePrepare(labels: usize, rows: usize, gates: usize, from: usize, to: usize, first: u64, out: usize): void {
  eachInstance(EVALUATE_PREPARE, labels, rows, gates, from, to, i64x2(0, 0), (first + from) << 1, out, 0)
}

/** From the hashes (two blocks per instance) and the tables the active labels of the outputs. */
export function evaluateFinish(labels: usize, rows: usize, gates: usize, from: usize, to: usize, hashes: usize, tables: usize): void {
  eachInstance(EVALUATE_FINISH, labels, rows, gates, from, to, i64x2(0, 0), 0, hashes, tables)
}

/** Free gates, in order: out = a ^ b, or out = a ^ inverted (the garbler's offset, or zero at the evaluator) where b is all ones. */
export function freeGates(labels: usize, rows: usize, gates: usize, count: usize, inverted: usize): void {
  const bytes = rows << 4
  for (let k: usize = 0; k < count; k++) {
    const g = gates + k * 12
    const a = labels + <usize>load<u32>(g) * bytes
    const second = load<u32>(g, 4)
    const out = labels + <usize>load<u32>(g, 8) * bytes
    if (second === 0xffffffff) {
      const d = v128.load(inverted)
      for (let i: usize = 0; i < bytes; i += 16) v128.store(out + i, v128.xor(v128.load(a + i), d))
    } else {
      const b = labels + <usize>second * bytes
      for (let i: usize = 0; i < bytes; i += 16) v128.store(out + i, v128.xor(v128.load(a + i), v128.load(b + i)))
    }
  }
}
