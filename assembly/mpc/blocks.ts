// Blocks of 16 bytes: XOR, the folding of trees' leaves into columns, tweaks before a hash, lowest bits. No branch on a secret bit: bits become masks.

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
