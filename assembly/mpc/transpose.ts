// Bit-matrix transpose: the columns of a transfer extension become rows, 16 bytes by 16 columns at a time, through bytes interleaved and `bitmask`.

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
